"""Income and spending: what a household has free each month, and what a plan leaves of it."""

import pytest

from portal.domain.money import Money
from portal.domain.spending import budget
from tests.domain.cast import dollars


def test_what_is_free_is_income_less_spending() -> None:
    month = budget(map(dollars, ("2100.00", "150.50")), map(dollars, ("900.00", "310.25", "0.00")))

    assert (str(month.income), str(month.spending), str(month.free)) == ("2250.50", "1210.25", "1040.25")


@pytest.mark.parametrize(
    ("monthly", "left"), [("0.00", "500.00"), ("499.99", "0.01"), ("500.00", "0.00"), ("620.00", "-120.00")]
)
def test_what_a_plan_leaves_can_be_missing(monthly: str, left: str) -> None:
    month = budget([dollars("2000.00")], [dollars("1500.00")])

    assert str(month.left_after(dollars(monthly))) == left


def test_who_spends_more_than_comes_in_has_less_than_nothing() -> None:
    assert budget([dollars("1000.00")], [dollars("1200.00")]).free == Money(-200_00)


def test_nothing_said_is_nothing() -> None:
    assert (budget([], []).free, budget([], []).left_after(Money(1))) == (Money(0), Money(-1))
