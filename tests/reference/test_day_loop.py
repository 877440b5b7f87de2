"""The day loop against published examples and small cases whose arithmetic fits in a docstring.

The tables here hold one round rate for all quarters, so that a day's interest can be done by hand; at 0%
only penalties are left.
"""

from copy import deepcopy
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from . import day_loop
from .day_loop import Rates, calculate
from .scenarios import REFUSALS, Spoil, complete_scenario, paid_to_within, scenario


def flat(percent: int) -> Rates:
    """One rate from 1960 to the last quarter of 2026."""
    return [(date(year, month, 1), percent) for year in range(1960, 2027) for month in (1, 4, 7, 10)]


def period(due_on: str, tax: str, **other: Any) -> dict[str, Any]:
    """A period filed and assessed on its due date, unless said otherwise."""
    dates = {"due_on": due_on, "filed_on": due_on, "assessed_on": due_on}
    return {"tax_year": 2024, **dates, "tax": tax, **other}


def owed(as_of: str, *periods: dict[str, Any], percent: int = 0, **other: Any) -> list[str]:
    """Tax, penalty, interest and credit on a day."""
    result = calculate({"as_of": as_of, "periods": list(periods), **other}, flat(percent))
    total = result["total"]
    return [total["tax"], total["penalty"], total["interest"], result["credit"]]


def penalty(as_of: str, *periods: dict[str, Any], **other: Any) -> str:
    """The penalty on a day."""
    return owed(as_of, *periods, **other)[1]


def paid(on: str, amount: str) -> dict[str, str]:
    """A payment."""
    return {"on": on, "amount": amount}


def planned(as_of: str, *periods: dict[str, Any], plan: dict[str, Any], **other: Any) -> dict[str, Any]:
    """The plan of the result at 0%, first due on 2026-05-15; its payments as (on, amount, balance_after)."""
    plan = {"first_due_on": "2026-05-15", "due_day": 15, "term_months": None, **plan}
    asked = {"as_of": as_of, "periods": list(periods), "plan": plan, **other}
    answer = calculate(asked, flat(0))["plan"]
    return {**answer, "payments": [tuple(payment.values()) for payment in answer["payments"]]}


# Published cases (docs/engine_cases.json). A tax of 10,000,000.00 shows nine decimals of a factor.


@pytest.mark.parametrize(
    ("due_on", "as_of", "percent", "tax", "interest"),
    [
        pytest.param("2018-12-31", "2019-04-01", 5, "10000000.00", "125429.10", id="factor 0.012542910"),
        pytest.param("2019-12-31", "2020-03-30", 5, "10000000.00", "123701.27", id="factor 0.012370127"),
        pytest.param("1982-12-31", "1983-03-01", 16, "1424.66", "37.96", id="26 CFR 301.6622-1: 1462.62"),
        pytest.param("2002-04-15", "2002-06-30", 6, "10000.00", "125.70", id="2002, second quarter"),
        pytest.param("2002-04-15", "2002-06-30", 6, "10000000.00", "125704.76", id="factor 0.012570476"),
        pytest.param("2002-06-30", "2002-09-30", 6, "10125.70", "154.28", id="2002, third quarter"),
        pytest.param("2002-06-30", "2002-09-30", 6, "10000000.00", "152369.61", id="factor 0.015236961"),
    ],
)
def test_interest_compounds_daily_as_published(
    due_on: str, as_of: str, percent: int, tax: str, interest: str
) -> None:
    assert owed(as_of, period(due_on, tax), percent=percent)[2] == interest


def test_a_return_three_months_and_five_days_late_is_four_months_late() -> None:
    """26 CFR 301.6651-1(f): four months, 60.00 on 300.00. Here 4 x 4.5% = 54.00 and 4 x 0.5% = 6.00."""
    assert penalty("1970-07-20", period("1970-04-15", "300.00", filed_on="1970-07-20")) == "60.00"


def test_paying_after_thirty_one_months_costs_fifteen_and_a_half_percent() -> None:
    """Due 2015-04-15, paid 2017-10-26: month 31 began 2017-10-16; 31 x 0.5% x 10,000 = 1,550.00."""
    assert penalty("2017-10-26", period("2015-04-15", "10000.00")) == "1550.00"


@pytest.mark.parametrize(("assessed_on", "ends_on"), [("2024-05-27", "2034-05-27"), ("2024-02-29", "2034-02-28")])
def test_collection_ends_ten_years_after_the_assessment(assessed_on: str, ends_on: str) -> None:
    asked = {"as_of": "2026-01-01", "periods": [period("2024-04-15", "1.00", assessed_on=assessed_on)]}
    assert calculate(asked, flat(0))["periods"][0]["collection_ends_on"] == ends_on


# Interest.


@pytest.mark.parametrize(("as_of", "interest"), [("2025-04-15", "0.00"), ("2025-04-16", "10.00")])
def test_the_due_date_earns_no_interest_and_the_next_day_a_whole_day(as_of: str, interest: str) -> None:
    """36,500 x 10% / 365 = 10.00 a day."""
    assert owed(as_of, period("2025-04-15", "36500.00"), percent=10)[2] == interest


@pytest.mark.parametrize(
    ("as_of", "interest"), [("2024-01-01", "10.00"), ("2023-12-31", "10.03"), ("2025-01-01", "10.03")]
)
def test_the_divisor_is_that_of_the_year_of_the_day(as_of: str, interest: str) -> None:
    """36,600 x 10% / 366 = 10.00 on a day of 2024; / 365 = 10.027 on one of 2023 or 2025."""
    due_on = date.fromisoformat(as_of) - day_loop.ONE_DAY
    assert owed(as_of, period(due_on.isoformat(), "36600.00"), percent=10)[2] == interest


def test_half_a_cent_is_rounded_up() -> None:
    """182.50 x 1% / 365 = 0.005. The penalty, 182.50 x 0.5% = 0.9125, goes down."""
    assert owed("2025-04-16", period("2025-04-15", "182.50"), percent=1) == ["182.50", "0.91", "0.01", "0.00"]


def test_failure_to_file_bears_interest_and_failure_to_pay_none() -> None:
    """4.5% of 36,500 is 1,642.50. Base 38,142.50 x 10% / 365 = 10.45; with 0.5% more it would be 10.50."""
    late = period("2025-04-15", "36500.00", filed_on="2025-04-16")
    assert owed("2025-04-16", late, percent=10) == ["36500.00", "1825.00", "10.45", "0.00"]


def test_a_days_interest_comes_before_its_payments() -> None:
    """20,000 paid on the first day: 10.00 for it, then (16,500 + 10) x 10% / 365 = 4.523 for the second."""
    payments = [paid("2025-04-16", "20000.00")]
    due = period("2025-04-15", "36500.00")
    assert owed("2025-04-17", due, percent=10, payments=payments)[2] == "14.52"


# Failure to file: 4.5% of 600.00 is 27.00 a month.


@pytest.mark.parametrize(
    ("due_on", "filed_on", "tax", "expected"),
    [
        pytest.param("2025-04-15", "2025-04-15", "600.00", 0, id="on time"),
        pytest.param("2025-04-15", "2025-05-15", "600.00", 2700, id="last day of month one: 27.00"),
        pytest.param("2025-04-15", "2025-05-16", "600.00", 5400, id="first day of month two: 54.00"),
        pytest.param("2025-04-15", "2025-06-14", "600.00", 5400, id="60 days: no floor"),
        pytest.param("2025-04-15", "2025-06-15", "600.00", 51000, id="61 days: 510.00 of 2025"),
        pytest.param("2025-04-15", "2025-06-15", "300.00", 30000, id="61 days: the tax is less"),
        pytest.param("2022-04-18", "2022-06-18", "600.00", 43500, id="61 days: 435.00 of 2022"),
        pytest.param("2023-04-18", "2023-06-18", "600.00", 45000, id="61 days: 450.00 of 2023"),
        pytest.param("2024-04-15", "2024-06-15", "600.00", 48500, id="61 days: 485.00 of 2024"),
        pytest.param("2026-04-15", "2026-06-15", "600.00", 52500, id="61 days: 525.00 of 2026"),
        pytest.param("2019-04-15", "2019-06-15", "600.00", 5400, id="61 days in 2019: no floor loaded"),
        pytest.param("2025-04-15", "2026-04-01", "10000.00", 225000, id="five months at most: 22.5%"),
        pytest.param("2025-04-15", "2025-04-16", "1.00", 5, id="0.045 is rounded up"),
    ],
)
def test_failure_to_file(due_on: str, filed_on: str, tax: str, expected: int) -> None:
    dates = date.fromisoformat(due_on), date.fromisoformat(filed_on)
    assert day_loop.failure_to_file(*dates, day_loop.cents(tax)) == expected


# Failure to pay: on a tax of 10,000.00 a month is 50.00, 25.00 under an agreement and 100.00 after a notice.


@pytest.mark.parametrize(
    ("due_on", "begins_on"),
    [
        pytest.param("2025-04-15", ["2025-04-16", "2025-05-16", "2025-06-16"], id="the fifteenth"),
        pytest.param("2025-01-31", ["2025-02-01", "2025-03-01", "2025-04-01"], id="a month end"),
        pytest.param("2025-01-30", ["2025-01-31", "2025-03-01", "2025-03-31"], id="cut by a short February"),
        pytest.param("2024-01-30", ["2024-01-31", "2024-03-01", "2024-03-31"], id="cut by a leap February"),
        pytest.param("2025-02-28", ["2025-03-01", "2025-04-01", "2025-05-01"], id="28 February, a month end"),
        pytest.param("2024-02-28", ["2024-02-29", "2024-03-29", "2024-04-29"], id="28 February, none"),
        pytest.param("2024-02-29", ["2024-03-01", "2024-04-01", "2024-05-01"], id="29 February"),
        pytest.param("2025-11-30", ["2025-12-01", "2026-01-01", "2026-02-01"], id="over the new year"),
    ],
)
def test_a_month_is_charged_on_its_first_day(due_on: str, begins_on: list[str]) -> None:
    due = period(due_on, "10000.00")
    charged = [penalty(on, due) for on in begins_on]
    days_before = [(date.fromisoformat(on) - day_loop.ONE_DAY).isoformat() for on in begins_on]
    assert charged == ["50.00", "100.00", "150.00"]
    assert [penalty(on, due) for on in days_before] == ["0.00", "50.00", "100.00"]


@pytest.mark.parametrize(("on", "expected"), [("2025-05-15", "75.00"), ("2025-05-16", "100.00")])
def test_only_payments_before_a_month_begins_lower_its_charge(on: str, expected: str) -> None:
    """Month two begins on 2025-05-16: 50.00, and 0.5% of 5,000 if half was paid before, else 50.00."""
    due, half = period("2025-04-15", "10000.00"), paid(on, "5000.00")
    assert penalty("2025-05-16", due, payments=[half]) == expected


@pytest.mark.parametrize(
    ("accepted_on", "ended_on", "expected"),
    [
        pytest.param("2025-06-15", None, "75.00", id="accepted on the last day of month two: 50 + 25"),
        pytest.param("2025-06-16", None, "100.00", id="accepted on the day after: 50 + 50"),
        pytest.param("2025-04-01", "2025-05-16", "50.00", id="ended on the first day of month two: 25 + 25"),
        pytest.param("2025-04-01", "2025-05-15", "75.00", id="ended the day before: 25 + 50"),
        pytest.param("2025-05-20", "2025-05-20", "75.00", id="in effect for a day: 50 + 25"),
    ],
)
def test_an_agreement_on_any_day_of_a_month_halves_its_charge(
    accepted_on: str, ended_on: str | None, expected: str
) -> None:
    """On 2025-06-15 two months have begun."""
    agreement = {"accepted_on": accepted_on, "ended_on": ended_on}
    assert penalty("2025-06-15", period("2025-04-15", "10000.00"), agreement=agreement) == expected


def test_an_agreement_halves_nothing_for_a_late_return() -> None:
    """4.5% and 0.5% of 10,000: 450.00 + 50.00."""
    late = period("2025-04-15", "10000.00", filed_on="2025-04-16")
    agreement = {"accepted_on": "2025-04-15", "ended_on": None}
    assert penalty("2025-04-16", late, agreement=agreement) == "500.00"


@pytest.mark.parametrize(("levy_notice_on", "expected"), [("2025-05-06", "50.00"), ("2025-05-05", "125.00")])
def test_a_month_that_begins_more_than_ten_days_after_a_levy_notice_costs_one_percent(
    levy_notice_on: str, expected: str
) -> None:
    """Month two begins on 2025-05-16: ten days after, 25 + 25 under the agreement; eleven, 25 + 100."""
    agreement = {"accepted_on": "2025-04-15", "ended_on": None}
    due = period("2025-04-15", "10000.00")
    assert penalty("2025-05-16", due, agreement=agreement, levy_notice_on=levy_notice_on) == expected


def test_failure_to_pay_stops_at_a_quarter_of_the_original_tax() -> None:
    """49 months at 0.5% are 24.5%; the first at 1% (month 50, begun 2019-05-16) finds room for only 0.5%."""
    due = period("2015-04-15", "10000.00")
    assert penalty("2019-05-15", due, levy_notice_on="2019-05-05") == "2450.00"
    assert penalty("2019-05-16", due, levy_notice_on="2019-05-05") == "2500.00"
    assert penalty("2024-05-16", due, levy_notice_on="2019-05-05") == "2500.00"


def test_the_quarter_is_counted_in_exact_charges_and_of_the_original_tax() -> None:
    """Tax 1.02: month one 0.51 cents, then, with 2 cents paid, 0.5 a month; the ceiling is 25.5 cents.

    Month 49 (2019-04-16): 0.51 + 24 = 24.51, shown 25. Month 50: 25.01, shown 25. Month 51 has room for 0.49
    only: 25.50, shown 26; and there it stays.
    """
    due, two_cents = period("2015-04-15", "1.02"), paid("2015-04-17", "0.02")
    days = ("2019-04-15", "2019-04-16", "2019-05-16", "2019-06-15", "2019-06-16", "2026-06-16")
    shown = ["0.24", "0.25", "0.25", "0.25", "0.26", "0.26"]
    assert [penalty(on, due, payments=[two_cents]) for on in days] == shown


# Payments.


def test_a_payment_takes_tax_then_penalty_then_interest_and_the_rest_is_credit() -> None:
    """36,500 + 182.50 + 10.00 = 36,692.50 on the first day."""
    due = period("2025-04-15", "36500.00")
    left = {
        amount: owed("2025-04-16", due, percent=10, payments=[paid("2025-04-16", amount)])
        for amount in ("36499.00", "36600.00", "36690.00", "36692.50", "36700.00")
    }
    assert left == {
        "36499.00": ["1.00", "182.50", "10.00", "0.00"],
        "36600.00": ["0.00", "82.50", "10.00", "0.00"],
        "36690.00": ["0.00", "0.00", "2.50", "0.00"],
        "36692.50": ["0.00", "0.00", "0.00", "0.00"],
        "36700.00": ["0.00", "0.00", "0.00", "7.50"],
    }


def test_a_payment_clears_the_earliest_collection_date_first_then_the_earlier_year() -> None:
    """Three periods of 100.00: 150.00 clears the first collection date, and half of the earlier year."""
    periods = [
        period("2025-04-15", "100.00", tax_year=2024, assessed_on="2025-06-02"),
        period("2025-04-15", "100.00", tax_year=2023, assessed_on="2025-06-02"),
        period("2025-04-15", "100.00", tax_year=2025, assessed_on="2025-06-01"),
    ]
    asked = {"as_of": "2025-06-02", "periods": periods, "payments": [paid("2025-04-15", "150.00")]}
    assert [left["tax"] for left in calculate(asked, flat(0))["periods"]] == ["100.00", "50.00", "0.00"]


def test_a_payment_before_a_due_date_passes_the_period_over_and_stays_a_credit() -> None:
    """150.00 on 2025-04-14 clears the older period (100.00 + 6.00 for 12 months) and reaches no other."""
    periods = [
        period("2025-04-15", "100.00", tax_year=2024, assessed_on="2024-01-01"),
        period("2024-04-15", "100.00", tax_year=2023, assessed_on="2024-06-01"),
    ]
    early, on_time = [paid("2025-04-14", "150.00")], [paid("2025-04-15", "150.00")]
    assert owed("2025-04-15", *periods, payments=early) == ["100.00", "0.00", "0.00", "44.00"]
    assert owed("2025-04-15", *periods, payments=on_time) == ["50.00", "6.00", "0.00", "0.00"]


def test_payments_apply_by_date_whatever_their_order_in_the_scenario() -> None:
    """5,000 on the due date and 1,000 in month one: 25.00 and 20.00 for the two months."""
    payments = [paid("2025-05-01", "1000.00"), paid("2025-04-15", "5000.00")]
    assert penalty("2025-05-16", period("2025-04-15", "10000.00"), payments=payments) == "45.00"


def test_accruals_are_not_rounded_by_a_payment_that_reaches_only_tax() -> None:
    """182.50 at 1%: half a cent on day one, then 182.49 + 0.005 gives 0.49999 more: 0.99999, shown 0.01.

    Were the first half cent assessed (1.00 cent), the second day would make it 1.50, shown 0.02.
    """
    due, cent = period("2025-04-15", "182.50"), paid("2025-04-16", "0.01")
    assert owed("2025-04-17", due, percent=1, payments=[cent])[2] == "0.01"


def test_accruals_are_assessed_when_a_payment_brings_the_tax_to_zero() -> None:
    """182.50 at 1%: 0.005 on day one, assessed as 0.01; penalty 0.9125, as 0.91. So 183.42 clears it all."""
    due = period("2025-04-15", "182.50")
    tax_only, all_of_it = [paid("2025-04-16", "182.50")], [paid("2025-04-16", "183.42")]
    assert owed("2025-04-16", due, percent=1, payments=tax_only) == ["0.00", "0.91", "0.01", "0.00"]
    assert owed("2025-04-16", due, percent=1, payments=all_of_it) == ["0.00", "0.00", "0.00", "0.00"]


def test_interest_goes_on_from_the_assessed_figure() -> None:
    """Two days at 20% on 31.94: 1.7501 + 1.7511 = 3.5012 cents, assessed as 4 when the tax is paid.

    215 days later 4 x (1 + 0.2/365) ** 215 = 4.49998, shown 0.04; a day on 4.5024, shown 0.05. From 3.5012 it
    would be 3.94, shown 0.04.
    """
    due, tax = period("2025-04-15", "31.94"), [paid("2025-04-17", "31.94")]
    assert owed("2025-04-17", due, percent=20, payments=tax)[2] == "0.04"
    assert owed("2025-11-18", due, percent=20, payments=tax)[2] == "0.04"
    assert owed("2025-11-19", due, percent=20, payments=tax)[2] == "0.05"


# Plans. Due 2026-04-15, tax 1,000.00, at 0%: 2.50 for month one (from April 16), then 0.25% of the tax left.

DUE = period("2026-04-15", "1000.00")


def test_a_schedule_ends_with_what_is_left() -> None:
    """Month one 2.50, month two 0.25% of 600 = 1.50, month three 0.25% of 200 = 0.50: 1,004.50 in all.

    The minimum for three: 335.00 leaves 330.00 of tax and 2.50 + 1.6625 + 0.825 = 334.99 to pay last;
    334.99 leaves 330.02 and 4.9876 = 335.01, which is more than itself.
    """
    assert planned("2026-04-15", DUE, plan={"term_months": 3, "monthly": "400.00"}) == {
        "minimum_monthly": "335.00",
        "monthly": "400.00",
        "months": 3,
        "paid_off_on": "2026-07-15",
        "total_paid": "1004.50",
        "final_payment": "204.50",
        "clears": True,
        "assumed_rate_after": None,
        "payments": [
            ("2026-05-15", "400.00", "602.50"),
            ("2026-06-15", "400.00", "204.00"),
            ("2026-07-15", "204.50", "0.00"),
        ],
    }


def test_the_minimum_is_the_least_that_clears_in_the_term() -> None:
    """Two payments of m cents: the second must cover 100,000 - m + 250 + 0.25% of (100,000 - m), rounded.

    m = 50,187 leaves 49,813 + 374.53 = 50,188: a cent too much. m = 50,188 leaves 49,812 + 374.53 = 50,187.
    """
    answer = planned("2026-04-15", DUE, plan={"term_months": 2})
    assert (answer["minimum_monthly"], answer["monthly"]) == ("501.88", "501.88")
    assert (answer["months"], answer["final_payment"], answer["clears"]) == (2, "501.87", True)


def test_the_running_month_is_charged_as_under_the_agreement_in_the_projection_only() -> None:
    """On 2026-04-20 month one stands at 0.5% = 5.00; all at once on 2026-05-15 is 1,002.50."""
    assert penalty("2026-04-20", DUE) == "5.00"
    assert planned("2026-04-20", DUE, plan={"monthly": "2000.00"})["total_paid"] == "1002.50"


def test_an_agreement_that_has_ended_halves_nothing_in_the_projection() -> None:
    """It ended before the due date; 0.5% of 1,000 = 5.00."""
    ended = {"accepted_on": "2026-04-01", "ended_on": "2026-04-15"}
    answer = planned("2026-04-20", DUE, plan={"monthly": "2000.00"}, agreement=ended)
    assert answer["total_paid"] == "1005.00"


def test_paying_on_the_collection_date_itself_is_in_time() -> None:
    """Collection ends on the first due date: all of it then, 1,002.50."""
    answer = planned("2026-04-15", {**DUE, "assessed_on": "2016-05-15"}, plan={})
    assert (answer["minimum_monthly"], answer["months"], answer["clears"]) == ("1002.50", 1, True)


def test_no_amount_clears_what_must_be_paid_before_the_first_due_date() -> None:
    assert planned("2026-04-15", {**DUE, "assessed_on": "2016-05-14"}, plan={}) == {
        "minimum_monthly": None,
        "monthly": None,
        "months": None,
        "paid_off_on": None,
        "total_paid": "0.00",
        "final_payment": None,
        "clears": False,
        "assumed_rate_after": None,
        "payments": [],
    }


def test_a_plan_that_is_too_late_runs_to_the_first_due_date_after_the_last_collection_date() -> None:
    """Collection ends on 2026-06-14, so June 15 is the first due date after it."""
    answer = planned("2026-04-15", {**DUE, "assessed_on": "2016-06-14"}, plan={"monthly": "400.00"})
    assert answer["minimum_monthly"] == "1002.50"
    assert [payment[0] for payment in answer["payments"]] == ["2026-05-15", "2026-06-15"]
    assert (answer["clears"], answer["months"], answer["final_payment"]) == (False, None, None)


def test_a_plan_that_is_too_small_runs_to_its_term() -> None:
    """After 100.00 twice: 1,000 + 2.50 + 0.25% of 900 - 200 = 804.75."""
    answer = planned("2026-04-15", DUE, plan={"term_months": 2, "monthly": "100.00"})
    assert answer["payments"] == [("2026-05-15", "100.00", "902.50"), ("2026-06-15", "100.00", "804.75")]
    assert (answer["clears"], answer["months"], answer["paid_off_on"]) == (False, None, None)
    assert answer["total_paid"] == "200.00"


def test_each_period_must_be_cleared_by_its_own_collection_date() -> None:
    """The older 100.00 (due 2026-03-15) must go at once, the rest has ten years.

    Month one of it runs to April 15 and is touched by the agreement of that day; month two began on April 16:
    0.25 + 0.25 = 0.50.
    """
    older = period("2026-03-15", "100.00", tax_year=2023, assessed_on="2016-05-15")
    assert planned("2026-04-15", older, DUE, plan={})["minimum_monthly"] == "100.50"


def test_nothing_owed_needs_no_payment() -> None:
    payments = [paid("2026-04-15", "1000.00")]
    answer = planned("2026-04-15", DUE, plan={"monthly": "400.00"}, payments=payments)
    assert (answer["minimum_monthly"], answer["months"], answer["paid_off_on"]) == ("0.00", 0, None)
    assert (answer["payments"], answer["clears"], answer["total_paid"]) == ([], True, "0.00")


def test_a_schedule_past_the_table_names_the_last_published_day() -> None:
    """150.00 a month needs seven payments, the last on 2026-11-15; 120.00 needs nine, to 2027-01-15."""
    assert planned("2026-04-15", DUE, plan={"monthly": "150.00"})["assumed_rate_after"] is None
    assert planned("2026-04-15", DUE, plan={"monthly": "120.00"})["assumed_rate_after"] == "2026-12-31"


# The reference itself.


def test_sixty_decimals_decide_as_the_whole_fraction_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of days: the whole chain of one period has 5,600 bits."""
    asked = {"as_of": "2026-03-01", "periods": [period("2025-02-28", "12345.67")]}
    asked["payments"] = [paid("2025-09-30", "500.00")]
    shortened = calculate(asked, flat(7))
    monkeypatch.setattr(day_loop, "LONGEST_DENOMINATOR_BITS", 10**9)
    assert calculate(asked, flat(7)) == shortened
    assert day_loop.shortened(Fraction(1, 36500**100)) == Fraction(1, 36500**100)


def test_a_payment_of_all_that_is_owed_leaves_nothing() -> None:
    for seed in range(12):
        drawn = paid_to_within(scenario(Random(seed)), flat(7), 0)
        drawn.pop("plan", None)
        if drawn.get("payments") and drawn["payments"][-1]["on"] == drawn["as_of"]:
            assert calculate(drawn, flat(7))["total"]["total"] == "0.00"


@pytest.mark.parametrize(("name", "spoil"), REFUSALS, ids=[name for name, _ in REFUSALS])
def test_every_way_to_spoil_a_scenario_changes_it(name: str, spoil: Spoil) -> None:
    assert repr(spoil(deepcopy(complete_scenario()))) != repr(complete_scenario()), name
