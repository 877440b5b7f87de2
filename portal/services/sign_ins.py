"""Signing in and out: server-side rows, and guessing made slow for strangers only."""

import hashlib
import secrets
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, select, update

from portal.db import db, transaction
from portal.domain.actor import Actor, Role
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import SignIn, User
from portal.office import office
from portal.queries.sign_ins import SignedIn, open_sign_in, whose
from portal.services import attempts, codes, passwords, trail
from portal.services.codes import Code, WrongCode

PURPOSE, PROOF = "sign in", "proof"
SEEN_EVERY = timedelta(minutes=1)
CODE_WITHIN = timedelta(minutes=10)


class NotSignedIn(Refusal):
    """The email address and the password do not match, or there were too many tries. Check both, or wait 15 minutes
    and try again."""


class NotProved(Refusal):
    """This is not your password, or there were too many tries. Nothing was changed. Check it, or wait 15 minutes and
    try again."""

    about = "password"


class CodeIsLate(Refusal):
    """Your password was entered too long ago. Sign in again. Nothing was changed."""


class Begun(NamedTuple):
    """A sign-in's token, whose it is, and whether a code has to follow before it is open."""

    token: str
    user: User
    wants_code: bool = False


def begin(email: str, password: str, *, device: str, browser: str = "", when: Moment) -> Begun:
    """Sign somebody in, or let a code be asked for (`finish`): the token for their cookie. Refuses (`NotSignedIn`)
    in the same words and time whatever is wrong, and (`passwords.TooBusy`) when too many sign in at once.

    `device` names a browser that this user has signed in from before, or is empty: such a browser has its own
    count of failed tries, so that strangers cannot lock the owner out. `browser` is its kind, for its owner to read.
    """
    email = email.strip().lower()
    bucket = attempts.bucket(PURPOSE, email, device)
    user = db.session.execute(select(User).where(User.email == email)).scalar_one_or_none()
    matches = passwords.match(user.password_hash if user else passwords.nobodys_hash(), password)
    with transaction():
        is_throttled = attempts.must_wait(bucket, when=when)
        if user and matches and not user.disabled_at and not is_throttled:
            attempts.forget(bucket)
            return _open(user, browser, when)
        if not is_throttled:
            attempts.add(bucket, when=when)
    raise NotSignedIn


def finish(token: str, code: Code, *, when: Moment) -> Begun:
    """The code after the password: the sign-in is open, under a new token. Whose code it has to be, the password has
    said. Refuses (`WrongCode`) another one, and (`CodeIsLate`) one that does not follow a password.
    """
    with transaction():
        row = _awaited(token, when)
        user = db.session.get_one(User, row.user_id)
        if codes.accept(user, code, when=when):
            token = secrets.token_urlsafe(32)
            row.token_hash, row.code_by = token_hash(token), None
            row.began_at = row.seen_at = row.proved_at = when.at
            _note("began", user, when)
            return Begun(token, user)
    raise WrongCode


def awaits_code(token: str, *, when: Moment) -> int:
    """The user whose code has to follow the password. Refuses (`CodeIsLate`) a token that awaits none."""
    return int(_awaited(token, when).user_id)


def find(token: str, *, when: Moment) -> SignedIn | None:
    """Who the token belongs to, if the sign-in is still open; a look once a minute keeps it open."""
    idle = timedelta(minutes=office().settings.idle_minutes)
    who = open_sign_in(token, token_hash(token), when.at, when.at - idle)
    if who is None:
        _lapse(token, when)
    elif when.at - who.seen_at > SEEN_EVERY:
        with transaction():
            seen = update(SignIn).where(SignIn.id == who.sign_in_id, SignIn.ended_at.is_(None))
            db.session.execute(seen.values(seen_at=when.at))
    return who


def prove(who: SignedIn, password: str, code: Code, *, when: Moment) -> str:
    """Somebody signed in gives the password again, and a code if they have a second factor: the sign-in is as good as
    new, under a new token. Refuses (`NotProved`, `WrongCode`) wrong ones, and after some of those every one for a
    while.
    """
    bucket = attempts.bucket(PROOF, str(who.user_id))
    user = db.session.get_one(User, who.user_id)
    matches = passwords.match(user.password_hash, password)
    with transaction():
        if attempts.must_wait(bucket, when=when):
            raise NotProved
        if matches and (codes.factor_of(user.id) is None or codes.accept(user, code, when=when)):
            attempts.forget(bucket)
            return _renew(who, user, when)
        if not matches:
            attempts.add(bucket, when=when)
    raise WrongCode if matches else NotProved


def user_of(token: str) -> int | None:
    """Whose sign-in the token was of, also after it has ended."""
    return whose(token_hash(token))


def end(who: SignedIn, *, when: Moment) -> None:
    """End a sign-in; its token is worth nothing from here on."""
    with transaction():
        ended = update(SignIn).where(SignIn.id == who.sign_in_id).values(ended_at=when.at)
        db.session.execute(ended)
        by = Actor(who.user_id, who.role, who.taxpayer_id)
        trail.append("sign_in.ended", str(who.user_id), by=by, when=when, taxpayer_id=who.taxpayer_id)


def end_one(who: SignedIn, reference: str, *, when: Moment) -> None:
    """End another sign-in of the same user. What is not theirs does not exist, and what is over stays over."""
    _end_some(who, SignIn.reference == reference, when=when)


def end_others(who: SignedIn, *, when: Moment) -> None:
    """End every sign-in of the user but this one."""
    _end_some(who, SignIn.id != who.sign_in_id, when=when)


def _end_some(who: SignedIn, which: ColumnElement[bool], *, when: Moment) -> None:
    with transaction():
        theirs = update(SignIn).where(SignIn.user_id == who.user_id, SignIn.ended_at.is_(None), which)
        if db.session.execute(theirs.values(ended_at=when.at)).rowcount:  # type: ignore[attr-defined]
            _note("ended", db.session.get_one(User, who.user_id), when)


def carry_over(before: Moment, *, when: Moment) -> None:
    """Keep open what was open before the clock was moved ahead (demonstration only)."""
    settings = office().settings
    idle, longest = timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.session_hours)
    with transaction():
        was_open = SignIn.ended_at.is_(None), SignIn.ends_at > before.at, SignIn.seen_at > before.at - idle
        db.session.execute(update(SignIn).where(*was_open).values(seen_at=when.at, ends_at=when.at + longest))


def end_all(user: User, *, but: int = 0, when: Moment) -> None:
    """End every sign-in of somebody but one; part of the deed that makes it necessary."""
    open_ones = update(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None), SignIn.id != but)
    db.session.execute(open_ones.values(ended_at=when.at))


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _open(user: User, browser: str, when: Moment) -> Begun:
    settings = office().settings
    hours = settings.session_hours if user.role is Role.TAXPAYER else settings.staff_session_hours
    token, wants_code = secrets.token_urlsafe(32), codes.factor_of(user.id) is not None
    db.session.add(
        SignIn(token_hash=token_hash(token), user_id=user.id, browser=browser, began_at=when.at, seen_at=when.at,
               ends_at=when.at + timedelta(hours=hours), proved_at=when.at,
               code_by=when.at + CODE_WITHIN if wants_code else None)
    )  # fmt: skip
    _note("awaits_code" if wants_code else "began", user, when)
    return Begun(token, user, wants_code)


def _awaited(token: str, when: Moment) -> SignIn:
    rows = select(SignIn).join(User, User.id == SignIn.user_id).where(
        SignIn.token_hash == token_hash(token), SignIn.ended_at.is_(None), SignIn.code_by > when.at,
        User.disabled_at.is_(None),
    )  # fmt: skip
    row = db.session.execute(rows).scalar_one_or_none()
    if row is None:
        raise CodeIsLate
    return row


def _renew(who: SignedIn, user: User, when: Moment) -> str:
    token = secrets.token_urlsafe(32)
    renewed = update(SignIn).where(SignIn.id == who.sign_in_id, SignIn.ended_at.is_(None))
    db.session.execute(renewed.values(token_hash=token_hash(token), proved_at=when.at))
    _note("proved", user, when)
    return token


def _note(event: str, user: User, when: Moment) -> None:
    by = Actor(user.id, user.role, user.taxpayer_id)
    trail.append(f"sign_in.{event}", str(user.id), by=by, when=when, taxpayer_id=user.taxpayer_id)


def _lapse(token: str, when: Moment) -> None:
    """What was found closed stays closed, though the clock be set back or the user let in again."""
    row = select(SignIn.id).where(SignIn.token_hash == token_hash(token), SignIn.ended_at.is_(None))
    if sign_in_id := db.session.execute(row).scalar_one_or_none():
        with transaction():
            db.session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(ended_at=when.at))
