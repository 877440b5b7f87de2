"""Debits that an agreement promises: the next one, as much as will be owed, and no other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.calendar import business_day_from
from portal.domain.installments import due_dates, holding
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
        return promise(agreement, terms.history(agreement), account, by=by, when=when)


def renew(agreement: Agreement, begins_on: date, *, by: Actor, when: Moment) -> Payment | None:
    """After terms became others from a day on: what was promised under those before is taken back, and the next debit
    promised as it is now. What is sent or tried again stays.
    """
    with transaction():
        for payment in _promised(agreement):
            if payment.attempt == 1 and payment.installment_on and payment.installment_on >= begins_on:
                payments.cancel(payment, by=by, when=when)
        return schedule_next(agreement, by=by, when=when)


def replan(agreement: Agreement, account: Account, *, by: Actor, when: Moment) -> None:
    """After money came or went: promised debits take what will be owed, and no more than the monthly amount."""
    with transaction():
        open_payments, history = _open_payments(agreement), terms.history(agreement)
        for payment in _promised(agreement):
            due_on = payment.installment_on or payment.pay_on
            most = holding(history, due_on).monthly if payment.attempt == 1 else payment.amount
            others = [row for row in open_payments if row.id != payment.id]
            amount = min(most, _owed_then(account, others, payment.pay_on, when.on))
            if amount != payment.amount:
                payments.resize(payment, amount, by=by, when=when)


def take_back(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """No debit of the agreement that is promised, tried again or not, is taken."""
    for promised in _promised(agreement):
        payments.cancel(promised, by=by, when=when)


def promise(
    agreement: Agreement, history: Sequence[Terms], account: Account, *, by: Actor, when: Moment
) -> Payment | None:
    """The next debit, unless one is promised, none is needed, or none may be made."""
    if agreement.state != AgreementState.ACTIVE or agreement.frozen_on or not any(map(_debits, history)):
        return None
    found = _open_payments(agreement)
    taken = {row.installment_on for row in found if row.agreement_id == agreement.id}
    due_on, asked = next(each for each in due_dates(history, when.on) if each[0] not in taken)
    if asked.bank_account_id is None or any(_is_next(row) for row in found):
        return None
    bank_account = db.session.get_one(BankAccount, asked.bank_account_id)
    if bank_account.unusable_since:
        return None
    pay_on = business_day_from(due_on, banking_days_off())
    amount = min(asked.monthly, _owed_then(account, found, pay_on, when.on))
    if not amount:
        return None
    return payments.schedule(agreement, bank_account, amount, installment_on=due_on, pay_on=pay_on, by=by, when=when)


def _debits(asked: Terms) -> bool:
    return asked.bank_account_id is not None


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
