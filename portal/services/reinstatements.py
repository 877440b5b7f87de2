"""Reinstatement: an agreement that was ended for a default goes on as a new one, for a smaller fee, at once."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.calendar import corresponding_day
from portal.domain.case import bounds, situation
from portal.domain.eligibility import Reason, reasons_against, reasons_against_method
from portal.domain.lifecycle import AgreementState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import Method, PlanKind, nearest_days
from portal.domain.refusal import Refusal
from portal.models import Agreement, BankAccount, Taxpayer, Terms
from portal.office import office
from portal.queries.cases import case_of
from portal.services import agreements, authorizations, terms
from portal.services.authorizations import Signature
from portal.services.terms import Proposal


class TermsChanged(Refusal):
    """A date or an amount changed since you opened this page. Nothing was sent. Read it again, and sign."""


@dataclass(frozen=True, slots=True)
class Reinstatement:
    """How an ended agreement could go on: with its amount, or the least that still clears the debt in time if that is
    more; on its day, or the nearest possible one; from its account, if that can still be debited, else by own
    payments. `reasons` are against it.
    """

    agreement: str
    ended_on: date
    proposal: Proposal
    fee: Money
    reasons: tuple[Reason, ...]


def offered(taxpayer_id: int, on: date) -> Reinstatement | None:
    """What can be taken up again today; None where the latest agreement was no long-term one that was ended for a
    default, or so long ago that a new one is asked for instead.
    """
    ended = _latest(taxpayer_id)
    months = office().policy.limits.on(on).after_termination_months
    if ended is None or ended.state is not AgreementState.TERMINATED or ended.kind is not PlanKind.LONG_TERM:
        return None
    assert ended.ended_on is not None
    if corresponding_day(ended.ended_on, months) < on:
        return None
    case = replace(case_of(taxpayer_id, on), terminated_on=None)
    before, dates = terms.current(ended, on), case.first_due_dates
    minimum = bounds(case, PlanKind.LONG_TERM).minimum or before.monthly
    due_day = before.due_day if before.due_day in dates else nearest_days(before.due_day, dates)[0]
    method, bank_account = _way_of_paying(before)
    reasons = reasons_against(PlanKind.LONG_TERM, situation(case), case.limits)
    reasons += reasons_against_method(method, PlanKind.LONG_TERM, case.owed, case.limits, has_wages=False)
    proposal = Proposal(
        max(before.monthly, minimum), due_day, dates[due_day], method, bank_account, is_reinstated=True
    )
    fee = agreements.user_fee(proposal, on).amount
    return Reinstatement(ended.reference, ended.ended_on, proposal, fee, reasons)


def reinstate(found: Reinstatement, signature: Signature, *, by: Actor, when: Moment) -> Agreement:
    """Take it up again, as it was shown and signed: decided at once, with terms, fee, notice and first debit. Refuses
    (`TermsChanged`) what is not offered like this any more.
    """
    assert by.taxpayer_id is not None
    with transaction():
        if found.reasons or offered(by.taxpayer_id, when.on) != found:
            raise TermsChanged
        taxpayer = db.session.get_one(Taxpayer, by.taxpayer_id)
        agreement = agreements.accept(taxpayer, found.proposal, by=by, when=when)
        authorizations.keep(agreement, signature, by=by, when=when)
        return agreement


def _latest(taxpayer_id: int) -> Agreement | None:
    rows = select(Agreement).where(Agreement.taxpayer_id == taxpayer_id).order_by(Agreement.id.desc())
    return db.session.execute(rows.limit(1)).scalar_one_or_none()


def _way_of_paying(before: Terms) -> tuple[Method, BankAccount | None]:
    account = db.session.get(BankAccount, before.bank_account_id) if before.bank_account_id else None
    if account and not account.unusable_since:
        return Method.DIRECT_DEBIT, account
    return Method.MANUAL, None
