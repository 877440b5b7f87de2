"""The trail: what an attacker does to it in the database, triggers dropped first, and what tells on them."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db import db
from portal.models import TrailEvent, TrailHead
from portal.office import office
from portal.services import trail
from tests.ledger_text import moment, owing, paid

TRIGGERS = {
    "sqlite": ("DROP TRIGGER trail_keep_update", "DROP TRIGGER trail_keep_delete"),
    "postgresql": ("ALTER TABLE trail DISABLE TRIGGER ALL",),
}
ROWS = 6


@pytest.fixture
def kept(empty: Flask) -> str:
    """A trail of six rows without its triggers, and its head as it was kept outside the database."""
    taxpayer = owing()
    for day in range(1, ROWS - 1):
        paid(taxpayer, "10.00", date(2024, 7, day))
    for statement in TRIGGERS[db.engine.dialect.name]:
        db.session.execute(text(statement))
    return trail.head_file(office().settings.instance).read_text(encoding="ascii")


def test_a_trail_as_it_was_written_has_no_faults(kept: str) -> None:
    assert faults(kept) == []
    assert faults("") == []
    assert kept.startswith(f"{ROWS} ")


Edit = Callable[[], None]


def run(*statements: str) -> Edit:
    def edit() -> None:
        for statement in statements:
            db.session.execute(text(statement))

    return edit


CHANGED: dict[str, tuple[Edit, list[str]]] = {
    "a byte of an event": (
        run("UPDATE trail SET event = 'payment.settleD' WHERE number = 3"),
        ["trail 3: changed, swapped or inserted"],
    ),
    "a byte of the details": (
        run("""UPDATE trail SET details = '{"amount": "19.00", "pay_on": "2024-07-02"}' WHERE number = 4"""),
        ["trail 4: changed, swapped or inserted"],
    ),
    "the time": (
        run("UPDATE trail SET at = '2024-07-03 17:00:01.000000' WHERE number = 5"),
        ["trail 5: changed, swapped or inserted"],
    ),
    "who it was about": (
        run("UPDATE trail SET taxpayer_id = NULL WHERE number = 3"), ["trail 3: changed, swapped or inserted"],
    ),
    "a link": (
        run("UPDATE trail SET link = REPLACE(REPLACE(link, 'a', 'b'), '1', '2') WHERE number = 2"),
        ["trail 2: changed, swapped or inserted", "trail 3: changed, swapped or inserted"],
    ),
    "a row removed": (
        run("DELETE FROM trail WHERE number = 3"),
        ["trail 3: missing, the next row is 4", "trail 4: changed, swapped or inserted"],
    ),
    "the first row removed": (
        run("DELETE FROM trail WHERE number = 1"),
        ["trail 1: missing, the next row is 2", "trail 2: changed, swapped or inserted"],
    ),
    "a row removed and those after it moved up": (
        run("DELETE FROM trail WHERE number = 3", "UPDATE trail_head SET number = 5",
            *(f"UPDATE trail SET number = {number} WHERE number = {number + 1}" for number in (3, 4, 5))),
        [*(f"trail {number}: changed, swapped or inserted" for number in (3, 4, 5)),
         "trail 5: cut, row 6 was written after it"],
    ),
    "the head row": (
        run("UPDATE trail_head SET number = 5"), ["trail 6: the head in the database names another last row"],
    ),
    "the head row removed": (
        run("DELETE FROM trail_head"), ["trail 6: the head in the database names another last row"],
    ),
}  # fmt: skip


def move(number: int, to: int) -> str:
    return f"UPDATE trail SET number = {to} WHERE number = {number}"


@pytest.mark.parametrize("what", CHANGED)
def test_the_chain_tells_what_was_changed(kept: str, what: str) -> None:
    edit, expected = CHANGED[what]

    edit()

    assert faults(kept) == expected


def test_two_rows_swapped_are_both_told(kept: str) -> None:
    for statement in (move(3, 99), move(4, 3), move(99, 4)):
        db.session.execute(text(statement))

    assert faults(kept) == [f"trail {number}: changed, swapped or inserted" for number in (3, 4, 5)]


def test_a_row_inserted_without_the_key_is_told(kept: str) -> None:
    """Who edits the database can copy a link, but not make one."""
    for number in (6, 5, 4):
        db.session.execute(text(move(number, number + 1)))
    third = db.session.execute(db.select(TrailEvent).where(TrailEvent.number == 3)).scalar_one()
    db.session.add(
        TrailEvent(
            number=4, at=third.at, event="payment.cancelled", subject=third.subject, details={}, link=third.link
        )
    )
    db.session.execute(db.update(TrailHead).values(number=7))

    assert "trail 4: changed, swapped or inserted" in faults(kept)


def test_a_tail_cut_from_the_database_does_not_match_its_head_row(kept: str) -> None:
    cut_after(4, with_head=False)

    assert faults("") == ["trail 4: the head in the database names another last row"]
    assert "trail 4: cut, row 6 was written after it" in faults(kept)


def test_a_tail_cut_with_the_head_row_along_shows_only_against_the_head_kept_outside(kept: str) -> None:
    cut_after(4, with_head=True)

    assert faults("") == []
    assert faults(kept) == ["trail 4: cut, row 6 was written after it"]


def test_everything_cut_shows_against_the_head_kept_outside(kept: str) -> None:
    db.session.execute(text("DELETE FROM trail"))
    db.session.execute(text("UPDATE trail_head SET number = 0, link = ''"))

    assert faults("") == []
    assert faults(kept) == ["trail 0: cut, row 6 was written after it"]


def test_a_tail_cut_and_written_anew_is_not_the_one_that_was_kept(kept: str) -> None:
    """Deeds done after a cut make a chain that holds, with another row where the kept one was."""
    cut_after(4, with_head=True)
    taxpayer = owing()
    paid(taxpayer, "1.00", date(2024, 8, 1))

    assert faults("") == []
    assert faults(kept) == ["trail 6: not the row that was kept outside the database"]


def test_the_chain_holds_whatever_time_zone_the_database_speaks(kept: str) -> None:
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL TIME ZONE 'Asia/Kolkata'"))

    assert faults(kept) == []


def test_the_chain_holds_for_every_kind_of_text(empty: Flask) -> None:
    from portal.db import transaction
    from portal.domain.actor import PORTAL

    with transaction():
        trail.append(
            "a.deed", "ü–\u2028\"'\\", by=PORTAL, when=moment(date(2024, 7, 1)), spouse="Zoë \U0001f600", a="1"
        )

    assert faults(trail.head_file(office().settings.instance).read_text()) == []


def test_another_key_makes_another_chain(kept: str) -> None:
    from dataclasses import replace

    other = replace(office().vault, trailing=b"x" * 32)

    assert len(list(trail.faults(other, kept))) == ROWS


def test_an_instant_comes_back_in_utc(kept: str) -> None:
    first = db.session.execute(db.select(TrailEvent.at).order_by(TrailEvent.number)).scalars().first()

    assert isinstance(first, datetime)
    assert first.tzinfo is UTC


def cut_after(number: int, *, with_head: bool) -> None:
    db.session.execute(text(f"DELETE FROM trail WHERE number > {number}"))
    if with_head:
        link = db.select(TrailEvent.link).where(TrailEvent.number == number).scalar_subquery()
        db.session.execute(db.update(TrailHead).values(number=number, link=link))


def faults(kept_head: str) -> list[str]:
    db.session.expire_all()
    return list(trail.faults(office().vault, kept_head))
