"""What a plan is made of: its kind, how it is paid, the day it is due on, and what an employer deducts for it."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from portal.domain.calendar import DaysOff, business_day_from, business_days_after, monthly_dates, next_on_day
from portal.domain.money import Money
from portal.domain.policy import Days, Limits
from portal.domain.projection import Plan


class PlanKind(StrEnum):
    """A short-term plan pays everything within some months and is no installment agreement (IRC 6159): no user fee,
    no lower penalty. A long-term plan is one.
    """

    SHORT_TERM = "short_term"
    LONG_TERM = "long_term"


class Method(StrEnum):
    """How installments are paid."""

    DIRECT_DEBIT = "direct_debit"
    PAYROLL = "payroll"
    MANUAL = "manual"


class PayFrequency(StrEnum):
    """How often an employer pays."""

    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    SEMIMONTHLY = "semimonthly"
    MONTHLY = "monthly"


PAYCHECKS_A_YEAR: Mapping[PayFrequency, int] = {
    PayFrequency.WEEKLY: 52, PayFrequency.BIWEEKLY: 26, PayFrequency.SEMIMONTHLY: 24, PayFrequency.MONTHLY: 12,
}  # fmt: skip


def per_paycheck(monthly: Money, frequency: PayFrequency) -> Money:
    """The smallest amount whose paychecks of a year come to twelve monthly amounts."""
    return Money(-(-monthly.cents * 12 // PAYCHECKS_A_YEAR[frequency]))


def first_due_dates(on: date, limits: Limits, days: Days, days_off: DaysOff) -> dict[int, date]:
    """For each due day that is possible today, when the first payment would be due.

    It is far enough ahead to send a debit, and near enough to be taken within the days that policy gives for the
    first payment, weekends and days off of the banks counted. A day that has no such date is left out.
    """
    earliest = business_days_after(on, days.debit_lead, days_off)
    latest = on + timedelta(days=days.first_payment)
    first = {day: next_on_day(earliest - timedelta(days=1), day) for day in limits.due_days}
    return {day: due_on for day, due_on in first.items() if business_day_from(due_on, days_off) <= latest}


def nearest_days(wanted: int, possible: Iterable[int]) -> list[int]:
    """The possible days next to one that is not, lower first."""
    days = sorted(possible)
    lower = [day for day in days if day < wanted][-1:]
    return lower + [day for day in days if day > wanted][:1]


def course_of(kind: PlanKind, first_due_on: date, on: date, limits: Limits, days_off: DaysOff | None) -> Plan:
    """The due dates of a plan agreed today: a long one's term, or what fits into the days of a short one.

    Where `days_off` are given (a debited plan), what falls on a weekend or day off is taken on the next banking day.
    """
    if kind is PlanKind.LONG_TERM:
        return Plan(first_due_on, limits.term_months, days_off)
    latest = on + timedelta(days=limits.short_term_days)
    dates = monthly_dates(first_due_on, limits.short_term_days // 28 + 1)
    taken = (due_on if days_off is None else business_day_from(due_on, days_off) for due_on in dates)
    return Plan(first_due_on, max(1, sum(day <= latest for day in taken)), days_off)
