"""Default: an installment is missed, made up for, or the agreement ends over it."""

from datetime import date, timedelta

from sqlalchemy import Select, func, or_, select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.installments import TermsOf, installments_due
from portal.domain.lifecycle import AgreementState, PaymentState, agreement_move
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.waterfall import replay
from portal.models import Agreement, Payment
from portal.models.notice import Cause, NoticeKind
from portal.models.payment import Channel
from portal.office import office
from portal.queries import accounts
from portal.services import notices, promises, terms, trail


def missing(agreement: Agreement, due_by: date, *, when: Moment) -> Money:
    """What is missing of the installments that were due by a day: neither here, nor on its way, nor promised within
    the time to cure. Never more than is owed. What is promised for later installments does not count.
    """
    due = _due(agreement, due_by) - _paid(agreement)
    if due <= 0:
        return Money(0)
    return Money(max(0, min(due, _owed(agreement, when.on)) - _coming(agreement, due_by, when.on)))


def review(agreement: Agreement, cause: Cause, due_by: date, *, by: Actor, when: Moment) -> None:
    """Open a default if something is missing of what was due by a day. A frozen agreement waits for whoever looks."""
    with transaction():
        if agreement.state is not AgreementState.ACTIVE or agreement.frozen_on:
            return
        if amount := missing(agreement, due_by, when=when):
            declare(agreement, amount, cause, due_by, by=by, when=when)


def declare(agreement: Agreement, amount: Money, cause: Cause, due_by: date, *, by: Actor, when: Moment) -> None:
    """An amount is missing that was due by a day: there are so many days to cure it (IRC 6159(b)(5))."""
    with transaction():
        agreement.state = agreement_move(agreement.state, AgreementState.IN_DEFAULT)
        agreement.in_default_since = when.on
        agreement.cure_by = when.on + timedelta(days=office().policy.days.on(when.on).cure)
        _note("agreement.in_default", agreement, by=by, when=when, cause=cause, amount=str(amount))
        notices.issue(
            agreement.taxpayer_id, NoticeKind.INTENT_TO_TERMINATE, when=when, agreement=agreement.reference,
            cause=cause, amount=str(amount), missed_on=due_by.isoformat(), cure_by=agreement.cure_by.isoformat(),
        )  # fmt: skip
        promises.take_back(agreement, by=by, when=when)


def cure(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """End a default, if nothing is missing any more: money that is promised within the time to cure is enough, and if
    it does not come, there is a new default.
    """
    with transaction():
        if agreement.state is not AgreementState.IN_DEFAULT or missing(agreement, when.on, when=when):
            return
        agreement.state = agreement_move(agreement.state, AgreementState.ACTIVE)
        agreement.in_default_since = agreement.cure_by = None
        _note("agreement.cured", agreement, by=by, when=when)
        notices.issue(agreement.taxpayer_id, NoticeKind.CURED, when=when, agreement=agreement.reference)
        promises.schedule_next(agreement, by=by, when=when)


def terminate(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """The time to cure is over: the agreement ends (IRC 6159(b)(5)), and can be appealed for some days."""
    with transaction():
        agreement.state = agreement_move(agreement.state, AgreementState.TERMINATED)
        agreement.ended_on = when.on
        _note("agreement.terminated", agreement, by=by, when=when)
        appeal_by = when.on + timedelta(days=office().policy.days.on(when.on).appeal)
        notices.issue(
            agreement.taxpayer_id, NoticeKind.TERMINATION, when=when, agreement=agreement.reference,
            amount=str(Money(_owed(agreement, when.on))), appeal_by=appeal_by.isoformat(),
        )  # fmt: skip
        promises.take_back(agreement, by=by, when=when)


def _due(agreement: Agreement, due_by: date) -> int:
    """Cents that were asked for by a day; where a debit was made for an installment, what that one asked for."""
    history = [TermsOf(each.begins_on, each.first_due_on, each.monthly) for each in terms.history(agreement)]
    rows = select(Payment.installment_on, Payment.amount).where(
        Payment.agreement_id == agreement.id, Payment.channel == Channel.DEBIT, Payment.attempt == 1,
        Payment.state != PaymentState.CANCELLED,
    )  # fmt: skip
    taken = {row.installment_on: row.amount for row in db.session.execute(rows)}
    return sum(taken.get(each.on, each.amount).cents for each in installments_due(history, due_by))


def _paid(agreement: Agreement) -> int:
    """Cents that have come since the agreement began."""
    rows = select(func.sum(Payment.amount)).where(
        Payment.taxpayer_id == agreement.taxpayer_id, Payment.state == PaymentState.SETTLED,
        Payment.pay_on >= agreement.accepted_on,
    )  # fmt: skip
    return _cents(rows)


def _coming(agreement: Agreement, due_by: date, on: date) -> int:
    """Cents on their way or promised in time, but for later installments."""
    until = agreement.cure_by or on + timedelta(days=office().policy.days.on(on).cure)
    rows = select(func.sum(Payment.amount)).where(
        Payment.taxpayer_id == agreement.taxpayer_id,
        Payment.state.in_(promises.COMING),
        Payment.pay_on <= until,
        or_(Payment.installment_on.is_(None), Payment.installment_on <= due_by),
    )
    return _cents(rows)


def _cents(rows: Select[Money]) -> int:
    """A sum, which is nothing where there is no row."""
    found = db.session.execute(rows).scalar_one()
    return found.cents if found else 0


def _owed(agreement: Agreement, on: date) -> int:
    """Cents owed today, the fee included."""
    return replay(accounts.facts(agreement.taxpayer_id), office().policy.law_on(on), on)[0].balance_cents(on)


def _note(event: str, agreement: Agreement, *, by: Actor, when: Moment, **details: str) -> None:
    trail.append(event, agreement.reference, by=by, when=when, taxpayer_id=agreement.taxpayer_id, **details)
