"""What a policy says of a case: limits with their bound, fees by method and income, the lines of low income."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.money import Money
from portal.domain.policy import Ceiling, Fee, Fees, IncomeLine, LowIncome
from tests.domain.applying import POLICY
from tests.domain.cast import AS_OF, dollars, examples

FEES, LOW_INCOME = POLICY.fees.on(AS_OF), POLICY.low_income.on(AS_OF)


# Limits.


@pytest.mark.parametrize(
    ("is_within", "owed", "admitted"),
    [
        (False, "49999.99", True),
        (False, "50000.00", False),
        (False, "50000.01", False),
        (True, "49999.99", True),
        (True, "50000.00", True),
        (True, "50000.01", False),
    ],
)
def test_a_limit_says_whether_the_amount_itself_is_within_it(is_within: bool, owed: str, admitted: bool) -> None:
    assert Ceiling(dollars("50000.00"), is_within).admits(dollars(owed)) is admitted


@examples(100)
@given(st.integers(1, 10_000_000), st.booleans())
def test_the_most_is_within_a_limit_and_a_cent_more_is_not(cents: int, is_within: bool) -> None:
    ceiling = Ceiling(Money(cents), is_within)

    assert ceiling.admits(ceiling.most)
    assert not ceiling.admits(ceiling.most + Money(1))


# Fees.


@pytest.mark.parametrize(
    ("is_debited", "has_low_income", "fee"),
    [
        (True, False, Fee(dollars("29.00"))),
        (False, False, Fee(dollars("69.00"))),
        (True, True, Fee(Money(0))),
        (False, True, Fee(dollars("43.00"), is_given_back=True)),
    ],
)
def test_the_fee_follows_from_the_method_and_the_income(is_debited: bool, has_low_income: bool, fee: Fee) -> None:
    assert FEES.online(is_debited=is_debited, has_low_income=has_low_income) == fee


def test_nobody_pays_more_for_having_a_low_income() -> None:
    """An agency that asks less of everybody than the reduced fee."""
    cheap = Fees(*map(dollars, ("5.00", "10.00", "50.00", "60.00", "6.00", "6.00", "7.00", "43.00")))

    assert cheap.online(is_debited=True, has_low_income=True).amount == dollars("5.00")
    assert cheap.online(is_debited=False, has_low_income=True).amount == dollars("10.00")


# Low income.


@pytest.mark.parametrize(
    ("state", "people", "most"),
    [
        ("IL", 1, "39900.00"),
        ("IL", 2, "54100.00"),
        ("IL", 4, "82500.00"),
        ("IL", 8, "139300.00"),
        ("AK", 1, "49875.00"),
        ("AK", 4, "103125.00"),
        ("HI", 1, "45900.00"),
        ("HI", 4, "94875.00"),
        ("PR", 4, "82500.00"),
        ("DC", 1, "39900.00"),
    ],
)
def test_a_household_has_a_low_income_up_to_the_line_of_its_state_and_size(
    state: str, people: int, most: str
) -> None:
    """Form 13844, revision of February 2026: 250 percent of the poverty level."""
    assert LOW_INCOME.line(state).of(people) == dollars(most)
    assert LOW_INCOME.includes(state=state, people=people, income=dollars(most))
    assert not LOW_INCOME.includes(state=state, people=people, income=dollars(most) + Money(1))


def test_who_earns_nothing_has_a_low_income() -> None:
    assert LOW_INCOME.includes(state="IL", people=1, income=Money(0))


def test_a_state_without_lines_of_its_own_has_those_of_everywhere() -> None:
    everywhere, own = IncomeLine(Money(100), Money(10)), IncomeLine(Money(200), Money(20))
    lines = LowIncome(everywhere, {"AK": own})

    assert (lines.line("AK"), lines.line("HI"), lines.line("")) == (own, everywhere, everywhere)


def test_before_the_first_table_nobody_has_a_low_income_of_policy() -> None:
    assert POLICY.low_income.reached(date(2026, 1, 31)) is None
    assert POLICY.low_income.reached(date(2026, 2, 1)) == LOW_INCOME
