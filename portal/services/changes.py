"""Changes that somebody makes of an agreement: decided under the lock, on what they had seen, and told at once."""

from dataclasses import dataclass

from portal.db import transaction
from portal.domain.actor import Actor
from portal.domain.change import Change, ChangeKind, NotInForce, Simulation
from portal.domain.installments import TermsOf, holding
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.domain.simulator import simulate
from portal.models import Agreement
from portal.models.notice import NoticeKind
from portal.queries import changes
from portal.services import agreements, notices, promises, terms


class ChangedMeanwhile(Refusal):
    """Somebody changed this plan while you were at it. Nothing of yours was done, and nothing that you typed is lost.
    Compare the two, and decide again."""


class ShownAnew(Refusal):
    """A date or an amount changed since you opened this page. Nothing was done. Read it again, and say yes if you
    still want it."""


class ChangesFrozen(Refusal):
    """Nothing of your plan can be changed until we have looked at it, because somebody told us that a change was not
    theirs. Call us. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody says yes to: the version of the agreement that they saw, and the name of the figures shown."""

    version: int
    shown: str = ""


def make(taxpayer_id: int, change: Change, seen: Seen, *, by: Actor, when: Moment) -> Simulation:
    """Change the terms of the agreement in force. Refuses a change that is not allowed, with what would be; one of an
    agreement that has changed since it was seen (`ChangedMeanwhile`); and one that comes to other dates or figures
    than were shown (`ShownAnew`).
    """
    with transaction():
        agreement = _seen(taxpayer_id, seen)
        found = changes.agreed(taxpayer_id, when)
        assert found is not None, "there is an agreement in force"
        result = simulate(found, change)
        if result.shown != seen.shown:
            raise ShownAnew
        before, after = holding(found.history, result.terms.begins_on), result.terms
        others = {name: getattr(after, name) for name in ("monthly", "due_day", "first_due_on")}
        terms.follow(agreement, change.kind, after.begins_on, when=when, **others)
        facts = _facts(change.kind, before, result)
        terms.note(agreement, change.kind, by=by, when=when, **facts)
        promises.renew(agreement, after.begins_on, by=by, when=when)
        notices.issue(
            taxpayer_id,
            NoticeKind.PLAN_CHANGED,
            when=when,
            agreement=agreement.reference,
            change=change.kind,
            **facts,
        )
        return result


def withdraw(taxpayer_id: int, seen: Seen, *, by: Actor, when: Moment) -> None:
    """Give an agreement up. Refuses (`ChangedMeanwhile`) one that has changed since it was seen."""
    with transaction():
        agreements.withdraw(_seen(taxpayer_id, seen), by=by, when=when)


def _seen(taxpayer_id: int, seen: Seen) -> Agreement:
    """The agreement in force, if nobody has changed it since."""
    agreement = agreements.in_force(taxpayer_id)
    if agreement is None:
        raise NotInForce
    if agreement.changes_frozen_on:
        raise ChangesFrozen
    if agreement.version != seen.version:
        raise ChangedMeanwhile
    return agreement


def _facts(kind: ChangeKind, before: TermsOf, result: Simulation) -> dict[str, str]:
    """What the trail and the notice say of a change."""
    facts = {
        "from_on": result.terms.begins_on.isoformat(),
        "first_on": result.first.on.isoformat(),
        "monthly": str(result.terms.monthly),
    }
    if kind is ChangeKind.AMOUNT:
        facts["was_amount"] = str(before.monthly)
    if kind is ChangeKind.DAY:
        facts |= {"due_day": str(result.terms.due_day), "was_due_day": str(before.due_day)}
    if result.instead_of:
        facts["was_on"] = result.instead_of.isoformat()
    return facts
