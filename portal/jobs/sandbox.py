"""What the sandbox bank holds: debits on their way, and what it will say to each, and when."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.db import db
from portal.domain.calendar import business_days_after
from portal.domain.lifecycle import PaymentState
from portal.domain.money import Money
from portal.gateways.bank import Answer, SandboxBank
from portal.models import BankAccount, Payment, PaymentStep
from portal.office import office
from portal.policies import banking_days_off
from portal.services import bank_accounts

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Held:
    """A debit on its way: `answer` is what the bank will say on a day, none if it never says anything."""

    reference: str
    amount: Money
    taken_on: date
    last_four: str
    answer: Answer | None
    answers_on: date


def held(bank: SandboxBank, after: int) -> tuple[tuple[Held, ...], int | None]:
    """Debits on their way in the order of their rows, and after which one the next page begins."""
    earlier = aliased(Payment)
    tries = (
        select(func.count())
        .where(
            earlier.bank_account_id == Payment.bank_account_id, earlier.id <= Payment.id,
            earlier.state.not_in((PaymentState.CANCELLED, PaymentState.DRAFTED)),
        )
        .scalar_subquery()
    )  # fmt: skip
    taken = (
        select(func.max(PaymentStep.happened_on))
        .where(PaymentStep.payment_id == Payment.id, PaymentStep.state == PaymentState.SUBMITTED)
        .scalar_subquery()
    )
    rows = (
        select(Payment, BankAccount, taken, tries)
        .join(BankAccount, BankAccount.id == Payment.bank_account_id)
        .where(Payment.state == PaymentState.SUBMITTED, Payment.id > after)
        .order_by(Payment.id)
        .limit(PAGE_ROWS + 1)
    )
    found = list(db.session.execute(rows))
    shown = tuple(_held(bank, *row) for row in found[:PAGE_ROWS])
    return shown, found[PAGE_ROWS - 1][0].id if len(found) > PAGE_ROWS else None


def _held(bank: SandboxBank, payment: Payment, account: BankAccount, taken_on: date, tries: int) -> Held:
    number = bank_accounts.number_of(account)
    settling = office().policy.days.on(taken_on).debit_settles
    answers_on = business_days_after(max(taken_on, payment.pay_on), settling, banking_days_off())
    return Held(payment.reference, payment.amount, taken_on, number[-4:], bank.answer(number, tries), answers_on)
