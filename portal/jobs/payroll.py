"""Payroll deduction day by day: employers are reminded, given up, and told when an agreement is over."""

from datetime import timedelta

from sqlalchemy import select

from portal.db import db
from portal.domain.lifecycle import IN_FORCE, DeductionState
from portal.domain.moment import Moment
from portal.models import Agreement, PayrollDeduction
from portal.office import office
from portal.services import payroll


def run(when: Moment) -> None:
    """Do one day. Each piece of work leaves its row so that it is not found again that day."""
    for deduction in _of_agreements_over():
        payroll.end(deduction, when=when)
    for deduction in _asked(PayrollDeduction.ends_on < when.on):
        payroll.expire(deduction, when=when)
    every = timedelta(days=office().policy.days.on(when.on).employer_reminder)
    for deduction in _asked(PayrollDeduction.asked_on <= when.on - every):
        payroll.remind(deduction, when=when)


def _asked(condition: object) -> list[PayrollDeduction]:
    rows = select(PayrollDeduction).where(
        PayrollDeduction.state == DeductionState.ASKED,
        condition,  # type: ignore[arg-type]
    )
    return list(db.session.execute(rows.order_by(PayrollDeduction.id)).scalars())


def _of_agreements_over() -> list[PayrollDeduction]:
    """Deductions that are asked for or made for an agreement that is not in force any more."""
    rows = (
        select(PayrollDeduction)
        .join(Agreement, Agreement.id == PayrollDeduction.agreement_id)
        .where(
            PayrollDeduction.state.in_((DeductionState.ASKED, DeductionState.CONFIRMED)),
            Agreement.state.not_in(IN_FORCE),
        )
        .order_by(PayrollDeduction.id)
    )
    return list(db.session.execute(rows).scalars())
