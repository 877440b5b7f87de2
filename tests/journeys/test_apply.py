"""Somebody applies for a plan: from the dashboard to the decision, and whatever happens on the way."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.domain.answers import Step
from tests.applicant import ACCOUNT, ROUTING
from tests.journeys.conftest import Arrives
from tests.journeys.hands import Hands, Keys, Pointer
from tests.journeys.visitor import (
    DESK,
    PHONE,
    PHONE_WITHOUT_SCRIPTS,
    Device,
    Visitor,
)

MONTHLY = "How much can you pay each month?"
DAY = "On which day of the month do you want to pay?"
AGREED, SIGNATURE = "I have read all of this", "Your full name, as your signature"
SSN = "Social Security number or ITIN"
# What is entered on each page, beside what stands there already, by label.
ENTERED: dict[Step, dict[str, str]] = {
    Step.IDENTITY: {},
    Step.ADDRESS: {"Telephone": "(217) 555-0142"},
    Step.FILING_STATUS: {},
    Step.BALANCE: {},
    Step.RETURNS: {"Yes": ""},
    Step.CIRCUMSTANCES: {"None of this": ""},
    Step.PAYMENT_NOW: {"Nothing now": ""},
    Step.PLAN: {"Long-term plan": ""},
    Step.AMOUNT: {MONTHLY: "400"},
    Step.DAY: {DAY: "Day 15"},
    Step.HOUSEHOLD: {},
    Step.METHOD: {"Automatic monthly debit": ""},
    Step.BANK: {"Checking account": "", "Routing number": ROUTING, "Account number": ACCOUNT},
    Step.CONTACT: {},
}
# On each kind of page something bad, by label, what is said about it, and the field to which that leads. None of the
# other answers is touched.
BAD = (
    (Step.IDENTITY, {SSN: "900-70-00x1", "Month": "13"}, "Enter all nine digits", SSN),
    (Step.ADDRESS, {"Telephone": "555-0142 or so"}, "Enter a US telephone number of ten digits", "Telephone"),
    (Step.CIRCUMSTANCES, {"I am in an open bankruptcy": ""}, "Choose either", "I am in an open bankruptcy"),
    (Step.PAYMENT_NOW, {"A part now": "", "Amount that you can pay now": "1e5"}, "like 1,250.00", "Amount that"),
    (Step.AMOUNT, {MONTHLY: "100"}, "Enter at least $321.86", MONTHLY),
    (Step.DAY, {DAY: "Choose a day"}, "Choose a day.", DAY),
    (Step.HOUSEHOLD, {"People in your household": "٣"}, "Enter a number of people", "People in your household"),
    (Step.BANK, {"Routing number": "121042883", "Account number": ACCOUNT}, "routing number", "Routing number"),
    (Step.IDENTITY, {"First name": ""}, "Enter your first name.", "First name"),
)
Papers = dict[str, dict[str, str]]


@pytest.mark.parametrize(
    ("device", "hands_of"),
    [(PHONE, Pointer), (PHONE_WITHOUT_SCRIPTS, Pointer), (DESK, Keys)],
    ids=["phone", "phone-without-scripts", "keyboard-alone"],
)
def test_somebody_applies_from_the_dashboard_and_has_the_decision_at_once(
    own_town: str, arrives: Arrives, device: Device, hands_of: Callable[[Visitor], Hands], papers: Papers
) -> None:
    visitor = arrives(device, at=own_town)
    page, hands = visitor.page, hands_of(visitor)
    enter(visitor, "owing")
    hands.follow("Apply for a plan")
    expect(page.get_by_role("heading", level=1)).to_have_text("Apply for a plan")
    visitor.look()
    hands.press("Begin")

    go_through(visitor, hands, papers["owing"])

    expect(
        page.get_by_role("definition").filter(has_text="Checking account ending 4418, Wells Fargo")
    ).to_be_visible()
    assert ACCOUNT not in page.content()
    assert papers["owing"][SSN] not in page.content()
    hands.follow("Continue to the terms")
    expect(page.get_by_role("heading", level=1)).to_have_text("Read and sign")
    visitor.look()
    sign(hands)
    reference = decided(page)
    visitor.look()

    page.go_back()
    assert decided(page) == reference, "what is signed is not signed again"
    hands.follow("Agreement")
    expect(page.locator("main")).to_contain_text("First payment: $400.00 by December 15, 2026")
    expect(page.locator("main")).to_contain_text("22 days are left.")
    visitor.look()
    hands.follow("The decision of November 23, 2026")
    assert decided(page) == reference


def enter(visitor: Visitor, role: str) -> None:
    """Sign in, and look at the dashboard."""
    visitor.page.goto("/sign-in")
    visitor.sign_in(role)
    expect(visitor.page).to_have_url("/account")


def go_through(visitor: Visitor, hands: Hands, papers: dict[str, str], *, until: Step | None = None) -> None:
    """Answer page after page, each looked at, up to one of them or to the review."""
    page = visitor.page
    for step, entered in ENTERED.items():
        expect(page).to_have_url(f"/apply/{step}")
        if step is until:
            return
        visitor.look()
        for label, text in (papers if step is Step.IDENTITY else entered).items():
            hands.enter(label, text)
        SEEN.get(step, nothing)(visitor, hands)
        hands.press("Continue")
    expect(page).to_have_url("/apply/review")
    visitor.look()


def nothing(_visitor: Visitor, _hands: Hands) -> None:
    """Most pages answer only once they are sent."""


def see_what_it_comes_to(visitor: Visitor, hands: Hands) -> None:
    """The estimate follows what is typed, and the field keeps the focus; without scripts there is a button."""
    page = visitor.page
    if not visitor.device.runs_scripts:
        hands.press("Show what it comes to")
    expect(page.locator("#estimate")).to_contain_text("with 5")
    expect(page.get_by_label(MONTHLY)).to_have_value(re.compile(r"400(\.00)?"))
    if visitor.device.runs_scripts:
        expect(page.get_by_label(MONTHLY)).to_be_focused()
    visitor.look()


def see_which_bank(visitor: Visitor, _hands: Hands) -> None:
    """The name of the bank is shown back as soon as its number is left; without scripts by the review."""
    if visitor.device.runs_scripts:
        expect(visitor.page.locator("#bank")).to_have_text("This is a number of Wells Fargo Bank.")
        visitor.look()


SEEN = {Step.AMOUNT: see_what_it_comes_to, Step.BANK: see_which_bank}


def sign(hands: Hands, name: str = "Olivia Owens") -> None:
    """Agree, and sign."""
    hands.enter(AGREED, "")
    hands.enter(SIGNATURE, name)
    hands.press("Sign and send")


def decided(page: Page) -> str:
    """The reference of the agreement on the page with the decision."""
    expect(page).to_have_url(re.compile(r"/apply/decisions/AP-[\w-]+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is in force")
    return page.locator(".confirmation strong").inner_text()
