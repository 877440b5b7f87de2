"""Registering: who knows what only the taxpayer or the spouse knows, and reads the mail sent there, can sign in."""

import hmac
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import PORTAL, Role
from portal.domain.moment import Moment
from portal.models import Registration, Spouse, Taxpayer, User
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.office import office
from portal.services import attempts, mails, notices, passwords, taxpayers, trail, users
from portal.services.links import LinkIsOver, NoSuchLink, new_token
from portal.services.sign_ins import token_hash

OPEN_FOR = timedelta(hours=24)
MOST_TRIES = 5
LOCK = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says to be known by (the account's reference, the last four digits of the SSN or ITIN, the date
    of birth), and how they want to sign in.
    """

    reference: str
    last_four: str
    born_on: date
    email: str
    password: str


Person = Taxpayer | Spouse


def begin(claim: Claim, *, language: str, when: Moment) -> None:
    """Send a link to who claims the right facts of a taxpayer or a spouse. What comes of it, only the mail tells.

    Refuses a bad password and a malformed address, which say nothing about anybody; then each claim, right or wrong,
    about an account or none, takes as long. Five wrong ones lock the account's registration for a day.
    """
    email = users.address(claim.email)
    password_hash = passwords.chosen(claim.password, email=email)
    bucket = attempts.bucket("register", claim.reference)
    with transaction():
        taxpayer = taxpayers.by_reference(claim.reference)
        person = _who_is_meant(taxpayer, claim)
        if _is_locked(bucket, when):
            attempts.add(attempts.bucket("register while locked", claim.reference), when=when)
        elif taxpayer is None or person is None:
            _count(bucket, taxpayer, when)
        else:
            _answer(taxpayer, person, Registration(email=email, password_hash=password_hash, language=language), when)


def find(token: str, *, when: Moment) -> Registration:
    """The registration that a link opens. Refuses (`NoSuchLink`) an unknown one, and (`LinkIsOver`) one that is used
    or older than a day.
    """
    row = select(Registration).where(Registration.token_hash == token_hash(token))
    registration = db.session.execute(row).scalar_one_or_none()
    if registration is None:
        raise NoSuchLink
    if registration.confirmed_at or registration.ends_at <= when.at:
        raise LinkIsOver
    return registration


def confirm(token: str, *, when: Moment) -> User:
    """The mail was read: let the person sign in. Refuses what `find` refuses, and (`LinkIsOver`) a person or an
    address that another link has registered meanwhile.
    """
    with transaction():
        registration = find(token, when=when)
        taxpayer = db.session.get_one(Taxpayer, registration.taxpayer_id)
        spouse = db.session.get(Spouse, registration.spouse_id) if registration.spouse_id else None
        if _user_of(spouse or taxpayer) or users.by_email(registration.email):
            raise LinkIsOver
        registration.confirmed_at = when.at
        user = User(
            email=registration.email, password_hash=registration.password_hash, name=(spouse or taxpayer).name,
            role=Role.TAXPAYER, taxpayer_id=taxpayer.id, spouse_id=registration.spouse_id,
            language=registration.language,
        )  # fmt: skip
        return users.enter(user, by=PORTAL, when=when)


def _who_is_meant(taxpayer: Taxpayer | None, claim: Claim) -> Person | None:
    """The taxpayer or the spouse, by the facts; for an account that does not exist as much is looked up."""
    spouses = select(Spouse).where(Spouse.taxpayer_id == (taxpayer.id if taxpayer else 0))
    spouse = db.session.execute(spouses).scalar_one_or_none()
    return next((each for each in (taxpayer, spouse) if each and _is_known_by(each, claim)), None)


def _is_known_by(person: Person, claim: Claim) -> bool:
    last_four = office().vault.open(person.ssn_sealed, person.ssn_row)[-4:]
    is_theirs = hmac.compare_digest(last_four.encode(), claim.last_four.encode())
    return is_theirs and person.born_on == claim.born_on


def _is_locked(bucket: str, when: Moment) -> bool:
    """For a day after the fifth wrong claim within a day. What is claimed meanwhile is written down elsewhere, so
    that it takes as long and the lock is not made longer.
    """
    _tries, last = attempts.tally(bucket, since=when.at - LOCK)
    return last is not None and attempts.count(bucket, since=last - LOCK) >= MOST_TRIES


def _count(bucket: str, taxpayer: Taxpayer | None, when: Moment) -> None:
    """Count a wrong claim. An account that does not exist is locked as well, but there is nobody to tell."""
    attempts.add(bucket, when=when)
    if attempts.count(bucket, since=when.at - LOCK) >= MOST_TRIES and taxpayer:
        notices.issue(taxpayer.id, NoticeKind.REGISTRATION_LOCKED, when=when)
        trail.append("registration.locked", taxpayer.reference, by=PORTAL, when=when, taxpayer_id=taxpayer.id)


def _answer(taxpayer: Taxpayer, person: Person, registration: Registration, when: Moment) -> None:
    """A link to the address; or, to who signs in already, a mail that says so."""
    user = _user_of(person) or users.by_email(registration.email)
    if not mails.may_be_asked_for(user.email if user else registration.email, when=when):
        return
    if user:
        mails.write_to(user, MailKind.ALREADY_REGISTERED, when=when, link="/sign-in")
        return
    token, registration.token_hash = new_token()
    registration.taxpayer_id = taxpayer.id
    registration.spouse_id = person.id if isinstance(person, Spouse) else None
    registration.begun_at, registration.ends_at = when.at, when.at + OPEN_FOR
    db.session.add(registration)
    mails.write(
        MailKind.REGISTRATION, registration.email, language=registration.language, when=when,
        taxpayer_id=taxpayer.id, link=f"/register/{token}",
    )  # fmt: skip
    trail.append("registration.begun", taxpayer.reference, by=PORTAL, when=when, taxpayer_id=taxpayer.id)


def _user_of(person: Person) -> User | None:
    """The user of the taxpayer or of the spouse, if they can sign in."""
    if isinstance(person, Spouse):
        is_theirs = User.spouse_id == person.id
    else:
        is_theirs = (User.taxpayer_id == person.id) & User.spouse_id.is_(None)
    return db.session.execute(select(User).where(is_theirs).order_by(User.id).limit(1)).scalar_one_or_none()
