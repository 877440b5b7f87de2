"""Guests: people who pay or look up a payment without signing in, known by facts that stand on their tax return."""

import hmac
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import PORTAL, Actor
from portal.domain.lifecycle import PaymentState
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import Payment, Spouse, Taxpayer, TaxPeriod
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.models.taxpayer import SSN
from portal.office import office
from portal.services import attempts, notices, trail
from portal.services.direct_pay_rules import Payer
from portal.services.identities import folded

MOST_TRIES, LOCK = 5, timedelta(days=1)
# Of one visitor, about whomever: enough for a library or an office that shares one address, too few to lock many.
MOST_TRIES_OF_A_VISITOR = 20
YEARS_BACK = 6


class NotFound(Refusal):
    """We could not find you by these facts. Enter all of them as on the tax return of that year. After five tries
    within a day we look at no others for a day, right or wrong: then sign in, call us, or come back tomorrow."""


class PaymentNotFound(Refusal):
    """We could not find a payment by these facts. Enter all of them as on the tax return of that year, and the
    confirmation number as on the receipt. After five tries within a day we look at no others for a day, right or
    wrong: then sign in, call us, or come back tomorrow."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody says to be: the facts of one of their tax returns of the last six years."""

    first_name: str
    last_name: str
    ssn: str
    born_on: date
    filing_status: str
    street: str
    postal_code: str
    tax_year: int


def identify(claim: Claim, *, place: str, when: Moment) -> Payer:
    """Whose debt somebody may pay, who asks from a `place`. Refuses (`NotFound`) facts of which any differs, of which
    account there is or of none; after five of those within a day every claim about this number for a day; and after
    twenty from one place every claim from there: always in the same words, and after the same work.
    """
    payer = _known(claim, "", place, when)
    if payer is None:
        raise NotFound
    return payer


def look_up(claim: Claim, reference: str, *, place: str, when: Moment) -> Payer:
    """The same for a payment that was signed: a wrong confirmation number is one wrong fact more
    (`PaymentNotFound`).
    """
    payer = _known(claim, reference, place, when)
    if payer is None:
        raise PaymentNotFound
    return payer


def tax_years(on: date) -> list[int]:
    """The years whose returns are asked about, newest first."""
    return [on.year - back for back in range(1, YEARS_BACK + 1)]


def tell_locked(taxpayer: Taxpayer, *, when: Moment) -> None:
    """Tell the owner of an account that nobody can pay for it without signing in for a day."""
    with transaction():
        notices.issue(taxpayer.id, NoticeKind.GUESTS_LOCKED, when=when)


def _known(claim: Claim, reference: str, place: str, when: Moment) -> Payer | None:
    bucket, visitor = attempts.bucket("guest", claim.ssn), attempts.bucket("guest from", place)
    with transaction():
        person, taxpayer = _who_is_meant(claim.ssn)
        is_right = _is_known_by(person, taxpayer, claim, when) & _has_payment(taxpayer, reference)
        is_visitor_locked = attempts.count(visitor, since=when.at - LOCK) >= MOST_TRIES_OF_A_VISITOR
        is_locked = _is_locked(bucket, when) | is_visitor_locked
        if is_right and not is_locked:
            trail.append("guest.identified", taxpayer.reference, by=PORTAL, when=when, taxpayer_id=taxpayer.id)
            name = f"{claim.first_name} {claim.last_name}"
            return Payer(taxpayer.id, name, Actor(taxpayer_id=taxpayer.id))
        attempts.add(attempts.bucket("guest from while locked", place) if is_locked else visitor, when=when)
        _count(attempts.bucket("guest while locked", claim.ssn) if is_locked else bucket, taxpayer, when)
        return None


def _who_is_meant(ssn: str) -> tuple[Taxpayer | Spouse, Taxpayer]:
    """The person with this number and their account; where there is none, somebody of whom nothing is true."""
    index = office().vault.index(ssn, SSN)
    owner = db.session.execute(select(Taxpayer).where(Taxpayer.ssn_index == index)).scalar_one_or_none()
    found = select(Spouse, Taxpayer).join(Taxpayer, Taxpayer.id == Spouse.taxpayer_id)
    spouse = db.session.execute(found.where(Spouse.ssn_index == index)).one_or_none()
    if owner:
        return owner, owner
    return (spouse[0], spouse[1]) if spouse else (NOBODY, NOBODY)


def _is_known_by(person: Taxpayer | Spouse, taxpayer: Taxpayer, claim: Claim, when: Moment) -> bool:
    """Every fact is compared, also after one that differs."""
    periods = select(TaxPeriod.tax_year).where(TaxPeriod.taxpayer_id == taxpayer.id)
    years = set(db.session.execute(periods).scalars()) & set(tax_years(when.on))
    pairs = [
        (folded(person.first_name), folded(claim.first_name)),
        (folded(person.last_name), folded(claim.last_name)),
        (person.born_on.isoformat(), claim.born_on.isoformat()),
        (taxpayer.filing_status, claim.filing_status),
        (folded(taxpayer.street), folded(claim.street)),
        (taxpayer.postal_code[:5], claim.postal_code[:5]),
    ]
    same = [hmac.compare_digest(known.encode(), claimed.encode()) for known, claimed in pairs]
    return all(same) & (claim.tax_year in years) & (taxpayer is not NOBODY)


def _has_payment(taxpayer: Taxpayer, reference: str) -> bool:
    """Whether the payment is one of the account that was signed; true where none is asked for."""
    rows = select(Payment.id).where(
        Payment.taxpayer_id == taxpayer.id, Payment.reference == reference, Payment.channel == Channel.ONLINE,
        Payment.state != PaymentState.DRAFTED,
    )  # fmt: skip
    found = db.session.execute(rows).first() is not None
    return found or not reference


def _is_locked(bucket: str, when: Moment) -> bool:
    """For a day after the fifth wrong claim within a day."""
    _tries, last = attempts.tally(bucket, since=when.at - LOCK)
    return last is not None and attempts.count(bucket, since=last - LOCK) >= MOST_TRIES


def _count(bucket: str, taxpayer: Taxpayer, when: Moment) -> None:
    """Count a wrong claim. That nobody has the number is written down just the same."""
    attempts.add(bucket, when=when)
    db.session.flush()
    if attempts.count(bucket, since=when.at - LOCK) == MOST_TRIES:
        subject, owner_id = taxpayer.reference, None if taxpayer is NOBODY else taxpayer.id
        trail.append("guest.locked", subject, by=PORTAL, when=when, taxpayer_id=owner_id)


NOBODY = Taxpayer(
    id=0, reference="", first_name="", last_name="", born_on=date(1, 1, 1), filing_status="", street="",
    postal_code="",
)  # fmt: skip
