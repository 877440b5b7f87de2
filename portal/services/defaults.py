"""Default: an installment is missed, made up for, or the agreement ends over it."""

from datetime import date, timedelta

from portal.db import transaction
from portal.domain.actor import Actor
from portal.domain.lifecycle import AgreementState, agreement_move
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.models import Agreement
from portal.models.notice import Cause, NoticeKind
from portal.office import office
from portal.queries import arrears, new_balances
from portal.services import agreements, notices, promises, trail


def review(agreement: Agreement, cause: Cause, due_by: date, *, by: Actor, when: Moment) -> None:
    """Open a default if something is missing of what was due by a day. A frozen agreement waits for whoever looks."""
    with transaction():
        if agreement.state is not AgreementState.ACTIVE or agreement.frozen_on:
            return
        if amount := arrears.missing(agreement, due_by, when.on):
            declare(agreement, amount, cause, arrears.last_due(agreement, due_by), by=by, when=when)


def declare(agreement: Agreement, amount: Money, cause: Cause, since: date, *, by: Actor, when: Moment) -> None:
    """An amount is missing since a day: there are so many days to cure it (IRC 6159(b)(5))."""
    with transaction():
        agreement.state = agreement_move(agreement.state, AgreementState.IN_DEFAULT)
        agreement.in_default_since = when.on
        agreement.cure_by = agreements.last_day_to_cure(when.on)
        trail.note("agreement.in_default", agreement, by=by, when=when, cause=cause, amount=str(amount))
        notices.issue(
            agreement.taxpayer_id, NoticeKind.INTENT_TO_TERMINATE, when=when, agreement=agreement.reference,
            cause=cause, amount=str(amount), missed_on=since.isoformat(), cure_by=agreement.cure_by.isoformat(),
        )  # fmt: skip
        promises.take_back(agreement, by=by, when=when)


def cure(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """End a default, if nothing is missing any more and the plan pays what is new in time: money that is promised
    within the time to cure is enough, and if it does not come, there is a new default.
    """
    with transaction():
        if agreement.state is not AgreementState.IN_DEFAULT or arrears.missing(agreement, when.on, when.on):
            return
        if new_balances.is_in_the_way(agreement.taxpayer_id, when):
            return
        agreement.state = agreement_move(agreement.state, AgreementState.ACTIVE)
        agreement.in_default_since = agreement.cure_by = None
        trail.note("agreement.cured", agreement, by=by, when=when)
        notices.issue(agreement.taxpayer_id, NoticeKind.CURED, when=when, agreement=agreement.reference)
        promises.schedule_next(agreement, by=by, when=when)


def terminate(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """The time to cure is over: the agreement ends (IRC 6159(b)(5)), and can be appealed for some days."""
    with transaction():
        agreement.state = agreement_move(agreement.state, AgreementState.TERMINATED)
        agreement.ended_on = when.on
        trail.note("agreement.terminated", agreement, by=by, when=when)
        appeal_by = when.on + timedelta(days=office().policy.days.on(when.on).appeal)
        notices.issue(
            agreement.taxpayer_id, NoticeKind.TERMINATION, when=when, agreement=agreement.reference,
            amount=str(arrears.owed(agreement, when.on)), appeal_by=appeal_by.isoformat(),
        )  # fmt: skip
        promises.take_back(agreement, by=by, when=when)
