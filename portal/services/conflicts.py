"""The list of conflicts: accounts that somebody of the staff must not see with the taxpayer's eyes."""

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor, Role
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import Conflict, Taxpayer, User
from portal.models.columns import new_reference
from portal.models.support import ConflictKind, SupportEnd
from portal.services import support, trail, users


class NotOnTheStaff(Refusal):
    """Nobody of the staff signs in with this email address. Nothing was changed."""

    about = "email"


class OnlyYourself(Refusal):
    """Only a supervisor can name somebody else. Leave it empty if it is about you."""

    about = "email"


class NotYoursToRemove(Refusal):
    """This line is about yourself. Another supervisor has to take it out."""


def note(taxpayer: Taxpayer, kind: ConflictKind, *, email: str, by: Actor, when: Moment) -> None:
    """Close an account to somebody of the staff (who notes it, if `email` is empty), and to all of them if it is
    their own; what is open of it ends. Refuses an address that is nobody's here (`NotOnTheStaff`), and an agent who
    names a colleague (`OnlyYourself`). What is on the list already stays as it is.
    """
    with transaction():
        who = _meant(email.strip().lower(), by)
        same = select(Conflict.id).where(
            Conflict.taxpayer_id == taxpayer.id, Conflict.user_id == who.id, Conflict.kind == kind
        )
        if db.session.execute(same).first():
            return
        row = Conflict(
            reference=new_reference("CF"), taxpayer_id=taxpayer.id, user_id=who.id, kind=kind, noted_by=by.user_id,
            noted_at=when.at,
        )  # fmt: skip
        db.session.add(row)
        agent_id = None if kind is ConflictKind.OWN else who.id
        support.end_about(taxpayer.id, SupportEnd.CONFLICT, by=by, when=when, agent_id=agent_id)
        trail.append(
            "conflict.noted", row.reference, by=by, when=when, taxpayer_id=taxpayer.id, kind=kind, who=str(who.id)
        )


def remove(reference: str, *, by: Actor, when: Moment) -> None:
    """Take a line out, as a supervisor, but not one about oneself (`NotYoursToRemove`). The trail keeps it."""
    with transaction():
        row = db.session.execute(select(Conflict).where(Conflict.reference == reference)).scalar_one_or_none()
        if row is None:
            return
        if row.user_id == by.user_id:
            raise NotYoursToRemove
        trail.append(
            "conflict.removed", reference, by=by, when=when, taxpayer_id=row.taxpayer_id, kind=row.kind,
            who=str(row.user_id),
        )  # fmt: skip
        db.session.delete(row)


def _meant(email: str, by: Actor) -> User:
    myself = users.at_work(by)
    if not email or email == myself.email:
        return myself
    if by.role is not Role.SUPERVISOR:
        raise OnlyYourself
    found = users.by_email(email)
    if found is None or found.role is Role.TAXPAYER:
        raise NotOnTheStaff
    return found
