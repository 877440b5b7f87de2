"""Signing in with the keyboard, and what happens when it does not work."""

import pytest
from playwright.sync_api import expect

from tests.cast import PASSWORD, email_of
from tests.journeys.visitor import DESK, DESK_WITHOUT_SCRIPTS, PHONE, PHONE_WITHOUT_SCRIPTS, Device, Visitor

NONSENSE = ["x" * 1_000, "💸🧾 ¿quién?", "a\u0001b\u007fc\u202e", "<b hx-get='/account'>'\"--"]


def test_somebody_signs_in_with_the_keyboard_alone_and_reads_the_balance(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/")

    visitor.tab_to(page.get_by_role("banner").get_by_role("link", name="Sign in"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    visitor.look()
    visitor.tab_to(page.get_by_label("Email address"))
    page.keyboard.type(email_of("owing"))
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    expect(page).to_have_url("/account")
    expect(page.locator("#owed")).to_contain_text("$18,240.00")
    expect(page.locator("#owed")).to_contain_text("Balance on November 23, 2026")
    visitor.look()


@pytest.mark.parametrize("device", [PHONE_WITHOUT_SCRIPTS, DESK], ids=lambda device: device.name)
def test_a_wrong_password_is_said_and_what_was_typed_is_still_there(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    visitor.open("/sign-in?next=/account/payments")

    page.get_by_label("Email address").fill("nobody@example.test")
    page.get_by_label("Password").fill("not my password")
    with visitor.expecting("422 POST"):
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".error-summary")).to_be_focused()

    expect(page).to_have_title("Error: Sign in – Department of Revenue (demonstration)")
    expect(page.locator(".error-summary")).to_contain_text("do not match")
    expect(page.get_by_label("Email address")).to_have_value("nobody@example.test")
    expect(page.get_by_label("Password")).to_have_value("")
    visitor.look()

    visitor.sign_in("stranger")
    expect(page).to_have_url("/account/payments")


@pytest.mark.parametrize("device", [PHONE, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_nonsense_in_every_field_gets_the_page_back(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    page.goto("/sign-in")

    with visitor.expecting("422 POST"):
        for nonsense in NONSENSE:
            page.get_by_label("Email address").fill(nonsense)
            page.get_by_label("Password").fill(nonsense)
            page.get_by_role("button", name="Sign in").click()
            expect(page.locator(".error-summary")).to_be_focused()
            expect(page.get_by_label("Email address")).to_have_value(nonsense)
            expect(page.get_by_label("Password")).to_have_value("")
    visitor.look()


@pytest.mark.parametrize("device", [PHONE, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_a_link_of_the_error_summary_leads_to_its_field(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    page.goto("/sign-in")
    with visitor.expecting("422 POST"):
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".error-summary")).to_be_focused()
    visitor.look()

    page.get_by_role("link", name="Enter your password.").click()

    expect(page.get_by_label("Password")).to_be_focused()
