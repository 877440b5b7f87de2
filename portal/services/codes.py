"""Codes that are good once, beside a password: those of an authenticator app, and those on paper."""

import hmac
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import select, update

from portal.db import db
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import RecoveryCode, SecondFactor, User
from portal.models.columns import LOOK_ALIKES
from portal.models.mail import MailKind
from portal.office import office
from portal.services import attempts, mails, trail

PURPOSE, ON_PAPER = "code", "recovery code"
STEP_SECONDS, DIGITS = 30, 6
# A phone may be half a minute fast or slow (RFC 6238, 5.2).
SKEW = (0, -1, 1)


class WrongCode(Refusal):
    """This code does not fit. Each code works once, and for half a minute. Enter the one that the app shows now, or
    one from your list of recovery codes. After some tries you have to wait up to 15 minutes."""

    about = "code"


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it was typed, and the instant that phones showed then."""

    text: str
    at: datetime

    @property
    def plain(self) -> str:
        """Its letters and digits."""
        return "".join(each for each in self.text.upper() if each.isascii() and each.isalnum())


def accept(user: User, code: Code, *, when: Moment) -> bool:
    """Whether a code is good, which it is no more afterwards; part of the deed that it allows. One that is not counts
    as a failed try, and after some of those none is looked at for a while.
    """
    bucket = attempts.bucket(PURPOSE, str(user.id))
    if attempts.must_wait(bucket, when=when):
        return False
    if _is_of_the_app(user.id, code) or _is_on_paper(user, code, when):
        attempts.forget(bucket)
        return True
    attempts.add(bucket, when=when)
    return False


def step_of(secret: str, code: Code, *, after: int) -> int | None:
    """The time step of which this is the code, if it is one of the moment and later than the last one taken."""
    now = step_at(code.at)
    fitting = (now + skew for skew in SKEW if hmac.compare_digest(shown(secret, now + skew), code.plain))
    return next((step for step in fitting if step > after), None)


def step_at(at: datetime) -> int:
    """How many half minutes there were until then (RFC 6238, 4.2)."""
    return int(at.timestamp()) // STEP_SECONDS


def shown(secret: str, step: int) -> str:
    """What an app with this secret shows in a time step."""
    return pyotp.HOTP(secret, digits=DIGITS).at(step)


def next_good(user_id: int, *, at: datetime) -> str | None:
    """The code that would be accepted now, if there is one: for the demonstration, whose people have no phone."""
    factor = factor_of(user_id)
    if factor is None:
        return None
    now = step_at(at)
    step = max(now, factor.step + 1)
    return shown(secret_of(factor), step) if step <= now + 1 else None


def factor_of(user_id: int) -> SecondFactor | None:
    """The second factor of a user, if there is one."""
    return db.session.execute(select(SecondFactor).where(SecondFactor.user_id == user_id)).scalar_one_or_none()


def secret_of(factor: SecondFactor) -> str:
    """The secret, to be compared with and shown to nobody."""
    return office().vault.open(factor.secret_sealed, factor.secret_row)


def index_of(user_id: int, plain: str) -> str:
    """What is kept of a code on paper; letters that are taken for digits are those digits."""
    return office().vault.index(plain.translate(LOOK_ALIKES), f"{ON_PAPER} {user_id}")


def _is_of_the_app(user_id: int, code: Code) -> bool:
    factor = factor_of(user_id)
    if factor is None or len(code.plain) != DIGITS:
        return False
    step = step_of(secret_of(factor), code, after=factor.step)
    if step is not None:
        factor.step = step
    return step is not None


def _is_on_paper(user: User, code: Code, when: Moment) -> bool:
    is_it = RecoveryCode.user_id == user.id, RecoveryCode.code_index == index_of(user.id, code.plain)
    used = update(RecoveryCode).where(*is_it, RecoveryCode.used_at.is_(None)).values(used_at=when.at)
    if not db.session.execute(used).rowcount:  # type: ignore[attr-defined]
        return False
    mails.warn(user, MailKind.SECOND_FACTOR, when=when, what="used")
    by = Actor(user.id, user.role, user.taxpayer_id)
    trail.append("recovery_code.used", str(user.id), by=by, when=when, taxpayer_id=user.taxpayer_id)
    return True
