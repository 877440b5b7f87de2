"""Reminders: some days before a payment is taken, or has to be here."""

from datetime import timedelta

from sqlalchemy import exists, or_, select

from portal.db import db
from portal.domain.installments import due_dates
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.domain.moment import Moment
from portal.domain.plan import Method
from portal.jobs import chunks
from portal.models import Agreement, Notice, Payment, Terms
from portal.models.notice import NoticeKind
from portal.office import office
from portal.services import notices, terms


def run(when: Moment) -> int:
    """Remind once of each payment: how many could not be."""
    until = when.on + timedelta(days=office().policy.days.on(when.on).reminder)
    taken = select(Payment).where(
        Payment.state == PaymentState.SCHEDULED, Payment.pay_on <= until, Payment.pay_on > when.on,
        Payment.reminded_on.is_(None),
    )  # fmt: skip
    asked = select(Agreement).where(
        Agreement.state == AgreementState.ACTIVE,
        exists().where(
            Terms.agreement_id == Agreement.id, Terms.method == Method.MANUAL,
            or_(Terms.due_day == until.day, Terms.first_due_on == until),
        ),
    )  # fmt: skip
    return chunks.each(Payment, taken, lambda each: _of_debit(each, when)) + chunks.each(
        Agreement, asked, lambda each: _of_own_payment(each, when)
    )


def _of_debit(payment: Payment, when: Moment) -> None:
    payment.reminded_on = when.on
    notices.issue(
        payment.taxpayer_id, NoticeKind.REMINDER, when=when, payment=payment.reference, amount=str(payment.amount),
        pay_on=payment.pay_on.isoformat(), installment_on=(payment.installment_on or payment.pay_on).isoformat(),
    )  # fmt: skip


def _of_own_payment(agreement: Agreement, when: Moment) -> None:
    """Who pays alone is reminded of the day by which the money has to be here."""
    until = when.on + timedelta(days=office().policy.days.on(when.on).reminder)
    due_on, asked = next(due_dates(terms.history(agreement), when.on))
    if asked.method is Method.MANUAL and due_on <= until and not _was_told(agreement, when):
        notices.issue(
            agreement.taxpayer_id, NoticeKind.REMINDER, when=when, payment="", amount=str(asked.monthly),
            pay_on=due_on.isoformat(), installment_on=due_on.isoformat(),
        )  # fmt: skip


def _was_told(agreement: Agreement, when: Moment) -> bool:
    """This was said today already; of a debit or a signed payment there may be another reminder."""
    told = select(Notice.facts).where(
        Notice.taxpayer_id == agreement.taxpayer_id, Notice.kind == NoticeKind.REMINDER, Notice.issued_on == when.on
    )
    return any(facts["payment"] == "" for facts in db.session.execute(told).scalars())
