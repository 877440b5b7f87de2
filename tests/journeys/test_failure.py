"""When the service or the line fails during a request: the page stays, and says that nothing was changed."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Arrives
from tests.journeys.visitor import DESK, PHONE, Device

NOTHING_CHANGED = "Nothing was changed."


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
@pytest.mark.parametrize("kind", ["broken", "away", "offline"])
def test_what_fails_is_announced_and_the_page_stays(enters: Arrives, device: Device, kind: str) -> None:
    visitor = enters(device, "ontime")
    page = visitor.page
    page.goto("/account/payments")
    rows = page.locator("#history tbody tr").count()

    fail(page, kind)
    page.get_by_label("Year").select_option("2025")
    with visitor.expecting("50[03] GET|ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to fetch|htmx"):
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("status")).to_contain_text(NOTHING_CHANGED)
    expect(page.locator("#history tbody tr")).to_have_count(rows)
    expect(page).to_have_url("/account/payments")
    visitor.look()

    mend(page)
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url("/account/payments?year=2025&kind=&state=")
    expect(page.get_by_role("status")).not_to_contain_text(NOTHING_CHANGED)


def fail(page: Page, kind: str) -> None:
    if kind == "offline":
        page.context.set_offline(True)
    else:
        status = {"broken": 500, "away": 503}[kind]
        page.route("**/account/payments?*", lambda route: route.fulfill(status=status, body="<h1>Sorry</h1>"))


def mend(page: Page) -> None:
    page.context.set_offline(False)
    page.unroute_all()
