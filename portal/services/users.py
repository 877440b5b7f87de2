"""Users: who can sign in."""

import re

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor, Role
from portal.domain.language import Language
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import Taxpayer, User
from portal.models.mail import MailKind
from portal.services import attempts, mails, passwords, sign_ins, trail

LONGEST_EMAIL = 254
# One mailbox of RFC 5321 in plain letters, as everybody writes it: no quotes, no comments, no lists.
EMAIL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")


class BadEmail(Refusal):
    """This is not an email address. It looks like name@example.com."""


class EmailTaken(Refusal):
    """Somebody already signs in with this email address. Nothing was changed."""


def add(
    email: str, password: str, *, name: str, role: Role, taxpayer: Taxpayer | None = None, by: Actor, when: Moment
) -> User:
    """Let somebody sign in. Refuses a bad password, a malformed or taken email address."""
    email = address(email)
    user = User(
        email=email, password_hash=passwords.chosen(password, email=email), name=name, role=role,
        taxpayer_id=taxpayer.id if taxpayer else None, language="en_US",
    )  # fmt: skip
    return enter(user, by=by, when=when)


def enter(user: User, *, by: Actor, when: Moment) -> User:
    """Write down somebody who can sign in from now on. Refuses (`EmailTaken`) an email address in use."""
    with transaction():
        if by_email(user.email):
            raise EmailTaken
        db.session.add(user)
        db.session.flush()
        trail.append("user.added", str(user.id), by=by, when=when, taxpayer_id=user.taxpayer_id, role=user.role)
        return user


def set_password(user: User, password_hash: str, *, keeping: int = 0, by: Actor, when: Moment) -> None:
    """Give somebody the password that was chosen: every sign-in ends but the one to be kept, no failed try counts any
    more, and a mail tells the owner.
    """
    with transaction():
        user.password_hash = password_hash
        sign_ins.end_all(user, but=keeping, when=when)
        attempts.forget_everywhere(sign_ins.PURPOSE, user.email)
        mails.warn(user, MailKind.PASSWORD_CHANGED, when=when)
        trail.append("password.changed", str(user.id), by=by, when=when, taxpayer_id=user.taxpayer_id)


def change_password(user: User, password: str, *, keeping: int, by: Actor, when: Moment) -> None:
    """Somebody signed in chooses another password: every other sign-in ends. Refuses a bad password."""
    set_password(user, passwords.chosen(password, email=user.email), keeping=keeping, by=by, when=when)


def be_written_to(user: User, language: Language, *, reminders: bool, by: Actor, when: Moment) -> None:
    """In which language somebody is spoken to, and whether they are reminded, from now on."""
    with transaction():
        speak(user, language, by=by, when=when)
        remind(user, wanted=reminders, by=by, when=when)


def at_work(by: Actor) -> User:
    """The user who does a deed."""
    return db.session.get_one(User, by.user_id)


def speak(user: User, language: Language, *, by: Actor, when: Moment) -> None:
    """Speak to somebody in this language from now on, on pages, in mail and in notices."""
    with transaction():
        if user.language != language:
            user.language = language
            _note("user.spoken_to", user, by=by, when=when, language=language)


def remind(user: User, *, wanted: bool, by: Actor, when: Moment) -> None:
    """Remind somebody of payments by mail, or do not."""
    with transaction():
        if user.wants_reminders != wanted:
            user.wants_reminders = wanted
            _note("user.reminded" if wanted else "user.not_reminded", user, by=by, when=when)


def _note(event: str, user: User, *, by: Actor, when: Moment, **details: str) -> None:
    trail.append(event, str(user.id), by=by, when=when, taxpayer_id=user.taxpayer_id, **details)


def by_email(email: str) -> User | None:
    """The user with this address, if there is one."""
    return db.session.execute(select(User).where(User.email == email)).scalar_one_or_none()


def address(text: str) -> str:
    """An email address as it is kept: in small letters. Refuses (`BadEmail`) what is none, and all that could mean
    more than one address to a mail server.
    """
    email = text.strip().lower()
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email):
        raise BadEmail
    return email
