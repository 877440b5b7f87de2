"""Bank accounts: the bank is asked whether one exists, three unknown ones a day, and no number is kept in clear."""

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.refusal import Refusal
from portal.domain.routing import BadAccountNumber, BadRoutingNumber
from portal.models import TrailEvent
from portal.models.bank_account import AccountType
from portal.services import bank_accounts
from portal.services.bank_accounts import NoSuchAccount, TooManyFailures
from tests.applicant import ACCOUNT, ROUTING, actor_of, later, marry
from tests.cast import taxpayer, user
from tests.services.test_deeds import everything
from tests.stopped_clock import NOW

UNKNOWN = ("1000000901", "1000000902", "1000000903")


def tried(number: str, *, routing: str = ROUTING, role: str = "owing", after: int = 0) -> type[Refusal] | None:
    """Why an account is not taken, so many minutes later."""
    try:
        bank_accounts.verify(routing, number, by=actor_of(user(role)), when=later(minutes=after))
    except Refusal as refusal:
        return type(refusal)
    return None


def test_an_account_that_the_bank_knows_is_taken_and_nothing_is_written(app: Flask) -> None:
    before = everything()

    assert tried(ACCOUNT) is None

    assert everything() == before


@pytest.mark.parametrize("number", UNKNOWN)
def test_an_account_that_the_bank_does_not_know_is_refused(app: Flask, number: str) -> None:
    assert tried(number) is NoSuchAccount


def test_three_unknown_accounts_lock_every_account_for_a_day(app: Flask) -> None:
    """A day after the first of the three, when that one does not count any more."""
    for minute, number in enumerate(UNKNOWN):
        assert tried(number, after=minute) is NoSuchAccount

    assert tried(ACCOUNT, after=3) is TooManyFailures
    assert tried(UNKNOWN[0], after=4) is TooManyFailures
    assert tried(ACCOUNT, after=24 * 60 - 1) is TooManyFailures
    assert tried(ACCOUNT, after=24 * 60) is None


def test_numbers_that_cannot_be_right_are_no_tries(app: Flask) -> None:
    """The bank is not asked for them, so nobody learns anything by them."""
    for _number in range(5):
        assert tried(ACCOUNT, routing="121042883") is BadRoutingNumber
        assert tried("000000") is BadAccountNumber

    assert tried(ACCOUNT) is None


def test_even_while_it_is_locked_a_wrong_digit_is_told_as_that(app: Flask) -> None:
    for number in UNKNOWN:
        tried(number)

    assert tried(ACCOUNT, routing="121042883") is BadRoutingNumber


def test_the_tries_are_those_of_the_taxpayer_whichever_spouse_makes_them(app: Flask) -> None:
    spouse = actor_of(marry())
    for number in UNKNOWN:
        tried(number)

    with pytest.raises(TooManyFailures):
        bank_accounts.verify(ROUTING, ACCOUNT, by=spouse, when=NOW)
    assert tried(ACCOUNT, role="stranger") is None


def test_the_trail_tells_of_the_try_and_not_of_the_number(app: Flask) -> None:
    tried(UNKNOWN[0])

    row = db.session.execute(db.select(TrailEvent).order_by(TrailEvent.number.desc()).limit(1)).scalar_one()
    assert (row.event, row.details, row.taxpayer_id) == ("bank_account.unknown", {}, taxpayer("owing").id)
    assert UNKNOWN[0] not in repr(everything())


def test_a_number_that_is_kept_is_sealed_and_found_again(app: Flask) -> None:
    kept = [
        bank_accounts.add(
            taxpayer(role), routing_number=ROUTING, number="9988776655", type=AccountType.SAVINGS, by=PORTAL, when=NOW
        )
        for role in ("owing", "stranger")
    ]

    assert [bank_accounts.number_of(account) for account in kept] == ["9988776655"] * 2
    assert kept[0].number_index == kept[1].number_index
    assert kept[0].number_sealed != kept[1].number_sealed
    assert "9988776655" not in repr(everything())
