"""The demonstration's bar: anyone may move the clock and read the mail, and only there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.demo import clock, world
from portal.demo.cast import CAST, PASSWORD
from portal.demo.households import cast
from portal.gateways.post import outbox
from portal.jobs import post
from portal.models import Payment
from portal.web import mail
from portal.web.language import day
from tests.browser import Browser
from tests.cast import TODAY, signed_in, taxpayer
from tests.web.test_sign_in import token_of

TOMORROW = TODAY + timedelta(days=1)


@cache
def made(settings: Settings) -> Flask:
    """One application for each database: to make it takes longer than a test."""
    twin = create_app(settings, is_demo=True)
    twin.testing = True
    return twin


@pytest.fixture
def demonstration(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The same portal, on the same database, as a demonstration in which nobody but the cast lives."""
    for deed in (world.days_to_live, world.live):
        monkeypatch.setattr(deed, "__defaults__", (cast,))
    office, connection = app.extensions["office"], db.engine
    twin = made(office.settings)
    twin.extensions["office"] = replace(office, is_demo=True)
    with twin.app_context():
        own, db.engines[None] = db.engine, connection
        try:
            yield twin
        finally:
            db.session.remove()
            db.engines[None] = own


def test_each_page_of_the_demonstration_says_what_day_it_is(demonstration: Flask) -> None:
    for address in ("/", "/sign-in", "/help", "/nowhere"):
        page = Browser(demonstration).get(address)

        assert f"<strong>{day(TODAY)}</strong>" in page.html
        assert 'action="/demo/clock"' in page.html


def test_the_mailbox_shows_each_mail_with_its_link(demonstration: Flask, tmp_path: Path) -> None:
    """Newest first; the link is the one that a reader presses."""
    kept = demonstration.extensions["office"]
    office = replace(kept, settings=replace(kept.settings, instance=tmp_path))
    demonstration.extensions["office"] = office
    browser = Browser(demonstration)
    assert "There is no mail yet." in browser.get("/demo/mail").text
    browser.submit("/password-reset", {"email": "ontime@example.test"})
    post.deliver(office.clock.now, outbox(office.settings), mail.render)

    listed = browser.get("/demo/mail")
    [address] = [each for each in listed.links() if each.startswith("/demo/mail/")]
    shown = browser.get(address)

    assert "/demo/mail" in browser.get("/").links()
    assert "Set a new password" in listed.text
    assert "ontime@example.test" in listed.text
    assert "<p>Hello Theo,</p>" in shown.html
    [link] = [each for each in shown.links() if "/password-reset/" in each]
    assert browser.get(link.removeprefix(office.settings.address)).status == 200
    assert browser.get("/demo/mail/keyring.json").status == 404


def test_without_the_demonstration_there_is_no_bar_and_no_address(app: Flask) -> None:
    browser = Browser(app)

    assert 'class="demo"' not in browser.get("/").html
    assert "/demo" not in browser.get("/sign-in").html
    assert browser.get("/demo/mail").status == 404
    assert browser.submit("/demo/clock", {"to": "day"}, at="/sign-in").status == 404
    assert PASSWORD not in browser.get("/sign-in").html


def test_the_sign_in_names_the_cast_and_its_password(demonstration: Flask) -> None:
    page = Browser(demonstration).get("/sign-in")

    assert PASSWORD in page.text
    assert all(member.email in page.text for member in CAST)


def test_a_day_passes_and_everybody_stays_signed_in(demonstration: Flask) -> None:
    browser = signed_in(demonstration, "ontime")
    page = browser.submit("/demo/clock", {"to": "day"}, at="/account")

    assert page.status == 200
    assert day(TOMORROW) in page.one("live")
    account = browser.get("/account", follow=False)
    assert account.status == 200
    assert day(TOMORROW) in account.one("owed")


def test_the_next_event_is_the_next_thing_that_happens(demonstration: Flask) -> None:
    """The debit of December 15 is the first of the cast's payments that moves."""
    browser = signed_in(demonstration, "ontime")
    browser.submit("/demo/clock", {"to": "event"}, at="/account")

    today = demonstration.extensions["office"].clock.today()
    moved = db.select(Payment.state).where(Payment.taxpayer_id == taxpayer("ontime").id, Payment.pay_on <= today)
    assert TODAY < today <= TODAY + timedelta(days=62)
    assert "scheduled" not in {str(state) for state in db.session.execute(moved).scalars()}
    assert browser.get("/account", follow=False).status == 200


CAME_FROM = {
    "http://localhost/account/payments": "/account/payments",
    **dict.fromkeys(("", "https://evil.example/", "http://localhost.evil.example/", "//evil.example"), "/"),
    **dict.fromkeys(("http://localhost@evil.example/", "javascript:alert(1)", "http://localhost"), "/"),
}


def test_one_comes_back_to_where_one_was(demonstration: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "to_next_day", lambda: TOMORROW)
    client = demonstration.test_client()
    token = token_of(client.get("/sign-in"))
    for referrer, back in CAME_FROM.items():
        answer = client.post("/demo/clock", data={"csrf_token": token, "to": "day"}, headers={"Referer": referrer})

        assert (answer.status_code, answer.location) == (303, back)


def test_another_site_cannot_move_the_clock(demonstration: Flask) -> None:
    client = demonstration.test_client()

    assert client.post("/demo/clock", data={"to": "day"}).status_code == 400
    assert client.get("/demo/clock?to=day").status_code == 405
    assert demonstration.extensions["office"].clock.today() == TODAY
