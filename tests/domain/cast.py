"""The small world of these tests: published cases, one flat rate, periods written short, accounts by chance."""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from portal import policies
from portal.domain import money
from portal.domain.money import Money
from portal.domain.penalties import PenaltyRules
from portal.domain.period import Law, TaxPeriod
from portal.domain.rates import Rate, RateTable
from portal.domain.waterfall import Account, Payment

AS_OF = date(2026, 11, 23)
CASES = {
    case["id"]: case["expect"]
    for case in json.loads((Path(__file__).parent / "engine_cases.json").read_text(encoding="utf-8"))
}


def examples(count: int) -> settings:
    """So many examples, the same ones in every run."""
    return settings(max_examples=count, derandomize=True, deadline=None, database=None)


def day(text: str) -> date:
    return date.fromisoformat(text)


def dollars(text: str) -> Money:
    return money.read(text)


def rules() -> PenaltyRules:
    """The penalty rules of the default policy."""
    return policies.load().penalties.on(AS_OF)


@cache
def flat(percent: int, first_year: int = 2010, last_year: int = 2026) -> RateTable:
    """One rate in every quarter of these years, so that a day's interest can be done by hand."""
    quarters = (date(year, month, 1) for year in range(first_year, last_year + 1) for month in (1, 4, 7, 10))
    return RateTable(Rate(quarter, percent * 100, "by hand") for quarter in quarters)


def law(percent: int = 0, first_year: int = 2010) -> Law:
    """A flat rate and the penalties of the default policy; at 0% only penalties accrue."""
    return Law(flat(percent, first_year), rules())


def published_law() -> Law:
    """The default policy, with the rates as they were published."""
    return policies.load().law_on(AS_OF)


def period(due_on: str, tax: str, **other: Any) -> TaxPeriod:
    """A period filed and assessed on its due date, unless said otherwise; its year is the one before."""
    filed_on = day(other.get("filed_on", due_on))
    return TaxPeriod(
        tax_year=other.get("tax_year", day(due_on).year - 1),
        due_on=day(due_on),
        filed_on=filed_on,
        assessed_on=day(other["assessed_on"]) if "assessed_on" in other else filed_on,
        tax=dollars(tax),
    )


def paid(on: str, amount: str) -> Payment:
    return Payment(day(on), dollars(amount))


@st.composite
def periods(draw: st.DrawFn, least: int = 1, most: int = 3) -> tuple[TaxPeriod, ...]:
    """Periods due on an April 15 or at a month's end, filed in time or late, from nothing to 60,000.00."""
    years = draw(st.lists(st.integers(2017, 2024), min_size=least, max_size=most, unique=True))
    return tuple(draw(_periods_of(year)) for year in years)


@st.composite
def _periods_of(draw: st.DrawFn, year: int) -> TaxPeriod:
    due_on = draw(st.sampled_from([date(year + 1, 4, 15), date(year + 1, 2, 28), date(year + 1, 1, 31)]))
    filed_on = due_on + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 31, 60, 61, 150, 400])))
    assessed_on = filed_on + timedelta(days=draw(st.integers(0, 150)))
    return TaxPeriod(year, due_on, filed_on, assessed_on, Money(draw(st.integers(0, 6_000_000))))


@st.composite
def accounts(draw: st.DrawFn, most_payments: int = 6) -> Account:
    """An account with some payments, often two on one day, never enough of them to be sure of."""
    owing = draw(periods())
    days = draw(st.lists(st.dates(date(2018, 1, 1), AS_OF), min_size=1, max_size=3))
    payments = draw(
        st.lists(
            st.builds(Payment, st.sampled_from(days), st.builds(Money, st.integers(1, 4_000_000))),
            max_size=most_payments,
        )
    )
    return Account(owing, tuple(payments))


def as_scenario(account: Account, as_of: date) -> dict[str, Any]:
    """The account as the calculator and the day loop read it."""
    return {
        "as_of": as_of.isoformat(),
        "periods": [
            {
                "tax_year": facts.tax_year,
                "due_on": facts.due_on.isoformat(),
                "filed_on": facts.filed_on.isoformat(),
                "assessed_on": facts.assessed_on.isoformat(),
                "tax": str(facts.tax),
            }
            for facts in account.periods
        ],
        "payments": [{"on": payment.on.isoformat(), "amount": str(payment.amount)} for payment in account.payments],
    }


def rates_of(table: RateTable) -> list[tuple[date, int]]:
    """A rate table as the day loop reads it: first day and whole percent of each quarter."""
    return [(rate.begins_on, rate.basis_points // 100) for rate in table.rates]
