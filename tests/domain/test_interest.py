"""Interest: from the day after the due date to the day of payment, compounding daily, rounded once."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.money import Money
from portal.domain.period import Law, RunningPeriod, TaxPeriod
from portal.domain.rates import Rate, RateTable
from portal.domain.waterfall import Account, replay

from .cast import CASES, accounts, day, dollars, examples, flat, law, paid, period, rules


def interest(facts: TaxPeriod, on: str, under: Law) -> str:
    return str(RunningPeriod(facts, under).owed(day(on)).interest)


@pytest.mark.parametrize(
    ("due_on", "as_of", "tax", "expected"),
    [
        pytest.param("2002-04-15", "2002-06-30", "10000.00", CASES["2002-q2"], id="second quarter"),
        pytest.param("2002-06-30", "2002-09-30", "10125.70", CASES["2002-q3"], id="third quarter"),
    ],
)
def test_interest_of_2002_is_that_of_the_published_report(
    due_on: str, as_of: str, tax: str, expected: list[str]
) -> None:
    earned = interest(period(due_on, tax), as_of, law(6, 1980))
    assert [earned, str(dollars(tax) + dollars(earned))] == expected[1:]


def test_interest_compounds_daily_as_in_the_regulation() -> None:
    """26 CFR 301.6622-1(c)(2): 60 days at 16%."""
    earned = interest(period("1982-12-31", "1424.66"), "1983-03-01", law(16, 1980))
    assert str(dollars("1424.66") + dollars(earned)) == CASES["reg-6622-compound"]


def test_the_due_date_earns_nothing_and_the_day_of_payment_a_whole_day() -> None:
    """36,500 x 10% / 365 = 10.00 a day."""
    due = period("2025-04-15", "36500.00")
    assert [interest(due, on, law(10)) for on in ("2025-04-15", "2025-04-16")] == ["0.00", "10.00"]


@pytest.mark.parametrize(
    ("due_on", "earned"),
    [("2023-12-30", "10.03"), ("2023-12-31", "10.00"), ("2024-12-30", "10.00"), ("2024-12-31", "10.03")],
)
def test_a_day_counts_by_the_length_of_its_own_year(due_on: str, earned: str) -> None:
    """36,600 x 10% / 366 = 10.00 on a day of 2024, / 365 = 10.027 on one of 2023 or 2025."""
    after = day(due_on) + timedelta(days=1)
    assert interest(period(due_on, "36600.00"), after.isoformat(), law(10)) == earned


@pytest.mark.parametrize(
    ("percent", "tax", "earned"),
    [
        pytest.param(7, "182.50", "0.04", id="3.5 cents"),
        pytest.param(7, "182.49", "0.03", id="a cent of tax less: 3.4998"),
        pytest.param(7, "547.50", "0.11", id="10.5 cents"),
        pytest.param(1, "182.50", "0.01", id="half a cent"),
        pytest.param(1, "182.49", "0.00", id="0.49997 cents"),
        pytest.param(3, "912.50", "0.08", id="7.5 cents"),
        pytest.param(8, "9999999999.00", "2191780.82", id="a great sum"),
    ],
)
def test_an_exact_half_cent_is_rounded_up(percent: int, tax: str, earned: str) -> None:
    assert interest(period("2025-04-15", tax), "2025-04-16", law(percent)) == earned


def test_in_a_leap_year_other_sums_make_half_a_cent() -> None:
    """183.00 x 1% / 366 = half a cent; in a common year it is 0.501 and rounds up as well, 182.99 does not."""
    assert interest(period("2024-04-15", "183.00"), "2024-04-16", law(1)) == "0.01"
    assert interest(period("2024-04-15", "182.99"), "2024-04-16", law(1)) == "0.00"


def test_the_late_filing_penalty_bears_interest_from_the_due_date_and_the_late_payment_penalty_none() -> None:
    """4.5% of 36,500 is 1,642.50. On 38,142.50 at 10% a day is 10.45; with failure to pay it would be 10.50."""
    assert interest(period("2025-04-15", "36500.00", filed_on="2025-04-16"), "2025-04-16", law(10)) == "10.45"


def test_the_penalty_on_a_dishonored_payment_bears_no_interest() -> None:
    """Only 36,500 earn 10.00; with 1,000.00 more it would be 10.27."""
    books = RunningPeriod(period("2025-04-15", "36500.00"), law(10))
    books.dishonored += 100_000
    assert str(books.owed(day("2025-04-16")).interest) == "10.00"


def test_a_day_earns_interest_before_its_payments_apply() -> None:
    """20,000 paid on the first day: 10.00 for it, then (16,500 + 10) x 10% / 365 = 4.523 for the second."""
    account = Account((period("2025-04-15", "36500.00"),), (paid("2025-04-16", "20000.00"),))
    owed = replay(account, law(10), day("2025-04-17"))[0].owed(day("2025-04-17"))
    assert str(owed.interest) == "14.52"


def test_a_new_rate_counts_from_the_first_day_of_its_quarter() -> None:
    """36,500 at 10% to 31 March, then 20% on 36,510: one day of each is 10.00 + 20.0055."""
    spring = day("2025-04-01")
    changed = (Rate(rate.begins_on, 2000 if rate.begins_on >= spring else 1000, "") for rate in flat(10).rates)
    table = RateTable(changed)
    assert interest(period("2025-03-30", "36500.00"), "2025-04-01", Law(table, rules())) == "30.01"


def test_interest_goes_on_from_the_rounded_figure_once_it_was_assessed() -> None:
    """Two days at 20% on 31.94: 3.5012 cents, assessed as 4 when the tax is paid.

    215 days later 4 x (1 + 0.2/365) ** 215 = 4.49998, shown 0.04; a day on 4.5024, shown 0.05. From 3.5012 it
    would be 3.94, shown 0.04.
    """
    account = Account((period("2025-04-15", "31.94"),), (paid("2025-04-17", "31.94"),))
    shown = [
        str(replay(account, law(20), day(on))[0].owed(day(on)).interest)
        for on in ("2025-04-17", "2025-11-18", "2025-11-19")
    ]
    assert shown == ["0.04", "0.04", "0.05"]


def test_accruals_are_not_rounded_by_a_payment_that_leaves_tax_unpaid() -> None:
    """182.50 at 1%: half a cent, then 0.49999 more: 0.99999, shown 0.01. Rounded on the way it would be 0.02."""
    account = Account((period("2025-04-15", "182.50"),), (paid("2025-04-16", "0.01"),))
    assert str(replay(account, law(1), day("2025-04-17"))[0].owed(day("2025-04-17")).interest) == "0.01"


@examples(40)
@given(accounts(), st.integers(1, 400))
def test_many_days_at_once_come_to_the_same_as_day_by_day(account: Account, days: int) -> None:
    """The same books asked every evening, and fresh books asked once."""
    start = max(facts.due_on for facts in account.periods)
    daily = replay(account, law(7), start)[0]
    before = [payment for payment in account.payments if payment.on <= start]
    account = Account(account.periods, tuple(before))
    for number in range(days + 1):
        evening = daily.owed(start + timedelta(days=number))
    assert replay(account, law(7), start + timedelta(days=days))[0].owed(start + timedelta(days=days)) == evening


@examples(60)
@given(accounts(), st.dates(date(2025, 5, 1), date(2026, 11, 22)))
def test_without_a_payment_nothing_owed_ever_becomes_less(account: Account, on: date) -> None:
    books = replay(account, law(7), on)[0]
    today, tomorrow = books.owed(on), books.owed(on + timedelta(days=1))
    assert tomorrow.tax == today.tax
    assert tomorrow.penalty >= today.penalty >= Money(0)
    assert tomorrow.interest >= today.interest >= Money(0)


def test_a_period_that_is_not_due_yet_owes_its_tax_and_no_interest() -> None:
    """Filed in February and assessed in March; on a day between, the tax stands on the account."""
    early = period("2026-04-15", "10000.00", filed_on="2026-02-01", assessed_on="2026-03-01")
    owed = RunningPeriod(early, law(7)).owed(day("2026-03-15"))
    assert [str(owed.tax), str(owed.penalty), str(owed.interest)] == ["10000.00", "0.00", "0.00"]
