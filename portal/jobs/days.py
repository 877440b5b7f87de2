"""Business days: each is closed once, in order, however late, by whichever machine comes first."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from sqlalchemy import func, select

from portal.db import db, transaction
from portal.domain.calendar import ONE_DAY
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.refusal import Refusal
from portal.gateways.bank import Bank
from portal.jobs import chunks, close
from portal.models import BusinessDay, Notice, Payment, PaymentStep, Posting

# How many pieces of work a close could not do; the log and the first lines under this name say which. The next close
# tries again what is not about the day itself; that is done if this day is closed again before the next one.
LEFT = "left undone"
MOST_NAMED = 100
Told = Callable[[str], object]


class ClockWentBack(Refusal):
    """The books are closed through %(closed)s, but this machine says that it is %(today)s. Set its clock right.
    Nothing was done."""


class NotTheLastDay(Refusal):
    """Only the last day that was closed can be closed again, and %(day)s is not that one. Nothing was done."""


def close_through(now: Moment, bank: Bank, told: Told = lambda _step: None) -> Iterator[BusinessDay]:
    """Close every day that is not closed yet, today last, and today again if it was closed before: there may be new
    work. The first close of all is that of today. Refuses (`ClockWentBack`) a day before one that is closed.
    """
    for day in _days(now.on):
        yield _close(Moment(now.at, day), bank, told)


def close_again(day: date, now: Moment, bank: Bank, told: Told = lambda _step: None) -> BusinessDay:
    """Close the last closed day once more: what was left undone is tried again, and nothing is done twice. Refuses
    (`NotTheLastDay`) any other, for what was right on an earlier day (a default that is made up for) may not be now.
    """
    if day != latest():
        raise NotTheLastDay(day=day)
    return _close(Moment(now.at, day), bank, told)


def latest() -> date | None:
    """The last day that is closed, if any is."""
    return db.session.execute(select(func.max(BusinessDay.day)).where(BusinessDay.ended_at.is_not(None))).scalar_one()


def _days(today: date) -> list[date]:
    closed = latest()
    if closed and closed > today:
        raise ClockWentBack(closed=closed, today=today)
    begun = select(func.min(BusinessDay.day)).where(BusinessDay.ended_at.is_(None))
    first = db.session.execute(begun).scalar_one() or min(closed + ONE_DAY if closed else today, today)
    return [first + timedelta(days=number) for number in range((today - first).days + 1)]


def _close(when: Moment, bank: Bank, told: Told) -> BusinessDay:
    with transaction():
        if _row(when.on) is None:
            db.session.add(BusinessDay(day=when.on, began_at=when.at, summary={}))
    with chunks.noting() as left:
        failed = close.run(when, bank, told)
    named = {f"{LEFT}: {what}": error for what, error in list(left.items())[:MOST_NAMED]}
    with transaction():
        row = _row(when.on)
        assert row is not None
        row.summary = {**summary(when.on), LEFT: str(failed), **named}
        row.ended_at = when.at
    return row


def _row(day: date) -> BusinessDay | None:
    return db.session.execute(select(BusinessDay).where(BusinessDay.day == day)).scalar_one_or_none()


def summary(day: date) -> dict[str, str]:
    """What a day came to, read from the data: payments by what they became, notices by kind, and the trial balance,
    which is the sum of all postings and has to be zero.
    """
    steps = (
        select(PaymentStep.state, func.count(), func.sum(Payment.amount))
        .join(Payment, Payment.id == PaymentStep.payment_id)
        .where(PaymentStep.happened_on == day)
        .group_by(PaymentStep.state)
        .order_by(PaymentStep.state)
    )
    found = {f"payments {state}": f"{count}, {total}" for state, count, total in db.session.execute(steps)}
    issued = (
        select(Notice.kind, func.count()).where(Notice.issued_on == day).group_by(Notice.kind).order_by(Notice.kind)
    )
    found |= {f"notices {kind}": str(count) for kind, count in db.session.execute(issued)}
    balance = db.session.execute(select(func.sum(Posting.amount))).scalar_one()
    return {**found, "trial balance": str(balance or Money(0))}
