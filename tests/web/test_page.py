"""Pages and parts: one view answers with the whole page or with the block that htmx is about to replace."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.web.page import page
from tests.browser import Browser
from tests.test_access import RESTORE, asking_for, inside

PARTS = [("/account/payments", "history"), ("/account/periods/2022", "period"), ("/account", "main")]


def told(client: FlaskClient, *words: str) -> None:
    """What a deed before this request had to say."""
    with client.session_transaction() as session:
        session["_flashes"] = [("message", each) for each in words]


@pytest.mark.parametrize(("address", "name"), PARTS)
def test_a_part_is_what_the_whole_page_has_in_its_place(app: Flask, address: str, name: str) -> None:
    browser = inside(app, "ontime")
    whole, part = browser.get(address), browser.get(address, part=name)

    assert "<html" in whole.html
    assert "<html" not in part.html
    assert f'id="{name}"' in part.html or "<h1" in part.html
    assert part.html.strip() in whole.html


def test_the_target_may_come_with_or_without_its_element(app: Flask) -> None:
    client = inside(app, "ontime").client
    answers = {
        client.get("/account/payments", headers={"HX-Request-Type": "partial", "HX-Target": target}).text
        for target in ("div#history", "#history", "section#history")
    }

    assert len(answers) == 1
    assert "<html" not in answers.pop()


HOSTILE_TARGETS = [
    *("", "#", "div#", "history", "div#nowhere", "div#History", "div#history#history", "##history", "div#history "),
    *("div#../../layout", "div#layout.html", "div#__class__", "div#{{ 7 * 7 }}", "div#<script>", "div#' or 1=1 --"),
    *("div#self", "div#super", "div#root", "div#blocks", "%23history", "div%23history", "div#" + "x" * 5000),
    *("div#h\u00e9", "div#\u00ff\u00fe"),
]


def test_a_target_that_is_no_block_gets_the_whole_page(app: Flask) -> None:
    client = inside(app, "ontime").client
    for target in HOSTILE_TARGETS:
        headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": target}
        answer = client.get("/account/payments", headers=headers)

        assert answer.status_code == 200, target
        assert "<html" in answer.text, target
        assert "49" not in target or "{{" not in answer.text


@pytest.mark.parametrize("kind", ["full", "", "Partial", "partial, full", "x"])
def test_only_who_asks_for_a_part_gets_one(app: Flask, kind: str) -> None:
    client = inside(app, "ontime").client
    answer = client.get("/account/payments", headers={"HX-Request-Type": kind, "HX-Target": "div#history"})

    assert "<html" in answer.text


def test_a_page_restored_from_history_is_whole(app: Flask) -> None:
    client = inside(app, "ontime").client
    answer = client.get("/account/payments", headers={**RESTORE, "HX-Target": "div#history"})

    assert "<html" in answer.text


def test_what_a_part_shows_is_no_more_than_its_page_shows(app: Flask) -> None:
    """Every block that can be asked for by name: the title, the menu, the banner too."""
    client = inside(app, "ontime").client
    whole = client.get("/account/payments").text
    for block in ("title", "nav", "banner", "main", "history"):
        part = client.get("/account/payments", headers=asking_for(block)).text

        assert "<html" in part or part.strip() in whole


# What there is to say.


def test_news_comes_beside_the_part_for_the_live_region(app: Flask) -> None:
    client = inside(app, "ontime").client
    told(client, "It is done", "<b>Twice</b>")
    part = client.get("/account/payments", headers=asking_for("history")).text

    live = part[part.index('<div id="live" hx-swap-oob="innerHTML">') :]
    assert "<p>It is done</p>" in live
    assert "&lt;b&gt;Twice&lt;/b&gt;" in live
    assert part.count('id="live"') == 1


def test_news_stands_once_in_a_whole_page(app: Flask) -> None:
    browser = inside(app, "ontime")
    told(browser.client, "It is done")

    assert "It is done" in browser.get("/account/payments").one("live")
    assert "It is done" not in browser.get("/account/payments").one("live")


def test_a_part_without_news_leaves_the_live_region_alone(app: Flask) -> None:
    client = inside(app, "ontime").client

    assert 'id="live"' not in client.get("/account/payments", headers=asking_for("history")).text


# What was refused.


def test_a_refused_form_is_422_and_its_title_says_so(app: Flask) -> None:
    browser = inside(app, "ontime")
    page, part = (browser.get("/account/payments?state=nonsense", part=each) for each in (None, "history"))

    assert page.status == part.status == 422
    assert re.search(r"<title>\s*Error:", page.html)
    assert "error-summary" in page.html
    assert "<html" not in part.html


def test_a_good_page_has_no_error_in_its_title(app: Flask, browser: Browser) -> None:
    assert "<title>Error:" not in browser.get("/sign-in").html


def test_a_summary_links_to_the_field_that_is_wrong(app: Flask, browser: Browser) -> None:
    page = browser.submit("/sign-in", {"email": "", "password": ""})

    assert {"#email", "#password"} <= set(page.links())


def test_a_page_may_be_given_another_status(app: Flask) -> None:
    with app.test_request_context("/"):
        assert page("public/accessibility.html", 410).status_code == 410


# What every page has.


def leads_somewhere(browser: Browser, link: str) -> bool:
    """To a page, or to one of the rooms that are built beside these."""
    path = link.partition("?")[0]
    return path in ("/agreement", "/apply", "/pay", "/register") or browser.client.get(link).status_code == 200


@pytest.mark.parametrize(
    "address", ["/", "/eligibility", "/calculator", "/help", "/accessibility", "/sign-in", "/nowhere"]
)
def test_public_pages_are_whole_and_link_to_pages_that_exist(app: Flask, browser: Browser, address: str) -> None:
    page = browser.get(address)
    assert page.status == (404 if address == "/nowhere" else 200)
    for link in {link.partition("#")[0] for link in page.links()} - {""}:
        assert leads_somewhere(browser, link), link


@pytest.mark.parametrize("role", ["ontime", "indefault", "owing"])
def test_no_link_of_an_account_leads_nowhere(app: Flask, role: str) -> None:
    """Every link of the pages of an account, fragments included."""
    browser = inside(app, role)
    seen: dict[str, str] = {}
    for address in ("/account", "/account/payments", "/account/upcoming"):
        for link in browser.get(address).links():
            where, _, place = link.partition("#")
            if where and where not in seen:
                assert leads_somewhere(browser, where), link
                answer = browser.client.get(where)
                seen[where] = answer.text if answer.mimetype == "text/html" else ""
            assert not place or f'id="{place}"' in (seen[where] if where else browser.get(address).html), link


def test_a_page_knows_where_it_stands_in_the_menu(app: Flask) -> None:
    browser = inside(app, "ontime")
    for address in ("/account", "/account/payments", "/account/upcoming"):
        assert f'<a href="{address}" aria-current="page"' in browser.get(address).html


def test_strangers_find_the_public_pages_in_the_menu(browser: Browser) -> None:
    for address in ("/eligibility", "/calculator", "/help"):
        assert f'<a href="{address}" aria-current="page"' in browser.get(address).html


def test_the_staff_has_a_menu_of_its_own_and_none_of_an_account(app: Flask) -> None:
    browser = inside(app, "agent")

    assert '<a href="/agent" aria-current="page"' in browser.get("/agent").html
    pages = [each for each in browser.get("/").links() if each.startswith("/account")]
    assert pages == ["/account/settings"]


def test_a_page_tells_its_browser_when_the_stay_ends(app: Flask, browser: Browser) -> None:
    """So that it can warn; who is not signed in is not warned."""
    assert 'data-session-ends="900"' in inside(app, "ontime").get("/account").html
    assert "data-session-ends" not in browser.get("/").html
