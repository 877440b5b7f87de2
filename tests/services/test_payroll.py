"""Payroll deduction: the employer answers once by a link and reports each payday once; a plan goes on without it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.db import db
from portal.domain.lifecycle import AgreementState, DeductionState, NotAllowed, PaymentState
from portal.domain.plan import Method
from portal.models import Agreement, Notice, PayrollDeduction, Terms, TrailEvent
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.queries.payroll import employee, reported
from portal.services import payroll
from portal.services import terms as deeds
from portal.services.payroll import AlreadyReported, NotInForce
from tests.applicant import ask_employer, later, mails
from tests.cast import TODAY, taxpayer
from tests.ledger_text import books_of, dollars
from tests.services.test_deeds import everything, whole_trail

PAYDAY = date(2026, 12, 4)
VERBS: dict[DeductionState, Callable[[PayrollDeduction], None]] = {
    DeductionState.CONFIRMED: lambda deduction: payroll.confirm(deduction, name="Pat Payer", when=later(days=2)),
    DeductionState.DECLINED: lambda deduction: payroll.decline(deduction, name="Pat Payer", when=later(days=2)),
    DeductionState.EXPIRED: lambda deduction: payroll.expire(deduction, when=later(days=22)),
    DeductionState.ENDED: lambda deduction: payroll.end(deduction, when=later(days=40)),
}


def confirmed() -> PayrollDeduction:
    deduction = ask_employer()
    VERBS[DeductionState.CONFIRMED](deduction)
    return deduction


# The answer.


def test_an_employer_that_confirms_gets_a_link_for_its_reports_and_the_taxpayer_is_told(app: Flask) -> None:
    deduction = confirmed()

    assert (deduction.state, deduction.answered_by, deduction.answered_at) == (
        DeductionState.CONFIRMED, "Pat Payer", later(days=2).at,
    )  # fmt: skip
    [(recipient, facts)] = mails(MailKind.EMPLOYER_CONFIRMED)
    assert recipient == "payroll@mill.example"
    assert payroll.by_report_token(token_in(facts)) is deduction
    assert payroll.by_answer_token(token_in(facts)) is None
    assert last_notice() == (
        NoticeKind.PAYROLL_CONFIRMED, {"deduction": deduction.reference, "employer": "Prairie Mill"},
    )  # fmt: skip
    assert [to for to, _facts in mails(MailKind.PAYROLL_CONFIRMED)] == ["owing@example.test"]
    assert method_on(TODAY + timedelta(days=2)) is Method.PAYROLL
    assert events(deduction) == ["payroll.asked", "payroll.confirmed"]
    assert whole_trail()


@pytest.mark.parametrize("state", [DeductionState.DECLINED, DeductionState.EXPIRED])
def test_without_the_employer_the_plan_goes_on_by_own_payments(app: Flask, state: DeductionState) -> None:
    """The same amount on the same day, and no further fee."""
    deduction, before = ask_employer(), books_of(taxpayer("owing"))

    VERBS[state](deduction)

    assert deduction.state is state
    first, second = terms()
    assert (first.method, second.method, second.bank_account_id) == (Method.PAYROLL, Method.MANUAL, None)
    assert (second.monthly, second.due_day, second.first_due_on) == (first.monthly, first.due_day, first.first_due_on)
    assert method_on(TODAY + timedelta(days=1)) is Method.PAYROLL
    assert method_on(TODAY + timedelta(days=22)) is Method.MANUAL
    assert agreement().state is AgreementState.ACTIVE
    assert books_of(taxpayer("owing")) == before
    facts = {"deduction": deduction.reference, "employer": "Prairie Mill", "reason": state.value}
    assert last_notice() == (NoticeKind.PAYROLL_ENDED, facts)
    [(recipient, told)] = mails(MailKind.PAYROLL_ENDED)
    assert (recipient, told["reason"], told["employer"]) == ("owing@example.test", state.value, "Prairie Mill")
    assert events(deduction) == ["payroll.asked", f"payroll.{state}"]


def test_an_answer_on_the_day_of_the_agreement_counts_at_once(app: Flask) -> None:
    payroll.decline(ask_employer(), name="Pat Payer", when=later(minutes=5))

    assert method_on(TODAY) is Method.MANUAL


def test_who_declines_after_the_agreement_is_over_changes_nothing_in_it(app: Flask) -> None:
    deduction = ask_employer()
    agreement().state = AgreementState.WITHDRAWN
    db.session.commit()

    VERBS[DeductionState.DECLINED](deduction)

    assert [each.method for each in terms()] == [Method.PAYROLL]


@pytest.mark.parametrize("first", VERBS)
def test_an_employer_answers_once(app: Flask, first: DeductionState) -> None:
    deduction = ask_employer()
    VERBS[first](deduction)
    before = everything()

    for second in VERBS:
        if (first, second) != (DeductionState.CONFIRMED, DeductionState.ENDED):
            with pytest.raises(NotAllowed):
                VERBS[second](deduction)
            assert everything() == before


# Links.


def test_a_reminder_comes_with_a_new_link_and_the_old_one_opens_nothing(app: Flask) -> None:
    deduction = ask_employer()

    payroll.remind(deduction, when=later(days=7))

    old, new = (token_in(facts) for _to, facts in mails(MailKind.EMPLOYER_REQUEST))
    assert payroll.by_answer_token(old) is None
    assert payroll.by_answer_token(new) is deduction
    assert (deduction.asked_on, deduction.ends_on) == (TODAY + timedelta(days=7), TODAY + timedelta(days=21))
    assert events(deduction) == ["payroll.asked", "payroll.reminded"]


@pytest.mark.parametrize("token", ["", "x", "a" * 5000, "../..", "ünïcödé"])
def test_a_link_that_nobody_was_sent_opens_nothing(app: Flask, token: str) -> None:
    confirmed()

    assert payroll.by_answer_token(token) is None
    assert payroll.by_report_token(token) is None


def test_before_it_confirms_an_employer_has_no_link_for_reports(app: Flask) -> None:
    assert ask_employer().report_hash is None


def test_no_link_is_kept_in_clear(app: Flask) -> None:
    confirmed()
    tokens = [
        token_in(facts)
        for kind in (MailKind.EMPLOYER_REQUEST, MailKind.EMPLOYER_CONFIRMED)
        for _to, facts in mails(kind)
    ]

    rows = repr(everything())

    assert len(set(tokens)) == 2
    assert not any(token in rows for token in tokens)


# Reports.


def test_what_an_employer_reports_is_on_its_way_and_not_yet_paid(app: Flask) -> None:
    deduction, before = confirmed(), books_of(taxpayer("owing"))

    payment = payroll.report(deduction, dollars("184.62"), paid_on=PAYDAY, when=later(days=12))

    assert (payment.state, payment.channel, payment.amount, payment.pay_on, payment.agreement_id) == (
        PaymentState.SUBMITTED, Channel.PAYROLL, dollars("184.62"), TODAY + timedelta(days=12), None,
    )  # fmt: skip
    assert books_of(taxpayer("owing")) == before


def test_a_payday_is_reported_once(app: Flask) -> None:
    deduction = confirmed()
    payroll.report(deduction, dollars("184.62"), paid_on=PAYDAY, when=later(days=12))
    before = everything()

    for amount in ("184.62", "200.00"):
        with pytest.raises(AlreadyReported):
            payroll.report(deduction, dollars(amount), paid_on=PAYDAY, when=later(days=13))

    assert everything() == before


def test_what_was_reported_is_listed_from_the_newest_payday_on(app: Flask) -> None:
    deduction = confirmed()
    for days in (14, 0, 28):
        payroll.report(deduction, dollars("184.62"), paid_on=PAYDAY + timedelta(days=days), when=later(days=50))

    assert [(each.paid_on.isoformat(), str(each.amount), each.state) for each in reported(deduction.id)] == [
        ("2027-01-01", "184.62", PaymentState.SUBMITTED),
        ("2026-12-18", "184.62", PaymentState.SUBMITTED),
        ("2026-12-04", "184.62", PaymentState.SUBMITTED),
    ]
    assert employee(deduction.taxpayer_id) == "Olivia Owens"


@pytest.mark.parametrize("state", [None, DeductionState.DECLINED, DeductionState.EXPIRED, DeductionState.ENDED])
def test_nothing_is_reported_for_a_deduction_that_is_not_in_force(app: Flask, state: DeductionState | None) -> None:
    deduction = ask_employer()
    if state:
        VERBS[state](deduction)
    before = everything()

    with pytest.raises(NotInForce):
        payroll.report(deduction, dollars("184.62"), paid_on=PAYDAY, when=later(days=50))

    assert everything() == before


# The end.


def test_when_the_agreement_is_over_the_employer_is_told_to_stop(app: Flask) -> None:
    deduction = confirmed()

    payroll.end(deduction, when=later(days=40))

    assert deduction.state is DeductionState.ENDED
    assert mails(MailKind.EMPLOYER_ENDED) == [
        ("payroll@mill.example", {"employer": "Prairie Mill", "reference": deduction.reference})
    ]
    assert events(deduction)[-1] == "payroll.ended"


def token_in(facts: dict[str, str]) -> str:
    return facts["link"].rpartition("/")[2]


def agreement() -> Agreement:
    rows = db.select(Agreement).where(Agreement.taxpayer_id == taxpayer("owing").id)
    return db.session.execute(rows).scalar_one()


def terms() -> list[Terms]:
    rows = db.select(Terms).where(Terms.agreement_id == agreement().id).order_by(Terms.id)
    return list(db.session.execute(rows).scalars())


def method_on(day: date) -> Method:
    return deeds.current(agreement(), day).method


def last_notice() -> tuple[NoticeKind, dict[str, str]]:
    rows = db.select(Notice).where(Notice.taxpayer_id == taxpayer("owing").id).order_by(Notice.id.desc()).limit(1)
    notice = db.session.execute(rows).scalar_one()
    return notice.kind, notice.facts


def events(deduction: PayrollDeduction) -> list[str]:
    rows = db.select(TrailEvent.event).where(TrailEvent.subject == deduction.reference)
    return list(db.session.execute(rows.order_by(TrailEvent.number)).scalars())
