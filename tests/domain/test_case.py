"""A case: what answers come to over an account and a policy, and amounts that are safe whatever is answered later."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume
from hypothesis import given as by_chance
from hypothesis import strategies as st

from portal.domain.answers import Step, hindrances_of, paid_now
from portal.domain.application import settled
from portal.domain.case import bounds, fee_of, has_low_income, offered, reasons, situation
from portal.domain.eligibility import Hindrance, ReturnsMissing
from portal.domain.money import Money
from portal.domain.period import Kind
from portal.domain.plan import Method, PlanKind
from portal.domain.policy import Fee
from portal.domain.waterfall import Account, Charge
from tests.domain.applying import a_case, answers
from tests.domain.cast import AS_OF, accounts, dollars, examples

CASE = a_case()
SHORT_PLAN = {"kind": "short_term"}


# Amounts.


def test_the_least_amount_clears_with_the_latest_day_and_the_largest_fee_and_a_cent_less_does_not() -> None:
    least = bounds(CASE, PlanKind.LONG_TERM).minimum
    assert least is not None
    given = answers(CASE, day=23, method={"method": "manual"})
    debited = {step: given[step] for step in (Step.PLAN, Step.DAY)}

    assert offered(CASE, given, monthly=least, now=Money(0)).schedule.clears
    assert offered(CASE, debited, monthly=least, now=Money(0)).schedule.clears
    assert not offered(CASE, debited, monthly=least - Money(1), now=Money(0)).schedule.clears


@examples(15)
@by_chance(accounts(), st.sampled_from(PlanKind), st.integers(0, 20_000), st.booleans(), st.data())
def test_an_amount_that_is_possible_clears_with_every_day_and_every_method(
    account: Account, kind: PlanKind, above: int, debit_is_dearer: bool, data: st.DataObject
) -> None:
    """Whichever way of paying an agency asks the larger fee for."""
    case = a_case(account=account)
    if debit_is_dearer:
        case = replace(case, fees=replace(case.fees, online_debit=dollars("149.00")))
    least = bounds(case, kind).minimum
    assume(least and case.owed)
    days = sorted(case.first_due_dates)
    for day in {days[0], days[-1], 23, 25, data.draw(st.sampled_from(days))}:
        for method in Method:
            given = answers(case, day=day, plan={"kind": kind.value}, method={"method": method.value})
            assert offered(case, given, monthly=least + Money(above), now=Money(0)).schedule.clears, (day, method)


@examples(15)
@by_chance(accounts(), st.integers(0, 20_000), st.sampled_from(range(1, 24)))
def test_an_amount_that_is_possible_holds_when_the_application_is_looked_at_again(
    account: Account, above: int, day: int
) -> None:
    case = a_case(account=account)
    least, most = bounds(case, PlanKind.LONG_TERM)
    assume(least and Money(0) < case.owed <= case.limits.long_term.most)
    given = answers(case, day=day, amount={"monthly": str(min(least + Money(above), most))})

    assert settled(case, given) == (given, {})


@pytest.mark.parametrize("owed", ["0.01", "0.50", "0.97", "1.00", "60.00"])
def test_who_owes_less_than_the_fee_still_has_an_amount_to_choose(owed: str) -> None:
    """72 payments of 0.97 pay a fee of 69.00 and a few cents more: that may be more than is owed."""
    case = a_case(owed)
    least, most = bounds(case, PlanKind.LONG_TERM)

    assert least is not None
    assert most == max(least, dollars(owed))
    assert settled(case, answers(case, amount={"monthly": str(least)}))[1] == {}


def test_where_no_day_is_possible_no_amount_is() -> None:
    case = replace(CASE, days=replace(CASE.days, first_payment=1))

    assert case.first_due_dates == {}
    assert bounds(case, PlanKind.LONG_TERM) == (None, CASE.balance)


def test_a_user_fee_of_before_is_in_the_balance_and_not_in_what_limits_count() -> None:
    fee = Charge(AS_OF, Kind.FEE, dollars("29.00"))
    case = replace(CASE, account=replace(CASE.account, charges=(*CASE.account.charges, fee)))

    assert (str(case.owed), str(case.balance)) == ("18240.00", "18269.00")
    assert bounds(case, PlanKind.LONG_TERM).most == dollars("18269.00")


def test_what_decides_is_read_from_the_case_and_the_answers() -> None:
    ended_on = date(2026, 3, 10)
    case = replace(CASE, has_agreement=True, terminated_on=ended_on)

    found = situation(case, hindrances_of(answers(CASE, circumstances={"true": "court"})))

    assert (found.on, found.owed, found.hindrances) == (AS_OF, dollars("18240.00"), {Hindrance.COURT})
    assert (found.has_agreement, found.terminated_on, found.is_too_late) == (True, ended_on, False)
    assert not found.is_business


# Fees and hindrances.


@pytest.mark.parametrize(
    ("income", "method", "fee"),
    [
        ("39900.00", Method.DIRECT_DEBIT, Fee(Money(0))),
        ("39900.00", Method.PAYROLL, Fee(dollars("43.00"), is_given_back=True)),
        ("39900.01", Method.MANUAL, Fee(dollars("69.00"))),
        ("", Method.DIRECT_DEBIT, Fee(dollars("29.00"))),
    ],
)
def test_the_fee_follows_from_the_household_and_the_method(income: str, method: Method, fee: Fee) -> None:
    household = {"people": "1" if income else "", "income": income}

    assert fee_of(CASE, answers(CASE, household=household), method) == fee


def test_a_short_plan_has_no_fee() -> None:
    assert fee_of(CASE, answers(CASE, plan=SHORT_PLAN), Method.MANUAL) == Fee(Money(0))


def test_the_address_given_decides_which_line_of_low_income_counts() -> None:
    household, alaska = {"people": "1", "income": "45000.00"}, {"state": "AK"}

    assert not has_low_income(CASE, answers(CASE, household=household))
    assert has_low_income(CASE, answers(CASE, household=household, address=alaska))
    assert not has_low_income(replace(CASE, low_income=None), answers(CASE, household=household, address=alaska))


def test_what_is_said_to_stand_in_the_way_is_read_from_two_questions() -> None:
    given = answers(CASE, returns={"filed": "no"}, circumstances={"true": "bankruptcy offer"})

    assert hindrances_of(given) == {Hindrance.UNFILED, Hindrance.BANKRUPTCY, Hindrance.OFFER}
    assert hindrances_of({}) == set()
    assert ReturnsMissing in map(type, reasons(CASE, given)[PlanKind.LONG_TERM])


@pytest.mark.parametrize(("amount", "cents"), [("", 0), ("1250.00", 125000)])
def test_what_is_paid_at_once_is_an_intention(amount: str, cents: int) -> None:
    assert paid_now(answers(CASE, payment_now={"amount": amount})) == Money(cents)
    assert paid_now({}) == Money(0)
