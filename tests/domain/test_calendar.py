"""Days and months: penalty months, due dates, and the two calendars of days off that are never mixed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.calendar import (
    business_day_from,
    business_days_after,
    business_days_before,
    corresponding_day,
    is_business_day,
    month_begins,
    monthly_dates,
    months_begun,
    next_on_day,
    year_later,
)
from portal.policies import banking_days_off, legal_days_off

from .cast import CASES, day, examples, period

JANUARY_2027 = date(2027, 1, 1)
EVERY_DAY = [date(2019, 1, 1) + timedelta(days=number) for number in range(14 * 366)]
DAYS_OF_MONTH: dict[tuple[int, int], list[date]] = {}
for _day in EVERY_DAY:
    DAYS_OF_MONTH.setdefault((_day.year, _day.month), []).append(_day)
MONTHS = sorted(DAYS_OF_MONTH)


def walked(anchor: date, months: int) -> date:
    """The corresponding day, found by walking a calendar: month end to month end, else the day or the last one."""
    its_month = DAYS_OF_MONTH[anchor.year, anchor.month]
    days = DAYS_OF_MONTH[MONTHS[MONTHS.index((anchor.year, anchor.month)) + months]]
    if anchor == its_month[-1]:
        return days[-1]
    return [day for day in days if day.day <= anchor.day][-1]


def test_every_anchor_day_keeps_its_day_through_four_years() -> None:
    """31 anchors x 48 months = 1,488 dates, a leap February among them: no drift, no month left out."""
    anchors = [JANUARY_2027.replace(day=number) for number in range(1, 32)]
    checked = {(anchor, months): corresponding_day(anchor, months) for anchor in anchors for months in range(1, 49)}
    assert len(checked) == 1488
    assert {key: found for key, found in checked.items() if found != walked(*key)} == {}


@pytest.mark.parametrize(
    ("anchor", "then"),
    [
        ("2027-01-31", ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        ("2027-01-30", ["2027-02-28", "2027-03-30", "2027-04-30", "2027-05-30"]),
        ("2028-01-30", ["2028-02-29", "2028-03-30", "2028-04-30", "2028-05-30"]),
        ("2027-02-28", ["2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30"]),
        ("2028-02-28", ["2028-03-28", "2028-04-28", "2028-05-28", "2028-06-28"]),
        ("2028-02-29", ["2028-03-31", "2028-04-30", "2028-05-31", "2028-06-30"]),
        ("2026-11-30", ["2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"]),
    ],
)
def test_month_ends_correspond_to_month_ends(anchor: str, then: list[str]) -> None:
    assert [corresponding_day(day(anchor), months).isoformat() for months in (1, 2, 3, 4)] == then


@pytest.mark.parametrize("due_day", range(1, 29))
def test_an_installment_falls_on_its_day_in_each_of_48_months(due_day: int) -> None:
    dates = list(monthly_dates(JANUARY_2027.replace(day=due_day), 48))
    assert dates == [day for day in EVERY_DAY if day.day == due_day and 2027 <= day.year <= 2030]


@pytest.mark.parametrize(
    "due_on", ["2025-04-15", "2025-01-31", "2025-01-30", "2024-02-29", "2023-02-28", "2024-02-28"]
)
def test_a_penalty_month_begins_the_day_after_the_corresponding_day(due_on: str) -> None:
    due = day(due_on)
    begins_on = [walked(due, number) + timedelta(days=1) for number in range(40)]
    assert [month_begins(due, number + 1) for number in range(40)] == begins_on
    for on in EVERY_DAY[: EVERY_DAY.index(begins_on[39])]:
        assert months_begun(due, on) == sum(begun <= on for begun in begins_on)


def test_no_month_has_begun_on_the_due_date() -> None:
    assert months_begun(day("2025-04-15"), day("2025-04-15")) == 0
    assert months_begun(day("2025-04-15"), day("2025-04-16")) == 1


@examples(80)
@given(st.sampled_from(EVERY_DAY[:4000]), st.integers(1, 28))
def test_the_next_due_date_is_the_first_one_after_the_day(after: date, due_day: int) -> None:
    walked_to = next(on for on in EVERY_DAY[EVERY_DAY.index(after) + 1 :] if on.day == due_day)
    assert next_on_day(after, due_day) == walked_to


def test_ten_years_after_a_leap_day_is_the_twenty_eighth_of_february() -> None:
    assert year_later(day("2024-02-29"), 10) == day("2034-02-28")
    assert year_later(day("2024-02-29"), 4) == day("2028-02-29")
    assert year_later(day("2024-02-28"), 4) == day("2028-02-28")


def test_collection_ends_ten_years_after_the_assessment() -> None:
    assessed = period("2024-04-15", "1.00", assessed_on="2024-05-27")
    assert assessed.collection_ends_on.isoformat() == CASES["csed"]


# Business days. Two calendars: the banks' and the law's.


@pytest.mark.parametrize(
    "friday", ["2020-07-03", "2021-12-24", "2021-12-31", "2023-11-10", "2026-07-03", "2027-06-18", "2027-12-24"]
)
def test_a_saturday_holiday_closes_offices_on_friday_but_no_bank(friday: str) -> None:
    """4 July 2026 is a Saturday: on the 3rd money moves, although the day moves a due date."""
    assert is_business_day(day(friday), banking_days_off())
    assert not is_business_day(day(friday), legal_days_off())


@pytest.mark.parametrize("monday", ["2021-07-05", "2022-06-20", "2022-12-26", "2023-01-02", "2027-07-05"])
def test_a_sunday_holiday_closes_banks_and_offices_on_monday(monday: str) -> None:
    assert not is_business_day(day(monday), banking_days_off())
    assert not is_business_day(day(monday), legal_days_off())


def test_banks_close_on_the_holidays_of_the_reserve_and_on_no_other_weekday() -> None:
    """2027: Juneteenth and Christmas are Saturdays and close nothing, Independence Day is observed on Monday."""
    closed = [
        on.isoformat()
        for on in EVERY_DAY
        if on.year == 2027 and on.weekday() < 5 and not is_business_day(on, banking_days_off())
    ]
    assert closed == [
        *("2027-01-01", "2027-01-18", "2027-02-15", "2027-05-31", "2027-07-05", "2027-09-06"),
        *("2027-10-11", "2027-11-11", "2027-11-25"),
    ]


def test_emancipation_day_moves_a_due_date_but_no_debit() -> None:
    """15 April 2028 is a Saturday; Emancipation Day, a Sunday, is observed on Monday the 17th in the District."""
    assert business_day_from(day("2028-04-15"), legal_days_off()) == day("2028-04-18")
    assert business_day_from(day("2028-04-15"), banking_days_off()) == day("2028-04-17")


@pytest.mark.parametrize(
    ("due_on", "moved_to"),
    [
        ("2023-04-15", "2023-04-18"),
        ("2024-04-15", "2024-04-15"),
        ("2022-04-15", "2022-04-18"),
        ("2027-04-15", "2027-04-15"),
    ],
)
def test_a_due_date_moves_to_the_next_day_that_is_no_legal_holiday(due_on: str, moved_to: str) -> None:
    """IRC 7503, as it was applied in these years."""
    assert business_day_from(day(due_on), legal_days_off()) == day(moved_to)


def test_a_leap_day_is_a_day_like_others() -> None:
    assert is_business_day(day("2028-02-29"), banking_days_off())
    assert business_days_before(day("2028-03-01"), 1, banking_days_off()) == day("2028-02-29")
    assert business_days_after(day("2028-02-28"), 2, banking_days_off()) == day("2028-03-01")


def test_a_payment_of_monday_can_be_cancelled_until_thursday() -> None:
    assert business_days_before(day("2026-11-23"), 2, banking_days_off()).isoformat() == CASES["cancel-cutoff"]


def test_holidays_and_weekends_do_not_count_as_business_days() -> None:
    """Thanksgiving 2026 is on 26 November; New Year's Day 2027 is a Friday."""
    assert business_days_after(day("2026-11-25"), 1, banking_days_off()) == day("2026-11-27")
    assert business_days_after(day("2026-11-25"), 2, banking_days_off()) == day("2026-11-30")
    assert business_days_after(day("2026-12-31"), 1, banking_days_off()) == day("2027-01-04")
    assert business_days_before(day("2027-01-04"), 1, banking_days_off()) == day("2026-12-31")


def test_no_day_moves_if_none_is_counted() -> None:
    """From a Sunday: zero business days before or after it is the day itself."""
    sunday = day("2026-11-22")
    assert business_days_after(sunday, 0, frozenset()) == business_days_before(sunday, 0, frozenset()) == sunday


@examples(80)
@given(st.sampled_from(EVERY_DAY[400:4000]), st.integers(1, 12))
def test_counting_business_days_there_and_back_ends_on_the_day(start: date, count: int) -> None:
    days_off = banking_days_off()
    start = business_day_from(start, days_off)
    after = business_days_after(start, count, days_off)
    between = [on for on in EVERY_DAY if start < on <= after and is_business_day(on, days_off)]
    assert len(between) == count
    assert business_days_before(after, count, days_off) == start
