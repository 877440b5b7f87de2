"""A stranger finds out in two minutes whether a plan is possible, and what it costs."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Arrives
from tests.journeys.test_figures import is_marked, mark
from tests.journeys.visitor import DESK_WITHOUT_SCRIPTS, PHONE, PHONE_WITHOUT_SCRIPTS, Device, Visitor


def test_a_stranger_checks_and_goes_on_to_the_calculator_with_the_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/")
    visitor.tab_to(page.get_by_role("link", name="Check in two minutes"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Can I have a plan?")
    visitor.look()

    fill_in(visitor, "61,000")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Yes, a plan is possible")).to_be_focused()
    expect(page.locator("#plan_short_term")).to_contain_text("Last day")
    expect(page.locator("#plan_long_term")).to_contain_text("This plan is possible for at most $49,999.99")
    expect(page.locator("#plan_long_term").get_by_role("link", name="Pay $11,000.01")).to_have_attribute(
        "href", "/pay?amount=11000.01"
    )
    expect(page).to_have_url("/eligibility")
    expect(page.get_by_label("Or all of it together")).to_have_value("61,000")
    visitor.look()

    visitor.tab_to(page.locator("#plan_short_term").get_by_role("link", name="Try other amounts and days"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("What you owe")).to_have_value("61000.00")
    expect(page.locator("#card_short_term")).to_contain_text("Each month")
    visitor.look()


def test_what_is_missing_is_named_and_what_was_typed_stays(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    visitor.open("/eligibility")
    mark(page)
    page.get_by_label("Tax").fill("1e5")
    page.get_by_text("I work for myself").click()

    with visitor.expecting("422 POST"):
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".error-summary")).to_be_focused()

    assert is_marked(page) == device.runs_scripts, "with scripts the page stays"
    expect(page.locator("#tax-error")).to_contain_text("like 1,250.00")
    expect(page.get_by_label("Tax")).to_have_value("1e5")
    expect(page.get_by_label("I work for myself")).to_be_checked()
    visitor.look()

    page.get_by_role("link", name="Choose yes or no.").click()
    expect(page.get_by_label("Yes", exact=True)).to_be_focused()


def test_the_figures_follow_what_is_typed_and_the_focus_stays(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    visitor.open("/calculator")
    mark(page)

    typed(visitor, "What you owe", "18240")
    expect(page.locator("#card_long_term")).to_contain_text("$321.86")
    expect(page.locator("#falling .chart")).to_be_visible()
    visitor.look()
    typed(visitor, "Pay each month", "400")
    expect(page.locator("#card_long_term")).to_contain_text("$400.00")

    assert is_marked(page) == device.runs_scripts
    if device.runs_scripts:
        assert visitor.focused().startswith("Pay each month")
    expect(page).to_have_url(re.compile(r"/calculator\?amount=18240&year=2025&now=&monthly=400&day=23$"))
    shown = page.locator("#figures").inner_text()
    page.reload()
    assert page.locator("#figures").inner_text() == shown
    visitor.look()


def test_a_choice_changes_the_figures(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    page.goto("/calculator?amount=18240")

    page.get_by_label("Day of the month").select_option("15")
    without_scripts(device, page)

    expect(page.locator("#card_long_term")).to_contain_text("November 15, 2032")
    expect(page).to_have_url(re.compile("day=15"))


def test_a_monthly_amount_that_is_too_small_says_so_beside_its_field(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    page.goto("/calculator?amount=18240")

    with visitor.expecting("422 GET"):
        typed(visitor, "Pay each month", "25")
        expect(page.locator("#monthly-error")).to_contain_text("Pay at least $321.86 a month.")

    if device.runs_scripts:
        assert visitor.focused().startswith("Pay each month")
        page.keyboard.type("00")
        expect(page.locator("#monthly-error")).to_have_count(0)
        expect(page.locator("#card_long_term")).to_contain_text("$2,500.00")
        expect(page.get_by_label("Pay each month")).to_have_value("2500")
    else:
        expect(page.locator(".error-summary")).to_be_focused()
        expect(page).to_have_title(re.compile("^Error: Calculator"))
        visitor.look()


@pytest.mark.parametrize("device", [PHONE], ids=lambda device: device.name)
def test_the_table_that_was_opened_stays_open_while_somebody_types(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    page.goto("/calculator?amount=18240")
    page.get_by_text("The same as a table").click()

    typed(visitor, "Pay each month", "700")

    expect(page.locator("#card_long_term")).to_contain_text("$700.00")
    expect(page.locator("#as_table table")).to_be_visible()
    visitor.look()


@pytest.mark.parametrize(
    "device", [PHONE, DESK_WITHOUT_SCRIPTS, PHONE_WITHOUT_SCRIPTS], ids=lambda device: device.name
)
def test_who_is_signed_in_is_answered_from_the_records(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "owing")
    page = visitor.page
    visitor.open("/eligibility")
    expect(page.locator("#records")).to_contain_text("$18,240.00")

    for label in ("I do, or my spouse and I", "An employer pays me wages", "Yes"):
        page.get_by_text(label, exact=True).click()
    page.get_by_role("button", name="Check").click()

    expect(page.get_by_role("heading", name="Yes, a plan is possible")).to_be_focused()
    expect(page.locator("#check")).to_contain_text("Computed from your account to the cent.")
    visitor.look()


def fill_in(visitor: Visitor, owed: str) -> None:
    """Answer what is asked, with the keyboard alone, up to the button."""
    page = visitor.page
    visitor.tab_to(page.get_by_label("Or all of it together"))
    page.keyboard.type(owed)
    for answer in ("I do, or my spouse and I", "An employer pays me wages", "Yes"):
        visitor.tab_to(page.get_by_label(answer, exact=True))
        page.keyboard.press("Space")
    visitor.tab_to(page.get_by_role("button", name="Check"))


def typed(visitor: Visitor, label: str, text: str) -> None:
    """Type into a field; where no scripts run, Enter asks for the figures."""
    visitor.tab_to(visitor.page.get_by_label(label))
    visitor.page.keyboard.type(text)
    if not visitor.device.runs_scripts:
        visitor.page.keyboard.press("Enter")


def without_scripts(device: Device, page: Page) -> None:
    if not device.runs_scripts:
        page.get_by_role("button", name="Calculate").click()
