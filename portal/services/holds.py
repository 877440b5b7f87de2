"""Hardship holds: for a while a plan asks for nothing, and nothing ends. Interest and penalties go on."""

from datetime import date, timedelta

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.calendar import next_on_day
from portal.domain.change import ChangeKind, NotInForce
from portal.domain.lifecycle import AgreementState
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import Agreement, Hold, Taxpayer
from portal.models.notice import NoticeKind
from portal.office import office
from portal.services import agreements, notices, promises, terms, trail


class HoldsAlready(Refusal):
    """There is a hold through %(ends_on)s already. End it first. Nothing was changed."""

    about = "ends_on"


class HoldTooLong(Refusal):
    """A hold ends after today, and by %(last)s. Choose another day. Nothing was changed."""

    about = "ends_on"


class NoHold(Refusal):
    """There is no hold on this account. Nothing was changed."""


def begin(taxpayer: Taxpayer, ends_on: date, reason: str, *, by: Actor, when: Moment) -> Hold:
    """Ask for no payment through a day: debits that are promised are taken back, installments until then are not due,
    and no default opens or ends over them. Refuses an account without a plan, a second hold, and one too long.
    """
    with transaction():
        agreement = _in_force(taxpayer.id)
        if before := open_on(taxpayer.id, when.on):
            raise HoldsAlready(ends_on=before.ends_on)
        last = when.on + timedelta(days=office().policy.desk.on(when.on).longest_hold)
        if not when.on < ends_on <= last:
            raise HoldTooLong(last=last)
        hold = Hold(
            taxpayer_id=taxpayer.id, user_id=by.user_id, reason=reason, begins_on=when.on, ends_on=ends_on,
            recorded_at=when.at,
        )  # fmt: skip
        db.session.add(hold)
        db.session.flush()
        trail.append(
            "hold.begun", hold.reference, by=by, when=when, taxpayer_id=taxpayer.id, ends_on=ends_on.isoformat()
        )
        if agreement.state is AgreementState.IN_DEFAULT:
            agreement.cure_by = agreements.last_day_to_cure(ends_on)
        _ask_again_after(agreement, ends_on, by=by, when=when, ends_on=ends_on.isoformat())
        return hold


def lift(taxpayer: Taxpayer, *, by: Actor, when: Moment) -> None:
    """End a hold before its day: the next installment after today is due again. Refuses (`NoHold`) if none is."""
    with transaction():
        hold = open_on(taxpayer.id, when.on)
        if hold is None:
            raise NoHold
        hold.lifted_on = when.on
        db.session.flush()
        trail.append("hold.lifted", hold.reference, by=by, when=when, taxpayer_id=hold.taxpayer_id)
        agreement = _in_force(hold.taxpayer_id)
        if agreement.state is AgreementState.IN_DEFAULT:
            agreement.cure_by = agreements.last_day_to_cure(when.on)
        _ask_again_after(agreement, when.on, by=by, when=when)


def open_on(taxpayer_id: int, on: date) -> Hold | None:
    """The hold that an account has on a day."""
    rows = select(Hold).where(Hold.taxpayer_id == taxpayer_id, Hold.ends_on >= on, Hold.lifted_on.is_(None))
    return db.session.execute(rows).scalar_one_or_none()


def _ask_again_after(agreement: Agreement, day: date, *, by: Actor, when: Moment, **told: str) -> None:
    """The first installment after a day is the next one that is due."""
    next_on = next_on_day(day, terms.current(agreement, day).due_day)
    terms.follow(agreement, ChangeKind.HOLD, when.on, when=when, first_due_on=next_on)
    terms.note(agreement, ChangeKind.HOLD, by=by, when=when, next_on=next_on.isoformat())
    promises.take_back(agreement, by=by, when=when)
    promises.schedule_next(agreement, by=by, when=when)
    notices.issue(agreement.taxpayer_id, NoticeKind.HOLD, when=when, next_on=next_on.isoformat(), **told)


def _in_force(taxpayer_id: int) -> Agreement:
    agreement = agreements.in_force(taxpayer_id)
    if agreement is None:
        raise NotInForce
    return agreement
