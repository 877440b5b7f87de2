"""The desk: the caller is found by what they say, and who looked is in the trail."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.models import Agreement, Payment, TrailEvent
from tests.cast import email_of, taxpayer, user
from tests.test_access import inside


def newest(table: type[Agreement] | type[Payment]) -> str:
    rows = select(table.reference).where(table.taxpayer_id == taxpayer("indefault").id).order_by(table.id.desc())
    return str(db.session.execute(rows.limit(1)).scalar_one())


@pytest.mark.parametrize(
    "say",
    [
        lambda: taxpayer("indefault").reference.lower().replace("-", " "),
        lambda: newest(Payment).replace("0", "O"),
        lambda: newest(Agreement),
        lambda: email_of("indefault").upper(),
    ],
    ids=["reference", "confirmation number", "agreement", "mail"],
)
def test_one_who_fits_is_opened_at_once(app: Flask, say: object) -> None:
    assert callable(say)
    page = inside(app, "agent").submit("/agent", {"wanted": say()})

    assert page.response.request.path == f"/agent/taxpayers/{taxpayer('indefault').reference}"
    assert taxpayer("indefault").name in page.text


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
