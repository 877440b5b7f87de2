"""An application: the order of its questions, what opens when, and which answers still hold after another changed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from portal.domain.answers import Answer, Step
from portal.domain.application import (
    DateGone,
    DayNotPossible,
    DayTooLate,
    NotADay,
    NotNeeded,
    NotPossible,
    asked,
    check_day,
    day_answer,
    is_open,
    next_step,
    settled,
)
from portal.domain.case import Case, bounds, reasons
from portal.domain.eligibility import HasAgreement, NeedsDebit, TooLate, TooShortForPayroll
from portal.domain.money import Money
from portal.domain.offer import TooLittleAMonth, TooMuchAMonth
from portal.domain.plan import PlanKind
from portal.domain.refusal import Refusal
from portal.domain.waterfall import Account
from tests.domain.applying import a_case, answers, owes
from tests.domain.cast import dollars

CASE = a_case()
SHORT_PLAN, MANUAL, PAYROLL = {"kind": "short_term"}, {"method": "manual"}, {"method": "payroll"}


# The questions.


def test_the_questions_come_in_one_order() -> None:
    everything = " ".join(asked({}))

    assert everything == (
        "identity address filing-status balance returns circumstances payment-now plan amount day household method "
        "bank employer contact"
    )


@pytest.mark.parametrize(
    ("plan", "method", "left_out"),
    [
        ("long_term", None, set()),
        ("long_term", "direct_debit", {Step.EMPLOYER}),
        ("long_term", "payroll", {Step.BANK}),
        ("long_term", "manual", {Step.BANK, Step.EMPLOYER}),
        ("short_term", None, {Step.HOUSEHOLD}),
        ("short_term", "direct_debit", {Step.HOUSEHOLD, Step.EMPLOYER}),
        ("short_term", "manual", {Step.HOUSEHOLD, Step.BANK, Step.EMPLOYER}),
    ],
)
def test_what_the_plan_and_the_method_do_not_need_is_not_asked(
    plan: str, method: str | None, left_out: set[Step]
) -> None:
    """A short plan has no fee, so nobody's income matters for it."""
    given: dict[Step, Answer] = {Step.PLAN: {"kind": plan}}
    if method:
        given[Step.METHOD] = {"method": method}

    assert set(Step) - set(asked(given)) == left_out


@pytest.mark.parametrize("changes", [{}, {"method": MANUAL}, {"method": PAYROLL}, {"plan": SHORT_PLAN}])
def test_each_question_opens_when_the_one_before_it_is_answered(changes: Mapping[str, Answer]) -> None:
    given: dict[Step, Answer] = {}
    for step, answer in answers(CASE, **changes).items():
        assert next_step(given) == step
        assert is_open(step, given)
        assert [each for each in Step if is_open(each, given)] == [*given, step]
        given[step] = answer

    assert next_step(given) is None
    assert [each for each in Step if is_open(each, given)] == list(given)


def test_a_question_after_a_gap_is_closed() -> None:
    given = answers(CASE)
    del given[Step.BALANCE]

    assert next_step(given) is Step.BALANCE
    assert not is_open(Step.RETURNS, given)
    assert is_open(Step.FILING_STATUS, given)


def test_what_is_not_asked_is_never_open() -> None:
    assert not is_open(Step.EMPLOYER, answers(CASE))
    assert not is_open(Step.HOUSEHOLD, answers(CASE, plan=SHORT_PLAN))


# Which answers hold.


def lost(case: Case, given: Mapping[Step, Answer]) -> dict[Step, type[Refusal]]:
    """Why answers do not hold; all others are kept as they were given."""
    kept, dropped = settled(case, given)
    assert kept == {step: answer for step, answer in given.items() if step not in dropped}
    return {step: type(refusal) for step, refusal in dropped.items()}


@pytest.mark.parametrize(
    "changes", [{}, {"method": MANUAL}, {"method": PAYROLL}, {"plan": SHORT_PLAN, "amount": {"monthly": "4000.00"}}]
)
def test_answers_that_hold_are_kept_in_the_order_of_the_questions(changes: Mapping[str, Answer]) -> None:
    given = answers(CASE, **changes)

    kept, dropped = settled(CASE, dict(reversed(given.items())))

    assert dropped == {}
    assert list(kept.items()) == list(given.items())


def test_a_change_to_a_short_plan_drops_the_amount_that_is_too_little_for_it_and_the_income() -> None:
    """The day was promised with an amount, so it is asked again with it."""
    given = {**answers(CASE), Step.PLAN: SHORT_PLAN}

    assert lost(CASE, given) == {Step.AMOUNT: TooLittleAMonth, Step.DAY: NotPossible, Step.HOUSEHOLD: NotNeeded}


def test_a_change_to_a_short_plan_keeps_an_amount_that_is_enough_for_it() -> None:
    given = {**answers(CASE, amount={"monthly": "5000.00"}), Step.PLAN: SHORT_PLAN}

    assert lost(CASE, given) == {Step.HOUSEHOLD: NotNeeded}


def test_a_short_plan_is_not_paid_by_payroll() -> None:
    given = {**answers(CASE, amount={"monthly": "5000.00"}, method=PAYROLL), Step.PLAN: SHORT_PLAN}

    assert lost(CASE, given) == {Step.HOUSEHOLD: NotNeeded, Step.METHOD: TooShortForPayroll}


def test_an_amount_below_the_least_is_dropped_with_the_least() -> None:
    """What is owed has grown since, so the same amount does not pay it off in time any more."""
    least = bounds(CASE, PlanKind.LONG_TERM).minimum
    assert least is not None
    given = answers(CASE, amount={"monthly": str(least)})
    assert lost(CASE, given) == {}

    grown = a_case("18400.00")
    kept, dropped = settled(grown, given)

    assert {step: type(why) for step, why in dropped.items()} == {Step.AMOUNT: TooLittleAMonth, Step.DAY: NotPossible}
    assert dropped[Step.AMOUNT].facts == {"minimum": bounds(grown, PlanKind.LONG_TERM).minimum}
    assert Step.METHOD in kept


def test_an_amount_above_what_is_owed_is_dropped_with_the_most() -> None:
    given = answers(CASE, amount={"monthly": "18240.00"})
    assert lost(CASE, given) == {}

    kept, dropped = settled(a_case("17000.00"), given)

    assert isinstance(dropped[Step.AMOUNT], TooMuchAMonth)
    assert dropped[Step.AMOUNT].facts == {"most": dollars("17000.00")}
    assert Step.BANK in kept


@pytest.mark.parametrize(("on", "why"), [(date(2026, 12, 11), {}), (date(2026, 12, 14), {Step.DAY: DateGone})])
def test_a_date_that_died_while_the_application_waited_is_asked_again(on: date, why: dict[Step, object]) -> None:
    """Friday the 11th is two banking days before Tuesday the 15th, Monday the 14th only one."""
    given = answers(CASE, day=15)

    later = replace(CASE, on=on)

    assert given[Step.DAY]["first_due_on"] == "2026-12-15"
    assert lost(later, given) == why


def test_a_date_that_is_now_a_month_earlier_is_asked_again_too() -> None:
    """What was promised is a date, not only a day of the month."""
    given = answers(CASE) | {Step.DAY: {"day": "15", "first_due_on": "2027-01-15"}}

    assert lost(CASE, given) == {Step.DAY: DateGone}


def test_a_method_above_its_limit_is_dropped_alone() -> None:
    """A tax bill of another year came in between: more than own payments are possible for."""
    given = answers(a_case("24999.00"), amount={"monthly": "900.00"}, method=MANUAL)

    assert lost(a_case("25000.00"), given) == {}
    assert lost(a_case("25000.01"), given) == {Step.METHOD: NeedsDebit}


def test_with_another_method_the_bank_or_the_employer_is_not_needed() -> None:
    by_debit, by_payroll = answers(CASE), answers(CASE, method=PAYROLL)

    assert lost(CASE, {**by_debit, Step.METHOD: MANUAL}) == {Step.BANK: NotNeeded}
    assert lost(CASE, {**by_payroll, Step.METHOD: MANUAL}) == {Step.EMPLOYER: NotNeeded}
    assert lost(CASE, {**by_debit, Step.METHOD: PAYROLL}) == {Step.BANK: NotNeeded}


@pytest.mark.parametrize(
    "changes",
    [{"returns": {"filed": "no"}}, {"circumstances": {"true": "bankruptcy"}}, {"circumstances": {"true": "court"}}],
)
def test_a_hindrance_drops_the_plan_and_what_hangs_on_it(changes: Mapping[str, Answer]) -> None:
    """What the applicant typed about household, bank and contact stays for the time when it is gone."""
    assert lost(CASE, answers(CASE, **changes)) == {
        Step.PLAN: NotPossible, Step.AMOUNT: NotPossible, Step.DAY: NotPossible, Step.METHOD: NotPossible,
    }  # fmt: skip


def test_an_agreement_in_force_drops_the_plan() -> None:
    case = replace(CASE, has_agreement=True)

    assert lost(case, answers(case))[Step.PLAN] is NotPossible
    assert [type(each) for each in reasons(case, answers(case))[PlanKind.SHORT_TERM]] == [HasAgreement]


def test_an_application_of_which_nothing_is_answered_holds() -> None:
    assert settled(CASE, {}) == ({}, {})


def test_where_only_a_short_plan_is_possible_a_long_one_is_dropped() -> None:
    case = a_case("60000.00")

    assert lost(case, answers(case, plan=SHORT_PLAN, amount={"monthly": "13000.00"})) == {}
    assert lost(case, answers(case, amount={"monthly": "13000.00"}))[Step.PLAN] is NotPossible


# The day.


def test_a_day_is_kept_with_the_date_that_it_promises() -> None:
    assert day_answer(CASE, 15) == {"day": "15", "first_due_on": "2026-12-15"}
    assert day_answer(CASE, 25) == {"day": "25", "first_due_on": "2026-11-25"}


@pytest.mark.parametrize("day", [0, 29, 31, -1])
def test_a_day_that_policy_does_not_know_is_refused(day: int) -> None:
    with pytest.raises(NotADay):
        day_answer(CASE, day)


def test_a_day_whose_next_date_is_too_far_is_refused_with_the_nearest_ones() -> None:
    with pytest.raises(DayNotPossible) as refused:
        day_answer(CASE, 24)

    assert refused.value.facts == {"day": 24, "lead": 2, "most": 30, "nearest": "23, 25"}


def test_where_the_time_for_collection_ends_before_the_first_payment_no_amount_is_possible() -> None:
    """What was assessed on December 20, 2016 may be collected until December 20, 2026; the latest first day is the
    23rd.
    """
    [facts] = owes("600.00", tax_year=2015).periods
    case = a_case(account=Account((replace(facts, assessed_on=date(2016, 12, 20)),)))
    given = answers(case, day=7, amount={"monthly": str(case.balance)})

    assert [type(each) for each in reasons(case, given)[PlanKind.LONG_TERM]] == [TooLate]
    assert lost(case, given)[Step.PLAN] is NotPossible
    assert lost(case, given | {Step.PLAN: SHORT_PLAN})[Step.AMOUNT] is NotPossible


def test_a_day_with_which_the_amount_does_not_come_in_time_is_refused() -> None:
    least = bounds(CASE, PlanKind.LONG_TERM).minimum
    assert least is not None
    latest, earliest = answers(CASE, day=23)[Step.DAY], answers(CASE, day=25)[Step.DAY]
    given = answers(CASE, amount={"monthly": str(least - Money(1))})

    check_day(CASE, given, earliest)
    with pytest.raises(DayTooLate):
        check_day(CASE, {step: given[step] for step in (Step.PLAN, Step.AMOUNT)}, latest)
