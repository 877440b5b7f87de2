"""Bank accounts to debit."""

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.domain.routing import require_valid
from portal.models import BankAccount, Taxpayer
from portal.models.bank_account import AccountType
from portal.models.columns import new_reference
from portal.office import office
from portal.services import trail

NUMBER = "account_number"


def add(
    taxpayer: Taxpayer, *, routing_number: str, number: str, type: AccountType, by: Actor, when: Moment
) -> BankAccount:
    """Keep an account to debit, its number sealed. Refuses (`BadRoutingNumber`) a wrong check digit."""
    require_valid(routing_number)
    vault = office().vault
    with transaction():
        account = BankAccount(
            reference=new_reference("BA"), taxpayer_id=taxpayer.id, routing_number=routing_number,
            number_index=vault.index(routing_number + number, NUMBER), type=type, added_on=when.on,
        )  # fmt: skip
        account.number_sealed = vault.seal(number, account.number_row)
        account.last_four_sealed = vault.seal(number[-4:], account.last_four_row)
        db.session.add(account)
        db.session.flush()
        trail.append("bank_account.added", account.reference, by=by, when=when, taxpayer_id=taxpayer.id)
        return account


def number_of(account: BankAccount) -> str:
    """The full number, for the bank and for nobody else."""
    return office().vault.open(account.number_sealed, account.number_row)
