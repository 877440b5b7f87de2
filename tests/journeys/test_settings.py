"""A taxpayer sets up a second factor, signs in with it, and ends a session from elsewhere."""

import pytest
from playwright.sync_api import expect

from portal.services import codes
from tests.journeys.conftest import Arrives
from tests.journeys.visitor import DESK, PHONE_WITHOUT_SCRIPTS, Device, Visitor
from tests.stopped_clock import NOW

STEP = codes.step_at(NOW.at)


@pytest.mark.parametrize("device", [PHONE_WITHOUT_SCRIPTS, DESK], ids=lambda device: device.name)
def test_a_second_factor_is_set_up_by_its_key_and_opens_the_account_and_so_does_a_recovery_code(
    arrives: Arrives, own_town: str, device: Device
) -> None:
    owner, elsewhere = arrives(device, own_town), arrives(DESK, own_town, locale="en-US")
    secret, on_paper = set_up(owner)
    owner.sign_out()

    owner.page.goto("/sign-in")
    owner.enter_password("ontime")
    expect(owner.page.get_by_role("heading", level=1)).to_have_text("Enter your code")
    owner.look()
    # The one with which it was set up is used up: time stands still here, and the phone is half a minute ahead.
    owner.enter_code(codes.shown(secret, STEP + 1))
    expect(owner.page).to_have_url("/account")

    elsewhere.page.goto("/sign-in")
    elsewhere.enter_password("ontime")
    elsewhere.enter_code(on_paper[0].lower())
    expect(elsewhere.page).to_have_url("/account")

    owner.open("/account/settings")
    expect(owner.page.locator("main")).to_contain_text("2 are open")
    owner.page.get_by_role("link", name="Change Sessions").click()
    owner.look()
    owner.page.get_by_role("button", name="End this session").click()
    expect(owner.page.locator("#live")).to_contain_text("That session was ended")
    owner.look()
    elsewhere.page.goto("/account")
    expect(elsewhere.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    owner.open("/account/settings/second-factor")
    expect(owner.page.locator("main")).to_contain_text("9 left")


def set_up(owner: Visitor) -> tuple[str, list[str]]:
    """The key that is typed into the app, and the codes that are printed."""
    page = owner.page
    page.goto("/sign-in")
    owner.sign_in("ontime")
    page.get_by_role("link", name="Settings").click()
    owner.look()
    page.get_by_role("link", name="Change Second factor").click()
    owner.look()
    page.get_by_role("link", name="Set it up").click()
    owner.look()
    secret = "".join(page.locator(".key span").all_inner_texts())
    page.get_by_role("textbox", name="Code that the app shows").fill(codes.shown(secret, STEP))
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    owner.look()
    on_paper = page.locator(".codes li").all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.locator("main")).to_contain_text("10 left")
    return secret, on_paper
