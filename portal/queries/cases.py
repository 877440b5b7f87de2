"""What an application is decided on: the account's facts, its earlier agreements, and the policy of the day."""

from datetime import date

from sqlalchemy import bindparam, select

from portal.db import look
from portal.domain.case import Case
from portal.domain.lifecycle import IN_FORCE, AgreementState
from portal.models import Agreement
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import accounts

agreements = Agreement.__table__
STATES = (
    select(agreements.c.state, agreements.c.ended_on)
    .where(agreements.c.taxpayer_id == bindparam("taxpayer_id"))
    .order_by(agreements.c.id)
)


def case_of(taxpayer_id: int, on: date) -> Case:
    """The case of a taxpayer as of today: three queries."""
    policy = office().policy
    states = look(STATES, taxpayer_id=taxpayer_id).all()
    terminated = [ended_on for state, ended_on in states if state is AgreementState.TERMINATED]
    return Case(
        on=on,
        account=accounts.facts(taxpayer_id),
        law=policy.law_on(on),
        limits=policy.limits.on(on),
        days=policy.days.on(on),
        fees=policy.fees.on(on),
        low_income=policy.low_income.reached(on),
        days_off=banking_days_off(),
        has_agreement=any(state in IN_FORCE for state, _ended_on in states),
        terminated_on=terminated[-1] if terminated else None,
    )
