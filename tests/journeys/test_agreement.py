"""Somebody changes a plan alone, in place of its terms; two tabs disagree; a sign-in ends in the middle of it."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrives
from tests.journeys.hands import Keys, Pointer
from tests.journeys.visitor import DESK, PHONE, PHONE_WITHOUT_SCRIPTS, Device, Visitor

DEVICES = ((PHONE, Pointer), (PHONE_WITHOUT_SCRIPTS, Pointer), (DESK, Keys))


@pytest.mark.parametrize(("device", "with_what"), DEVICES, ids=[device.name for device, _with in DEVICES])
def test_amount_and_day_are_changed_in_a_minute(
    own_town: str, arrives: Arrives, device: Device, with_what: type[Pointer | Keys]
) -> None:
    visitor = at_the_plan(arrives, device, own_town)
    page, hands, terms = visitor.page, with_what(visitor), visitor.page.locator("#terms")

    hands.follow("Change Each month")
    visitor.look()
    with visitor.expecting("422"):
        hands.enter("Each month", "12")
        if not device.runs_scripts:
            hands.press("Show what it comes to")
        expect(terms).to_contain_text("Pay at least $2")
        visitor.look()
        # What is typed is looked at key by key, and the first keys are too little.
        hands.enter("Each month", "400")
        if not device.runs_scripts:
            hands.press("Show what it comes to")
        expect(terms).to_contain_text("$400.00 on December 15, 2026")
    expect(terms).to_contain_text("You save")
    visitor.look()
    hands.press("Yes, change it")
    expect(page.locator("#made")).to_contain_text("$400.00 a month instead of $310.00")
    visitor.look()

    hands.follow("Change Due")
    hands.enter("Day of the month", "22")
    if not device.runs_scripts:
        hands.press("Show what it comes to")
    expect(terms).to_contain_text("$400.00 on December 22, 2026")
    visitor.look()
    hands.press("Yes, change it")
    expect(terms).to_contain_text("Day 22 of each month")
    page.goto("/account/upcoming")
    expect(page.locator("main")).to_contain_text("Dec 22, 2026")
    visitor.look()


def test_two_tabs_disagree_and_nothing_is_lost(own_town: str, arrives: Arrives) -> None:
    visitor = at_the_plan(arrives, PHONE, own_town)
    first, second = visitor.page, visitor.context.new_page()
    first.goto("/agreement/amount?monthly=400.00")
    second.goto("/agreement/amount?monthly=350.00")

    second.get_by_role("button", name="Yes, change it").click()
    expect(second.locator("#made")).to_contain_text("$350.00 a month")
    with visitor.expecting("422"):
        first.get_by_role("button", name="Yes, change it").click()
        expect(first.get_by_role("alert")).to_contain_text("Somebody changed this plan while you were at it.")

    expect(first.locator("#terms")).to_contain_text("$350.00 a month instead of $310.00")
    expect(first.get_by_label("Each month")).to_have_value("400.00")
    visitor.look(first)
    first.get_by_role("button", name="Yes, change it").click()
    expect(first.locator("#made")).to_contain_text("$400.00 a month instead of $350.00")


@pytest.mark.parametrize("device", [PHONE, PHONE_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_a_sign_in_that_ended_comes_back_to_what_was_typed(own_town: str, arrives: Arrives, device: Device) -> None:
    visitor = at_the_plan(arrives, device, own_town)
    page = visitor.page
    page.goto("/agreement/amount?monthly=412.00")
    expect(page.get_by_role("button", name="Yes, change it")).to_be_visible()
    another_browser_ends_it(visitor)

    with visitor.expecting("401"):
        page.get_by_role("button", name="Yes, change it").click()
        expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    visitor.sign_in("ontime")

    expect(page.get_by_role("heading", level=1)).to_have_text("Change the monthly amount")
    expect(page.get_by_label("Each month")).to_have_value("412.00")
    visitor.look()
    page.get_by_role("button", name="Yes, change it").click()
    expect(page.locator("#made")).to_contain_text("$412.00 a month instead of $310.00")


def at_the_plan(arrives: Arrives, device: Device, at: str) -> Visitor:
    visitor = arrives(device, at=at)
    visitor.page.goto("/sign-in?next=/agreement")
    visitor.sign_in("ontime")
    visitor.look()
    return visitor


def another_browser_ends_it(visitor: Visitor) -> None:
    """Somebody else with the same cookies signs out: the sign-in is over, and this window does not know."""
    other = visitor.context.browser
    assert other
    window = other.new_context(base_url=visitor.page.url.partition("/agreement")[0])
    window.add_cookies(visitor.context.cookies())  # type: ignore[arg-type]
    tab = window.new_page()
    tab.goto("/account")
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("link", name="Sign in").first).to_be_visible()
    window.close()
