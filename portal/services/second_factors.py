"""The second factor: set up with a code that shows it works, taken away; and codes on paper for a lost phone."""

import secrets

import pyotp
from sqlalchemy import delete

from portal.db import db, transaction
from portal.domain.actor import Actor, Role
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import RecoveryCode, SecondFactor, User
from portal.models.columns import ALPHABET
from portal.models.mail import MailKind
from portal.office import office
from portal.services import codes, mails, sign_ins, trail
from portal.services.codes import Code, WrongCode

CODES, GROUPS, LETTERS = 10, 2, 5


class NeededByStaff(Refusal):
    """Who works for the agency signs in with a code. Set up another phone instead. Nothing was changed."""


def new_secret() -> str:
    """160 random bits in base 32, as authenticator apps read them (RFC 4226, 4)."""
    return pyotp.random_base32()


def address(secret: str, email: str) -> str:
    """What the square code of a secret says to an app."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=office().settings.agency_name)


def set_up(user: User, secret: str, code: Code, *, keeping: int, by: Actor, when: Moment) -> list[str]:
    """From now on codes of this secret are asked for; the codes on paper that go with it are returned, to be shown
    once. Every sign-in of the user ends but the one to be kept, and a mail tells the owner. Refuses (`WrongCode`) a
    code that does not show that the app has the secret.
    """
    step = codes.step_of(secret, code, after=0)
    if step is None:
        raise WrongCode
    with transaction():
        _keep(user, secret, step, when)
        sign_ins.end_all(user, but=keeping, when=when)
        _note("set_up", user, by=by, when=when)
        mails.warn(user, MailKind.SECOND_FACTOR, when=when, what="set_up")
        return _new_codes(user)


def take_over(user: User, secret: str, *, by: Actor, when: Moment) -> None:
    """The same where it is known that the user's app has the secret: nothing is asked, mailed or printed."""
    with transaction():
        _keep(user, secret, 0, when)
        _note("set_up", user, by=by, when=when)


def remove(user: User, *, by: Actor, when: Moment) -> None:
    """The password is enough from now on; a mail tells the owner. Where there is none, nothing happens. Refuses
    (`NeededByStaff`) that to the staff.
    """
    if user.role is not Role.TAXPAYER:
        raise NeededByStaff
    with transaction():
        if codes.factor_of(user.id):
            _forget(user, by=by, when=when)


def reset(user: User, *, by: Actor, when: Moment) -> None:
    """The agency takes a lost second factor away from somebody it knows: every sign-in ends, a mail tells the owner,
    and who works for the agency sets up another one at the next sign-in.
    """
    with transaction():
        _forget(user, by=by, when=when)
        sign_ins.end_all(user, when=when)


def new_codes(user: User, *, by: Actor, when: Moment) -> list[str]:
    """New codes on paper; the ones before are worth nothing any more. A mail tells the owner."""
    with transaction():
        trail.append("recovery_codes.made", str(user.id), by=by, when=when, taxpayer_id=user.taxpayer_id)
        mails.warn(user, MailKind.SECOND_FACTOR, when=when, what="codes")
        return _new_codes(user)


def _keep(user: User, secret: str, step: int, when: Moment) -> None:
    db.session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))
    factor = SecondFactor(user_id=user.id, step=step, since=when.at)
    factor.secret_sealed = office().vault.seal(secret, factor.secret_row)
    db.session.add(factor)
    db.session.flush()


def _forget(user: User, *, by: Actor, when: Moment) -> None:
    for table in (SecondFactor, RecoveryCode):
        db.session.execute(delete(table).where(table.user_id == user.id))
    mails.warn(user, MailKind.SECOND_FACTOR, when=when, what="removed")
    _note("removed", user, by=by, when=when)


def _new_codes(user: User) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    made = ["".join(secrets.choice(ALPHABET) for _ in range(GROUPS * LETTERS)) for _ in range(CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, code_index=codes.index_of(user.id, each)) for each in made)
    return [f"{each[:LETTERS]}-{each[LETTERS:]}" for each in made]


def _note(event: str, user: User, *, by: Actor, when: Moment) -> None:
    trail.append(f"second_factor.{event}", str(user.id), by=by, when=when, taxpayer_id=user.taxpayer_id)
