"""Credits: what was paid too much pays what comes later, or is sent back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.ledger import CREDIT, REFUNDED, EntryKind, Move
from portal.domain.lifecycle import PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.refusal import Refusal
from portal.domain.waterfall import Account, Applied, replay
from portal.models import Payment, Taxpayer
from portal.models.columns import new_reference
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.office import office
from portal.queries import accounts
from portal.services import ledger, notices, payments, trail

# What a bank can still take back; all else is here to stay.
DEBITED = (Channel.DEBIT, Channel.ONLINE)


class MoreThanTheCredit(Refusal):
    """The credit is %(credit)s. Enter no more than that. Nothing was sent back."""

    about = "amount"


class NotCertainYet(Refusal):
    """Of the credit %(certain)s can be sent back today. The rest comes from debits that the bank can still take back.
    Nothing was sent back."""

    about = "amount"


def refund(taxpayer: Taxpayer, amount: Money, reason: str, *, by: Actor, when: Moment) -> str:
    """Send a part of a credit back to the taxpayer, who is told why (`reason`): the reference of the refund.

    Refuses more than the credit (`MoreThanTheCredit`), and what comes from debits that can still come back, so that
    nobody is sent money that was never theirs (`NotCertainYet`).
    """
    with transaction():
        account, may_return = accounts.facts(taxpayer.id), _may_return(taxpayer.id, when.on)
        credit = _credit(account, when.on)
        if not Money(0) < amount <= credit:
            raise MoreThanTheCredit(credit=credit)
        kept = tuple(each for each in account.payments if each.reference not in may_return)
        if amount > (certain := _credit(replace(account, payments=kept), when.on)):
            raise NotCertainYet(certain=min(certain, credit))
        _take(account, amount, when=when, taxpayer_id=taxpayer.id)
        reference, facts = new_reference("RF"), {"amount": str(amount), "reason": reason}
        trail.append("credit.refunded", reference, by=by, when=when, taxpayer_id=taxpayer.id, **facts)
        notices.issue(taxpayer.id, NoticeKind.REFUND, when=when, refund=reference, **facts)
        return reference


def use(taxpayer_id: int, *, by: Actor, when: Moment) -> None:
    """A credit pays what is owed today (IRC 6402(a)): it comes in once more, as a payment of today."""
    with transaction():
        account = accounts.facts(taxpayer_id)
        books = replay(account, office().policy.law_on(when.on), when.on)[0]
        amount = Money(min(books.credit, books.balance_cents(when.on)))
        if not amount:
            return
        _take(account, amount, when=when, taxpayer_id=taxpayer_id)
        taxpayer = db.session.get_one(Taxpayer, taxpayer_id)
        payment = payments.receive(taxpayer, amount, channel=Channel.CREDIT, pay_on=when.on, by=by, when=when)
        notices.issue(taxpayer_id, NoticeKind.CREDIT_USED, when=when, payment=payment.reference, amount=str(amount))


def _credit(account: Account, on: date) -> Money:
    return Money(replay(account, office().policy.law_on(on), on)[0].credit)


def _take(account: Account, amount: Money, *, when: Moment, taxpayer_id: int) -> None:
    """Take an amount out of the credit, payment by payment, as entries of their own."""
    applied = replay(account, office().policy.law_on(when.on), when.on)[1]
    for payment_id, part in _parts(applied, amount):
        move = Move(CREDIT, REFUNDED, part)
        ledger.record(taxpayer_id, EntryKind.REFUND, [move], effective_on=when.on, payment_id=payment_id, when=when)


def _parts(applied: list[Applied], amount: Money) -> Iterator[tuple[int, Money]]:
    for each in applied:
        if part := min(each.credit, amount):
            yield int(each.payment.reference), part
            amount -= part


def _may_return(taxpayer_id: int, on: date) -> set[str]:
    """Debits that a bank can still take back (Nacha return windows)."""
    since = on - timedelta(days=office().policy.days.on(on).return_window)
    rows = select(Payment.id).where(
        Payment.taxpayer_id == taxpayer_id, Payment.channel.in_(DEBITED), Payment.state == PaymentState.SETTLED,
        Payment.pay_on >= since,
    )  # fmt: skip
    return {str(payment_id) for payment_id in db.session.execute(rows).scalars()}
