"""What was exchanged with the bank as pages show it: its files, and the lines that could not be booked."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select

from portal.db import look
from portal.domain.money import Money
from portal.models import BankFile, Payment, QuarantinedLine, User
from portal.models.bank_file import Direction

PAGE_ROWS = 50

files, lines, payments, users = (
    BankFile.__table__, QuarantinedLine.__table__, Payment.__table__, User.__table__,
)  # fmt: skip
LINES = (
    select(
        lines.c.id, lines.c.reference, files.c.name, files.c.business_day, lines.c.line, lines.c.trace, lines.c.code,
        lines.c.amount, lines.c.why, lines.c.content, lines.c.resolved_at, users.c.name, payments.c.reference,
        lines.c.reason,
    )
    .select_from(lines)
    .join(files, files.c.id == lines.c.bank_file_id)
    .outerjoin(users, users.c.id == lines.c.user_id)
    .outerjoin(payments, payments.c.id == lines.c.payment_id)
)  # fmt: skip
AFTER = LINES.where(lines.c.id > bindparam("after")).order_by(lines.c.id).limit(PAGE_ROWS + 1)
OPEN, RESOLVED = AFTER.where(lines.c.resolved_at.is_(None)), AFTER.where(lines.c.resolved_at.is_not(None))
ONE = LINES.where(lines.c.reference == bindparam("reference"))
FILES = (
    select(
        files.c.id, files.c.direction, files.c.name, files.c.business_day, files.c.effective_on, files.c.entries,
        files.c.total, files.c.written_at,
    )
    .where(files.c.id < bindparam("before"))
    .order_by(files.c.id.desc())
    .limit(PAGE_ROWS + 1)
)  # fmt: skip
NEWEST = 1 << 62


@dataclass(frozen=True, slots=True)
class Line:
    """A line that could not be booked, and what became of it. `content` has its numbers masked."""

    id: int
    reference: str
    file: str
    came_on: date
    line: int
    trace: str | None
    code: str | None
    amount: Money
    why: str
    content: str
    resolved_at: datetime | None
    resolved_by: str | None
    payment: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that went to the bank or came from it; `written_at` is empty until it lies in its folder."""

    id: int
    direction: Direction
    name: str
    business_day: date
    effective_on: date | None
    entries: int
    total: Money
    written_at: datetime | None


def page(*, resolved: bool, after: int = 0) -> tuple[tuple[Line, ...], int | None]:
    """Lines that are open, or that somebody resolved, oldest first, and after which one the next page begins."""
    found = tuple(Line(*row) for row in look(RESOLVED if resolved else OPEN, after=after))
    return found[:PAGE_ROWS], found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None


def one(reference: str) -> Line | None:
    """The line of this public name."""
    row = look(ONE, reference=reference).one_or_none()
    return Line(*row) if row else None


def newest_files(before: int | None) -> tuple[tuple[File, ...], int | None]:
    """Files, newest first, and before which one the next page begins."""
    found = tuple(File(*row) for row in look(FILES, before=before or NEWEST))
    return found[:PAGE_ROWS], found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None
