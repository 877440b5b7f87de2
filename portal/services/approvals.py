"""What two people have to do: one asks, another one decides, and the deed is part of the decision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor, Role
from portal.domain.lifecycle import AgreementState, ApprovalState, PaymentState, approval_move
from portal.domain.moment import Moment
from portal.domain.money import read
from portal.domain.period import Abatement, Kind
from portal.domain.refusal import Refusal
from portal.models import Agreement, Approval, Payment, Taxpayer, User
from portal.models.approval import ApprovalKind
from portal.models.mail import MailKind
from portal.office import office
from portal.services import abatements, agreements, credits, mails, receipts, trail


class AskedAlready(Refusal):
    """This was asked for already, and is waiting for a decision. Nothing was changed."""


class OwnRequest(Refusal):
    """You asked for this yourself. Somebody else has to decide. Nothing was changed."""


class NotASupervisor(Refusal):
    """Only a supervisor decides on this. Nothing was changed."""


class Decided(Refusal):
    """This request was decided, taken back, or has run out. Nothing was changed."""


class ChangedSince(Refusal):
    """What this is about has changed since it was asked for. Decline it, so that it can be asked for anew. Nothing
    was changed."""


class NotPossible(Refusal):
    """This cannot be asked for here. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that two people do: what exactly would be changed, None if nothing can be; and how it is done."""

    facts: Callable[[int, str, Mapping[str, str]], dict[str, str] | None]
    do: Callable[[Approval, Actor, Moment], object]


def ask(
    kind: ApprovalKind, taxpayer_id: int, subject: str, reason: str, *, by: Actor, when: Moment, **wanted: str
) -> Approval:  # fmt: skip
    """Ask for a deed about a subject of the account. Refuses (`NotPossible`) what cannot be done, and
    (`AskedAlready`) what is waiting for a decision.
    """
    with transaction():
        facts = DEEDS[kind].facts(taxpayer_id, subject, wanted)
        if facts is None:
            raise NotPossible
        same = (Approval.kind == kind, Approval.subject == subject, Approval.state == ApprovalState.ASKED)
        if db.session.execute(select(Approval.id).where(*same)).first():
            raise AskedAlready
        approval = Approval(
            kind=kind, state=ApprovalState.ASKED, taxpayer_id=taxpayer_id, subject=subject, facts=facts,
            reason=reason, asked_by=by.user_id, asked_at=when.at,
            ends_on=when.on + timedelta(days=office().policy.desk.on(when.on).approval_days),
        )  # fmt: skip
        db.session.add(approval)
        db.session.flush()
        _note(approval, by=by, when=when)
        return approval


def approve(reference: str, answer: str, *, by: Actor, when: Moment) -> None:
    """Let it be done, now and as it was asked for. Refuses (`ChangedSince`) what has become something else, and all
    that `decline` refuses.
    """
    with transaction():
        approval = _decide(reference, ApprovalState.APPROVED, answer, by=by, when=when)
        deed = DEEDS[approval.kind]
        if deed.facts(approval.taxpayer_id, approval.subject, approval.facts) != approval.facts:
            raise ChangedSince
        deed.do(approval, by, when)


def decline(reference: str, answer: str, *, by: Actor, when: Moment) -> None:
    """Let it not be done. Refuses (`OwnRequest`) who asked, (`NotASupervisor`) who is none, and (`Decided`) what is
    decided.
    """
    with transaction():
        _decide(reference, ApprovalState.DECLINED, answer, by=by, when=when)


def withdraw(reference: str, *, by: Actor, when: Moment) -> None:
    """Take one's own request back. Refuses (`Decided`) what is decided, or was asked for by somebody else."""
    with transaction():
        approval = _open(reference)
        if approval.asked_by != by.user_id:
            raise Decided
        _move(approval, ApprovalState.WITHDRAWN, by=by, when=when)


def expire(approval: Approval, *, by: Actor, when: Moment) -> None:
    """Nobody decided in time: the asker is told."""
    with transaction():
        _move(approval, ApprovalState.EXPIRED, by=by, when=when)
        _tell(approval, when=when)


def _decide(reference: str, state: ApprovalState, answer: str, *, by: Actor, when: Moment) -> Approval:
    approval = _open(reference)
    if approval.asked_by == by.user_id:
        raise OwnRequest
    if by.role is not Role.SUPERVISOR:
        raise NotASupervisor
    if approval.ends_on < when.on:
        raise Decided
    approval.decided_by, approval.decided_at, approval.answer = by.user_id, when.at, answer
    _move(approval, state, by=by, when=when)
    _tell(approval, when=when)
    return approval


def _open(reference: str) -> Approval:
    approval = db.session.execute(select(Approval).where(Approval.reference == reference)).scalar_one()
    if approval.state is not ApprovalState.ASKED:
        raise Decided
    return approval


def _move(approval: Approval, state: ApprovalState, *, by: Actor, when: Moment) -> None:
    approval.state = approval_move(approval.state, state)
    db.session.flush()
    _note(approval, by=by, when=when)


def _note(approval: Approval, *, by: Actor, when: Moment) -> None:
    """Who asked stands beside who does it."""
    trail.append(
        f"approval.{approval.state}", approval.reference, by=by, when=when, taxpayer_id=approval.taxpayer_id,
        kind=approval.kind, about=approval.subject, asked_by=str(approval.asked_by),
    )  # fmt: skip


def _tell(approval: Approval, *, when: Moment) -> None:
    asker = db.session.get_one(User, approval.asked_by)
    mails.write_to(asker, MailKind.APPROVAL_DECIDED, when=when, link="/agent/approvals", state=approval.state)


def _payment(taxpayer_id: int, reference: str) -> Payment | None:
    rows = select(Payment).where(Payment.taxpayer_id == taxpayer_id, Payment.reference == reference)
    return db.session.execute(rows).scalar_one_or_none()


def abate(taxpayer: Taxpayer, wanted: Abatement, reason: str, *, by: Actor, when: Moment) -> Approval | None:
    """Give up a part of what was charged: at once within what one person may, else it is asked for."""
    with transaction():
        if office().policy.desk.on(when.on).abated_alone.admits(wanted.amount):
            abatements.abate(taxpayer, wanted, reason, by=by, when=when)
            return None
        subject = f"{wanted.tax_year} {wanted.kind}"
        return ask(
            ApprovalKind.ABATEMENT, taxpayer.id, subject, reason, by=by, when=when, amount=str(wanted.amount),
            on=wanted.on.isoformat(), what=wanted.kind, year=str(wanted.tax_year),
        )  # fmt: skip


def _of_reversal(taxpayer_id: int, reference: str, _wanted: Mapping[str, str]) -> dict[str, str] | None:
    payment = _payment(taxpayer_id, reference)
    if payment is None or payment.state is not PaymentState.SETTLED or payment.channel not in receipts.ENTERED:
        return None
    return {"amount": str(payment.amount), "pay_on": payment.pay_on.isoformat()}


def _reverse(approval: Approval, by: Actor, when: Moment) -> None:
    payment = _payment(approval.taxpayer_id, approval.subject)
    assert payment is not None
    receipts.reverse(payment, by=by, when=when, approval=approval.reference)


def _as_wanted(_taxpayer_id: int, _subject: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """What is asked for is what would be done; what is not possible any more, the deed refuses."""
    return dict(wanted)


def _refund(approval: Approval, by: Actor, when: Moment) -> None:
    taxpayer = db.session.get_one(Taxpayer, approval.taxpayer_id)
    credits.refund(taxpayer, read(approval.facts["amount"]), approval.reason, by=by, when=when)


def _abate(approval: Approval, by: Actor, when: Moment) -> None:
    facts, taxpayer = approval.facts, db.session.get_one(Taxpayer, approval.taxpayer_id)
    on, amount = date.fromisoformat(facts["on"]), read(facts["amount"])
    wanted = Abatement(on, Kind(facts["what"]), amount, int(facts["year"]))
    abatements.abate(taxpayer, wanted, approval.reason, by=by, when=when)


def _of_release(taxpayer_id: int, reference: str, _wanted: Mapping[str, str]) -> dict[str, str] | None:
    agreement = _frozen(taxpayer_id, reference)
    return {"frozen_on": agreement.frozen_on.isoformat()} if agreement and agreement.frozen_on else None


def _release(approval: Approval, by: Actor, when: Moment) -> None:
    agreement = _frozen(approval.taxpayer_id, approval.subject)
    assert agreement is not None
    agreements.release(agreement, by=by, when=when)


def _frozen(taxpayer_id: int, reference: str) -> Agreement | None:
    rows = select(Agreement).where(
        Agreement.taxpayer_id == taxpayer_id, Agreement.reference == reference, Agreement.frozen_on.is_not(None),
        Agreement.state.in_((AgreementState.ACTIVE, AgreementState.IN_DEFAULT)),
    )  # fmt: skip
    return db.session.execute(rows).scalar_one_or_none()


DEEDS: Mapping[ApprovalKind, Deed] = {
    ApprovalKind.REVERSAL: Deed(_of_reversal, _reverse),
    ApprovalKind.RELEASE: Deed(_of_release, _release),
    ApprovalKind.REFUND: Deed(_as_wanted, _refund),
    ApprovalKind.ABATEMENT: Deed(_as_wanted, _abate),
}
