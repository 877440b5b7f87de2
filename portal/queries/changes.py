"""An agreement as a change of it is decided on, and the changes that were made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from portal.db import look
from portal.domain.change import InForce, Leaving
from portal.domain.installments import Due
from portal.domain.lifecycle import DeductionState, PaymentState
from portal.domain.moment import Moment
from portal.domain.plan import Method
from portal.domain.standing import arrived
from portal.domain.waterfall import Payment, replay
from portal.models import TrailEvent, User
from portal.models.payment import Channel
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import agreements
from portal.queries.standings import AccountView, AgreementView, account_view

trail, users = TrailEvent.__table__, User.__table__
MADE = ("agreement.changed", "agreement.withdrawn")
OF_AGREEMENT = (
    select(trail.c.at, trail.c.event, trail.c.details, users.c.name)
    .outerjoin(users, users.c.id == trail.c.user_id)
    .where(
        trail.c.taxpayer_id == bindparam("taxpayer_id"), trail.c.subject == bindparam("reference"),
        trail.c.event.in_(MADE),
    )
    .order_by(trail.c.number.desc())
    .limit(bindparam("count"))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A change that was made: when, by whom (nobody where it followed from something else), and what it was."""

    at: datetime
    event: str
    details: dict[str, Any]
    by: str | None


def agreed(taxpayer_id: int, when: Moment) -> InForce | None:
    """The latest agreement of a taxpayer, as of a moment; None where there never was one."""
    view = account_view(taxpayer_id, when.on)
    return in_force(taxpayer_id, view, view.agreement, when) if view.agreement else None


def in_force(taxpayer_id: int, view: AccountView, agreement: AgreementView, when: Moment) -> InForce:
    """The same from what a page has looked up already."""
    policy = office().policy
    sent = [each for each in view.open_payments if each.state is PaymentState.SUBMITTED]
    books = replay(view.account, policy.law_on(when.on), when.on)[0]
    late = [
        Due(each.pay_on, each.amount)
        for each in view.open_payments
        if each.state is PaymentState.SCHEDULED and each.installment_on and each.installment_on <= when.on
    ]
    return InForce(
        reference=agreement.reference,
        when=when,
        kind=agreement.kind,
        state=agreement.state,
        is_frozen=agreement.is_frozen,
        is_deducted=agreement.method is Method.PAYROLL and _is_deducted(taxpayer_id, agreement.reference),
        accepted_on=agreement.accepted_on,
        history=agreement.history,
        counted=agreement.changes,
        version=agreement.version,
        made=view.made_ahead,
        late=tuple(late),
        arranged=tuple(
            (None if each.channel is Channel.ONLINE else each.installment_on, _leaving(each))
            for each in view.open_payments
        ),
        books=arrived(books, [Payment(each.pay_on, each.amount, each.reference) for each in sent]),
        rules=policy.changes.on(when.on),
        limits=policy.limits.on(when.on),
        days_off=banking_days_off(),
        zone=office().settings.time_zone,
    )


def made(taxpayer_id: int, reference: str, count: int = 20) -> list[Made]:
    """What was changed of an agreement, the latest first."""
    rows = look(OF_AGREEMENT, taxpayer_id=taxpayer_id, reference=reference, count=count)
    return [Made(*row) for row in rows]


def _leaving(payment: Any) -> Leaving:
    return Leaving(payment.pay_on, payment.amount, payment.state is PaymentState.SUBMITTED)


def _is_deducted(taxpayer_id: int, reference: str) -> bool:
    found = agreements.deduction(taxpayer_id, reference)
    return found is not None and found.state in (DeductionState.ASKED, DeductionState.CONFIRMED)
