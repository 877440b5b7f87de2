"""Debits that an agreement promises: the next one, as much as will be owed, and no other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.calendar import business_day_from, next_on_day
from portal.domain.lifecycle import COMING, AgreementState, PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.waterfall import Account, replay
from portal.domain.waterfall import Payment as Received
from portal.models import Agreement, BankAccount, Payment, Terms
from portal.models.payment import Channel
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import accounts
from portal.services import payments, terms

COUNTED = (*COMING, PaymentState.SETTLED, PaymentState.RETURNED)


def schedule_next(agreement: Agreement, *, by: Actor, when: Moment) -> Payment | None:
    """Promise the next debit, if the agreement is paid by debit and none is promised: at most what will be owed."""
    with transaction():
        account = accounts.facts(agreement.taxpayer_id)
        return promise(agreement, terms.current(agreement, when.on), account, by=by, when=when)


def replan(agreement: Agreement, account: Account, *, by: Actor, when: Moment) -> None:
    """After money came or went: promised debits take what will be owed, and no more than the monthly amount."""
    with transaction():
        open_payments, asked = _open_payments(agreement), terms.current(agreement, when.on)
        for payment in _promised(agreement):
            most = asked.monthly if payment.attempt == 1 else payment.amount
            others = [row for row in open_payments if row.id != payment.id]
            amount = min(most, _owed_then(account, others, payment.pay_on, when.on))
            if amount != payment.amount:
                payments.resize(payment, amount, by=by, when=when)


def take_back(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """No debit of the agreement that is promised, tried again or not, is taken."""
    for promised in _promised(agreement):
        payments.cancel(promised, by=by, when=when)


def promise(agreement: Agreement, asked: Terms, account: Account, *, by: Actor, when: Moment) -> Payment | None:
    """The next debit, unless one is promised, none is needed, or none may be made."""
    if asked.bank_account_id is None or agreement.state != AgreementState.ACTIVE or agreement.frozen_on:
        return None
    bank_account = db.session.get_one(BankAccount, asked.bank_account_id)
    found = _open_payments(agreement)
    if bank_account.unusable_since or any(_is_next(row) for row in found):
        return None
    due_on = _next_due(asked, {row.installment_on for row in found if row.agreement_id == agreement.id}, when.on)
    pay_on = business_day_from(due_on, banking_days_off())
    amount = min(asked.monthly, _owed_then(account, found, pay_on, when.on))
    if not amount:
        return None
    return payments.schedule(agreement, bank_account, amount, installment_on=due_on, pay_on=pay_on, by=by, when=when)


def _is_next(payment: Any) -> bool:
    """A plan's own next debit, which is neither sent nor tried again."""
    return payment.channel is Channel.DEBIT and payment.state is PaymentState.SCHEDULED and payment.attempt == 1


def _open_payments(agreement: Agreement) -> Sequence[Any]:
    """What was paid or is promised for installments of the agreement, and all else of the taxpayer that is still to
    come.
    """
    rows = select(
        Payment.id, Payment.agreement_id, Payment.channel, Payment.state, Payment.attempt, Payment.installment_on,
        Payment.pay_on, Payment.amount,
    ).order_by(Payment.id)  # fmt: skip
    is_coming = and_(Payment.taxpayer_id == agreement.taxpayer_id, Payment.state.in_(COMING))
    is_own = and_(Payment.agreement_id == agreement.id, Payment.state.in_(COUNTED))
    return db.session.execute(rows.where(or_(is_own, is_coming))).all()


def _promised(agreement: Agreement) -> list[Payment]:
    """The agreement's own debits that are not sent yet, the next one and those that are tried again."""
    rows = select(Payment).where(
        Payment.agreement_id == agreement.id, Payment.state == PaymentState.SCHEDULED,
        Payment.channel == Channel.DEBIT,
    )  # fmt: skip
    return list(db.session.execute(rows.order_by(Payment.id)).scalars())


def _next_due(asked: Terms, taken: set[date | None], on: date) -> date:
    """The first due date after today that no debit was made for, and not before the first one agreed."""
    due_on = asked.first_due_on if asked.first_due_on > on else next_on_day(on, asked.due_day)
    while due_on in taken:
        due_on = next_on_day(due_on, asked.due_day)
    return due_on


def _owed_then(account: Account, others: Sequence[Any], pay_on: date, on: date) -> Money:
    """What will be owed on the day of a debit, the fee included, once everything else has arrived that is on its way
    or promised for a day before.
    """
    arriving = (
        Received(row.pay_on, row.amount, f"coming {row.id}")
        for row in others
        if row.state is PaymentState.SUBMITTED or (row.state is PaymentState.SCHEDULED and row.pay_on <= pay_on)
    )
    account = replace(account, payments=(*account.payments, *arriving))
    books = replay(account, office().policy.law_on(on), pay_on)[0]
    return books.owed(pay_on).total + Money(books.fee)
