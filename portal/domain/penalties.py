"""Failure to file, failure to pay, dishonored payment (IRC 6651, 6657): what each charges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from portal.domain.calendar import months_begun
from portal.domain.money import Money, half_up

WHOLE = 10_000  # basis points


@dataclass(frozen=True, slots=True)
class Span:
    """Days during which an agreement was in effect, both ends included; an open end is None."""

    begins_on: date
    through: date | None

    def touches(self, first: date, last: date) -> bool:
        return self.begins_on <= last and (self.through is None or self.through >= first)


@dataclass(frozen=True, slots=True)
class FilingFloor:
    """The least that a return more than `PenaltyRules.floor_after_days` late is charged, by due date."""

    from_due_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class PenaltyRules:
    """The penalty rates of a policy, in basis points of the tax; days and months as whole numbers."""

    filing_monthly: int
    filing_months: int
    filing_floors: tuple[FilingFloor, ...]
    floor_after_days: int
    paying_monthly: int
    paying_monthly_in_agreement: int
    paying_monthly_after_levy: int
    levy_days: int
    paying_cap: int
    dishonored_from: Money
    dishonored: int
    dishonored_below: Money

    def floor_on(self, due_on: date) -> Money:
        """The floor of a return due on the day; 0.00 before the first one that is loaded."""
        reached = [floor.amount for floor in self.filing_floors if floor.from_due_on <= due_on]
        return reached[-1] if reached else Money(0)


def failure_to_file(tax: Money, due_on: date, filed_on: date, rules: PenaltyRules) -> Money:
    """The whole failure-to-file charge, net of failure to pay for the same months (6651(a)(1), (c)(1))."""
    months = min(months_begun(due_on, filed_on), rules.filing_months)
    charge = Money(half_up(tax.cents * rules.filing_monthly * months, WHOLE))
    if filed_on - due_on > timedelta(days=rules.floor_after_days):
        return max(charge, min(tax, rules.floor_on(due_on)))
    return charge


class MonthRate(NamedTuple):
    """The failure-to-pay rate of one month in basis points, and the word for why."""

    basis_points: int
    reason: str


def month_rate(
    first: date, last: date, *, filed_timely: bool, in_effect: Sequence[Span], levy_notice_on: date | None,
    rules: PenaltyRules,
) -> MonthRate:  # fmt: skip
    """The failure-to-pay rate of the penalty month `first` to `last` (6651(a)(2), (d), (h))."""
    if levy_notice_on is not None and first - levy_notice_on > timedelta(days=rules.levy_days):
        return MonthRate(rules.paying_monthly_after_levy, "levy")
    if filed_timely and any(span.touches(first, last) for span in in_effect):
        return MonthRate(rules.paying_monthly_in_agreement, "agreement")
    return MonthRate(rules.paying_monthly, "ordinary")


def dishonored_payment(payment: Money, rules: PenaltyRules) -> Money:
    """The penalty on a payment that its bank returned (6657)."""
    if payment >= rules.dishonored_from:
        return Money(half_up(payment.cents * rules.dishonored, WHOLE))
    return min(payment, rules.dishonored_below)
