"""How the portal itself is doing, in figures that are cheap to ask for: mail, closes, debits, tasks."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from portal.db import look
from portal.domain.lifecycle import ON_ITS_WAY, MailState, PaymentState
from portal.models import BusinessDay, Mail, Payment, QuarantinedLine, Task

mails, days, payments, tasks = Mail.__table__, BusinessDay.__table__, Payment.__table__, Task.__table__
lines = QuarantinedLine.__table__
# Of these there are few at any time; how many were ever settled nobody counts for a glance.
UNDER_WAY = (PaymentState.SCHEDULED, *ON_ITS_WAY)

MAILS = select(mails.c.state, func.count(), func.min(mails.c.recorded_at)).where(
    mails.c.state.in_((MailState.WAITING, MailState.UNDELIVERED))
).group_by(mails.c.state)  # fmt: skip
LAST_CLOSE = (
    select(days.c.day, days.c.ended_at, days.c.summary)
    .where(days.c.ended_at.is_not(None))
    .order_by(days.c.day.desc())
    .limit(1)
)
PAYMENTS = (
    select(payments.c.state, func.count()).where(payments.c.state.in_(UNDER_WAY)).group_by(payments.c.state)
)  # fmt: skip
OPEN_TASKS = select(func.count()).where(tasks.c.ended_at.is_(None))
OPEN_LINES = select(func.count()).where(lines.c.resolved_at.is_(None))


@dataclass(frozen=True, slots=True)
class MailHealth:
    """Mail that waits, since when the oldest of it does, and mail that was given up."""

    waiting: int
    oldest_at: datetime | None
    undelivered: int


@dataclass(frozen=True, slots=True)
class CloseHealth:
    """The last day that was closed: when, what could not be done, and what all postings came to then."""

    day: date
    ended_at: datetime
    undone: int
    imbalance_cents: int


def mail() -> MailHealth:
    """How mail is doing."""
    found = {state: (count, oldest) for state, count, oldest in look(MAILS)}
    waiting, oldest = found.get(MailState.WAITING, (0, None))
    return MailHealth(waiting, oldest, found.get(MailState.UNDELIVERED, (0, None))[0])


def last_close() -> CloseHealth | None:
    """The last close, if there was one."""
    row = look(LAST_CLOSE).one_or_none()
    if row is None:
        return None
    cents = int(row.summary["trial balance"].replace(".", ""))
    return CloseHealth(row.day, row.ended_at, int(row.summary["left undone"]), cents)


def payments_under_way() -> dict[PaymentState, int]:
    """How many payments are promised, and how many are on their way."""
    return dict.fromkeys(UNDER_WAY, 0) | {row[0]: row[1] for row in look(PAYMENTS)}


def open_tasks() -> int:
    """How many tasks wait or are being done."""
    return int(look(OPEN_TASKS).scalar_one())


def open_lines() -> int:
    """How many lines from the bank nobody has resolved."""
    return int(look(OPEN_LINES).scalar_one())
