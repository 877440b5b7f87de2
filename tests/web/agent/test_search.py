"""The desk: the caller is found by what they say, and who looked is in the trail."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select, text

from portal import config, create_app
from portal.db import db
from portal.domain.actor import PORTAL
from portal.models import Agreement, Payment, Taxpayer, TrailEvent
from portal.office import office
from portal.queries import search
from portal.services import taxpayers
from portal.services.taxpayers import Person
from tests.cast import email_of, taxpayer, user
from tests.conftest import ENGINES, new_database
from tests.stopped_clock import NOW
from tests.test_access import inside

ADDRESS = {"street": "1 Main Street", "city": "Springfield", "state": "IL", "postal_code": "62701"}


def newest(table: type[Agreement] | type[Payment]) -> Any:
    rows = select(table).where(table.taxpayer_id == taxpayer("indefault").id).order_by(table.id.desc())
    return db.session.execute(rows.limit(1)).scalar_one()


def ssn() -> str:
    row = taxpayer("indefault")
    return office().vault.open(row.ssn_sealed, row.ssn_row)


SAID: dict[str, Callable[[], str]] = {
    "account": lambda: taxpayer("indefault").reference.lower().replace("-", " "),
    "account without its letters": lambda: f"{taxpayer('indefault').reference.removeprefix('TP-')}",
    "payment": lambda: newest(Payment).reference.replace("0", "O"),
    "agreement": lambda: newest(Agreement).reference,
    "email": lambda: email_of("indefault").upper(),
    "number": lambda: f"{ssn()[:3]}-{ssn()[3:5]}-{ssn()[5:]}",
    "last_four": lambda: ssn()[-4:],
    "name": lambda: taxpayer("indefault").name,
    "name, the last one first": lambda: f"{taxpayer('indefault').last_name}, {taxpayer('indefault').first_name}",
    "the beginning of a name": lambda: taxpayer("indefault").last_name[:-1],
    "name_and_last_four": lambda: f"{taxpayer('indefault').last_name} {ssn()[-4:]}",
    "amount_and_date": lambda: f"${newest(Payment).amount} {newest(Payment).pay_on:%m/%d/%Y}",
    "phone": lambda: "+1 (217) 555-0199",
}


@pytest.mark.parametrize("said", SAID)
def test_the_caller_is_found_by_what_is_said(app: Flask, said: str) -> None:
    taxpayers.move(taxpayer("indefault"), {**ADDRESS, "phone": "217-555-0199"}, by=PORTAL, when=NOW)

    page = inside(app, "agent").submit("/agent", {"wanted": SAID[said]()})

    assert page.response.request.path == f"/agent/taxpayers/{taxpayer('indefault').reference}"
    assert taxpayer("indefault").name in page.text


def test_a_spouse_is_found_like_the_taxpayer(app: Flask) -> None:
    page = inside(app, "agent").submit("/agent", {"wanted": "Tina Timely"})

    assert page.response.request.path == f"/agent/taxpayers/{taxpayer('ontime').reference}"


def test_several_who_fit_are_told_apart_by_place_and_last_four(app: Flask) -> None:
    person = taxpayer("indefault")
    for number in range(21):
        taxpayers.enrol(twin_of(person, f"90000{number:04d}"), by=PORTAL, when=NOW)
    page = inside(app, "agent").submit("/agent", {"wanted": person.last_name})

    assert page.status == 200
    assert "ending 0003" in page.text
    assert "More fit than are shown" in page.text


def test_a_whole_number_is_not_written_on_the_page_again(app: Flask) -> None:
    page = inside(app, "agent").submit("/agent", {"wanted": "987-65-4329"})

    assert "Nobody fits" in page.text
    assert "4329" not in page.html
    assert 'value="2175550143"' in inside(app, "agent").submit("/agent", {"wanted": "2175550143"}).html


@pytest.mark.parametrize("odd", ["\0", "12/45/2026", "310 2/30/2026", "@", "%", "O'", "🧾", "１２３４", "9" * 250])
def test_what_makes_no_sense_fits_nobody(app: Flask, odd: str) -> None:
    assert inside(app, "agent").submit("/agent", {"wanted": odd}).status in (200, 422)


def test_nobody_who_fits_is_said_so(app: Flask) -> None:
    page = inside(app, "agent").submit("/agent", {"wanted": "TP-0000-0000"})

    assert page.status == 200
    assert "Nobody fits" in page.text


def test_who_looked_is_in_the_trail_and_what_was_typed_is_not(app: Flask) -> None:
    inside(app, "agent").submit("/agent", {"wanted": email_of("indefault")})
    rows = select(TrailEvent).order_by(TrailEvent.number.desc()).limit(2)
    opened, searched = db.session.execute(rows).scalars()

    assert (searched.event, searched.details) == ("search.made", {"kind": "email", "found": "1"})
    assert (opened.event, opened.taxpayer_id) == ("taxpayer.opened", taxpayer("indefault").id)
    assert {searched.user_id, opened.user_id} == {user("agent").id}


def test_a_taxpayer_who_does_not_exist_is_not_opened(app: Flask) -> None:
    assert inside(app, "agent").get("/agent/taxpayers/TP-0000-0000").status == 404


def twin_of(person: Taxpayer, ssn: str) -> Person:
    return Person(person.first_name, person.last_name, ssn, person.born_on, "single", **ADDRESS)


@pytest.mark.parametrize("engine", ENGINES)
def test_who_was_there_before_the_upgrade_is_found_after_it(tmp_path: Path, engine: str) -> None:
    with new_database(engine, f"before_{engine}") as address:
        app = create_app(config.load({}, {"instance": str(tmp_path), "database_url": address}))
        with app.app_context():
            upgrade(revision="0007")
            sealed = office().vault.seal("987654329", "taxpayers:ssn:TP-0000-0001")
            db.session.execute(
                text(
                    "INSERT INTO taxpayers (reference, first_name, last_name, ssn_sealed, ssn_index, born_on, "
                    "filing_status, street, city, state, postal_code, phone) VALUES ('TP-0000-0001', 'Zoë', "
                    "'O’Brien-Núñez', :sealed, 'x', '1980-01-01', 'single', '1 Main Street', 'Springfield', 'IL', "
                    "'62701', '217-555-0142')"
                ),
                {"sealed": sealed},
            )
            db.session.commit()
            upgrade()

            for said in ("obrien nunez zoe", "Zoë O'Brien", "4329", "2175550142"):
                assert [each.reference for each in search.answer(said).found] == ["TP-0000-0001"], said
            db.session.remove()
            db.engine.dispose()
