"""Payroll deduction: ask an employer, take its answer, remind it, go on without it, and note what it sent."""

import secrets
from datetime import date, timedelta

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import PORTAL, Actor
from portal.domain.answers import Answer
from portal.domain.language import Language
from portal.domain.lifecycle import DeductionState, deduction_move
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import Method, PayFrequency, per_paycheck
from portal.domain.refusal import Refusal
from portal.models import Agreement, Payment, PayrollDeduction, Remittance, Taxpayer
from portal.models.columns import new_reference
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.office import office
from portal.services import mails, notices, payments, terms, trail
from portal.services.sign_ins import token_hash


class AlreadyReported(Refusal):
    """A deduction of this payday was reported before. Nothing was changed."""

    about = "paid_on"


class NotInForce(Refusal):
    """This deduction is not in force, so nothing can be reported for it. Nothing was changed."""


def ask(agreement: Agreement, monthly: Money, employer: Answer, *, by: Actor, when: Moment) -> PayrollDeduction:
    """Ask an employer to deduct: a link by which it answers once, without an account, is mailed to it."""
    with transaction():
        frequency = PayFrequency(employer["frequency"])
        token = secrets.token_urlsafe(32)
        deduction = PayrollDeduction(
            reference=new_reference("PD"), agreement_id=agreement.id, taxpayer_id=agreement.taxpayer_id,
            state=DeductionState.ASKED, employer=employer["name"], employer_email=employer["email"],
            frequency=frequency, per_paycheck=per_paycheck(monthly, frequency), answer_hash=token_hash(token),
            begun_on=when.on, asked_on=when.on,
            ends_on=when.on + timedelta(days=office().policy.days.on(when.on).employer_answer),
        )  # fmt: skip
        db.session.add(deduction)
        db.session.flush()
        _note(deduction, by=by, when=when)
        _mail_request(deduction, token, when=when)
        return deduction


def by_answer_token(token: str) -> PayrollDeduction | None:
    """The deduction that the link of a request opens."""
    rows = select(PayrollDeduction).where(PayrollDeduction.answer_hash == token_hash(token))
    return db.session.execute(rows).scalar_one_or_none()


def by_report_token(token: str) -> PayrollDeduction | None:
    """The deduction for which the link of a confirmation takes reports."""
    rows = select(PayrollDeduction).where(PayrollDeduction.report_hash == token_hash(token))
    return db.session.execute(rows).scalar_one_or_none()


def running(agreement: Agreement) -> PayrollDeduction | None:
    """The deduction that an employer is asked for, or makes."""
    rows = select(PayrollDeduction).where(
        PayrollDeduction.agreement_id == agreement.id,
        PayrollDeduction.state.in_((DeductionState.ASKED, DeductionState.CONFIRMED)),
    )
    return db.session.execute(rows).scalar_one_or_none()


def remind(deduction: PayrollDeduction, *, when: Moment) -> None:
    """Ask an employer again, with a new link: the one before opens nothing any more."""
    with transaction():
        token = secrets.token_urlsafe(32)
        deduction.answer_hash, deduction.asked_on = token_hash(token), when.on
        db.session.flush()
        trail.append("payroll.reminded", deduction.reference, by=PORTAL, when=when, taxpayer_id=deduction.taxpayer_id)
        _mail_request(deduction, token, when=when)


def confirm(deduction: PayrollDeduction, *, name: str, when: Moment) -> None:
    """The employer deducts: it gets a link to report what it sends, and the taxpayer is told."""
    with transaction():
        _answer(deduction, DeductionState.CONFIRMED, name, when=when)
        token = secrets.token_urlsafe(32)
        deduction.report_hash = token_hash(token)
        db.session.flush()
        mails.write(
            MailKind.EMPLOYER_CONFIRMED, deduction.employer_email, language=Language.ENGLISH, when=when,
            employer=deduction.employer, link=f"/payroll/reports/{token}",
        )  # fmt: skip
        _tell(deduction, NoticeKind.PAYROLL_CONFIRMED, when=when)


def decline(deduction: PayrollDeduction, *, name: str, when: Moment) -> None:
    """The employer does not deduct: the taxpayer pays without it from here on, and is told so."""
    with transaction():
        _answer(deduction, DeductionState.DECLINED, name, when=when)
        _go_on_without(deduction, when=when)


def expire(deduction: PayrollDeduction, *, when: Moment) -> None:
    """The employer did not answer in time: the taxpayer pays without it from here on, and is told so."""
    with transaction():
        _move(deduction, DeductionState.EXPIRED, by=PORTAL, when=when)
        _go_on_without(deduction, when=when)


def end(deduction: PayrollDeduction, *, when: Moment) -> None:
    """The agreement is over, or paid another way: the employer is told to deduct nothing any more."""
    with transaction():
        _move(deduction, DeductionState.ENDED, by=PORTAL, when=when)
        mails.write(
            MailKind.EMPLOYER_ENDED, deduction.employer_email, language=Language.ENGLISH, when=when,
            employer=deduction.employer, reference=deduction.reference,
        )  # fmt: skip


def report(deduction: PayrollDeduction, amount: Money, *, paid_on: date, when: Moment) -> Payment:
    """Note what an employer says it deducted on a payday and sent: pending until the money is here. Refuses a second
    report for one payday (`AlreadyReported`), and one for a deduction that is not in force (`NotInForce`).
    """
    with transaction():
        if deduction.state != DeductionState.CONFIRMED:
            raise NotInForce
        same = select(Remittance.id).where(Remittance.deduction_id == deduction.id, Remittance.paid_on == paid_on)
        if db.session.execute(same).first():
            raise AlreadyReported
        taxpayer = db.session.get_one(Taxpayer, deduction.taxpayer_id)
        payment = payments.announce(taxpayer, amount, channel=Channel.PAYROLL, pay_on=when.on, by=PORTAL, when=when)
        db.session.add(
            Remittance(deduction_id=deduction.id, payment_id=payment.id, paid_on=paid_on, recorded_at=when.at)
        )
        return payment


def _answer(deduction: PayrollDeduction, state: DeductionState, name: str, *, when: Moment) -> None:
    deduction.answered_at, deduction.answered_by = when.at, name
    _move(deduction, state, by=PORTAL, when=when, answered_by=name)


def _move(deduction: PayrollDeduction, state: DeductionState, *, by: Actor, when: Moment, **details: str) -> None:
    deduction.state = deduction_move(deduction.state, state)
    db.session.flush()
    _note(deduction, by=by, when=when, **details)


def _note(deduction: PayrollDeduction, *, by: Actor, when: Moment, **details: str) -> None:
    trail.append(
        f"payroll.{deduction.state}", deduction.reference, by=by, when=when, taxpayer_id=deduction.taxpayer_id,
        employer=deduction.employer, **details,
    )  # fmt: skip


def _go_on_without(deduction: PayrollDeduction, *, when: Moment) -> None:
    agreement = db.session.get_one(Agreement, deduction.agreement_id)
    if agreement.is_in_force:
        terms.change_method(agreement, Method.MANUAL, by=PORTAL, when=when)
    _tell(deduction, NoticeKind.PAYROLL_ENDED, when=when, reason=deduction.state)


def _tell(deduction: PayrollDeduction, kind: NoticeKind, *, when: Moment, **facts: str) -> None:
    facts |= {"deduction": deduction.reference, "employer": deduction.employer}
    notices.issue(deduction.taxpayer_id, kind, when=when, **facts)


def _mail_request(deduction: PayrollDeduction, token: str, *, when: Moment) -> None:
    taxpayer = db.session.get_one(Taxpayer, deduction.taxpayer_id)
    mails.write(
        MailKind.EMPLOYER_REQUEST, deduction.employer_email, language=Language.ENGLISH, when=when,
        employer=deduction.employer, employee=taxpayer.name, ends_on=deduction.ends_on.isoformat(),
        link=f"/payroll/{token}",
    )  # fmt: skip
