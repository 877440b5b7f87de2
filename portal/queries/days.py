"""Business days as pages show them: closed, begun and not finished, and not closed at all."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select

from portal.db import look
from portal.models import BusinessDay

PAGE_ROWS = 31
LEFT = "left undone"

days = BusinessDay.__table__
COLUMNS = select(days.c.day, days.c.began_at, days.c.ended_at, days.c.summary)
NEWEST_FIRST = COLUMNS.where(days.c.day < bindparam("before")).order_by(days.c.day.desc()).limit(PAGE_ROWS + 1)
ONE = COLUMNS.where(days.c.day == bindparam("day"))
LATEST = COLUMNS.where(days.c.ended_at.is_not(None)).order_by(days.c.day.desc()).limit(1)
UNFINISHED = COLUMNS.where(days.c.ended_at.is_(None)).order_by(days.c.day).limit(1)


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A business day and what it came to: counts and sums by name, as they were when its close ended."""

    day: date
    began_at: datetime
    ended_at: datetime | None
    summary: dict[str, str]

    @property
    def undone(self) -> int:
        """How many pieces of work its close could not do."""
        return int(self.summary.get(LEFT, "0"))

    @property
    def named(self) -> list[tuple[str, str]]:
        """The first of them: what it is, and the kind of error."""
        lines = self.summary.items()
        return [(name.removeprefix(f"{LEFT}: "), error) for name, error in lines if name.startswith(f"{LEFT}: ")]


def page(before: date) -> tuple[tuple[ClosedDay, ...], date | None]:
    """Days before a day, newest first, and before which day the next page begins."""
    found = [ClosedDay(*row) for row in look(NEWEST_FIRST, before=before)]
    return tuple(found[:PAGE_ROWS]), found[PAGE_ROWS - 1].day if len(found) > PAGE_ROWS else None


def one(day: date) -> ClosedDay | None:
    """A day, if its close was ever begun."""
    row = look(ONE, day=day).one_or_none()
    return ClosedDay(*row) if row else None


def latest() -> ClosedDay | None:
    """The last day that is closed, if any is."""
    row = look(LATEST).one_or_none()
    return ClosedDay(*row) if row else None


def unfinished() -> ClosedDay | None:
    """The first day whose close was begun and did not come to its end."""
    row = look(UNFINISHED).one_or_none()
    return ClosedDay(*row) if row else None
