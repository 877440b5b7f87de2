"""The bar of the demonstration, which moves the clock for everybody."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Arrives
from tests.journeys.visitor import DESK_WITHOUT_SCRIPTS, PHONE, Device


@pytest.mark.parametrize("device", [PHONE, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_the_next_day_and_the_next_event_move_the_day_and_one_stays_signed_in(
    arrives: Arrives, device: Device, demonstration: str
) -> None:
    visitor = arrives(device, at=demonstration)
    page = visitor.page
    visitor.open("/sign-in")
    expect(page.get_by_role("table", name="Demonstration accounts")).to_contain_text("ontime@example.test")
    visitor.sign_in("ontime")
    visitor.look()

    days = [shown_day(page)]
    for button in ("Next day", "Next event"):
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("status")).to_contain_text("It is now")
        expect(page.get_by_role("region", name="Demonstration clock")).not_to_contain_text(days[-1])
        days.append(shown_day(page))
        expect(page.get_by_role("status")).to_contain_text(f"It is now {days[-1]}.")
        expect(page).to_have_url("/account")
        expect(page.locator("#owed")).to_contain_text(f"Balance on {days[-1]}")
    visitor.look()


def shown_day(page: Page) -> str:
    return page.get_by_role("region", name="Demonstration clock").locator("strong").inner_text()
