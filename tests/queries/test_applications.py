"""Applications as their pages read them: the case, the draft, decisions, and what an accepted agreement asked for."""

from datetime import date

from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.answers import Step
from portal.domain.lifecycle import AgreementState, ApplicationState
from portal.domain.money import Money
from portal.domain.plan import Method, PlanKind
from portal.models import Agreement
from portal.models.authorization import AuthorizationKind
from portal.queries import agreements, applications
from portal.queries.cases import case_of
from portal.queries.people import person
from portal.services import applications as services
from portal.services import terms
from tests.applicant import actor_of, ask_employer, decide, later, marry, signature, write_draft
from tests.cast import TODAY, taxpayer, user
from tests.ledger_text import dollars
from tests.stopped_clock import NOW

# The case.


def test_a_case_is_the_account_and_the_policy_of_the_day(app: Flask) -> None:
    case = case_of(taxpayer("owing").id, TODAY)

    assert (case.on, case.owed, case.balance) == (TODAY, dollars("18240.00"), dollars("18240.00"))
    assert (case.fees.online_debit, case.days.draft, case.limits.term_months) == (dollars("29.00"), 30, 72)
    assert (case.has_agreement, case.terminated_on) == (False, None)
    assert case.low_income is not None


def test_a_case_knows_the_agreement_in_force_and_when_the_latest_one_was_ended_by_the_agency(app: Flask) -> None:
    owner = taxpayer("ontime")
    agreement = db.session.execute(db.select(Agreement).where(Agreement.taxpayer_id == owner.id)).scalar_one()
    assert case_of(owner.id, TODAY).has_agreement

    ended_on = date(2026, 3, 10)
    for state, has_agreement, terminated_on in (
        (AgreementState.IN_DEFAULT, True, None),
        (AgreementState.TERMINATED, False, ended_on),
        (AgreementState.WITHDRAWN, False, None),
    ):
        agreement.state, agreement.ended_on = state, ended_on
        db.session.flush()
        case = case_of(owner.id, TODAY)
        assert (case.has_agreement, case.terminated_on) == (has_agreement, terminated_on)


# Decisions.


def test_a_decision_is_read_by_both_spouses_and_by_nobody_else(app: Flask) -> None:
    marry()
    write_draft()
    decided = decide()

    found = applications.decision(taxpayer("owing").id, decided.reference)

    assert found is not None
    assert (found.is_accepted, found.decided_on, found.decided_at, found.reasons) == (True, TODAY, NOW.at, [])
    assert found.agreement == db.session.get_one(Agreement, decided.agreement_id).reference
    assert applications.decision_on(taxpayer("owing").id, found.agreement) == found
    assert applications.decision(taxpayer("stranger").id, decided.reference) is None
    assert applications.decision_on(taxpayer("stranger").id, found.agreement) is None


def test_the_latest_decision_is_the_newest_one(app: Flask) -> None:
    assert applications.latest_decision(taxpayer("owing").id) is None

    by = actor_of(user("owing"))
    services.begin(by=by, when=NOW)
    services.answer(Step.RETURNS, {"filed": "no"}, by=by, when=NOW)
    refused = services.decide(None, by=by, when=NOW)
    found = applications.latest_decision(taxpayer("owing").id)
    assert (found.reference, found.state, found.agreement) == (refused.reference, ApplicationState.REFUSED, None)
    assert found.reasons == [{"reason": "ReturnsMissing"}]

    write_draft()
    accepted = decide(when=later(days=1))
    assert applications.latest_decision(taxpayer("owing").id).reference == accepted.reference


def test_a_draft_is_no_decision(app: Flask) -> None:
    write_draft()
    draft = applications.draft_of(user("owing").id, TODAY)

    assert applications.decision(taxpayer("owing").id, draft.reference) is None


# What was agreed.


def test_an_accepted_agreement_is_read_as_it_was_at_first(app: Flask) -> None:
    """Also after other terms followed; of the account only the last four digits."""
    write_draft()
    agreement = db.session.get_one(Agreement, decide().agreement_id)
    terms.change_method(agreement, Method.MANUAL, by=PORTAL, when=later(days=3))

    found = agreements.accepted(taxpayer("owing").id, agreement.reference)

    assert (found.kind, found.fee, found.fee_back) == (PlanKind.LONG_TERM, dollars("29.00"), Money(0))
    assert (found.monthly, found.due_day, found.first_due_on) == (dollars("400.00"), 15, date(2026, 12, 15))
    assert (found.method, found.bank_account.last_four) == (Method.DIRECT_DEBIT, "4418")


def test_what_was_signed_is_read_by_the_account_that_signed_it_only(app: Flask) -> None:
    write_draft()
    services.decide(signature("Olivia Owens", AuthorizationKind.DEBIT), by=actor_of(user("owing")), when=NOW)
    mine, other = taxpayer("owing").id, taxpayer("stranger").id
    reference = applications.latest_decision(mine).agreement

    texts = agreements.signed(mine, reference)

    assert [(each.kind, each.text, each.signature) for each in texts] == [
        (AuthorizationKind.TERMS, "The text of terms.", "Olivia Owens"),
        (AuthorizationKind.DEBIT, "The text of debit.", "Olivia Owens"),
    ]
    assert agreements.signed_text(mine, texts[1].reference) == texts[1]
    assert agreements.signed_text(other, texts[1].reference) is None
    assert agreements.signed(other, reference) == []


def test_the_employer_s_part_is_read_by_the_account_only(app: Flask) -> None:
    asked = ask_employer()
    reference = applications.latest_decision(taxpayer("owing").id).agreement

    found = agreements.deduction(taxpayer("owing").id, reference)

    assert (found.reference, found.employer, found.per_paycheck) == (
        asked.reference,
        "Prairie Mill",
        dollars("184.62"),
    )
    assert agreements.deduction(taxpayer("stranger").id, reference) is None
    assert agreements.accepted(taxpayer("owing").id, reference).bank_account is None
    assert agreements.accepted(taxpayer("owing").id, reference).method is Method.PAYROLL


# Who signs in.


def test_the_spouse_is_known_by_own_facts_at_the_shared_address(app: Flask) -> None:
    owner, spouse = person(user("owing").id), person(marry().id)

    assert (owner.name, spouse.name) == ("Olivia Owens", "José O’Brien-Nuñez")
    assert owner.ssn_index != spouse.ssn_index
    assert spouse.born_on == date(1980, 2, 29)
    assert (spouse.account, spouse.street) == (owner.account, owner.street)
