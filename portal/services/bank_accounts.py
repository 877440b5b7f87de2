"""Bank accounts to debit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, or_, select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.lifecycle import PaymentState
from portal.domain.moment import Moment
from portal.domain.nacha.corrections import Correction
from portal.domain.refusal import Refusal
from portal.domain.routing import require_account_number, require_valid
from portal.models import BankAccount, MethodChange, Payment, Taxpayer, Terms
from portal.models.bank_account import AccountType
from portal.models.columns import new_reference
from portal.models.payment import Channel
from portal.office import office
from portal.services import attempts, payments, trail

NUMBER = "account_number"
MOST_FAILURES, LOCK = 3, timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as it was typed."""

    type: AccountType
    routing_number: str
    number: str


class UnusableAccount(Refusal):
    """The bank did not take a debit from this account, so it cannot be used again. Choose another one."""

    about = "account"


class NoSuchAccount(Refusal):
    """The bank does not know this account. Check the routing number and the account number. After three failures you
    have to wait a day."""

    about = "account_number"


class TooManyFailures(Refusal):
    """Three accounts could not be found, so no other can be tried for a day. Choose another way to pay, or come back
    tomorrow: your answers are kept."""

    about = "account_number"


def verify(routing_number: str, number: str, *, by: Actor, when: Moment) -> None:
    """Ask the bank whether an account can be debited. Refuses numbers that cannot be one (`BadRoutingNumber`,
    `BadAccountNumber`), an account that the bank does not know (`NoSuchAccount`), and after three of those within a
    day of one taxpayer every further one (`TooManyFailures`).
    """
    require_valid(routing_number)
    require_account_number(number)
    bucket = attempts.bucket("bank account", str(by.taxpayer_id))
    with transaction():
        if attempts.count(bucket, since=when.at - LOCK) >= MOST_FAILURES:
            raise TooManyFailures
        if office().bank.exists(routing_number, number):
            return
        attempts.add(bucket, when=when)
        trail.append("bank_account.unknown", str(by.user_id or ""), by=by, when=when, taxpayer_id=by.taxpayer_id)
    raise NoSuchAccount


def add(
    taxpayer: Taxpayer, *, routing_number: str, number: str, type: AccountType, by: Actor, when: Moment
) -> BankAccount:
    """Keep an account to debit, its number sealed. Refuses (`BadRoutingNumber`) a wrong check digit."""
    with transaction():
        account = hold(taxpayer.id, routing_number=routing_number, number=number, type=type, when=when)
        note(account, by=by, when=when)
        return account


def hold(taxpayer_id: int, *, routing_number: str, number: str, type: AccountType, when: Moment) -> BankAccount:
    """The same for a payment that is not signed yet: the trail knows of the account once it is (`note`)."""
    require_valid(routing_number)
    vault = office().vault
    with transaction():
        account = BankAccount(
            reference=new_reference("BA"), taxpayer_id=taxpayer_id, routing_number=routing_number,
            number_index=number_index(routing_number, number), type=type, added_on=when.on,
        )  # fmt: skip
        account.number_sealed = vault.seal(number, account.number_row)
        account.last_four_sealed = vault.seal(number[-4:], account.last_four_row)
        db.session.add(account)
        db.session.flush()
        return account


def typed(taxpayer_id: int, numbers: NewAccount, *, when: Moment) -> BankAccount:
    """An account as somebody typed it: the one that is known by these numbers, or a new one that waits for a
    signature.
    """
    index = number_index(numbers.routing_number, numbers.number)
    rows = select(BankAccount).where(
        BankAccount.taxpayer_id == taxpayer_id, BankAccount.number_index == index, BankAccount.type == numbers.type
    )
    return db.session.execute(rows.order_by(BankAccount.id.desc()).limit(1)).scalar_one_or_none() or hold(
        taxpayer_id, routing_number=numbers.routing_number, number=numbers.number, type=numbers.type, when=when
    )


def is_known(account: BankAccount) -> bool:
    """Whether the account was debited before, or is to be."""
    paid = select(Payment.id).where(Payment.bank_account_id == account.id, Payment.state != PaymentState.DRAFTED)
    agreed = select(Terms.id).where(Terms.bank_account_id == account.id)
    return bool(db.session.execute(paid.limit(1)).first() or db.session.execute(agreed.limit(1)).first())


def forget(ids: Iterable[int | None]) -> None:
    """Delete accounts that were typed and not signed for, unless something else was."""
    in_use = [
        select(table.id).where(table.bank_account_id == BankAccount.id).exists()
        for table in (Payment, Terms, MethodChange)
    ]
    unused = delete(BankAccount).where(BankAccount.id.in_([each for each in ids if each]), ~or_(*in_use))
    db.session.execute(unused.execution_options(synchronize_session=False))


def note(account: BankAccount, *, by: Actor, when: Moment) -> None:
    """Write into the trail that an account may be debited from now on."""
    trail.note("bank_account.added", account, by=by, when=when)


def mark_unusable(account: BankAccount, *, code: str, by: Actor, when: Moment) -> None:
    """The bank says that no debit of this account will ever be paid: none is made from it any more, in whichever of
    the taxpayer's rows its number stands, and what was signed to be taken from it is called off.
    """
    with transaction():
        for each in same_number(account):
            if each.unusable_since is None:
                each.unusable_since = when.on
                db.session.flush()
                trail.note("bank_account.unusable", each, by=by, when=when, code=code)
            payments.call_off(Payment.bank_account_id == each.id, Payment.channel == Channel.ONLINE, by=by, when=when)


def same_number(account: BankAccount) -> list[BankAccount]:
    """The rows of a taxpayer in which the number of an account stands: each application writes its own."""
    rows = select(BankAccount).where(
        BankAccount.taxpayer_id == account.taxpayer_id, BankAccount.number_index == account.number_index
    )
    return list(db.session.execute(rows.order_by(BankAccount.id)).scalars())


def correct(account: BankAccount, correction: Correction, *, by: Actor, when: Moment) -> None:
    """The bank says that the account has another number by now (notification of change): debits use that one."""
    vault = office().vault
    with transaction():
        number = correction.account_number or number_of(account)
        account.routing_number = correction.routing_number or account.routing_number
        if correction.is_savings is not None:
            account.type = AccountType.SAVINGS if correction.is_savings else AccountType.CHECKING
        account.number_index = number_index(account.routing_number, number)
        account.number_sealed = vault.seal(number, account.number_row)
        account.last_four_sealed = vault.seal(number[-4:], account.last_four_row)
        db.session.flush()
        trail.note("bank_account.corrected", account, by=by, when=when)


def number_index(routing_number: str, number: str) -> str:
    """What tells equal accounts without opening any."""
    return office().vault.index(routing_number + number, NUMBER)


def number_of(account: BankAccount) -> str:
    """The full number, for the bank and for nobody else."""
    return office().vault.open(account.number_sealed, account.number_row)


def last_four_of(account: BankAccount) -> str:
    """The last four digits, which is as much as people see."""
    return office().vault.open(account.last_four_sealed, account.last_four_row)
