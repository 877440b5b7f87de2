"""Who somebody is: facts that only the owner of a record knows, and five tries a day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.db import db
from portal.domain.refusal import Refusal
from portal.models import TrailEvent, User
from portal.services import identities
from portal.services.identities import (
    BirthDateDiffers,
    Claim,
    IdentityLocked,
    NameDiffers,
    SsnDiffers,
    confirm,
    folded,
)
from tests.applicant import actor_of, later, marry, ssn_of
from tests.cast import taxpayer, user
from tests.services.test_deeds import everything
from tests.stopped_clock import NOW


def olivia() -> Claim:
    """What the owner of the record says."""
    owner = taxpayer("owing")
    return Claim(owner.first_name, owner.last_name, ssn_of("owing"), owner.born_on)


def said(claim: Claim, member: User | None = None, *, after: int = 0) -> type[Refusal] | None:
    """Why a claim is not believed, so many minutes later."""
    try:
        confirm(claim, by=actor_of(member or user("owing")), when=later(minutes=after))
    except Refusal as refusal:
        return type(refusal)
    return None


def wrong(number: int = 0) -> Claim:
    return replace(olivia(), ssn=f"90099{number:04d}")


def test_the_owner_of_a_record_is_believed_and_nothing_is_written(app: Flask) -> None:
    before = everything()

    assert said(olivia()) is None

    assert everything() == before


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"ssn": "900990000"}, SsnDiffers),
        ({"ssn": ""}, SsnDiffers),
        ({"born_on": date(1955, 1, 2)}, BirthDateDiffers),
        ({"first_name": "Olive"}, NameDiffers),
        ({"last_name": "Owen"}, NameDiffers),
        ({"first_name": "", "last_name": ""}, NameDiffers),
    ],
)
def test_what_differs_is_told(app: Flask, change: dict[str, object], refusal: type[Refusal]) -> None:
    assert said(replace(olivia(), **change)) is refusal


def test_somebody_else_s_true_facts_are_not_one_s_own(app: Flask) -> None:
    assert said(olivia(), user("stranger")) is SsnDiffers


def test_a_number_that_differs_is_told_before_all_else(app: Flask) -> None:
    """Who does not know the number learns nothing of the name and the date of birth."""
    assert said(Claim("Somebody", "Else", "900990000", date(1900, 1, 1))) is SsnDiffers


# Five tries.


def test_five_tries_lock_for_a_day_whatever_is_said_then(app: Flask) -> None:
    for number in range(5):
        assert said(wrong(number), after=number) is SsnDiffers

    assert said(wrong(), after=5) is IdentityLocked
    assert said(olivia(), after=6) is IdentityLocked


def test_every_kind_of_difference_is_a_try(app: Flask) -> None:
    tries = [{"ssn": "900990000"}, {"born_on": date(1990, 1, 1)}, {"last_name": "Other"}, {"first_name": "Other"}]
    for change in [*tries, tries[0]]:
        assert said(replace(olivia(), **change)) is not None

    assert said(olivia()) is IdentityLocked


def test_after_a_day_one_may_try_again(app: Flask) -> None:
    """A day after the first of the five, when that one does not count any more."""
    for number in range(5):
        said(wrong(number), after=number * 60)

    assert said(olivia(), after=24 * 60 - 1) is IdentityLocked
    assert said(olivia(), after=24 * 60) is None


def test_tries_while_it_is_locked_make_it_no_longer(app: Flask) -> None:
    for number in range(5):
        said(wrong(number))
    for hour in range(1, 23):
        assert said(wrong(), after=hour * 60) is IdentityLocked

    assert said(olivia(), after=24 * 60) is None


def test_four_tries_are_forgiven_but_not_forgotten_by_the_right_answer(app: Flask) -> None:
    """Else who knows one account's facts could guess between two right answers for ever."""
    for number in range(4):
        said(wrong(number))

    assert said(olivia()) is None
    assert said(wrong()) is SsnDiffers
    assert said(olivia()) is IdentityLocked


def test_one_person_s_tries_do_not_lock_another(app: Flask) -> None:
    for number in range(5):
        said(wrong(number))

    assert said(replace(olivia(), ssn=ssn_of("stranger")), user("stranger")) is not IdentityLocked


def test_the_trail_tells_what_differed_and_not_what_was_said(app: Flask) -> None:
    said(wrong(4711))

    row = db.session.execute(db.select(TrailEvent).order_by(TrailEvent.number.desc()).limit(1)).scalar_one()
    assert (row.event, row.details) == ("identity.differed", {"what": "SsnDiffers"})
    assert (row.user_id, row.taxpayer_id) == (user("owing").id, taxpayer("owing").id)
    assert "900994711" not in repr(everything())


# Spouses.


def test_the_spouse_is_believed_by_the_spouse_s_own_facts(app: Flask) -> None:
    spouse = marry()
    own = Claim("José", "O’Brien-Nuñez", "900990001", date(1980, 2, 29))

    assert said(own, spouse) is None
    assert said(olivia(), spouse) is SsnDiffers
    assert said(own) is SsnDiffers


@pytest.mark.parametrize(
    ("first_name", "last_name"),
    [
        ("Jose", "OBrien-Nunez"),
        ("JOSÉ", "O'BRIEN NUÑEZ"),
        ("josé ", "o’brien–nuñez"),
        ("Jose\u0301", "O`Brien Nun\u0303ez"),
        ("José O’Brien", "Nuñez"),
    ],
)
def test_accents_case_and_punctuation_make_no_other_name(app: Flask, first_name: str, last_name: str) -> None:
    claim = Claim(first_name, last_name, "900990001", date(1980, 2, 29))

    assert said(claim, marry()) is None


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Ångström", "angstrom"), ("STRASSE", "strasse"), ("Straße", "strasse"), ("Ｏwens", "owens"), ("-’ .", "")],
)
def test_a_name_is_folded(name: str, plain: str) -> None:
    assert folded(name) == plain


def test_the_lock_is_a_day() -> None:
    assert (5, timedelta(days=1)) == (identities.MOST_TRIES, identities.LOCK)
    assert NOW.at + identities.LOCK == later(days=1).at
