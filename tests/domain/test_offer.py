"""Offers: what is refused as a monthly amount, and when no amount comes in time."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import policies
from portal.domain.money import Money
from portal.domain.offer import Offer, TooLittleAMonth, TooMuchAMonth, Wish, is_too_late, offer, require_possible
from portal.domain.plan import PlanKind
from portal.domain.supposed import supposed, tax_years
from portal.domain.waterfall import Account
from tests.domain.cast import AS_OF, accounts, dollars, examples, published_law

LAW = published_law()
LIMITS = policies.load().limits.on(AS_OF)
FIRST_DUE_ON = date(2026, 12, 15)
WISH = Wish(PlanKind.LONG_TERM, FIRST_DUE_ON)
YEARS = dict(tax_years(AS_OF, policies.load().rates, policies.legal_days_off()))


def offered(monthly: str | None = None, now: str = "0.00") -> Offer:
    """A long-term plan for 10,000.00 of the latest year."""
    account = supposed(dollars("10000.00"), 2025, YEARS[2025], LAW, AS_OF)
    wish = replace(WISH, monthly=dollars(monthly) if monthly else None, now=dollars(now))
    return offer(account, LAW, AS_OF, LIMITS, wish)


def test_the_least_and_all_that_is_left_are_possible() -> None:
    least = offered().minimum

    assert least is not None
    for monthly in (None, str(least), "10000.00"):
        require_possible(offered(monthly))


def test_a_cent_below_the_least_is_refused_with_the_figure() -> None:
    least = offered().minimum
    assert least is not None

    with pytest.raises(TooLittleAMonth) as refused:
        require_possible(offered(str(least - Money(1))))

    assert refused.value.facts == {"minimum": least}


def test_more_than_is_left_after_what_is_paid_at_once_is_refused() -> None:
    require_possible(offered("6000.00", now="4000.00"))

    with pytest.raises(TooMuchAMonth) as refused:
        require_possible(offered("6000.01", now="4000.00"))

    assert refused.value.facts == {"most": dollars("6000.00")}


@pytest.mark.parametrize(
    ("year", "is_late"), [(2025, False), (2017, False), (2016, False), (2015, True), (2011, True)]
)
def test_a_year_is_too_old_ten_years_after_its_assessment(year: int, is_late: bool) -> None:
    """Supposed debts are assessed on their due date: 2015 tax on April 18, 2016."""
    account = supposed(dollars("1000.00"), year, YEARS[year], LAW, AS_OF)

    assert is_too_late(account, LAW, AS_OF, FIRST_DUE_ON) is is_late


@examples(60)
@given(accounts(), st.sampled_from([date(2026, 12, 15), date(2029, 1, 15), date(2035, 1, 15)]))
def test_it_is_too_late_exactly_when_no_monthly_amount_clears_the_debt(account: Account, on: date) -> None:
    found = offer(account, LAW, AS_OF, LIMITS, replace(WISH, first_due_on=on))

    assert is_too_late(account, LAW, AS_OF, on) is (found.minimum is None)
