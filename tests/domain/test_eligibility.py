"""Eligibility: every rule, for each kind of plan, on both sides of its bound; and reasons that are written down."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.eligibility import (
    RULES,
    EndedRecently,
    HasAgreement,
    Hindrance,
    InBankruptcy,
    InCourt,
    IsBusiness,
    NeedsDebit,
    NothingOwed,
    NoWages,
    OfferPending,
    OwesTooMuch,
    Reason,
    ReturnsMissing,
    Situation,
    TooLate,
    TooShortForPayroll,
    reasons_against,
    reasons_against_method,
    recalled,
)
from portal.domain.money import Money
from portal.domain.plan import Method, PlanKind
from tests.domain.applying import POLICY
from tests.domain.cast import AS_OF, dollars, examples

LIMITS = POLICY.limits.on(AS_OF)
SHORT, LONG = PlanKind.SHORT_TERM, PlanKind.LONG_TERM
BOTH = {SHORT, LONG}
ENDED_ON = date(2026, 3, 10)


def against(**facts: Any) -> dict[PlanKind, list[type[Reason]]]:
    """The reasons against each kind of plan of somebody who owes 10,000.00, unless said otherwise."""
    if "owed" in facts:
        facts["owed"] = dollars(facts["owed"])
    situation = Situation(**{"on": AS_OF, "owed": dollars("10000.00")} | facts)
    return {kind: [type(reason) for reason in reasons_against(kind, situation, LIMITS)] for kind in PlanKind}


def test_who_owes_and_has_nothing_in_the_way_may_have_both_kinds_of_plan() -> None:
    assert against() == {SHORT: [], LONG: []}


RULES_AND_BOUNDS: list[tuple[dict[str, Any], set[PlanKind], type[Reason]]] = [
    ({"owed": "0.00"}, BOTH, NothingOwed),
    ({"owed": "0.01"}, set(), NothingOwed),
    ({"hindrances": {Hindrance.UNFILED}}, BOTH, ReturnsMissing),
    ({"hindrances": {Hindrance.BANKRUPTCY}}, BOTH, InBankruptcy),
    ({"hindrances": {Hindrance.OFFER}}, BOTH, OfferPending),
    ({"hindrances": {Hindrance.COURT}}, BOTH, InCourt),
    ({"has_agreement": True}, BOTH, HasAgreement),
    ({"is_business": True}, BOTH, IsBusiness),
    ({"owed": "49999.99"}, set(), OwesTooMuch),
    ({"owed": "50000.00"}, {LONG}, OwesTooMuch),
    ({"owed": "99999.99"}, {LONG}, OwesTooMuch),
    ({"owed": "100000.00"}, BOTH, OwesTooMuch),
    ({"terminated_on": ENDED_ON, "owed": "25000.00"}, set(), EndedRecently),
    ({"terminated_on": ENDED_ON, "owed": "25000.01"}, {LONG}, EndedRecently),
    ({"terminated_on": ENDED_ON, "owed": "25000.01", "on": date(2027, 3, 9)}, {LONG}, EndedRecently),
    ({"terminated_on": ENDED_ON, "owed": "25000.01", "on": date(2027, 3, 10)}, set(), EndedRecently),
    ({"is_too_late": True}, {LONG}, TooLate),
]


@pytest.mark.parametrize(("facts", "kinds", "reason"), RULES_AND_BOUNDS)
def test_a_rule_stands_against_the_kinds_of_plan_that_it_is_about_from_its_bound_on(
    facts: dict[str, Any], kinds: set[PlanKind], reason: type[Reason]
) -> None:
    assert against(**facts) == {kind: [reason] if kind in kinds else [] for kind in PlanKind}


def test_every_rule_has_a_row_in_the_table() -> None:
    assert len({reason for _facts, _kinds, reason in RULES_AND_BOUNDS}) == len(
        {rule for rules in RULES.values() for rule in rules} - {RULES[SHORT][-1]}
    )


def test_every_reason_is_told_at_once_and_in_one_order() -> None:
    everything = {
        "hindrances": set(Hindrance), "is_business": True, "has_agreement": True, "is_too_late": True,
        "owed": "120000.00", "terminated_on": ENDED_ON,
    }  # fmt: skip
    always = [IsBusiness, ReturnsMissing, InBankruptcy, OfferPending, InCourt, HasAgreement, OwesTooMuch]

    assert against(**everything) == {SHORT: always, LONG: [*always, EndedRecently, TooLate]}


@examples(150)
@given(st.sets(st.sampled_from(range(len(RULES_AND_BOUNDS)))))
def test_reasons_do_not_hide_each_other(rows: set[int]) -> None:
    """Whatever comes together, each hindrance is told that would be told alone."""
    alone = [RULES_AND_BOUNDS[row] for row in rows if "owed" not in RULES_AND_BOUNDS[row][0]]
    facts: dict[str, Any] = {}
    for each, _kinds, _reason in alone:
        facts |= each | {"hindrances": facts.get("hindrances", set()) | each.get("hindrances", set())}

    for kind in PlanKind:
        assert set(against(**facts)[kind]) == {reason for _facts, kinds, reason in alone if kind in kinds}


def test_another_agency_lets_businesses_apply() -> None:
    situation = Situation(on=AS_OF, owed=dollars("10000.00"), is_business=True)

    assert reasons_against(LONG, situation, replace(LIMITS, for_businesses=True)) == ()


# What a reason says.


def test_who_owes_too_much_is_told_how_much_has_to_be_paid_and_then_may() -> None:
    situation = Situation(on=AS_OF, owed=dollars("61234.56"))

    [reason] = reasons_against(LONG, situation, LIMITS)

    assert reason.facts == {
        "owed": dollars("61234.56"), "most": dollars("49999.99"), "pay_now": dollars("11234.57"),
    }  # fmt: skip
    assert reasons_against(LONG, replace(situation, owed=situation.owed - reason.facts["pay_now"]), LIMITS) == ()


def test_who_was_ended_is_told_the_day_on_which_it_clears_and_then_may() -> None:
    situation = Situation(on=AS_OF, owed=dollars("30000.00"), terminated_on=date(2026, 2, 28))

    [reason] = reasons_against(LONG, situation, LIMITS)

    assert reason.facts == {
        "ended_on": date(2026, 2, 28), "owed": dollars("30000.00"), "months": 12, "most": dollars("25000.00"),
        "pay_now": dollars("5000.00"), "clears_on": date(2027, 2, 28),
    }  # fmt: skip
    assert reasons_against(LONG, replace(situation, on=reason.facts["clears_on"]), LIMITS) == ()
    assert reasons_against(LONG, replace(situation, on=reason.facts["clears_on"] - timedelta(days=1)), LIMITS)
    assert reasons_against(LONG, replace(situation, owed=situation.owed - reason.facts["pay_now"]), LIMITS) == ()


EXAMPLES: list[Reason] = [
    *(kind() for kind in (NothingOwed, ReturnsMissing, InBankruptcy, OfferPending, InCourt, HasAgreement)),
    *(kind() for kind in (IsBusiness, TooLate, TooShortForPayroll, NoWages)),
    OwesTooMuch(owed=dollars("61234.56"), most=dollars("49999.99"), pay_now=dollars("11234.57")),
    NeedsDebit(owed=dollars("25000.01"), most=dollars("25000.00"), pay_now=dollars("0.01")),
    EndedRecently(
        ended_on=ENDED_ON, owed=dollars("30000.00"), months=12, most=dollars("25000.00"), pay_now=dollars("5000.00"),
        clears_on=date(2027, 3, 10),
    ),
]  # fmt: skip


@pytest.mark.parametrize("reason", EXAMPLES, ids=lambda reason: reason.name)
def test_a_reason_that_was_recorded_is_recalled_with_the_same_facts(reason: Reason) -> None:
    record = reason.recorded()

    again = recalled(record)

    assert all(isinstance(value, str) for value in record.values())
    assert (type(again), again.facts, str(again)) == (type(reason), reason.facts, str(reason))
    assert again.recorded() == record


@pytest.mark.parametrize("reason", EXAMPLES, ids=lambda reason: reason.name)
def test_a_reason_has_a_way_back_in_made_of_the_same_facts(reason: Reason) -> None:
    assert reason.remedy
    assert reason.remedy % reason.facts if reason.facts else "%" not in reason.remedy


def test_every_reason_has_its_example() -> None:
    assert {type(reason) for reason in EXAMPLES} == set(Reason.__subclasses__())


# How a plan is paid.


METHODS: list[tuple[Method, PlanKind, str, bool, list[type[Reason]]]] = [
    (Method.MANUAL, LONG, "25000.00", True, []),
    (Method.MANUAL, LONG, "25000.01", True, [NeedsDebit]),
    (Method.MANUAL, LONG, "25000.01", False, [NeedsDebit]),
    (Method.MANUAL, SHORT, "25000.01", True, []),
    (Method.MANUAL, SHORT, "99999.99", False, []),
    (Method.DIRECT_DEBIT, LONG, "49999.99", False, []),
    (Method.DIRECT_DEBIT, SHORT, "99999.99", False, []),
    (Method.PAYROLL, LONG, "49999.99", True, []),
    (Method.PAYROLL, LONG, "100.00", False, [NoWages]),
    (Method.PAYROLL, SHORT, "100.00", True, [TooShortForPayroll]),
    (Method.PAYROLL, SHORT, "100.00", False, [TooShortForPayroll, NoWages]),
]


@pytest.mark.parametrize(("method", "kind", "owed", "has_wages", "expected"), METHODS)
def test_every_reason_against_a_method_is_told(
    method: Method, kind: PlanKind, owed: str, has_wages: bool, expected: list[type[Reason]]
) -> None:
    found = reasons_against_method(method, kind, dollars(owed), LIMITS, has_wages=has_wages)

    assert [type(reason) for reason in found] == expected


def test_who_needs_debit_is_told_how_much_has_to_be_paid_and_then_does_not() -> None:
    owed = dollars("31000.00")
    [reason] = reasons_against_method(Method.MANUAL, LONG, owed, LIMITS, has_wages=True)

    left = owed - reason.facts["pay_now"]
    assert reason.facts == {"owed": owed, "most": dollars("25000.00"), "pay_now": dollars("6000.00")}
    assert reasons_against_method(Method.MANUAL, LONG, left, LIMITS, has_wages=True) == ()
    assert reasons_against_method(Method.MANUAL, LONG, left + Money(1), LIMITS, has_wages=True)


def test_debit_is_always_possible() -> None:
    for kind, cents in product(PlanKind, (1, 100_000_00)):
        assert reasons_against_method(Method.DIRECT_DEBIT, kind, Money(cents), LIMITS, has_wages=False) == ()
