"""Days and months as tax law and the banks count them. Days off come in as data: two calendars, never mixed."""

from calendar import monthrange
from collections.abc import Container, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import count as counting
from itertools import islice

ONE_DAY = timedelta(days=1)

DaysOff = Container[date]


def year_later(day: date, years: int) -> date:
    """The same day that many years later; 29 February becomes 28 February in a common year."""
    year = day.year + years
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


@lru_cache(maxsize=1 << 15)
def corresponding_day(day: date, months: int) -> date:
    """The day that numerically corresponds to `day` that many months later (26 CFR 301.6651-1(b)(2)).

    Month ends correspond to month ends; where the month is too short, its last day corresponds.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    ends_month = day.day == monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if ends_month else min(day.day, last))


@lru_cache(maxsize=1 << 15)
def month_begins(due_on: date, number: int) -> date:
    """The first day of the `number`-th penalty month (from 1) counted from `due_on`."""
    return corresponding_day(due_on, number - 1) + ONE_DAY


def months_begun(due_on: date, through: date) -> int:
    """How many penalty months counted from `due_on` have begun on or before `through`."""
    if through <= due_on:
        return 0
    months = (through.year - due_on.year) * 12 + through.month - due_on.month
    return months + 1 if month_begins(due_on, months + 1) <= through else months


def monthly_dates(first_on: date, count: int | None = None) -> Iterator[date]:
    """`first_on` and the same day of each month after it: `count` dates, or without end; the day is 28 at most."""
    begins_at = first_on.year * 12 + first_on.month - 1
    for month in islice(counting(begins_at), count):
        yield date(month // 12, month % 12 + 1, first_on.day)


def next_on_day(after: date, due_day: int) -> date:
    """The first date after `after` that falls on `due_day` (1 to 28)."""
    if after.day < due_day:
        return after.replace(day=due_day)
    return corresponding_day(after.replace(day=1), 1).replace(day=due_day)


def is_business_day(day: date, days_off: DaysOff) -> bool:
    """Neither a Saturday, nor a Sunday, nor a day off of the calendar given."""
    return day.weekday() < 5 and day not in days_off


def business_day_from(day: date, days_off: DaysOff) -> date:
    """`day` itself if it is a business day, else the next one.

    With the legal holidays (District of Columbia) this is the due-date rule of IRC 7503; with the Federal
    Reserve's holidays it is the day on which a debit dated `day` settles.
    """
    while not is_business_day(day, days_off):
        day += ONE_DAY
    return day


def business_days_after(day: date, count: int, days_off: DaysOff) -> date:
    """The `count`-th business day after `day`."""
    for _ in range(count):
        day = business_day_from(day + ONE_DAY, days_off)
    return day


def business_days_before(day: date, count: int, days_off: DaysOff) -> date:
    """The `count`-th business day before `day`."""
    for _ in range(count):
        day -= ONE_DAY
        while not is_business_day(day, days_off):
            day -= ONE_DAY
    return day
