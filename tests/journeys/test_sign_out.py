"""Leaving: what the next person at the same browser can see, and what a stay that ended elsewhere does."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.journeys.conftest import Arrives
from tests.journeys.visitor import DESK, DESK_WITHOUT_SCRIPTS, PHONE, PHONE_WITHOUT_SCRIPTS, Device, Visitor

OF_THE_ACCOUNT = re.compile(r"Timely|\$310|TP-|PY-|IA-|Sign out")
KEPT = """async () => [localStorage.length, sessionStorage.length, (await caches.keys()).length,
  (await indexedDB.databases()).length]"""


def test_after_signing_out_back_shows_nothing_of_the_account(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    page.goto("/sign-in")
    visitor.sign_in("ontime")
    page.get_by_role("link", name="All payments").click()
    filter_by_year(page, "2025")

    visitor.sign_out()
    visitor.look()

    for _step in range(3):
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        assert not OF_THE_ACCOUNT.search(page.content())
        assert_whole(page)
    visitor.look()


@pytest.mark.parametrize("device", [PHONE], ids=lambda device: device.name)
def test_the_browser_keeps_nothing_while_one_is_here_and_when_one_has_left(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    page.goto("/sign-in")
    visitor.sign_in("ontime")
    page.goto("/account/payments")
    filter_by_year(page, "2025")

    # The address of a page is all that htmx itself remembers.
    assert page.evaluate(KEPT) == [0, 0, 0, 0]
    visitor.sign_out()
    assert page.evaluate(KEPT) == [0, 0, 0, 0]
    assert [each["name"] for each in visitor.context.cookies() if each["name"] == "session"] == []


@pytest.mark.parametrize("device", [PHONE], ids=lambda device: device.name)
def test_a_page_restored_from_history_is_a_whole_page(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "ontime")
    page = visitor.page
    page.goto("/account/payments")
    filter_by_year(page, "2025")
    filter_by_year(page, "2026")
    page.get_by_role("link", name="Help").click()

    for address in ("year=2026", "year=2025", "/account/payments$"):
        page.go_back()
        expect(page).to_have_url(re.compile(address))
        expect(page.get_by_role("heading", level=1)).to_have_text("Payments")
        year = address.partition("year=")[2]
        expect(page.get_by_label("Year")).to_have_value(year)
        expect(page.locator("#history tbody th").first).to_contain_text(year)
        assert_whole(page)
        visitor.look()


@pytest.mark.parametrize("device", [PHONE_WITHOUT_SCRIPTS, DESK], ids=lambda device: device.name)
def test_a_stay_that_ended_leads_to_signing_in_and_back(
    visitor: Visitor, device: Device, playwright: Playwright
) -> None:
    page = visitor.page
    page.goto("/sign-in")
    visitor.sign_in("ontime")
    page.goto("/account/payments")
    end_elsewhere(playwright, visitor)

    page.get_by_label("Year").select_option("2025")
    with visitor.expecting("401 GET"):
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert_whole(page)
    assert not OF_THE_ACCOUNT.search(page.content())
    visitor.look()

    visitor.sign_in("ontime")
    expect(page).to_have_url(re.compile(r"/account/payments\?year=2025"))
    expect(page.get_by_label("Year")).to_have_value("2025")
    visitor.look()


@pytest.mark.parametrize("device", [PHONE, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_signing_out_in_one_tab_ends_the_other(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    page.goto("/sign-in")
    visitor.sign_in("ontime")
    other = visitor.context.new_page()
    other.goto("/account/payments")

    visitor.sign_out()

    other.get_by_label("State").select_option(label="Posted")
    with visitor.expecting("401 GET"):
        other.get_by_role("button", name="Show").click()
        expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")
    visitor.look(other)


@pytest.mark.parametrize("device", [PHONE, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_signing_out_in_a_tab_left_open_does_no_harm(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    page.goto("/sign-in")
    visitor.sign_in("ontime")
    other = visitor.context.new_page()
    other.goto("/account")
    visitor.sign_out()

    with visitor.expecting("400 POST"):
        other.get_by_role("button", name="Sign out").click()
        expect(other.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    visitor.look(other)


def filter_by_year(page: Page, year: str) -> None:
    page.get_by_label("Year").select_option(year)
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(f"year={year}"))
    expect(page.locator("#history tbody th").first).to_contain_text(year)


def assert_whole(page: Page) -> None:
    for once in ("header.site", "main", "footer", "#live", "title"):
        expect(page.locator(once)).to_have_count(1)


def end_elsewhere(playwright: Playwright, visitor: Visitor) -> None:
    """Somebody with the same cookies signs out; this browser's own are left as they are."""
    parts = urlsplit(visitor.page.url)
    state = visitor.context.storage_state()
    client = playwright.request.new_context(base_url=f"{parts.scheme}://{parts.netloc}", storage_state=state)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account").text())
    assert token
    assert client.post("/sign-out", form={"csrf_token": token[1]}).ok
    client.dispose()
