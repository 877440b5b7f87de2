"""Payroll deduction day by day: employers are reminded, given up, and told when an agreement is over."""

from datetime import timedelta

from sqlalchemy import Select, select

from portal.domain.lifecycle import IN_FORCE, DeductionState
from portal.domain.moment import Moment
from portal.jobs import chunks
from portal.models import Agreement, PayrollDeduction
from portal.office import office
from portal.services import payroll


def run(when: Moment) -> int:
    """Do one day; each piece of work leaves its row so that it is not found again that day. How many failed."""
    every = timedelta(days=office().policy.days.on(when.on).employer_reminder)
    return (
        chunks.each(PayrollDeduction, _of_agreements_over(), lambda each: payroll.end(each, when=when))
        + chunks.each(
            PayrollDeduction, _asked(PayrollDeduction.ends_on < when.on), lambda each: payroll.expire(each, when=when)
        )
        + chunks.each(
            PayrollDeduction,
            _asked(PayrollDeduction.asked_on <= when.on - every),
            lambda each: payroll.remind(each, when=when),
        )
    )


def _asked(condition: object) -> Select[PayrollDeduction]:
    return select(PayrollDeduction).where(
        PayrollDeduction.state == DeductionState.ASKED,
        condition,  # type: ignore[arg-type]
    )


def _of_agreements_over() -> Select[PayrollDeduction]:
    """Deductions that are asked for or made for an agreement that is not in force any more."""
    return (
        select(PayrollDeduction)
        .join(Agreement, Agreement.id == PayrollDeduction.agreement_id)
        .where(
            PayrollDeduction.state.in_((DeductionState.ASKED, DeductionState.CONFIRMED)),
            Agreement.state.not_in(IN_FORCE),
        )
    )
