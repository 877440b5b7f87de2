"""A new email address: confirmed by a link mailed to it, and taken back by one mailed to the old one."""

from datetime import timedelta

from sqlalchemy import ColumnElement, select, update

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import EmailChange, PasswordReset, User
from portal.models.mail import MailKind
from portal.services import mails, sign_ins, trail, users
from portal.services.links import LinkIsOver, NoSuchLink, new_token
from portal.services.sign_ins import token_hash

OPEN_FOR, UNDO_FOR = timedelta(hours=24), timedelta(days=7)


class SameEmail(Refusal):
    """You sign in with this address already. Nothing was changed."""

    about = "email"


def begin(user: User, email: str, *, by: Actor, when: Moment) -> None:
    """Mail a link to somebody's new address, at most three times an hour. Whether somebody else signs in with it is
    told to nobody: then no link comes. Refuses (`SameEmail`) the address of now, and a malformed one.
    """
    email = users.address(email)
    if email == user.email:
        raise SameEmail
    with transaction():
        if mails.may_be_asked_for(email, when=when) and users.by_email(email) is None:
            token, kept = new_token()
            db.session.add(
                EmailChange(user_id=user.id, old_email=user.email, new_email=email, token_hash=kept,
                            begun_at=when.at, ends_at=when.at + OPEN_FOR)
            )  # fmt: skip
            mails.write(
                MailKind.EMAIL_CHANGE, email, language=user.language, when=when, taxpayer_id=user.taxpayer_id,
                link=f"/email-change/{token}",
            )  # fmt: skip
        trail.append("email_change.begun", str(user.id), by=by, when=when, taxpayer_id=user.taxpayer_id)


def find(token: str, *, when: Moment) -> EmailChange:
    """The change that a link confirms. Refuses (`NoSuchLink`) an unknown one, and (`LinkIsOver`) one that is used,
    older than a day, or of somebody whose address has changed since or who may not sign in any more.
    """
    change, user = _found(EmailChange.token_hash == token_hash(token))
    if change.confirmed_at or change.ends_at <= when.at or user.disabled_at or user.email != change.old_email:
        raise LinkIsOver
    return change


def confirm(token: str, *, when: Moment) -> None:
    """Somebody signs in with the new address from now on. The old one is told, with a link that takes it back for a
    week. Refuses what `find` refuses, and (`EmailTaken`) an address in use by now.
    """
    with transaction():
        change = find(token, when=when)
        if users.by_email(change.new_email):
            raise users.EmailTaken
        user, (undo, kept) = db.session.get_one(User, change.user_id), new_token()
        user.email, change.confirmed_at = change.new_email, when.at
        change.undo_hash, change.undo_by = kept, when.at + UNDO_FOR
        db.session.flush()
        mails.write(
            MailKind.EMAIL_CHANGED, change.old_email, language=user.language, when=when,
            taxpayer_id=user.taxpayer_id, first_name=user.name.split()[0], link=f"/email-change/undo/{undo}",
        )  # fmt: skip
        _note("confirmed", user, when)


def find_to_undo(token: str, *, when: Moment) -> EmailChange:
    """The change that a link takes back. Refuses (`NoSuchLink`) an unknown one, and (`LinkIsOver`) one that is used
    or older than a week.
    """
    change, _user = _found(EmailChange.undo_hash == token_hash(token))
    if change.undone_at or change.undo_by is None or change.undo_by <= when.at:
        raise LinkIsOver
    return change


def undo(token: str, *, when: Moment) -> None:
    """It was somebody else: the old address signs in again, every sign-in ends, and neither another change of it nor
    a link for a new password is open any more. Refuses what `find_to_undo` refuses, and (`EmailTaken`) if somebody
    else signs in with the old address by now.
    """
    with transaction():
        change = find_to_undo(token, when=when)
        user, other = db.session.get_one(User, change.user_id), users.by_email(change.old_email)
        if other and other.id != user.id:
            raise users.EmailTaken
        user.email, change.undone_at = change.old_email, when.at
        db.session.flush()
        later = update(EmailChange).where(EmailChange.user_id == user.id, EmailChange.begun_at >= change.begun_at)
        db.session.execute(later.values(ends_at=when.at, undone_at=when.at))
        sign_ins.end_all(user, when=when)
        resets = update(PasswordReset).where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
        db.session.execute(resets.values(used_at=when.at))
        _note("undone", user, when)


def _found(which: ColumnElement[bool]) -> tuple[EmailChange, User]:
    rows = select(EmailChange, User).join(User, User.id == EmailChange.user_id).where(which)
    row = db.session.execute(rows).one_or_none()
    if row is None:
        raise NoSuchLink
    return row[0], row[1]


def _note(event: str, user: User, when: Moment) -> None:
    by = Actor(user.id, user.role, user.taxpayer_id)
    trail.append(f"email_change.{event}", str(user.id), by=by, when=when, taxpayer_id=user.taxpayer_id)
