"""The published underpayment rates, and the growth of a dollar that they make (IRC 6621, 6622)."""

from bisect import bisect_right
from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from threading import Lock

from portal.domain.calendar import ONE_DAY, corresponding_day
from portal.domain.refusal import Refusal

# Fixed point: a number x is kept as the integer x * 2**BITS. The floors taken on the way err by less than
# 2**-130 cents over a century; TIE is far above that and far below any cent that could be decided by it.
BITS = 200
ONE = 1 << BITS
HALF = ONE >> 1
TIE = ONE >> 100


def rounded(fixed: int) -> int:
    """A fixed-point number of cents, rounded half up to whole cents; what is within TIE of a half is a half."""
    return (fixed + HALF + TIE) >> BITS


class RateNotPublished(Refusal):
    """No interest rate is published for the quarter that begins on %(quarter)s."""


@dataclass(frozen=True, slots=True)
class Rate:
    """The underpayment rate of one quarter: hundredths of a percent a year, and where it was published."""

    begins_on: date
    basis_points: int
    source: str

    @property
    def percent(self) -> str:
        return f"{self.basis_points / 100:g}"


class RateTable:
    """Rates by quarter, without a gap. Past the last published quarter the last rate is held; who must not
    look past it asks `require` first.
    """

    def __init__(self, rates: Iterable[Rate]) -> None:
        self.rates = tuple(sorted(rates, key=lambda rate: rate.begins_on))
        if not self.rates:
            raise ValueError("a rate table needs at least one rate")
        for before, after in zip(self.rates, self.rates[1:], strict=False):
            if corresponding_day(before.begins_on, 3) != after.begins_on:
                raise ValueError(f"the rate of the quarter after {before.begins_on} is missing")
        self._begin_days = [rate.begins_on for rate in self.rates]
        self._first = self._begin_days[0].toordinal()
        self._growth = [ONE]
        self._growing = Lock()

    @property
    def published_from(self) -> date:
        return self._begin_days[0]

    @property
    def published_through(self) -> date:
        """The last day of the last published quarter."""
        return corresponding_day(self._begin_days[-1], 3) - ONE_DAY

    def require(self, day: date) -> None:
        """Refuse (`RateNotPublished`) a day in a quarter with no published rate."""
        if not self.published_from <= day <= self.published_through:
            raise RateNotPublished(quarter=quarter_of(day))

    def on(self, day: date) -> Rate:
        """The rate in force on the day; the last published one is held. Refuses days before the table."""
        if day < self.published_from:
            raise RateNotPublished(quarter=quarter_of(day))
        return self.rates[bisect_right(self._begin_days, day) - 1]

    def changes_between(self, after: date, through: date) -> list[Rate]:
        """The rates whose quarter begins after the one day and on or before the other."""
        return self.rates[bisect_right(self._begin_days, after) : bisect_right(self._begin_days, through)]  # type: ignore[return-value]

    def growth(self, day: date) -> int:
        """What one cent at the end of the day before the table is worth at the end of `day`, in fixed point.

        Each day adds rate / 365, or rate / 366 in a leap year, of what stood before (26 CFR 301.6622-1(a)).
        """
        index = day.toordinal() - self._first + 1
        if index >= len(self._growth):
            self._grow_through(day)
        elif index < 0:
            raise RateNotPublished(quarter=quarter_of(day))
        return self._growth[index]

    def _grow_through(self, day: date) -> None:
        with self._growing:
            reached = self._first + len(self._growth) - 1
            for ordinal in range(reached, max(day.toordinal(), reached + 5000) + 1):
                if ordinal > date.max.toordinal():
                    break
                current = date.fromordinal(ordinal)
                divisor = (366 if isleap(current.year) else 365) * 10_000
                worth = self._growth[-1]
                self._growth.append(worth + worth * self.on(current).basis_points // divisor)


def quarter_of(day: date) -> date:
    """The first day of the calendar quarter of the day."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
