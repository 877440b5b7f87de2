"""Users: who can sign in."""

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor, Role
from portal.domain.language import Language
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import Taxpayer, User
from portal.services import trail
from portal.services.sign_ins import LONGEST_PASSWORD_BYTES, hash_password

SHORTEST_PASSWORD = 15


class BadPassword(Refusal):
    """A password needs at least 15 characters. A few words in a row make a good one."""


class BadEmail(Refusal):
    """This is not an email address. It looks like name@example.com."""


class EmailTaken(Refusal):
    """Somebody already signs in with this email address. Nothing was changed."""


def add(
    email: str, password: str, *, name: str, role: Role, taxpayer: Taxpayer | None = None, by: Actor, when: Moment
) -> User:
    """Let somebody sign in. Refuses a short password, a malformed or taken email address."""
    email = email.strip().lower()
    if len(password) < SHORTEST_PASSWORD or len(password.encode()) > LONGEST_PASSWORD_BYTES:
        raise BadPassword
    local, _, host = email.partition("@")
    if not local or "." not in host or len(email) > 254 or not email.isprintable() or " " in email:
        raise BadEmail
    with transaction():
        if db.session.execute(select(User.id).where(User.email == email)).first():
            raise EmailTaken
        user = User(
            email=email, password_hash=hash_password(password), name=name, role=role,
            taxpayer_id=taxpayer.id if taxpayer else None, language="en_US",
        )  # fmt: skip
        db.session.add(user)
        db.session.flush()
        trail.append("user.added", str(user.id), by=by, when=when, taxpayer_id=user.taxpayer_id, role=role)
        return user


def speak(language: Language, *, by: Actor, when: Moment) -> None:
    """Speak to the user at work in this language from now on, on pages, in mail and in notices."""
    with transaction():
        user = db.session.get_one(User, by.user_id)
        if user.language == language:
            return
        user.language = language
        db.session.flush()
        trail.append(
            "user.spoken_to", str(user.id), by=by, when=when, taxpayer_id=user.taxpayer_id, language=language
        )
