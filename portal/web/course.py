"""The picture of a balance: what it was, and how the plan will bring it down."""

from dataclasses import dataclass
from datetime import date

from portal.domain.calendar import monthly_dates
from portal.domain.money import Money
from portal.domain.standing import balances
from portal.office import office
from portal.queries.standings import AccountView
from portal.web.language import gettext as _
from portal.web.language import money, short_day

MOST_POINTS = 40
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
    """The picture of an account in an agreement; there is none to draw without one."""
    standing, agreement = view.standing, view.agreement
    if agreement is None or not agreement.is_in_force or standing.schedule is None:
        return None
    past = _past(view, agreement.accepted_on)
    future = [(standing.as_of, standing.balance)]
    future += [(row.on, row.balance_after) for row in standing.schedule.installments]
    return _drawn(past, _thinned(future), standing.as_of, clears=standing.schedule.clears)


def _past(view: AccountView, since: date) -> list[Point]:
    """The balance when the agreement began, on the same day of each month since, and today."""
    as_of = view.standing.as_of
    months = (as_of.year - since.year) * 12 + as_of.month - since.month
    starts = since.replace(day=min(since.day, 28))
    days = sorted({since, *(day for day in monthly_dates(starts, months + 1) if since < day < as_of), as_of})
    return _thinned(balances(view.facts, office().policy.law_on(as_of), days))


def _thinned(points: list[Point]) -> list[Point]:
    step = max(1, len(points) // MOST_POINTS)
    return [*points[:-1:step], points[-1]]


def _drawn(past: list[Point], future: list[Point], as_of: date, *, clears: bool) -> Course:
    first, last = past[0][0], future[-1][0]
    days = max(1, (last - first).days)
    top = _ceiling(max(amount.cents for _day, amount in (*past, *future)))

    def x(day: date) -> float:
        return round((day - first).days * 100 / days, 1)

    def line(points: list[Point]) -> str:
        return " ".join(f"{x(day)},{round(100 - amount.cents * 100 / top, 1)}" for day, amount in points)

    today = x(as_of)
    across = [(0.0, short_day(first))] if today > 30 else []
    across += [(today, _("Today"))] if 10 < today < 75 else []
    return Course(
        past=line(past),
        future=line(future),
        today=today,
        across=[*across, (100.0, short_day(last))],
        up=[(0.0, money(Money(top))), (50.0, money(Money(top // 2)))],
        rows=[{"on": short_day(day), "balance": money(amount)} for day, amount in (*past, *future[1:])],
        words=_words(past[0], future[-1], clears=clears),
    )


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
