"""Failure to file, failure to pay and dishonored payments: what each charges and when it stops."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.calendar import months_begun
from portal.domain.money import Money
from portal.domain.penalties import Span, dishonored_payment, failure_to_file, month_rate
from portal.domain.period import RunningPeriod, TaxPeriod
from portal.domain.waterfall import Account, Payment, replay

from .cast import CASES, day, dollars, examples, law, paid, period, rules


def penalty(
    on: str, facts: TaxPeriod, *payments: Payment, agreement: Span | None = None, levy: str | None = None
) -> str:
    """The penalty owed at the end of a day, at a rate of 0%."""
    account = Account(
        (facts,), payments, in_effect=(agreement,) if agreement else (), levy_notice_on=day(levy) if levy else None
    )
    return str(replay(account, law(), day(on))[0].owed(day(on)).penalty)


DUE = period("2025-04-15", "10000.00")


# Failure to file.


def test_a_return_three_months_and_five_days_late_is_four_months_late() -> None:
    """26 CFR 301.6651-1(f): 5% of 300.00 a month, of which 4.5% is for filing and 0.5% for paying."""
    late = period("1970-04-15", "300.00", filed_on="1970-07-20")
    months = months_begun(late.due_on, late.filed_on)
    charged = RunningPeriod(late, law(0, 1970)).owed(late.filed_on).penalty
    assert [str(months), str(charged.cents // 100)] == CASES["ftf-example-1"]
    assert failure_to_file(late.tax, late.due_on, late.filed_on, rules()) == dollars("54.00")


@pytest.mark.parametrize(
    ("due_on", "filed_on", "tax", "charge"),
    [
        pytest.param("2025-04-15", "2025-04-15", "600.00", "0.00", id="on time"),
        pytest.param("2025-04-15", "2025-02-01", "600.00", "0.00", id="early"),
        pytest.param("2025-04-15", "2025-05-15", "600.00", "27.00", id="last day of month one"),
        pytest.param("2025-04-15", "2025-05-16", "600.00", "54.00", id="first day of month two"),
        pytest.param("2025-04-15", "2025-06-14", "600.00", "54.00", id="60 days: no floor"),
        pytest.param("2025-04-15", "2025-06-15", "600.00", "510.00", id="61 days: the floor of 2025"),
        pytest.param("2025-04-15", "2025-06-15", "300.00", "300.00", id="61 days: the tax is less"),
        pytest.param("2025-04-15", "2025-06-15", "0.00", "0.00", id="61 days: no tax"),
        pytest.param("2025-04-15", "2025-06-15", "9000.00", "810.00", id="61 days: two months are more"),
        pytest.param("2020-07-15", "2020-10-15", "600.00", "435.00", id="the floor of 2020"),
        pytest.param("2022-12-31", "2023-04-18", "600.00", "435.00", id="the floor is that of the due date"),
        pytest.param("2023-04-18", "2023-06-18", "600.00", "450.00", id="the floor of 2023"),
        pytest.param("2024-04-15", "2024-06-15", "600.00", "485.00", id="the floor of 2024"),
        pytest.param("2026-04-15", "2026-06-15", "600.00", "525.00", id="the floor of 2026"),
        pytest.param("2019-04-15", "2019-06-15", "600.00", "54.00", id="no floor is loaded for 2019"),
        pytest.param("2025-04-15", "2025-09-15", "10000.00", "2250.00", id="the fifth month: 22.5%"),
        pytest.param("2025-04-15", "2029-04-01", "10000.00", "2250.00", id="five months at most"),
        pytest.param("2025-04-15", "2025-04-16", "1.00", "0.05", id="4.5 cents are rounded up"),
        pytest.param("2025-04-15", "2025-04-16", "1.22", "0.05", id="5.49 cents are rounded down"),
        pytest.param("2025-01-31", "2025-02-28", "100.00", "4.50", id="month one ends with February"),
        pytest.param("2025-01-31", "2025-03-01", "100.00", "9.00", id="and month two begins"),
    ],
)
def test_failure_to_file(due_on: str, filed_on: str, tax: str, charge: str) -> None:
    assert str(failure_to_file(dollars(tax), day(due_on), day(filed_on), rules())) == charge


# Failure to pay: on 10,000.00 a month is 50.00, 25.00 under an agreement and 100.00 after a notice.


def test_paying_in_the_thirty_first_month_costs_fifteen_and_a_half_percent() -> None:
    """Due 2015-04-15, paid 2017-10-26: month 31 began on 2017-10-16."""
    due = period("2015-04-15", "10000.00")
    months = months_begun(due.due_on, day("2017-10-26"))
    assert [str(months), penalty("2017-10-26", due)] == CASES["ftp-31-months"]


@pytest.mark.parametrize(
    ("due_on", "begins_on"),
    [
        pytest.param("2025-04-15", ["2025-04-16", "2025-05-16", "2025-06-16"], id="the fifteenth"),
        pytest.param("2025-01-31", ["2025-02-01", "2025-03-01", "2025-04-01"], id="a month end"),
        pytest.param("2025-01-30", ["2025-01-31", "2025-03-01", "2025-03-31"], id="cut by a short February"),
        pytest.param("2024-01-30", ["2024-01-31", "2024-03-01", "2024-03-31"], id="cut by a leap February"),
        pytest.param("2024-02-28", ["2024-02-29", "2024-03-29", "2024-04-29"], id="28 February of a leap year"),
        pytest.param("2024-02-29", ["2024-03-01", "2024-04-01", "2024-05-01"], id="29 February"),
    ],
)
def test_a_month_is_charged_whole_on_its_first_day(due_on: str, begins_on: list[str]) -> None:
    due = period(due_on, "10000.00")
    days_before = [(day(on) - timedelta(days=1)).isoformat() for on in begins_on]
    assert [penalty(on, due) for on in days_before] == ["0.00", "50.00", "100.00"]
    assert [penalty(on, due) for on in begins_on] == ["50.00", "100.00", "150.00"]


@pytest.mark.parametrize(("on", "charged"), [("2025-05-15", "75.00"), ("2025-05-16", "100.00")])
def test_only_a_payment_before_a_month_begins_lowers_its_charge(on: str, charged: str) -> None:
    """Month two begins on 2025-05-16: 0.5% of 5,000 if half was paid before, else of 10,000."""
    assert penalty("2025-05-16", DUE, paid(on, "5000.00")) == charged


@pytest.mark.parametrize(
    ("accepted_on", "ended_on", "charged"),
    [
        pytest.param("2025-06-15", None, "75.00", id="accepted on the last day of month two"),
        pytest.param("2025-06-16", None, "100.00", id="accepted on the day after it"),
        pytest.param("2025-04-01", "2025-05-16", "50.00", id="ended on the first day of month two"),
        pytest.param("2025-04-01", "2025-05-15", "75.00", id="ended on the day before it"),
        pytest.param("2025-05-20", "2025-05-20", "75.00", id="in effect for a day"),
        pytest.param("2025-04-01", "2025-04-15", "100.00", id="ended on the due date"),
    ],
)
def test_an_agreement_on_any_day_of_a_month_halves_its_charge(
    accepted_on: str, ended_on: str | None, charged: str
) -> None:
    """On 2025-06-15 two months have begun."""
    agreement = Span(day(accepted_on), day(ended_on) if ended_on else None)
    assert penalty("2025-06-15", DUE, agreement=agreement) == charged


def test_a_month_between_two_agreements_is_charged_in_full() -> None:
    """Months one and three touch an agreement, month two none: 25 + 50 + 25."""
    spans = Span(day("2025-04-01"), day("2025-05-01")), Span(day("2025-07-01"), None)
    account = Account((DUE,), in_effect=spans)
    assert replay(account, law(), day("2025-07-15"))[0].owed(day("2025-07-15")).penalty == dollars("100.00")


def test_an_agreement_halves_nothing_for_a_late_return() -> None:
    """4.5% and 0.5% of 10,000."""
    late = period("2025-04-15", "10000.00", filed_on="2025-04-16")
    assert penalty("2025-04-16", late, agreement=Span(day("2025-04-15"), None)) == "500.00"


@pytest.mark.parametrize(("levy", "charged"), [("2025-05-06", "50.00"), ("2025-05-05", "125.00")])
def test_a_month_that_begins_more_than_ten_days_after_a_levy_notice_costs_one_percent(
    levy: str, charged: str
) -> None:
    """Month two begins on 2025-05-16: ten days after, 25 + 25 under the agreement; eleven, 25 + 100."""
    assert penalty("2025-05-16", DUE, agreement=Span(day("2025-04-15"), None), levy=levy) == charged


def test_each_month_says_why_it_has_its_rate() -> None:
    first, last, agreement = day("2025-05-16"), day("2025-06-15"), (Span(day("2025-06-01"), None),)
    asked = {"filed_timely": True, "in_effect": agreement, "levy_notice_on": day("2025-01-01"), "rules": rules()}
    assert month_rate(first, last, **asked).reason == "levy"
    asked["levy_notice_on"] = None
    assert (month_rate(first, last, **asked).reason, month_rate(first, last, **asked).basis_points) == (
        "agreement",
        25,
    )
    asked["filed_timely"] = False
    assert (month_rate(first, last, **asked).reason, month_rate(first, last, **asked).basis_points) == (
        "ordinary",
        50,
    )


def test_failure_to_pay_stops_at_a_quarter_of_the_original_tax() -> None:
    """49 months at 0.5% are 24.5%; the first at 1% (month 50, begun 2019-05-16) finds room for only 0.5%."""
    due = period("2015-04-15", "10000.00")
    on = ("2019-05-15", "2019-05-16", "2024-05-16")
    assert [penalty(each, due, levy="2019-05-05") for each in on] == ["2450.00", "2500.00", "2500.00"]


def test_the_quarter_is_that_of_the_original_tax_and_counted_exactly() -> None:
    """Tax 1.02: month one 0.51 cents, then, with 2 cents paid, 0.5 a month; the ceiling is 25.5 cents.

    Month 49 (2019-04-16): 0.51 + 24 = 24.51, shown 25. Month 51 has room for 0.49 only: 25.50, shown 26.
    """
    due, two_cents = period("2015-04-15", "1.02"), paid("2015-04-17", "0.02")
    days = ("2019-04-15", "2019-04-16", "2019-05-16", "2019-06-15", "2019-06-16", "2026-06-16")
    assert [penalty(on, due, two_cents) for on in days] == ["0.24", "0.25", "0.25", "0.25", "0.26", "0.26"]


def test_penalties_that_were_paid_still_count_towards_the_quarter() -> None:
    """Tax and penalty paid in month 50: nothing is left to charge, however long the interest stands open."""
    due = period("2015-04-15", "10000.00")
    assert penalty("2026-06-16", due, paid("2019-05-16", "12500.00")) == "0.00"


def test_every_charge_of_a_month_can_be_explained() -> None:
    books = RunningPeriod(DUE, law(), (Span(day("2025-05-20"), None),))
    books.charge_months(day("2025-06-15"))
    told = [
        (each.number, each.begins_on.isoformat(), each.tax_cents, each.rate.reason, each.units)
        for each in books.charges
    ]
    assert told == [
        (1, "2025-04-16", 1_000_000, "ordinary", 50_000_000),
        (2, "2025-05-16", 1_000_000, "agreement", 25_000_000),
    ]


@examples(100)
@given(
    st.integers(0, 9_000_000),
    st.dates(date(2011, 10, 1), date(2026, 1, 1)),
    st.integers(0, 1500),
    st.integers(0, 4000),
)
def test_no_penalty_goes_beyond_its_ceiling(cents: int, due_on: date, late: int, days: int) -> None:
    """22.5% for filing, or the floor, or the whole tax; 25% for paying."""
    filed_on, on = due_on + timedelta(days=late), due_on + timedelta(days=days)
    filing = failure_to_file(Money(cents), due_on, filed_on, rules())
    assert Money(0) <= filing
    assert filing.cents <= max((225 * cents + 500) // 1000, min(cents, rules().floor_on(due_on).cents))
    facts = TaxPeriod(2011, due_on, filed_on, filed_on, Money(cents))
    paying = RunningPeriod(facts, law(), levy_notice_on=due_on).owed(on).penalty - filing
    assert Money(0) <= paying <= Money((cents + 3) // 4)


# Dishonored payments.


def test_a_dishonored_payment_costs_two_percent_or_twenty_five_dollars_or_itself() -> None:
    """IRC 6657: from 1,250.00 two percent; below, the lesser of 25.00 and the payment."""
    amounts = ("1500.00", "100.00", "25.00", "1249.99", "12.34", "1250.00")
    assert [str(dishonored_payment(dollars(amount), rules())) for amount in amounts] == CASES["dishonored"]


def test_two_percent_of_a_dishonored_payment_is_rounded_half_up() -> None:
    amounts = ("1250.24", "1250.25", "1250.74", "1250.75")
    assert [str(dishonored_payment(dollars(amount), rules())) for amount in amounts] == [
        "25.00",
        "25.01",
        "25.01",
        "25.02",
    ]


def test_the_rates_are_those_of_the_policy() -> None:
    """Another agency charges 1% a month for at most 3%."""
    other = replace(rules(), paying_monthly=100, paying_cap=300)
    books = RunningPeriod(DUE, replace(law(), penalties=other))
    assert [str(books.owed(day(on)).penalty) for on in ("2025-04-16", "2025-06-16", "2026-06-16")] == [
        *("100.00", "300.00", "300.00")
    ]
