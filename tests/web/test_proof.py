"""The password again, before what must not be done at a screen that was left open."""

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from portal.office import office
from portal.services import passwords
from portal.web.access import STILL_FRESH
from tests.browser import Browser
from tests.cast import PASSWORD, signed_in
from tests.stopped_clock import StoppedClock

WRONG = "a wrong password it is"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "match", lambda _hashed, password: password == PASSWORD)


@pytest.fixture
def guarded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    """A page with a form that wants a proof."""
    monkeypatch.setattr(app.view_functions["apply.start"], "wants_proof", STILL_FRESH, raising=False)
    return "/apply"


def wait(**duration: float) -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(**duration)


def proves(browser: Browser, password: str, wanted: str = "", **options: Any) -> Any:
    return browser.submit(
        "/sign-in/proof", {"password": password, "next": wanted}, at=f"/sign-in/proof?next={wanted}", **options
    )


def test_who_has_just_signed_in_is_not_asked(app: Flask, guarded: str) -> None:
    browser = signed_in(app, "owing")
    wait(minutes=5)

    assert browser.get(guarded, follow=False).status == 200


def test_after_five_minutes_a_page_is_reached_by_way_of_the_password(app: Flask, guarded: str) -> None:
    browser = signed_in(app, "owing")
    wait(minutes=5, seconds=1)

    asked = browser.get(f"{guarded}?x=1", follow=False)
    page = browser.get(asked.response.location)
    back = proves(browser, PASSWORD, quote(f"{guarded}?x=1"), follow=False)

    assert (asked.status, asked.response.location) == (303, f"/sign-in/proof?next={quote(f'{guarded}?x=1')}")
    assert "Confirm that it is you" in page.text
    assert browser.get(back.response.location, follow=False).status == 200


def test_a_form_that_was_opened_in_time_can_be_sent_for_a_while(app: Flask, guarded: str) -> None:
    browser = signed_in(app, "owing")
    browser.get(guarded)
    wait(minutes=14)

    assert browser.submit(guarded, {}, at="/account/upcoming", follow=False).response.location != "/sign-in/proof"

    wait(minutes=1, seconds=1)
    late = browser.submit(guarded, {}, at="/account/upcoming", follow=False)
    assert late.status == 303
    assert late.response.location.startswith("/sign-in/proof?next=/")


def test_htmx_is_told_to_go_there_with_the_whole_page(app: Flask, guarded: str) -> None:
    browser = signed_in(app, "owing")
    wait(minutes=6)

    answer = browser.get(guarded, part="main", follow=False)

    assert answer.status == 401
    assert answer.response.headers["HX-Redirect"] == f"/sign-in/proof?next={guarded}"


def test_a_wrong_password_proves_nothing_and_tries_are_slowed_down(app: Flask, guarded: str) -> None:
    browser = signed_in(app, "owing")
    wait(minutes=6)
    for _try in range(10):
        wait(minutes=1)
        refused = proves(browser, WRONG, guarded)
        assert refused.status == 422
        assert WRONG not in refused.html

    assert proves(browser, PASSWORD, guarded).status == 422, "the right one has to wait as well"
    assert browser.get(guarded, follow=False).status == 303
    wait(minutes=14)
    browser.get("/account/upcoming")
    wait(minutes=1)
    assert proves(browser, PASSWORD, guarded, follow=False).status == 303


def test_a_proof_gives_the_stay_a_new_token(app: Flask, guarded: str) -> None:
    """Who had copied the cookie of before is not proved along with its owner."""
    browser = signed_in(app, "owing")
    found = browser.client.get_cookie("portal")
    assert found is not None
    proves(browser, PASSWORD, guarded)
    copied = app.test_client()
    copied.set_cookie("portal", found.value)

    assert copied.get("/account/upcoming").status_code == 303
    assert browser.get("/account/upcoming", follow=False).status == 200


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/account", "/nowhere", ""])
def test_it_leads_to_no_other_site(app: Flask, wanted: str) -> None:
    assert proves(signed_in(app, "owing"), PASSWORD, wanted, follow=False).response.location == "/account"
