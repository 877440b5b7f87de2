"""What an application is decided on: the account's facts, its earlier agreements, and the policy of the day."""

from datetime import date

from sqlalchemy import bindparam, select

from portal.db import look
from portal.domain.case import Case
from portal.domain.lifecycle import IN_FORCE, AgreementState
from portal.domain.plan import PlanKind
from portal.domain.waterfall import Account
from portal.models import Agreement
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import accounts
from portal.queries.standings import AccountView

agreements = Agreement.__table__
AGREEMENTS = (
    select(agreements.c.kind, agreements.c.state, agreements.c.accepted_on, agreements.c.ended_on)
    .where(agreements.c.taxpayer_id == bindparam("taxpayer_id"))
    .order_by(agreements.c.id)
)


def case_of(taxpayer_id: int, on: date) -> Case:
    """The case of a taxpayer as of today: two queries."""
    rows = look(AGREEMENTS, taxpayer_id=taxpayer_id).all()
    in_effect = [(row.accepted_on, row.ended_on) for row in rows if row.kind is PlanKind.LONG_TERM]
    account = accounts.account_of(look(accounts.LEDGER_FACTS, taxpayer_id=taxpayer_id).all(), in_effect)
    has_agreement = any(row.state in IN_FORCE for row in rows)
    is_terminated = bool(rows) and rows[-1].state is AgreementState.TERMINATED
    terminated_on = rows[-1].ended_on if is_terminated else None
    return _case(account, on, has_agreement=has_agreement, terminated_on=terminated_on)


def case_in(view: AccountView) -> Case:
    """The same from what a page has looked up already."""
    agreement = view.agreement
    terminated_on = agreement.ended_on if agreement and agreement.state is AgreementState.TERMINATED else None
    has_agreement = agreement is not None and agreement.is_in_force
    return _case(view.account, view.standing.as_of, has_agreement=has_agreement, terminated_on=terminated_on)


def _case(account: Account, on: date, *, has_agreement: bool, terminated_on: date | None) -> Case:
    policy = office().policy
    return Case(
        on=on,
        account=account,
        law=policy.law_on(on),
        limits=policy.limits.on(on),
        days=policy.days.on(on),
        fees=policy.fees.on(on),
        low_income=policy.low_income.reached(on),
        days_off=banking_days_off(),
        has_agreement=has_agreement,
        terminated_on=terminated_on,
    )
