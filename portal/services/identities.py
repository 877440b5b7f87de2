"""Whether somebody is who they say: facts that only the owner of a record knows."""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from portal.db import transaction
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models.taxpayer import SSN
from portal.office import office
from portal.queries.people import Person, person
from portal.services import attempts, trail

MOST_TRIES, LOCK = 5, timedelta(days=1)


class IdentityLocked(Refusal):
    """There were too many tries with facts that do not match. Wait a day and try again, or call us. Your other
    answers are kept."""

    about = "ssn"


class SsnDiffers(Refusal):
    """This is not the number that we have for you. Check every digit. After five tries that do not match you have to
    wait a day."""

    about = "ssn"


class NameDiffers(Refusal):
    """This is not the name that we have for you. Enter it as on your tax return; if it has changed, call us."""

    about = "last_name"


class BirthDateDiffers(Refusal):
    """This is not the date of birth that we have for you. Check the month, the day and the year."""

    about = "born_on"


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody says to be."""

    first_name: str
    last_name: str
    ssn: str
    born_on: date


def confirm(claim: Claim, *, by: Actor, when: Moment) -> None:
    """Hold a claim against the record of the user at work. Every claim that does not match is a try; after five of
    them within a day (`IdentityLocked`) none is looked at any more, whatever it says.
    """
    assert by.user_id is not None
    bucket = attempts.bucket("identity", str(by.user_id))
    with transaction():
        if attempts.count(bucket, since=when.at - LOCK) >= MOST_TRIES:
            raise IdentityLocked
        refusal = _difference(claim, person(by.user_id))
        if refusal is None:
            return
        attempts.add(bucket, when=when)
        trail.append(
            "identity.differed", str(by.user_id), by=by, when=when, taxpayer_id=by.taxpayer_id,
            what=type(refusal).__name__,
        )  # fmt: skip
    raise refusal


def _difference(claim: Claim, known: Person) -> Refusal | None:
    if office().vault.index(claim.ssn, SSN) != known.ssn_index:
        return SsnDiffers()
    if claim.born_on != known.born_on:
        return BirthDateDiffers()
    if folded(f"{claim.first_name} {claim.last_name}") != folded(known.name):
        return NameDiffers()
    return None


def folded(name: str) -> str:
    """A name as two people would call it the same: no accents, case or punctuation."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(character for character in plain if character.isalnum())
