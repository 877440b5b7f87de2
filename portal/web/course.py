"""The picture of a balance: what it was, and how the plan will bring it down."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.domain.money import Money
from portal.domain.projection import Schedule
from portal.queries.standings import AccountView
from portal.web.language import gettext as _
from portal.web.language import money, short_day

MOST_POINTS = 24
MOST_ROWS = 8
Point = tuple[date, Money]


@dataclass(frozen=True, slots=True)
class Course:
    """Points of the picture, and the same as rows of a table. `words` say what the picture shows."""

    past: str
    future: str
    today: float
    across: list[tuple[float, str]]
    up: list[tuple[float, str]]
    rows: list[dict[str, str]]
    words: str


def course(view: AccountView) -> Course | None:
    """The picture of an account whose agreement is kept; there is none to draw without one."""
    standing = view.standing
    if standing.schedule is None or not standing.is_kept:
        return None
    coming = ((row.on, row.balance_after) for row in standing.schedule.installments)
    future = ((standing.as_of, standing.balance), *coming)
    return _drawn(standing.course, future, clears=standing.schedule.clears)


def falling(on: date, schedule: Schedule, balance: Money) -> Course:
    """The picture of a plan that is not agreed yet: from what is owed today to its end."""
    start = (on, balance)
    coming = ((row.on, row.balance_after) for row in schedule.installments)
    drawn = _drawn((start,), (start, *coming), clears=schedule.clears)
    return replace(drawn, past="", across=[(0.0, _("Today")), *drawn.across])


def _drawn(past: Sequence[Point], future: Sequence[Point], *, clears: bool) -> Course:
    first, as_of, last = past[0][0], past[-1][0], future[-1][0]
    days = max(1, (last - first).days)
    top = _ceiling(max(amount.cents for _day, amount in (*past, *future)))

    def x(day: date) -> float:
        return round((day - first).days * 100 / days, 1)

    def line(points: Sequence[Point]) -> str:
        return " ".join(
            f"{x(day):g},{100 - amount.cents * 100 / top:.1f}" for day, amount in _thinned(points, MOST_POINTS)
        )

    today = x(as_of)
    across = [(0.0, short_day(first))] if today > 30 else []
    across += [(today, _("Today"))] if 10 < today < 75 else []
    rows = (*_thinned(past, MOST_ROWS), *_thinned(future, MOST_ROWS)[1:])
    return Course(
        past=line(past),
        future=line(future),
        today=today,
        across=[*across, (100.0, short_day(last))],
        up=[(0.0, money(Money(top))), (50.0, money(Money(top // 2)))],
        rows=[{"on": short_day(day), "balance": money(amount)} for day, amount in rows],
        words=_words(past[0], future[-1], clears=clears),
    )


def _thinned(points: Sequence[Point], most: int) -> list[Point]:
    """At most so many points, evenly, the first and the last among them."""
    step = -(-len(points) // most)
    return [*points[:-1:step], points[-1]]


def _words(start: Point, end: Point, *, clears: bool) -> str:
    values = {"from_day": short_day(start[0]), "start": money(start[1]), "end_day": short_day(end[0])}
    if clears:
        return _("The balance falls from %(start)s on %(from_day)s to nothing on %(end_day)s.", **values)
    return _(
        "The balance was %(start)s on %(from_day)s and is still %(left)s on %(end_day)s.",
        left=money(end[1]), **values,
    )  # fmt: skip


def _ceiling(cents: int) -> int:
    """A round amount at or above the highest point: 1, 2 or 5 with zeros."""
    size = int("1".ljust(max(3, len(str(cents))), "0"))
    return next(size * step for step in (1, 2, 3, 4, 5, 6, 8, 10) if size * step >= cents)
