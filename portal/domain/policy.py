"""A policy: limits, fees, days and penalty rates as dated data, read with the date on which they apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from portal.domain.money import Money
from portal.domain.penalties import PenaltyRules
from portal.domain.period import Law
from portal.domain.rates import RateTable


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan may not reach (tax, penalty and interest together), and its longest term."""

    long_term_below: Money
    short_term_below: Money
    short_term_days: int
    term_months: int
    due_day_first: int
    due_day_last: int


@dataclass(frozen=True, slots=True)
class Days:
    """Periods of grace in calendar days, except `debit_settles`, which counts banking days."""

    first_payment: int
    cure: int
    default_notice_after_misses: int
    debit_settles: int
    return_window: int


@dataclass(frozen=True, slots=True)
class Fees:
    """The user fee of a new agreement, by how it is paid."""

    online_debit: Money
    online_other: Money


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Dated(Generic[Value]):
    """Values that follow each other, each from its first day on."""

    entries: Sequence[tuple[date, Value]]

    def on(self, day: date) -> Value:
        """The value that applies on the day. Refuses (`LookupError`) a day before the first entry."""
        reached = [value for begins_on, value in self.entries if begins_on <= day]
        if not reached:
            raise LookupError(f"the policy has no entry for {day}")
        return reached[-1]


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules of one agency. `law_on` is what the computation of a debt needs of them."""

    name: str
    rates: RateTable
    penalties: Dated[PenaltyRules]
    limits: Dated[Limits]
    days: Dated[Days]
    fees: Dated[Fees]

    def law_on(self, day: date) -> Law:
        return Law(self.rates, self.penalties.on(day))
