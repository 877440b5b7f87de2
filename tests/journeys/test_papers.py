"""What people take along: a statement, an address for the calendar, and everything that is held about them."""

import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from portal.web import pdf
from tests.journeys.conftest import Arrives
from tests.journeys.visitor import DESK, PHONE_WITHOUT_SCRIPTS, Device


@pytest.mark.parametrize("device", [DESK, PHONE_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_statement_calendar_and_everything_are_taken_along(arrives: Arrives, own_town: str, device: Device) -> None:
    visitor = arrives(device, at=own_town)
    visitor.page.goto("/sign-in")
    visitor.sign_in("ontime")
    page = visitor.page

    page.goto("/account/notices")
    page.get_by_role("link", name="Statements of each month and year").click()
    page.get_by_label("Year").select_option("2025")
    page.get_by_role("button", name="Show").press("Enter")
    expect(page).to_have_url(re.compile("year=2025"))
    visitor.look()
    page.get_by_role("link", name="The whole year 2025").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Statement of 2025")
    visitor.look()
    if pdf.is_available():
        with page.expect_download() as file:
            page.get_by_role("link", name="Download as PDF").click()
        assert file.value.path().read_bytes().startswith(b"%PDF-")
        assert file.value.suggested_filename == "statement-2025.pdf"
    page.get_by_role("link", name="The balance of that day, as known today").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What was owed on a day")
    visitor.look()

    page.goto("/account/upcoming")
    page.get_by_role("button", name="Make an address for my calendar").click()
    feed = own_town + re.sub(r"https?://[^/]+", "", page.locator("#calendar code").inner_text())
    visitor.look()
    assert asked(page, feed) == 200
    page.get_by_role("button", name="Take the address back").click()
    expect(page.get_by_role("button", name="Make an address for my calendar")).to_be_visible()
    assert asked(page, feed) == 404

    page.goto("/account/data")
    visitor.look()
    with page.expect_download() as everything:
        page.get_by_role("button", name="Download everything").press("Enter")
    with ZipFile(everything.value.path()) as whole:
        assert {"README.txt", "payments.csv", "ledger.csv", "trail.csv"} < set(whole.namelist())


def asked(page: Page, feed: str) -> int:
    """What a calendar program, which has no cookies, is answered."""
    client = page.context.browser.new_context()  # type: ignore[union-attr]
    try:
        return client.request.get(feed).status
    finally:
        client.close()
