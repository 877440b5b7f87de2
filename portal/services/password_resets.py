"""A forgotten password: a link to the address that somebody signs in with, good for half an hour and for once."""

from datetime import timedelta

from sqlalchemy import select, update

from portal.db import db, transaction
from portal.domain.actor import PORTAL, Actor
from portal.domain.moment import Moment
from portal.models import PasswordReset, User
from portal.models.mail import MailKind
from portal.services import mails, passwords, trail, users
from portal.services.links import LinkIsOver, NoSuchLink, new_token
from portal.services.sign_ins import token_hash

OPEN_FOR = timedelta(minutes=30)
INVITED_FOR = timedelta(days=3)


def begin(email: str, *, when: Moment) -> None:
    """Send a link to a user who asks for one, at most three times an hour. Whether there is one, only the mail tells.

    Refuses a malformed address.
    """
    email = users.address(email)
    with transaction():
        user = users.by_email(email)
        if mails.may_be_asked_for(email, when=when) and user and not user.disabled_at:
            mails.write_to(user, MailKind.PASSWORD_RESET, when=when, link=_link(user, OPEN_FOR, when))
            trail.append("password_reset.begun", str(user.id), by=PORTAL, when=when, taxpayer_id=user.taxpayer_id)


def invite(user: User, *, by: Actor, when: Moment) -> None:
    """Send a link to somebody whom an administrator lets in, with which they set their password within three days."""
    with transaction():
        mails.write_to(user, MailKind.INVITATION, when=when, link=_link(user, INVITED_FOR, when))
        trail.append("user.invited", user.reference, by=by, when=when)


def _link(user: User, open_for: timedelta, when: Moment) -> str:
    token, kept = new_token()
    ends_at = when.at + open_for
    db.session.add(PasswordReset(token_hash=kept, user_id=user.id, begun_at=when.at, ends_at=ends_at))
    return f"/password-reset/{token}"


def find(token: str, *, when: Moment) -> PasswordReset:
    """The reset that a link opens. Refuses (`NoSuchLink`) an unknown one, and (`LinkIsOver`) one that is used, too
    old, or of somebody who may not sign in any more.
    """
    rows = select(PasswordReset, User.disabled_at).join(User, User.id == PasswordReset.user_id)
    row = db.session.execute(rows.where(PasswordReset.token_hash == token_hash(token))).one_or_none()
    if row is None:
        raise NoSuchLink
    reset, disabled_at = row
    if reset.used_at or reset.ends_at <= when.at or disabled_at:
        raise LinkIsOver
    return reset


def finish(token: str, password: str, *, when: Moment) -> None:
    """Set the new password; no other link of this user works any more. Refuses what `find` refuses, and a bad
    password.
    """
    user = db.session.get_one(User, find(token, when=when).user_id)
    password_hash = passwords.chosen(password, email=user.email)
    with transaction():
        find(token, when=when)
        users.set_password(user, password_hash, by=Actor(user.id, user.role, user.taxpayer_id), when=when)
        open_ones = update(PasswordReset).where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
        db.session.execute(open_ones.values(used_at=when.at))
