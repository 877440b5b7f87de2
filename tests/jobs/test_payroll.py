"""Payroll deduction day by day: an employer is reminded every week, given up after three, told when it is over."""

from datetime import timedelta

import pytest
from flask import Flask

from portal.db import db
from portal.domain.lifecycle import AgreementState, DeductionState, PaymentState
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.jobs import payroll as job
from portal.models import Agreement, Notice, Payment, PayrollDeduction
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.services import payroll
from tests.applicant import ask_employer, later, mails
from tests.cast import TODAY, taxpayer
from tests.ledger_text import dollars
from tests.services.test_deeds import everything


def lived(after: int, through: int) -> None:
    """The job of each day after the one and up to the other, counted from the day of the application."""
    for days in range(after + 1, through + 1):
        job.run(later(days=days))


def test_an_employer_that_does_not_answer_is_reminded_every_seven_days(app: Flask) -> None:
    deduction, asked = ask_employer(), []

    for days in range(22):
        job.run(later(days=days))
        asked.append(requests())

    assert [days for days in range(1, 22) if asked[days] > asked[days - 1]] == [7, 14, 21]
    assert deduction.state is DeductionState.ASKED


def test_an_employer_that_never_answers_is_given_up_after_twenty_one_days(app: Flask) -> None:
    """The twenty-first day is the last one on which it may answer."""
    deduction = ask_employer()

    lived(0, 21)
    assert deduction.state is DeductionState.ASKED

    lived(21, 22)
    assert deduction.state is DeductionState.EXPIRED
    assert notices() == [NoticeKind.ACCEPTANCE, NoticeKind.PAYROLL_ENDED]
    assert len(mails(MailKind.PAYROLL_ENDED)) == 1

    before = everything()
    lived(22, 40)
    assert everything() == before


@pytest.mark.parametrize("verb", [payroll.confirm, payroll.decline], ids=["confirmed", "declined"])
def test_an_employer_that_has_answered_is_not_asked_again(app: Flask, verb: object) -> None:
    deduction = ask_employer()
    verb(deduction, name="Pat Payer", when=later(days=1))
    before = everything()

    lived(1, 30)

    assert everything() == before


def test_a_day_that_is_done_twice_reminds_once(app: Flask) -> None:
    ask_employer()

    job.run(later(days=7))
    job.run(later(days=7))

    assert requests() == 2


def test_after_days_that_were_left_out_an_employer_is_reminded_once_and_a_week_later_again(app: Flask) -> None:
    deduction = ask_employer()

    job.run(later(days=17))
    assert (requests(), deduction.asked_on) == (2, TODAY + timedelta(days=17))

    lived(17, 21)
    assert requests() == 2


@pytest.mark.parametrize("is_confirmed", [True, False])
@pytest.mark.parametrize("state", [AgreementState.COMPLETED, AgreementState.TERMINATED, AgreementState.WITHDRAWN])
def test_an_employer_is_told_once_that_the_agreement_is_over(
    app: Flask, state: AgreementState, is_confirmed: bool
) -> None:
    """One that has not answered is told too, so that it does not begin."""
    deduction = ask_employer()
    if is_confirmed:
        payroll.confirm(deduction, name="Pat Payer", when=later(days=1))
    set_state(deduction, state)

    lived(5, 40)

    assert deduction.state is DeductionState.ENDED
    assert [recipient for recipient, _facts in mails(MailKind.EMPLOYER_ENDED)] == ["payroll@mill.example"]
    assert requests() == 1
    assert NoticeKind.PAYROLL_ENDED not in notices()


def test_while_the_agreement_is_in_default_the_employer_goes_on(app: Flask) -> None:
    deduction = ask_employer()
    payroll.confirm(deduction, name="Pat Payer", when=later(days=1))
    set_state(deduction, AgreementState.IN_DEFAULT)

    lived(1, 30)

    assert deduction.state is DeductionState.CONFIRMED


def test_the_daily_close_never_settles_what_an_employer_only_reported(app: Flask) -> None:
    """Of a debit the bank says that it was paid; of this money nobody has seen anything yet."""
    deduction = ask_employer()
    payroll.confirm(deduction, name="Pat Payer", when=later(days=1))
    payment = payroll.report(
        deduction, dollars("184.62"), paid_on=TODAY + timedelta(days=1), when=later(days=1, minutes=1)
    )

    for days in range(2, 26):
        close.run(later(days=days), SandboxBank())

    assert payment.state is PaymentState.SUBMITTED
    debits = db.select(Payment.state).where(Payment.channel == Channel.DEBIT, Payment.pay_on > TODAY).distinct()
    assert PaymentState.SETTLED in set(db.session.execute(debits).scalars())


def test_the_daily_close_does_the_day_of_payroll_too(app: Flask) -> None:
    ask_employer()

    close.run(later(days=7), SandboxBank())

    assert requests() == 2


def set_state(deduction: PayrollDeduction, state: AgreementState) -> None:
    db.session.get_one(Agreement, deduction.agreement_id).state = state
    db.session.commit()


def requests() -> int:
    """How often an employer was asked."""
    return len(mails(MailKind.EMPLOYER_REQUEST))


def notices() -> list[NoticeKind]:
    rows = db.select(Notice.kind).where(Notice.taxpayer_id == taxpayer("owing").id).order_by(Notice.id)
    return list(db.session.execute(rows).scalars())
