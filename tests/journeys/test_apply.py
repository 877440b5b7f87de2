"""Somebody applies for a plan: from the dashboard to the decision, and whatever happens on the way."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest
from playwright.sync_api import Page, expect

from portal.domain.answers import Step
from tests.applicant import ACCOUNT, ROUTING
from tests.journeys.conftest import Arrives
from tests.journeys.hands import KIND, Hands, Keys, Pointer, labelled
from tests.journeys.visitor import (
    DESK,
    DESK_WITHOUT_SCRIPTS,
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
# Something bad on each kind of page, by label; what is said about it; and the field to which that leads.
BAD: tuple[tuple[str, dict[str, str], str, str], ...] = (
    ("identity", {SSN: "900-70-00x1", "Month": "13", "Day": "1", "Year": "1955"}, "Enter all nine digits", SSN),
    ("identity", {"Last name": "", SSN: "123-45-6789"}, "Enter your last name.", "Last name"),
    ("address", {"Telephone": "555-0142 or so"}, "Enter a US telephone number of ten digits", "Telephone"),
    ("circumstances", {"I am in an open bankruptcy": ""}, "Choose either", "I am in an open bankruptcy"),
    ("payment-now", {"A part now": "", "Amount that you can pay now": "1e5"}, "1,250.00", "Amount that you can pay"),
    ("amount", {MONTHLY: "100"}, "at least $322.36", MONTHLY),
    ("day", {DAY: "Choose a day"}, "Choose a day.", DAY),
    ("household", {"People in your household": "\N{ARABIC-INDIC DIGIT THREE}"}, "from 1 to 20", "People in your"),
    ("bank", {"Routing number": "121042883", "Account number": ACCOUNT}, "not a routing number", "Routing number"),
    ("bank", {"Account number": "000000000"}, "not an account number", "Account number"),
    ("signature", {"Your full name": "Somebody Else"}, "Type your name as you gave it", "Your full name"),
    ("signature", {"Your full name": "Olivia Owens"}, "Tick the box", "I have read all of this"),
)
SECRET = (SSN, "Account number", "New password")
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


def test_bad_input_gets_the_page_back_with_what_was_typed_and_no_secret(own_drafts: str, arrives: Arrives) -> None:
    visitor = arrives(PHONE, at=own_drafts)
    enter(visitor, "owing")

    for step, entered, said, about in BAD:
        visitor.page.goto(f"/apply/{step}")
        refused(visitor, entered, said, about)

    visitor.open("/apply/review")
    expect(visitor.page.get_by_role("definition").filter(has_text="ending 4418")).to_have_count(1)


@pytest.mark.parametrize("device", [PHONE, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_a_change_from_the_review_comes_back_to_it_and_says_what_fell_away(
    own_drafts: str, arrives: Arrives, device: Device
) -> None:
    visitor = arrives(device, at=own_drafts)
    page, hands = visitor.page, Pointer(visitor)
    enter(visitor, "owing")
    visitor.open("/apply/review")

    hands.follow("Change Each month")
    hands.enter(MONTHLY, "500")
    hands.press("Continue")
    expect(page).to_have_url("/apply/review")
    expect(page.get_by_role("definition").filter(has_text="$500.00")).to_have_count(2)

    hands.follow("Change How you pay")
    hands.enter("Your own payments", "")
    hands.press("Continue")
    expect(page).to_have_url("/apply/review")
    expect(page.locator("#live")).to_have_text("Bank account: This is not needed any more, so we deleted it.")
    expect(page.get_by_role("link", name="Change Bank account")).to_have_count(0)
    visitor.look()


def test_back_and_forward_lead_through_the_answers_and_break_nothing(
    own_town: str, arrives: Arrives, papers: Papers
) -> None:
    visitor = arrives(PHONE_WITHOUT_SCRIPTS, at=own_town)
    page, hands = visitor.page, Pointer(visitor)
    enter(visitor, "owing")
    page.goto("/apply")
    hands.press("Begin")
    go_through(visitor, hands, papers["owing"], until=Step.METHOD)

    for step in ("household", "day", "amount"):
        page.go_back()
        expect(page).to_have_url(re.compile(f"/apply/{step}"))
    expect(page.get_by_label(MONTHLY)).to_have_value(re.compile(r"400(\.00)?"))
    visitor.look()
    page.go_forward()
    expect(page).to_have_url("/apply/day")
    hands.enter(DAY, "Day 20")
    hands.press("Continue")
    expect(page).to_have_url("/apply/method")
    page.go_back()
    expect(page.get_by_label(DAY)).to_have_value("20")
    visitor.look()

    page.goto("/apply/review")
    expect(page).to_have_url("/apply/method")
    refused(visitor, {}, "Choose how you want to pay.", "Automatic monthly debit")


def test_back_after_a_mended_mistake_opens_the_question(own_drafts: str, arrives: Arrives) -> None:
    """Without scripts the browser itself asks whether to send the mistake again."""
    visitor = arrives(PHONE, at=own_drafts)
    page, hands = visitor.page, Pointer(visitor)
    enter(visitor, "owing")
    page.goto("/apply/household")
    refused(visitor, {"People in your household": "many"}, "from 1 to 20", "People in your")
    hands.enter("People in your household", "")
    hands.press("Continue")
    expect(page).to_have_url(re.compile("/apply/review"))

    page.go_back()

    expect(page).to_have_url(re.compile("/apply/household"))
    expect(page).to_have_title(re.compile("^Do you pay a lower fee"))
    visitor.look()


def test_a_draft_outlives_signing_out_and_goes_on_at_another_device(
    own_town: str, arrives: Arrives, papers: Papers
) -> None:
    at_the_phone, at_the_desk = arrives(PHONE, at=own_town), arrives(DESK_WITHOUT_SCRIPTS, at=own_town)
    enter(at_the_phone, "owing")
    at_the_phone.page.goto("/apply")
    Pointer(at_the_phone).press("Begin")
    go_through(at_the_phone, Pointer(at_the_phone), papers["owing"], until=Step.HOUSEHOLD)
    at_the_phone.sign_out()

    page, hands = at_the_desk.page, Pointer(at_the_desk)
    enter(at_the_desk, "owing")
    hands.follow("Apply for a plan")
    expect(page.locator("main")).to_contain_text("Your answers are kept until December 23, 2026.")
    at_the_desk.look()
    hands.press("Go on with your application")
    expect(page).to_have_url("/apply/household")
    hands.follow("Back")
    expect(page.get_by_label(DAY)).to_have_value("15")
    at_the_desk.look()


def test_two_tabs_make_one_agreement(own_drafts: str, arrives: Arrives) -> None:
    visitor = arrives(PHONE_WITHOUT_SCRIPTS, at=own_drafts)
    enter(visitor, "owing")
    tabs = visitor.page, visitor.context.new_page()
    for tab in tabs:
        tab.goto("/apply/signature")

    references = set()
    for tab in tabs:
        sign(Pointer(visitor, tab))
        references.add(decided(tab))
        visitor.look(tab)

    assert len(references) == 1
    visitor.open("/agreement")
    expect(visitor.page.locator("main")).to_contain_text(references.pop())
    expect(visitor.page.get_by_role("table", name="What was signed").locator("tbody tr")).to_have_count(2)
    visitor.open("/apply")
    expect(visitor.page.get_by_role("heading", name="You have an agreement already")).to_be_visible()


def test_who_is_refused_is_told_every_reason_and_has_it_in_writing(
    own_town: str, arrives: Arrives, papers: Papers
) -> None:
    visitor = arrives(PHONE, at=own_town)
    page, hands = visitor.page, Pointer(visitor)
    enter(visitor, "overlimit")
    hands.follow("Apply for a plan")
    hands.press("Begin")
    go_through(visitor, hands, papers["overlimit"], until=Step.PLAN, changes={Step.RETURNS: {"No": ""}})

    expect(page.get_by_role("heading", level=1)).to_have_text("No plan is possible now")
    is_told_why(page)
    visitor.look()
    hands.press("Get the decision in writing")
    expect(page.get_by_role("heading", level=1)).to_have_text("We cannot agree to a plan now")
    is_told_why(page)
    visitor.look()

    address = page.url
    page.goto("/account")
    hands.follow("Agreement")
    hands.follow("Apply for a plan")
    visitor.look()
    hands.follow("The decision of November 23, 2026")
    expect(page).to_have_url(address)
    expect(page.locator("main")).to_contain_text("you can appeal within 30 days")


def is_told_why(page: Page) -> None:
    """Both reasons, the number that failed, the number needed, and the way back in."""
    main = page.locator("main")
    expect(main).to_contain_text("You owe $61,000.00. This plan is possible for at most $49,999.99")
    expect(main.get_by_role("link", name="Pay $11,000.01")).to_have_attribute("href", "/pay?amount=11000.01")
    expect(main).to_contain_text("Not all tax returns that you had to file are filed.")
    expect(main).to_contain_text("A plan is possible on the day on which we have the last one")


def refused(visitor: Visitor, entered: dict[str, str], said: str, about: str) -> None:
    """What is bad brings the page back: with its summary in focus, what was typed, and the way to the field."""
    page, hands = visitor.page, Pointer(visitor)
    for label, text in entered.items():
        hands.enter(label, text)
    with visitor.expecting("422 POST"):
        page.locator("main form button").first.click()
        expect(page.locator(".error-summary")).to_be_focused()

    expect(page).to_have_title(re.compile("^Error: "))
    for label, text in entered.items():
        control = labelled(page.locator("main"), label)
        match control.evaluate(KIND):
            case "radio" | "checkbox":
                expect(control).to_be_checked()
            case "text" | "password":
                expect(control).to_have_value("" if label in SECRET else text)
    visitor.look()
    page.locator(".error-summary").get_by_role("link", name=said).click()
    expect(labelled(page.locator("main"), about)).to_be_focused()


def enter(visitor: Visitor, role: str) -> None:
    """Sign in, and look at the dashboard."""
    visitor.page.goto("/sign-in")
    visitor.sign_in(role)
    expect(visitor.page).to_have_url("/account")


def go_through(
    visitor: Visitor,
    hands: Hands,
    papers: dict[str, str],
    *,
    until: Step | None = None,
    changes: Mapping[Step, dict[str, str]] = MappingProxyType({}),
) -> None:
    """Answer page after page, each looked at, up to one of them or to the review."""
    page = visitor.page
    for step, entered in {**ENTERED, Step.IDENTITY: papers, **changes}.items():
        expect(page).to_have_url(f"/apply/{step}")
        if step is until:
            return
        visitor.look()
        for label, text in entered.items():
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
