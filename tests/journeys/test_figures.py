"""Reading the dashboard, and asking of each figure how it came about."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Arrives
from tests.journeys.visitor import DESK, DESK_WITHOUT_SCRIPTS, PHONE, PHONE_WITHOUT_SCRIPTS, Device

A_PAST_DAY = {"Month": "9", "Day": "15", "Year": "2026"}


def test_the_sums_and_their_growth_are_explained_on_the_spot(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "owing")
    page = visitor.page
    visitor.open("/account")

    for label, said in (("How this grows", "Interest for 2025"), ("How these sums add up", "Balance today")):
        question = page.locator("summary").get_by_text(label, exact=True)
        visitor.tab_to(question)
        page.keyboard.press("Enter")
        expect(page.get_by_role("table", name=label)).to_contain_text(said)

    visitor.look()


@pytest.mark.parametrize("device", [PHONE_WITHOUT_SCRIPTS, DESK], ids=lambda device: device.name)
def test_a_year_is_opened_and_its_interest_and_penalties_are_explained(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "owing")
    page = visitor.page
    page.goto("/account")
    owed = page.get_by_role("row", name=re.compile("^2025")).get_by_role("cell").last.inner_text()

    page.get_by_role("link", name="2025", exact=True).click()

    expect(page).to_have_url("/account/periods/2025")
    expect(page.locator("#period .lead")).to_contain_text(owed.removeprefix("Owed").strip())
    expect(page.get_by_role("table", name="How interest was computed")).to_contain_text("days on $")
    expect(page.get_by_role("table", name="How penalties were computed")).to_contain_text("Paid late")
    page.locator("summary").get_by_text("The published rates").click()
    expect(page.get_by_role("table", name="The published rates")).to_contain_text("%")
    visitor.look()


def test_a_year_is_shown_as_of_a_past_day_and_back_again(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "owing")
    page = visitor.page
    visitor.open("/account/periods/2025")
    heading = page.locator("#period h2").first
    before = page.locator("#period .lead .figure-value").inner_text()
    mark(page)

    fill_in(page, A_PAST_DAY)
    page.get_by_role("button", name="Show").press("Enter")

    expect(heading).to_have_text("What this year owed on September 15, 2026")
    expect(page).to_have_url(re.compile(r"/account/periods/2025\?on=9&on=15&on=2026$"))
    assert page.locator("#period .lead .figure-value").inner_text() < before
    assert is_marked(page) == device.runs_scripts, "with scripts the page stays and a part of it is replaced"
    if device.runs_scripts:
        assert visitor.focused() in ("Show", "What this year owed on September 15, 2026")
    expect(page.get_by_label("Day")).to_have_value("15")
    visitor.look()

    page.go_back()
    expect(heading).to_have_text("What this year owes today")
    expect(page.locator("#period .lead .figure-value")).to_have_text(before)
    visitor.look()
    page.go_forward()
    expect(heading).to_have_text("What this year owed on September 15, 2026")


@pytest.mark.parametrize("device", [PHONE_WITHOUT_SCRIPTS, DESK], ids=lambda device: device.name)
def test_a_day_that_does_not_exist_is_said_beside_its_field(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "owing")
    page = visitor.page
    page.goto("/account/periods/2025")

    fill_in(page, {"Month": "2", "Day": "30", "Year": "2026"})
    with visitor.expecting("422 GET"):
        page.get_by_role("button", name="Show").click()
        expect(page.locator(".error-summary")).to_be_focused()

    expect(page.locator(".error-summary")).to_contain_text("Enter a date that exists")
    expect(page.get_by_label("Day")).to_have_value("30")
    visitor.look()


@pytest.mark.parametrize("device", [PHONE, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_before_its_assessment_a_year_says_that_nothing_was_on_the_books(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "owing")
    page = visitor.page
    page.goto("/account/periods/2025")

    fill_in(page, {"Month": "1", "Day": "2", "Year": "2026"})
    page.get_by_role("button", name="Show").click()

    expect(page.locator("#period")).to_contain_text("nothing was on the books for this year")
    visitor.look()


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("ontime", ["Next payment: $310.00 on December 15, 2026", "On track", "You are done on"]),
        ("indefault", ["Your plan is in default", "Pay $240.00 by", "to keep your plan", "levy", "In default"]),
        ("payroll", ["Payroll deduction", "On track"]),
        ("overlimit", ["You can ask for 180 days", "Pay $11,000.01 today", "at most $49,999.99", "$61,000.00"]),
        ("stranger", ["You can ask for a plan", "You have no plan"]),
        ("owing", ["No payments yet.", "Nothing is scheduled."]),
    ],
)
@pytest.mark.parametrize("device", [PHONE], ids=lambda device: device.name)
def test_each_household_reads_what_its_account_is_like(
    enters: Arrives, device: Device, role: str, said: list[str]
) -> None:
    visitor = enters(device, role)
    visitor.open("/account")

    for sentence in said:
        expect(visitor.page.get_by_role("main")).to_contain_text(sentence)


def fill_in(page: Page, values: dict[str, str]) -> None:
    for label, value in values.items():
        page.get_by_label(label, exact=True).fill(value)


def mark(page: Page) -> None:
    """So that a page that stays can be told from the same page loaded anew."""
    page.evaluate("document.body.dataset.marked = 'yes'")


def is_marked(page: Page) -> bool:
    return bool(page.evaluate("document.body.dataset.marked === 'yes'"))
