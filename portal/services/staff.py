"""Who works for the agency, and who may sign in at all: deeds of administrators about other people's users."""

from sqlalchemy import func, select

from portal.db import db, transaction
from portal.domain.actor import Actor, Role
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import User
from portal.services import password_resets, passwords, second_factors, sign_ins, trail, users

STAFF = (Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR)


class NotYourself(Refusal):
    """This is you. Ask another administrator to change it. Nothing was changed."""


class LastAdministrator(Refusal):
    """Nobody could administer the portal then. Make somebody else an administrator first. Nothing was changed."""


class NotStaff(Refusal):
    """This person signs in to an account and does not work for the agency. Nothing was changed."""

    about = "role"


class NoName(Refusal):
    """Enter the name."""

    about = "name"


def invite(email: str, *, name: str, role: Role, by: Actor, when: Moment) -> User:
    """Let somebody of the staff sign in: a mailed link sets the password. Refuses a malformed or taken address,
    (`NoName`) no name, and (`NotStaff`) a taxpayer, who registers.
    """
    if role not in STAFF:
        raise NotStaff
    if not name:
        raise NoName
    with transaction():
        # Until the link is used no password fits, and a try takes as long as any other.
        user = User(email=users.address(email), password_hash=passwords.nobodys_hash(), name=name, role=role)
        users.enter(user, by=by, when=when)
        password_resets.invite(user, by=by, when=when)
        return user


def invite_again(user: User, *, by: Actor, when: Moment) -> None:
    """Send the link once more to somebody who has set no password yet, or cannot use it any more."""
    with transaction():
        _require_other(user, by)
        password_resets.invite(user, by=by, when=when)


def change_role(user: User, role: Role, *, by: Actor, when: Moment) -> None:
    """Give somebody of the staff another role: every sign-in ends. Refuses (`NotStaff`) taxpayers, (`NotYourself`)
    who does it, and (`LastAdministrator`) to be without one.
    """
    with transaction():
        _require_other(user, by)
        if user.role not in STAFF or role not in STAFF:
            raise NotStaff
        if user.role is role:
            return
        before, user.role = user.role, role
        _require_an_administrator()
        sign_ins.end_all(user, when=when)
        _note("user.role_changed", user, by=by, when=when, before=before, role=role)


def disable(user: User, *, by: Actor, when: Moment) -> None:
    """Nobody signs in as this user any more, and every sign-in ends. Refuses what `change_role` refuses, but for
    taxpayers.
    """
    with transaction():
        _require_other(user, by)
        if user.disabled_at:
            return
        user.disabled_at = when.at
        _require_an_administrator()
        sign_ins.end_all(user, when=when)
        _note("user.disabled", user, by=by, when=when)


def enable(user: User, *, by: Actor, when: Moment) -> None:
    """Let somebody who was disabled sign in again. Refuses (`NotYourself`) who does it."""
    with transaction():
        _require_other(user, by)
        if user.disabled_at:
            user.disabled_at = None
            _note("user.enabled", user, by=by, when=when)


def end_sign_ins(user: User, *, by: Actor, when: Moment) -> None:
    """Everywhere this user is signed in, the password is asked for again. Refuses (`NotYourself`) who does it."""
    with transaction():
        _require_other(user, by)
        sign_ins.end_all(user, when=when)
        _note("user.signed_out", user, by=by, when=when)


def reset_second_factor(user: User, *, by: Actor, when: Moment) -> None:
    """Take a lost second factor away from somebody who is known in person: who works for the agency sets up another
    one at the next sign-in. Refuses (`NotYourself`) who does it.
    """
    with transaction():
        _require_other(user, by)
        second_factors.reset(user, by=by, when=when)


def by_reference(reference: str) -> User | None:
    """The user of this public name."""
    return db.session.execute(select(User).where(User.reference == reference)).scalar_one_or_none()


def _require_other(user: User, by: Actor) -> None:
    if user.id == by.user_id:
        raise NotYourself


def _require_an_administrator() -> None:
    """Asked under the lock, after the change: of two administrators who disable each other, the second is refused."""
    db.session.flush()
    left = select(func.count()).where(User.role == Role.ADMINISTRATOR, User.disabled_at.is_(None))
    if not db.session.execute(left).scalar_one():
        raise LastAdministrator


def _note(event: str, user: User, *, by: Actor, when: Moment, **details: str) -> None:
    trail.append(event, user.reference, by=by, when=when, taxpayer_id=user.taxpayer_id, **details)
