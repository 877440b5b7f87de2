"""Rates by quarter without a gap, and the growth of a dollar that they make."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from portal.domain.rates import ONE, TIE, Rate, RateNotPublished, RateTable, quarter_of, rounded

from .cast import CASES, day, flat, published_law


def factor(percent: int, after: str, through: str) -> str:
    """What a dollar earns between two days, with nine decimals, as factor tables print it."""
    table = flat(percent, 1980, 2020)
    growth = Fraction(table.growth(day(through)), table.growth(day(after)))
    return f"{float(round((growth - 1) * 10**9)) / 10**9:.9f}"


@pytest.mark.parametrize(
    ("percent", "after", "through", "printed"),
    [
        pytest.param(5, "2018-12-31", "2019-04-01", CASES["factor-5-91-365"], id="91 days of 365"),
        pytest.param(5, "2019-12-31", "2020-03-30", CASES["factor-5-90-366"], id="90 days of 366"),
        pytest.param(6, "2002-04-15", "2002-06-30", CASES["2002-q2"][0], id="2002, second quarter"),
        pytest.param(6, "2002-06-30", "2002-09-30", CASES["2002-q3"][0], id="2002, third quarter"),
    ],
)
def test_a_dollar_grows_as_the_factor_tables_print_it(percent: int, after: str, through: str, printed: str) -> None:
    assert factor(percent, after, through) == printed


def test_a_dollar_grows_each_day_by_the_rate_of_its_quarter_over_the_days_of_its_year() -> None:
    """Exact fractions over a change of rate and the first leap day: 2015-12-01 to 2016-05-01."""
    table, worth = published_law().rates, Fraction(1)
    on, through = day("2015-12-01"), day("2016-05-01")
    while on < through:
        on += timedelta(days=1)
        percent = 4 if on >= day("2016-04-01") else 3
        worth *= 1 + Fraction(percent, 100 * (366 if on.year == 2016 else 365))
    grown = Fraction(table.growth(through), table.growth(day("2015-12-01")))
    assert abs(grown - worth) < Fraction(1, 2**180)


def test_the_last_published_rate_is_held() -> None:
    table = published_law().rates
    assert table.published_through == day("2026-12-31")
    assert table.on(day("2031-05-05")) == table.on(day("2026-12-31"))
    a_day_in_2031 = Fraction(table.growth(day("2031-05-05")), table.growth(day("2031-05-04"))) - 1
    assert abs(a_day_in_2031 - Fraction(7, 36500)) < Fraction(1, 2**180)


def test_who_must_not_look_past_the_table_is_refused_by_quarter() -> None:
    table = published_law().rates
    table.require(day("2026-12-31"))
    table.require(day("2011-10-01"))
    with pytest.raises(RateNotPublished) as refusal:
        table.require(day("2027-02-03"))
    assert str(refusal.value) == "No interest rate is published for the quarter that begins on 2027-01-01."


def test_days_before_the_table_are_refused() -> None:
    table = published_law().rates
    for ask in (table.require, table.on):
        with pytest.raises(RateNotPublished, match="2011-07-01"):
            ask(day("2011-09-30"))
    assert table.growth(day("2011-09-30")) == ONE
    with pytest.raises(RateNotPublished, match="2011-07-01"):
        table.growth(day("2011-09-29"))


def test_the_day_of_a_change_already_has_the_new_rate() -> None:
    table = published_law().rates
    assert [table.on(day(on)).percent for on in ("2026-03-31", "2026-04-01", "2026-06-30", "2026-07-01")] == [
        *("7", "6", "6", "7")
    ]


def test_changes_between_two_days_are_the_quarters_that_begin_there() -> None:
    changes = published_law().rates.changes_between(day("2026-03-31"), day("2026-07-01"))
    assert [rate.begins_on.isoformat() for rate in changes] == ["2026-04-01", "2026-07-01"]
    assert not list(published_law().rates.changes_between(day("2026-04-01"), day("2026-06-30")))


def test_a_table_with_a_gap_or_a_quarter_twice_is_refused() -> None:
    quarters = [Rate(date(2025, month, 1), 700, "") for month in (1, 4, 7, 10)]
    with pytest.raises(ValueError, match="after 2025-04-01 is missing"):
        RateTable([quarters[0], quarters[1], quarters[3]])
    with pytest.raises(ValueError, match="after 2025-07-01 is missing"):
        RateTable([*quarters, quarters[2]])
    with pytest.raises(ValueError, match="at least one"):
        RateTable([])


def test_rates_may_come_in_any_order() -> None:
    quarters = [Rate(date(2025, month, 1), 700 + month, "") for month in (10, 1, 7, 4)]
    assert [rate.begins_on.month for rate in RateTable(quarters).rates] == [1, 4, 7, 10]


def test_a_rate_may_have_a_fraction_of_a_percent() -> None:
    assert [Rate(date(2025, 1, 1), points, "").percent for points in (700, 750, 725)] == ["7", "7.5", "7.25"]


def test_a_day_that_was_asked_for_late_grows_the_same() -> None:
    """The table grows on demand: the order in which days are asked for changes nothing."""
    once, step_by_step = RateTable(flat(7).rates), RateTable(flat(7).rates)
    days = [date(2010, 1, 1) + timedelta(days=number) for number in (0, 1, 4999, 5000, 5001, 12000)]
    assert [step_by_step.growth(on) for on in days] == [once.growth(on) for on in reversed(days)][::-1]


@pytest.mark.parametrize(
    ("on", "begins_on"), [("2026-01-01", "2026-01-01"), ("2026-03-31", "2026-01-01"), ("2026-12-31", "2026-10-01")]
)
def test_a_quarter_begins_in_january_april_july_or_october(on: str, begins_on: str) -> None:
    assert quarter_of(day(on)) == day(begins_on)


def test_an_exact_half_is_rounded_up_although_floors_were_taken_on_the_way() -> None:
    half = ONE // 2
    assert [rounded(cents) for cents in (half, half - 1, half - TIE, 7 * half, 7 * half - 3)] == [1, 1, 1, 4, 4]
    assert [rounded(cents) for cents in (half - 2 * TIE, 0, -1, ONE, ONE + half - ONE // 10**9)] == [0, 0, 0, 1, 1]
