"""Offers: what is refused as a monthly amount, what a plan costs, and when no amount comes in time."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import policies
from portal.calculate import answer_to
from portal.domain.money import Money
from portal.domain.offer import (
    Offer,
    TooLittleAMonth,
    TooMuchAMonth,
    Wish,
    at_once,
    is_too_late,
    offer,
    require_possible,
)
from portal.domain.plan import PlanKind
from portal.domain.supposed import supposed, tax_years
from portal.domain.waterfall import Account, replay
from tests.domain.cast import AS_OF, accounts, as_scenario, day, dollars, examples, law, period, published_law

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


# What it costs.


# 1,000.00 due on 2026-04-15, at 0%: only the penalty of each month that begins.
DUE = Account((period("2026-04-15", "1000.00"),))


def by_hand(kind: PlanKind, monthly: str = "600.00", **wish: Money) -> Offer:
    """A plan that is agreed on the due date and first paid a month later."""
    asked = Wish(kind, day("2026-05-15"), monthly=dollars(monthly), **wish)
    return offer(DUE, law(), day("2026-04-15"), LIMITS, asked)


def test_a_long_plan_halves_the_penalty_of_its_months_and_a_short_one_keeps_it() -> None:
    """Month one 0.5% of 1,000, month two of the 400 that are left: 5.00 and 2.00; half of it under an agreement."""
    assert cost_of(by_hand(PlanKind.SHORT_TERM)) == ("1000.00", "0.00", "0.00", "7.00", "1007.00")
    assert cost_of(by_hand(PlanKind.LONG_TERM)) == ("1000.00", "0.00", "0.00", "3.50", "1003.50")


def test_the_fee_is_paid_first_and_is_part_of_the_cost() -> None:
    """Of the first 600.00, 69.00 are the fee: month two has 0.25% of 469.00, 1.17."""
    found = by_hand(PlanKind.LONG_TERM, fee=dollars("69.00"))

    assert cost_of(found) == ("1000.00", "69.00", "0.00", "3.67", "1072.67")


def test_what_is_paid_at_once_bears_no_penalty() -> None:
    """Month one 0.25% of 300, and nothing is left for month two."""
    found = by_hand(PlanKind.LONG_TERM, now=dollars("700.00"))

    assert cost_of(found) == ("1000.00", "0.00", "0.00", "0.75", "1000.75")
    assert [str(row.amount) for row in found.schedule.installments] == ["300.75"]


@pytest.mark.parametrize("kind", PlanKind)
def test_paying_something_now_lowers_the_cost_and_the_least_amount(kind: PlanKind) -> None:
    account = supposed(dollars("18240.00"), 2025, YEARS[2025], LAW, AS_OF)
    costs, least = [], []
    for now in ("0.00", "500.00", "5000.00", "18000.00"):
        found = offer(account, LAW, AS_OF, LIMITS, Wish(kind, FIRST_DUE_ON, now=dollars(now)))
        assert found.cost is not None
        costs.append(found.cost.total)
        least.append(found.minimum)

    assert costs == sorted(set(costs), reverse=True)
    assert least == sorted(set(least), reverse=True)


@examples(60)
@given(accounts(), st.sampled_from(PlanKind), st.integers(0, 9_900), st.sampled_from(["0.00", "29.00", "69.00"]))
def test_the_cost_adds_up_to_what_is_paid_in_all(account: Account, kind: PlanKind, now: int, fee: str) -> None:
    balance = replay(account, LAW, AS_OF)[0].balance_cents(AS_OF)
    wish = Wish(kind, FIRST_DUE_ON, now=Money(balance * now // 10_000), fee=dollars(fee))

    found = offer(account, LAW, AS_OF, LIMITS, wish)

    assert found.cost is not None
    assert found.cost.total == wish.now + found.schedule.total_paid
    assert (found.balance, found.cost.owed, found.cost.fee) == (Money(balance), Money(balance), wish.fee)
    assert min(found.cost.interest, found.cost.penalty) >= Money(0)


@examples(60)
@given(accounts(), st.integers(-500, 30_000))
def test_a_long_plan_comes_to_what_the_calculator_of_the_command_line_says(account: Account, above: int) -> None:
    plan = {"first_due_on": FIRST_DUE_ON.isoformat(), "due_day": FIRST_DUE_ON.day, "term_months": 72}
    least = offer(account, LAW, AS_OF, LIMITS, WISH).minimum
    assert least is not None
    monthly = max(least + Money(above), Money(1))
    plan["monthly"] = str(monthly)

    answered = answer_to(as_scenario(account, AS_OF) | {"plan": plan}, policies.load())["plan"]
    found = offer(account, LAW, AS_OF, LIMITS, replace(WISH, monthly=monthly))

    assert answered["minimum_monthly"] == str(least)
    assert answered["total_paid"] == str(found.schedule.total_paid)
    assert answered["clears"] is found.schedule.clears
    if found.cost is not None:
        assert answered["total_paid"] == str(found.cost.total)


def test_what_does_not_clear_the_debt_has_no_cost() -> None:
    found = by_hand(PlanKind.SHORT_TERM, monthly="100.00")

    assert (found.cost, found.ends_on) == (None, None)
    assert found.schedule.installments[-1].balance_after > Money(400_00)


def test_paying_everything_today_costs_what_is_owed_today() -> None:
    cost = at_once(DUE, law(7), day("2026-06-01"), pay_on=day("2026-06-01"))

    assert (cost.fee, cost.interest, cost.penalty) == (Money(0), Money(0), Money(0))
    assert cost.total == replay(DUE, law(7), day("2026-06-01"))[0].owed(day("2026-06-01")).total


def test_paying_everything_later_costs_the_interest_and_the_whole_penalty_until_then() -> None:
    """From April 15 to July 15: three months of 5.00."""
    cost = at_once(DUE, law(), day("2026-04-15"), pay_on=day("2026-07-15"))

    assert (str(cost.owed), str(cost.penalty), str(cost.total)) == ("1000.00", "15.00", "1015.00")


def test_paying_everything_at_the_end_of_a_short_plan_costs_no_less_than_paying_in_between() -> None:
    account = supposed(dollars("18240.00"), 2025, YEARS[2025], LAW, AS_OF)
    short = offer(account, LAW, AS_OF, LIMITS, Wish(PlanKind.SHORT_TERM, FIRST_DUE_ON))

    assert short.cost is not None
    assert at_once(account, LAW, AS_OF, pay_on=date(2027, 5, 22)).total > short.cost.total


def cost_of(found: Offer) -> tuple[str, ...]:
    """What was owed, the fee, interest and penalty to come, and all of it together."""
    cost = found.cost
    assert cost is not None
    return tuple(map(str, (cost.owed, cost.fee, cost.interest, cost.penalty, cost.total)))
