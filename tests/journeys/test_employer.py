"""An employer, who has no account: a mailed link to agree by, one to report by, and what its employee sees of it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import EMPLOYER, Arrives
from tests.journeys.hands import Pointer
from tests.journeys.mailbox import mailed_link
from tests.journeys.test_apply import decided, enter, refused, sign
from tests.journeys.visitor import DESK_WITHOUT_SCRIPTS, PHONE, Visitor

PAYDAY = {"Month": "11", "Day": "23", "Year": "2026"}
REQUEST = "Please confirm a payroll deduction for Sam Stranger"


@pytest.fixture
def taxpayer(own_drafts: str, arrives: Arrives) -> Visitor:
    """Somebody who is about to sign, and wants the employer to deduct."""
    visitor = arrives(PHONE, at=own_drafts)
    enter(visitor, "stranger")
    return visitor


@pytest.fixture
def employer(own_drafts: str, arrives: Arrives) -> Visitor:
    """The payroll office, where nobody has an account."""
    return arrives(DESK_WITHOUT_SCRIPTS, at=own_drafts)


def test_an_employer_agrees_and_reports_a_payday_and_the_taxpayer_sees_both(
    taxpayer: Visitor, employer: Visitor, tmp_path: Path
) -> None:
    page, office = employer.page, Pointer(employer)
    ask(taxpayer)

    employer.open(mailed_link(tmp_path, REQUEST, EMPLOYER["email"]))
    expect(page.locator("main")).not_to_contain_text("$3,")
    refused(employer, {"Your name and title": ""}, "Choose yes or no.", "Yes, we deduct it")
    office.enter("Yes, we deduct it", "")
    office.enter("Your name and title", "Petra Paymaster, payroll")
    office.press("Send the answer")
    expect(page.get_by_role("heading", level=1)).to_have_text("This request is answered")
    employer.look()

    employer.open(mailed_link(tmp_path, "You confirmed a payroll deduction", EMPLOYER["email"]))
    refused(employer, PAYDAY | {"Year": "2027"}, "Enter a payday from November 23, 2026 to today.", "Month")
    for label, text in PAYDAY.items():
        office.enter(label, text)
    office.press("Report")
    expect(page.locator("#live")).to_have_text("Thank you. We noted $184.62 for the payday of November 23, 2026.")
    expect(page.get_by_role("table", name="What you reported")).to_contain_text("Pending")
    employer.look()

    taxpayer.open("/agreement")
    expect(taxpayer.page.locator("main")).to_contain_text("The employer deducts")
    expect(taxpayer.page.locator("main")).to_contain_text("Petra Paymaster, payroll")
    taxpayer.open("/account/payments")
    expect(taxpayer.page.locator("#history tbody tr").first).to_contain_text("$184.62")
    expect(taxpayer.page.locator("#history tbody tr").first).to_contain_text("Pending")


def test_an_employer_declines_once_and_the_taxpayer_goes_on_without_it(
    taxpayer: Visitor, employer: Visitor, tmp_path: Path
) -> None:
    page, office = employer.page, Pointer(employer)
    ask(taxpayer)
    link = mailed_link(tmp_path, REQUEST, EMPLOYER["email"])

    employer.page.goto(link)
    office.enter("No, we cannot", "")
    office.enter("Your name and title", "Petra Paymaster, payroll")
    office.press("Send the answer")
    expect(page.locator("main")).to_contain_text("The employer declined")
    employer.open(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This request is answered")

    taxpayer.open("/agreement")
    expect(taxpayer.page.locator("main")).to_contain_text("The employer declined")
    expect(taxpayer.page.locator("dl").first).to_contain_text("Your own payments")
    with employer.expecting("404 GET"):
        employer.open(link[:-1] + ("A" if link[-1] != "A" else "B"))
        expect(page.get_by_role("heading", level=1)).to_have_text("This link does not open anything")


def ask(taxpayer: Visitor) -> None:
    """Sign a plan that an employer is to deduct: it is in force at once, and says how long the employer has time."""
    page, hands = taxpayer.page, Pointer(taxpayer)
    page.goto("/apply/employer")
    refused(
        taxpayer, {"Email address of its payroll office": "payroll@mill"}, "not an email address", "Email address"
    )
    taxpayer.open("/apply/review")
    expect(page.locator("main")).to_contain_text("Prairie Mill, $184.62 from each paycheck (every two weeks)")
    taxpayer.open("/apply/signature")
    sign(hands, "Sam Stranger")
    decided(page)
    expect(page.locator("main")).to_contain_text("Prairie Mill has until December 14, 2026 to agree")
    taxpayer.look()
    hands.follow("Agreement")
    hands.follow("Print it for your employer")
    expect(page.get_by_role("heading", level=1)).to_have_text("For your employer")
    taxpayer.look()
