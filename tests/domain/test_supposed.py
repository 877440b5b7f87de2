"""A debt of which only the amount and the age are known."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import policies
from portal.domain.money import Money
from portal.domain.supposed import supposed, tax_due_on, tax_years
from portal.domain.waterfall import replay
from tests.domain.cast import AS_OF, dollars, examples, published_law

LAW = published_law()
YEARS = list(tax_years(AS_OF, policies.load().rates, policies.legal_days_off()))


def test_the_years_go_from_the_latest_one_due_back_to_the_first_with_rates() -> None:
    assert YEARS[0] == (2025, date(2026, 4, 15))
    assert YEARS[-1] == (2011, date(2012, 4, 17))
    assert [year for year, _due_on in YEARS] == list(range(2025, 2010, -1))


def test_a_year_is_there_from_the_day_on_which_its_tax_is_due() -> None:
    rates, days_off = policies.load().rates, policies.legal_days_off()

    assert next(tax_years(date(2026, 4, 14), rates, days_off))[0] == 2024
    assert next(tax_years(date(2026, 4, 15), rates, days_off))[0] == 2025


def test_tax_is_due_on_the_business_day_after_a_weekend_or_holiday() -> None:
    """Emancipation Day of 2023 was kept on Monday, April 17."""
    assert tax_due_on(2022, policies.legal_days_off()) == date(2023, 4, 18)


@examples(300)
@given(st.integers(1, 999_999_999), st.sampled_from(YEARS), st.dates(date(2026, 4, 15), date(2029, 12, 31)))
def test_the_tax_that_is_found_comes_to_the_amount(cents: int, year: tuple[int, date], on: date) -> None:
    account = supposed(Money(cents), *year, LAW, on)
    period = account.periods[0]

    assert replay(account, LAW, on)[0].owed(on).total == Money(cents)
    assert sum(charge.amount.cents for charge in account.charges) <= 3
    assert (period.filed_on, period.assessed_on) == (period.due_on, period.due_on)


@pytest.mark.parametrize("amount", ["0.01", "0.02", "10000.00", "9999999.99"])
def test_on_the_due_date_the_amount_is_all_tax(amount: str) -> None:
    year, due_on = YEARS[0]

    assert supposed(dollars(amount), year, due_on, LAW, due_on).periods[0].tax == dollars(amount)
