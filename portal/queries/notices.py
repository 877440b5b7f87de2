"""Notices as people look at them: the inbox of an account, and one notice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, func, select

from portal.db import look
from portal.models import Notice
from portal.models.notice import NoticeKind

PAGE_ROWS = 20

notices = Notice.__table__
LINES = select(
    notices.c.reference, notices.c.kind, notices.c.issued_on, notices.c.facts, notices.c.read_at.is_(None)
).where(notices.c.taxpayer_id == bindparam("taxpayer_id"))  # fmt: skip
NEWEST_FIRST = LINES.order_by(notices.c.recorded_at.desc(), notices.c.id.desc())
INBOX = NEWEST_FIRST.limit(PAGE_ROWS).offset(bindparam("skipped"))
ONE = LINES.where(notices.c.reference == bindparam("reference"))
COUNT = select(func.count()).select_from(notices).where(notices.c.taxpayer_id == bindparam("taxpayer_id"))


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice. `facts` are text, as they were fixed when it was issued; it is new until somebody has opened it."""

    reference: str
    kind: NoticeKind
    issued_on: date
    facts: dict[str, str]
    is_new: bool


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page of the inbox, newest first."""

    lines: tuple[NoticeView, ...]
    number: int
    last: int
    count: int


def inbox(taxpayer_id: int, number: int) -> InboxPage:
    """A page of the inbox; a number past the end is the last page."""
    count = look(COUNT, taxpayer_id=taxpayer_id).scalar_one()
    last = max(1, -(-count // PAGE_ROWS))
    number = min(number, last)
    rows = look(INBOX, taxpayer_id=taxpayer_id, skipped=(number - 1) * PAGE_ROWS)
    return InboxPage(tuple(NoticeView(*row) for row in rows), number, last, count)


def every(taxpayer_id: int) -> Iterator[NoticeView]:
    """All notices to this taxpayer, newest first, for a file."""
    return (NoticeView(*row) for row in look(NEWEST_FIRST, taxpayer_id=taxpayer_id).yield_per(100))


def one(taxpayer_id: int, reference: str) -> NoticeView | None:
    """A notice to this taxpayer, or None: what belongs to others does not exist."""
    row = look(ONE, taxpayer_id=taxpayer_id, reference=reference).one_or_none()
    return NoticeView(*row) if row else None
