"""Plans: what an employer deducts, the days on which one can begin, and how many payments fit into one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.calendar import DaysOff, is_business_day
from portal.domain.money import Money
from portal.domain.plan import (
    PAYCHECKS_A_YEAR,
    PayFrequency,
    PlanKind,
    course_of,
    first_due_dates,
    nearest_days,
    per_paycheck,
)
from portal.domain.policy import Days, Limits
from portal.domain.projection import Plan
from portal.domain.waterfall import Books
from tests.domain.applying import DAYS_OFF, POLICY
from tests.domain.cast import AS_OF, day, dollars, examples

LIMITS, DAYS = POLICY.limits.on(AS_OF), POLICY.days.on(AS_OF)
DATES = st.dates(date(2024, 1, 1), date(2031, 12, 31))
DUE_DAYS = st.sets(st.integers(1, 28), min_size=1).map(lambda found: tuple(sorted(found)))


# Paychecks.


@pytest.mark.parametrize(
    ("frequency", "deducted"),
    [("weekly", "60.00"), ("biweekly", "120.00"), ("semimonthly", "130.00"), ("monthly", "260.00")],
)
def test_an_employer_deducts_the_share_of_a_paycheck(frequency: str, deducted: str) -> None:
    assert str(per_paycheck(dollars("260.00"), PayFrequency(frequency))) == deducted


@examples(300)
@given(st.integers(1, 5_000_000), st.sampled_from(PayFrequency))
def test_the_paychecks_of_a_year_come_to_twelve_monthly_amounts_and_a_cent_less_would_not(
    cents: int, frequency: PayFrequency
) -> None:
    deducted, paychecks = per_paycheck(Money(cents), frequency).cents, PAYCHECKS_A_YEAR[frequency]

    assert deducted * paychecks >= 12 * cents > (deducted - 1) * paychecks


def test_every_frequency_has_its_paychecks() -> None:
    assert set(PAYCHECKS_A_YEAR) == set(PayFrequency)


# When the first payment is due.


def test_the_first_payment_is_due_within_thirty_days_and_not_before_a_debit_can_be_sent() -> None:
    """Asked on Monday, November 23: a debit can be sent from Wednesday on, and December 23 is the last day."""
    found = first_due_dates(AS_OF, LIMITS, DAYS, DAYS_OFF)

    assert set(range(1, 29)) - set(found) == {24}
    assert (found[25], found[23]) == (date(2026, 11, 25), date(2026, 12, 23))


def test_the_days_off_of_the_banks_put_the_first_date_off() -> None:
    """The day before Thanksgiving: the second banking day after it is Monday, November 30."""
    found = first_due_dates(date(2026, 11, 25), LIMITS, DAYS, DAYS_OFF)

    assert min(found.values()) == date(2026, 12, 1)


@pytest.mark.parametrize(("most", "possible"), [(31, []), (32, []), (33, [26])])
def test_a_date_that_is_taken_after_the_last_day_is_too_late(most: int, possible: list[int]) -> None:
    """From November 25, December 26 is 31 days away: a Saturday, taken on Monday, two days later."""
    days = replace(DAYS, first_payment=most)

    assert list(first_due_dates(date(2026, 11, 25), replace(LIMITS, due_days=(26,)), days, DAYS_OFF)) == possible


@examples(150)
@given(DATES, DUE_DAYS, st.integers(1, 5), st.integers(10, 45))
def test_the_first_dates_are_all_that_fit_and_no_other(
    on: date, due_days: tuple[int, ...], lead: int, most: int
) -> None:
    limits, days = replace(LIMITS, due_days=due_days), replace(DAYS, debit_lead=lead, first_payment=most)

    assert first_due_dates(on, limits, days, DAYS_OFF) == looked_for_day_by_day(on, limits, days)


def looked_for_day_by_day(on: date, limits: Limits, days: Days) -> dict[int, date]:
    """The same by walking through the calendar: banking days passed are counted, and when the bank takes it."""
    found: dict[int, date] = {}
    passed, due_on = 0, on
    while (due_on := due_on + timedelta(days=1)) <= on + timedelta(days=days.first_payment):
        passed += is_business_day(due_on, DAYS_OFF)
        is_in_time = (taken_on(due_on) - on).days <= days.first_payment
        if passed >= days.debit_lead and due_on.day in limits.due_days and is_in_time:
            found.setdefault(due_on.day, due_on)
    return found


def taken_on(due_on: date) -> date:
    return next(after for number in range(10) if is_business_day(after := due_on + timedelta(days=number), DAYS_OFF))


@pytest.mark.parametrize(
    ("wanted", "possible", "nearest"),
    [
        (10, (5, 15), [5, 15]),
        (24, range(1, 24), [23]),
        (1, (5, 15), [5]),
        (28, (15, 5), [15]),
        (10, (28, 12, 9, 1), [9, 12]),
        (10, (), []),
    ],
)
def test_the_nearest_days_are_one_on_each_side(wanted: int, possible: tuple[int, ...], nearest: list[int]) -> None:
    assert nearest_days(wanted, possible) == nearest


# How long it lasts.


def test_a_long_plan_has_the_months_of_its_term() -> None:
    plan = course_of(PlanKind.LONG_TERM, day("2026-12-15"), AS_OF, LIMITS, DAYS_OFF)

    assert plan == Plan(day("2026-12-15"), 72, DAYS_OFF)


def test_a_short_plan_has_as_many_payments_as_fit_into_its_days() -> None:
    """180 days from November 23, 2026 end on May 22, 2027, a Saturday: the 21st fits once more, the 22nd not."""
    assert AS_OF + timedelta(days=180) == day("2027-05-22")
    for first_due_on, payments in (("2026-12-21", 6), ("2026-12-22", 5), ("2026-11-25", 6), ("2026-12-15", 6)):
        plan = course_of(PlanKind.SHORT_TERM, day(first_due_on), AS_OF, LIMITS, DAYS_OFF)
        assert (plan.term_months, taken(plan)[0].isoformat()) == (payments, first_due_on)


def test_a_payment_that_nobody_takes_is_due_on_the_last_day_itself() -> None:
    plan = course_of(PlanKind.SHORT_TERM, day("2026-12-22"), AS_OF, LIMITS, None)

    assert taken(plan)[-1] == day("2027-05-22")


@examples(150)
@given(DATES, st.data(), st.sampled_from([DAYS_OFF, None]), st.integers(30, 365))
def test_every_payment_of_a_short_plan_is_taken_within_its_days_and_one_more_would_not_be(
    on: date, data: st.DataObject, days_off: DaysOff | None, days: int
) -> None:
    first = data.draw(st.sampled_from(sorted(first_due_dates(on, LIMITS, DAYS, DAYS_OFF).values())))
    latest = on + timedelta(days=days)

    plan = course_of(PlanKind.SHORT_TERM, first, on, replace(LIMITS, short_term_days=days), days_off)

    assert all(each <= latest for each in taken(plan))
    assert taken(Plan(first, plan.term_months + 1, days_off))[-1] > latest


def taken(plan: Plan) -> list[date]:
    return plan.dates(Books(()))
