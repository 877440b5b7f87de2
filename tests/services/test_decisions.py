"""The decision on an application: everything that belongs to an agreement, or every reason against it; or nothing."""

from contextlib import suppress
from datetime import date
from itertools import count
from typing import Any

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL, Role
from portal.domain.answers import Step
from portal.domain.eligibility import recalled
from portal.domain.lifecycle import AgreementState, ApplicationState, DeductionState, PaymentState
from portal.domain.money import Money
from portal.domain.period import TaxPeriod
from portal.domain.plan import Method, PlanKind
from portal.models import (
    Agreement,
    Application,
    Authorization,
    BankAccount,
    Notice,
    Payment,
    PayrollDeduction,
    Terms,
    TrailEvent,
)
from portal.models.authorization import AuthorizationKind
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.queries import accounts
from portal.queries.applications import opened
from portal.services import (
    agreements,
    applications,
    authorizations,
    bank_accounts,
    ledger,
    mails,
    notices,
    payments,
    payroll,
    promises,
    taxpayers,
    trail,
    users,
)
from portal.services.applications import AnswersMissing
from tests import applicant
from tests.applicant import ACCOUNT, BY_PAYROLL, ROUTING, actor_of, decide, kept, later, marry, signature, write_draft
from tests.cast import TODAY, taxpayer, user
from tests.ledger_text import books_of, dollars, owing
from tests.services.test_deeds import PowerCut, everything, failing_at, kept_head, whole_trail
from tests.stopped_clock import NOW

MOVED = {"street": "7 Elm Court", "city": "Juneau", "state": "AK", "postal_code": "99801", "phone": "907-555-0101"}
POOR = {"people": "2", "income": "20000.00"}
SHORT: dict[str, dict[str, str]] = {"plan": {"kind": "short_term"}, "amount": {"monthly": "4000.00"}}


def accepted(**changes: dict[str, str]) -> Agreement:
    """The agreement that follows from answers, by the name of the question."""
    write_draft(**changes)
    decision = decide()
    assert decision.state is ApplicationState.ACCEPTED
    return db.session.get_one(Agreement, decision.agreement_id)


# Accepted.


def test_an_accepted_application_is_an_agreement_with_its_terms_account_and_first_debit(app: Flask) -> None:
    agreement = accepted()

    terms, account, payment = only(Terms, agreement), new_account(), only(Payment, agreement)
    assert (agreement.state, agreement.kind, agreement.accepted_on, agreement.fee_back) == (
        AgreementState.ACTIVE, PlanKind.LONG_TERM, TODAY, Money(0),
    )  # fmt: skip
    assert (terms.monthly, terms.due_day, terms.first_due_on, terms.method, terms.bank_account_id) == (
        dollars("400.00"), 15, date(2026, 12, 15), Method.DIRECT_DEBIT, account.id,
    )  # fmt: skip
    assert (account.routing_number, bank_accounts.number_of(account)) == (ROUTING, ACCOUNT)
    assert (payment.state, payment.amount, payment.installment_on, payment.pay_on, payment.bank_account_id) == (
        PaymentState.SCHEDULED, dollars("400.00"), date(2026, 12, 15), date(2026, 12, 15), account.id,
    )  # fmt: skip
    assert "fee 29.00" in books_of(taxpayer("owing"))


def test_the_decision_is_kept_and_the_answers_are_not(app: Flask) -> None:
    agreement = accepted()

    [decision] = rows(Application)
    assert (decision.agreement_id, decision.decided_on, decision.decided_at) == (agreement.id, TODAY, NOW.at)
    assert opened(decision.answers_sealed, decision.reference) == {}
    assert ACCOUNT not in repr(everything())


def test_what_was_signed_is_kept_word_for_word(app: Flask) -> None:
    write_draft()
    signed = signature("Olivia  Owens", AuthorizationKind.DEBIT)

    applications.decide(signed, by=actor_of(user("owing")), when=NOW)

    assert [(each.kind, each.text, each.signature, each.version, each.language) for each in rows(Authorization)] == [
        ("terms", "The text of terms.", "Olivia  Owens", "2026-11", "en_US"),
        ("debit", "The text of debit.", "Olivia  Owens", "2026-11", "en_US"),
    ]
    assert {(each.user_id, each.signed_at) for each in rows(Authorization)} == {(user("owing").id, NOW.at)}


def test_the_taxpayer_is_told_by_notice_and_by_mail(app: Flask) -> None:
    agreement = accepted()

    assert new_notices() == [
        (NoticeKind.ACCEPTANCE, {
            "agreement": agreement.reference, "monthly": "400.00", "first_due_on": "2026-12-15", "fee": "29.00",
        }),
    ]  # fmt: skip
    [(recipient, mailed)] = applicant.mails(MailKind.ACCEPTANCE)
    assert recipient == "owing@example.test"
    assert mailed.pop("link") == f"/account/notices/{notice().reference}"
    assert mailed == {"first_name": "Olivia"} | notice().facts


def test_the_address_and_the_wishes_of_the_applicant_are_taken_over(app: Flask) -> None:
    accepted(address=MOVED, contact={"language": "es_US", "reminders": "no"})

    owner, member = taxpayer("owing"), user("owing")
    assert {name: getattr(owner, name) for name in MOVED} == MOVED
    assert (member.language, member.wants_reminders) == ("es_US", False)


def test_all_of_it_stands_in_the_trail_in_its_order(app: Flask) -> None:
    write_draft(address=MOVED, contact={"language": "es_US", "reminders": "no"})
    before = events()

    decide()

    assert events()[len(before) :] == [
        "taxpayer.moved", "user.spoken_to", "user.not_reminded", "bank_account.added", "agreement.accepted",
        "payment.scheduled", "application.accepted",
    ]  # fmt: skip
    assert whole_trail()


def test_payroll_asks_the_employer_and_debits_nothing(app: Flask) -> None:
    agreement = accepted(**BY_PAYROLL)

    deduction = only(PayrollDeduction, agreement)
    assert (deduction.state, deduction.employer, deduction.employer_email, deduction.per_paycheck) == (
        DeductionState.ASKED, "Prairie Mill", "payroll@mill.example", dollars("184.62"),
    )  # fmt: skip
    assert (deduction.begun_on, deduction.asked_on, deduction.ends_on) == (TODAY, TODAY, date(2026, 12, 14))
    [(recipient, facts)] = applicant.mails(MailKind.EMPLOYER_REQUEST)
    assert recipient == "payroll@mill.example"
    assert payroll.by_answer_token(facts["link"].rpartition("/")[2]) is deduction
    assert {name: facts[name] for name in ("employer", "employee", "ends_on")} == {
        "employer": "Prairie Mill", "employee": "Olivia Owens", "ends_on": "2026-12-14",
    }  # fmt: skip
    assert only(Terms, agreement).bank_account_id is None
    assert all_of(Payment, agreement) == []
    assert "fee 69.00" in books_of(taxpayer("owing"))


@pytest.mark.parametrize(
    ("changes", "fee", "fee_back"),
    [
        ({}, "29.00", "0.00"),
        ({"method": {"method": "manual"}}, "69.00", "0.00"),
        (BY_PAYROLL, "69.00", "0.00"),
        ({"household": POOR}, "0.00", "0.00"),
        ({"household": POOR, "method": {"method": "manual"}}, "43.00", "43.00"),
        ({"household": POOR, **BY_PAYROLL}, "43.00", "43.00"),
        ({"household": {"people": "2", "income": "54100.01"}}, "29.00", "0.00"),
        (SHORT, "0.00", "0.00"),
        ({**SHORT, "method": {"method": "manual"}}, "0.00", "0.00"),
    ],
)
def test_the_fee_is_that_of_the_method_the_income_and_the_kind(
    app: Flask, changes: dict[str, dict[str, str]], fee: str, fee_back: str
) -> None:
    agreement = accepted(**changes)

    charged = [line for line in books_of(taxpayer("owing")) if line.startswith("fee")]
    assert charged == ([f"fee {fee}"] if fee != "0.00" else [])
    assert str(agreement.fee_back) == fee_back
    assert new_notices()[0][1]["fee"] == fee


def test_a_short_plan_is_no_installment_agreement_that_halves_the_penalty(app: Flask) -> None:
    agreement = accepted(**SHORT)

    assert agreement.kind is PlanKind.SHORT_TERM
    assert accounts.facts(taxpayer("owing").id).in_effect == ()


def test_a_long_plan_is_in_effect_from_the_day_of_the_decision(app: Flask) -> None:
    accepted()

    [span] = accounts.facts(taxpayer("owing").id).in_effect
    assert (span.begins_on, span.through) == (TODAY, None)


# All of it or nothing.


@pytest.mark.parametrize(
    ("service", "deed"),
    [
        *((taxpayers, "move"), (users, "speak"), (users, "remind"), (bank_accounts, "add"), (agreements, "accept")),
        *((ledger, "charge"), (ledger, "align"), (notices, "issue"), (payments, "schedule"), (mails, "write")),
        *((mails, "write_to"), (promises, "promise"), (authorizations, "keep")),
        *((applications, "_close"), (trail, "append")),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_if_any_part_of_an_acceptance_fails_nothing_is_left(
    app: Flask, monkeypatch: pytest.MonkeyPatch, service: Any, deed: str
) -> None:
    write_draft(address=MOVED, contact={"language": "es_US", "reminders": "no"})
    before, head = everything(), kept_head()
    monkeypatch.setattr(service, deed, power_cut)

    with pytest.raises(PowerCut):
        decide()

    assert everything() == before
    assert kept_head() == head


def test_if_the_employer_cannot_be_asked_nothing_is_left(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    write_draft(**BY_PAYROLL)
    before = everything()
    monkeypatch.setattr(payroll, "ask", power_cut)

    with pytest.raises(PowerCut):
        decide()

    assert everything() == before


@pytest.mark.parametrize("changes", [{}, BY_PAYROLL], ids=["debit", "payroll"])
def test_a_decision_that_fails_at_any_of_its_writes_leaves_nothing(
    empty: Flask, changes: dict[str, dict[str, str]]
) -> None:
    somebody_who_owes()
    write_draft(**changes)
    db.session.commit()
    before, head = everything(), kept_head()

    for number in count(1):
        with failing_at(number) as failed, suppress(PowerCut):
            decide()
        if not failed:
            break
        assert everything() == before, f"failing at write {number} left something"
        db.session.commit()
        assert kept_head() == head

    assert number > 12
    assert [each.state for each in rows(Agreement)] == [AgreementState.ACTIVE]
    assert whole_trail()


# Once.


def test_who_signs_again_is_told_the_same_decision(app: Flask) -> None:
    write_draft()
    first = decide()
    before = everything()

    again = decide(when=later(minutes=1))

    assert again is first
    assert everything() == before


def test_after_one_spouse_s_plan_the_other_s_draft_is_refused(app: Flask) -> None:
    """A joint return shares one agreement; both can read it."""
    spouse = marry()
    write_draft()
    write_draft(by=actor_of(spouse))

    first, second = decide(), decide(by=actor_of(spouse), when=later(minutes=1))

    assert (first.state, second.state) == (ApplicationState.ACCEPTED, ApplicationState.REFUSED)
    assert second.reasons == [{"reason": "HasAgreement"}]
    assert len(in_force()) == 1
    assert {recipient for recipient, _facts in applicant.mails(MailKind.ACCEPTANCE)} == {
        "owing@example.test", "jose@example.test",
    }  # fmt: skip


# Refused.


def test_a_refusal_records_every_reason_and_tells_it(app: Flask) -> None:
    write_draft()
    say(Step.RETURNS, filed="no")
    say(Step.CIRCUMSTANCES, true="bankruptcy court")

    decision = applications.decide(None, by=actor_of(user("owing")), when=NOW)

    names = ["ReturnsMissing", "InBankruptcy", "InCourt"]
    assert (decision.state, decision.agreement_id, decision.decided_on) == (ApplicationState.REFUSED, None, TODAY)
    assert decision.reasons == [{"reason": name} for name in names]
    assert opened(decision.answers_sealed, decision.reference) == {}
    facts = {"application": decision.reference, "reasons": " ".join(names)}
    assert new_notices() == [(NoticeKind.REFUSAL, facts)]
    [(recipient, told)] = applicant.mails(MailKind.REFUSAL)
    assert recipient == "owing@example.test"
    assert told["link"] == f"/account/notices/{notice().reference}"
    assert events()[-1] == "application.refused"
    assert in_force() == []


def test_the_reasons_against_both_kinds_are_recorded_once_each_with_their_figures(app: Flask) -> None:
    """More than is possible for either kind: the last one said is that of the long plan."""
    oscar, owner = actor_of(user("overlimit")), taxpayer("overlimit")
    facts = TaxPeriod(2022, date(2023, 4, 18), date(2023, 4, 18), TODAY, dollars("60000.00"))
    taxpayers.assess(owner, facts, by=PORTAL, when=NOW)
    applications.begin(by=oscar, when=NOW)

    decision = applications.decide(None, by=oscar, when=NOW)

    [reason] = map(recalled, decision.reasons)
    owed = reason.facts["owed"]
    assert owed > dollars("100000.00")
    assert reason.facts == {"owed": owed, "most": dollars("49999.99"), "pay_now": owed - dollars("49999.99")}


def test_where_a_plan_is_possible_nothing_is_refused(app: Flask) -> None:
    write_draft()
    before = everything()

    with pytest.raises(AnswersMissing):
        applications.decide(None, by=actor_of(user("owing")), when=NOW)

    assert everything() == before


@pytest.mark.parametrize("open_question", ["identity", "amount", "day", "bank", "contact"])
def test_nothing_is_decided_while_a_question_is_open(app: Flask, open_question: str) -> None:
    by, answers = actor_of(user("owing")), kept()
    applications.begin(by=by, when=NOW)
    for step in answers:
        hangs_on_it = step is Step.DAY and open_question == "amount"
        if step != open_question and not hangs_on_it:
            applications.answer(step, answers[step], by=by, when=NOW)
    before = everything()

    with pytest.raises(AnswersMissing):
        decide()

    assert everything() == before


def test_a_date_that_died_before_the_signature_is_asked_again(app: Flask) -> None:
    write_draft()
    before = everything()

    with pytest.raises(AnswersMissing):
        decide(when=later(days=21))

    assert everything() == before


def test_an_agreement_of_elsewhere_that_came_in_between_refuses_the_draft(app: Flask) -> None:
    """A clerk accepted a plan by telephone while the application waited."""
    write_draft()
    plan = agreements.Proposal(dollars("500.00"), 15, date(2026, 12, 15), Method.MANUAL)
    agreements.accept(taxpayer("owing"), plan, by=PORTAL, when=NOW)

    assert [reason["reason"] for reason in decide().reasons] == ["HasAgreement"]
    assert len(in_force()) == 1


def power_cut(*_facts: object, **_more: object) -> None:
    raise PowerCut


def say(step: Step, **answer: str) -> None:
    applications.answer(step, answer, by=actor_of(user("owing")), when=NOW)


def somebody_who_owes() -> None:
    """The same applicant on an empty database."""
    users.add(
        "owing@example.test", "a password of many words", name="Robin Ledger", role=Role.TAXPAYER,
        taxpayer=owing("9000.00", year=2025, day=TODAY), by=PORTAL, when=NOW,
    )  # fmt: skip


def rows(table: type[Any], *conditions: Any) -> list[Any]:
    return list(db.session.execute(db.select(table).where(*conditions).order_by(table.id)).scalars())


def all_of(table: type[Any], agreement: Agreement) -> list[Any]:
    return rows(table, table.agreement_id == agreement.id)


def only(table: type[Any], agreement: Agreement) -> Any:
    [row] = all_of(table, agreement)
    return row


def new_account() -> BankAccount:
    [account] = rows(BankAccount, BankAccount.taxpayer_id == taxpayer("owing").id)
    return account


def in_force() -> list[Agreement]:
    return [each for each in rows(Agreement, Agreement.taxpayer_id == taxpayer("owing").id) if each.is_in_force]


def notice() -> Notice:
    """The one notice that was issued."""
    [found] = rows(Notice, Notice.taxpayer_id == taxpayer("owing").id)
    assert isinstance(found, Notice)
    return found


def new_notices() -> list[tuple[NoticeKind, dict[str, str]]]:
    return [(each.kind, each.facts) for each in rows(Notice, Notice.taxpayer_id == taxpayer("owing").id)]


def events() -> list[str]:
    return list(db.session.execute(db.select(TrailEvent.event).order_by(TrailEvent.number)).scalars())
