"""Somebody pays an installment from their bank account, instead of waiting for the debit; then thinks again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.applicant import ACCOUNT, ROUTING
from tests.journeys.conftest import Arrives
from tests.journeys.hands import Pointer
from tests.journeys.visitor import DESK, PHONE, PHONE_WITHOUT_SCRIPTS, Device

CUT_OFF = "Thursday, December 3, 2026, 11:45 PM"


@pytest.mark.parametrize("device", [PHONE, PHONE_WITHOUT_SCRIPTS, DESK], ids=lambda device: device.name)
def test_an_installment_is_paid_changed_and_cancelled(own_town: str, arrives: Arrives, device: Device) -> None:
    visitor = arrives(device, at=own_town)
    page, hands = visitor.page, Pointer(visitor)
    heading = page.get_by_role("heading", level=1)
    visitor.open("/pay")
    hands.follow("Sign in and pay")
    visitor.sign_in("ontime")
    expect(heading).to_have_text("Make a payment")
    visitor.look()

    hands.enter("An extra payment", "")
    if not device.runs_scripts:
        hands.press("Show the amounts for these answers")
    expect(page.get_by_label("The plan ends sooner")).to_be_visible()
    visitor.look()
    hands.enter("An installment of my plan", "")
    with visitor.expecting("422"):
        hands.enter("Month", "12")
        hands.enter("Day", "5")
        if device.runs_scripts:
            page.get_by_label("Day", exact=True).press("Tab")
            expect(page.locator("#choices")).to_contain_text("Choose December 4, 2026 or December 7, 2026.")
            visitor.look()
        else:
            hands.press("Show the amounts for these answers")
        hands.enter("This installment", "")
        hands.enter("I pay instead of the debit on December 15, 2026", "")
        hands.enter("Another account", "")
        hands.enter("Savings account", "")
        hands.enter("Routing number", ROUTING)
        hands.enter("Account number", ACCOUNT)
        hands.press("Continue to check")
        expect(page.get_by_role("alert")).to_contain_text("Choose December 4, 2026 or December 7, 2026.")
    visitor.faults.clear()
    visitor.look()
    expect(page.get_by_label("Account number")).to_have_value("")
    expect(page.get_by_label("Routing number")).to_have_value(ROUTING)
    hands.enter("Day", "7")
    hands.enter("This installment", "")
    hands.enter("Account number", ACCOUNT)
    hands.press("Continue to check")

    expect(heading).to_have_text("Check and sign")
    expect(page.locator("main")).to_contain_text("the debit of my plan on December 15, 2026, which is then not made")
    expect(page.locator("main")).to_contain_text("once: $310.00 on December 7, 2026")
    assert ACCOUNT not in page.content()
    visitor.look()
    hands.enter("Your full name", "Theo Timely")
    page.get_by_role("button", name="Sign and pay").dblclick()
    expect(heading).to_have_text(re.compile("Payment PY-"))
    first = page.url
    expect(page.locator("main")).to_contain_text("not that your bank has paid")
    visitor.look()
    page.go_back()
    page.reload()
    expect(page).to_have_url(first)

    hands.follow(f"Change until {CUT_OFF}")
    expect(page.locator("main")).to_contain_text("It stays as it is until you have signed the new one.")
    visitor.look()
    hands.enter("Day", "9")
    hands.press("Continue to check")
    hands.follow("Back")
    expect(page.get_by_label("Day", exact=True)).to_have_value("9")
    hands.press("Continue to check")
    hands.enter("Your full name", "Theo Timely")
    hands.press("Sign and pay")
    expect(page.locator("main")).to_contain_text("December 9, 2026")

    page.get_by_role("button", name=re.compile("Cancel until")).click()
    expect(page.locator("main .usa-tag").first).to_have_text("Cancelled")
    visitor.look()
    page.goto("/account/payments?state=scheduled")
    expect(page.locator("#history")).to_contain_text("Monthly debit")
    expect(page.locator("#history")).not_to_contain_text("Direct Pay")


@pytest.mark.parametrize("device", [PHONE, PHONE_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_somebody_pays_without_an_account_and_looks_it_up(
    own_town: str, arrives: Arrives, device: Device, papers: dict[str, dict[str, str]]
) -> None:
    visitor = arrives(device, at=own_town)
    page, hands = visitor.page, Pointer(visitor)
    heading = page.get_by_role("heading", level=1)
    visitor.open("/pay")
    hands.follow("Pay without signing in")
    visitor.look()
    say_who(page, hands, papers["owing"] | {"Street on it": "1 Elsewhere"})
    with visitor.expecting("422"):
        hands.press("Continue")
        expect(page.get_by_role("alert")).to_contain_text("We could not find you by these facts.")
    visitor.faults.clear()
    visitor.look()
    hands.enter("Social Security number or ITIN", papers["owing"]["Social Security number or ITIN"])
    hands.enter("Street on it", "100 Maple Street")
    hands.press("Continue")

    expect(heading).to_have_text("Make a payment")
    expect(page.locator("main")).not_to_contain_text("$1")
    visitor.look()
    hands.enter("How much do you pay?", "412.08")
    hands.enter("Checking account", "")
    hands.enter("Routing number", ROUTING)
    hands.enter("Account number", ACCOUNT)
    hands.press("Continue to check")
    expect(heading).to_have_text("Check and sign")
    visitor.look()
    hands.enter("Your full name", "Olivia Owens")
    hands.press("Sign and pay")
    expect(heading).to_have_text(re.compile("Payment PY-"))
    visitor.look()
    number = heading.inner_text().removeprefix("Payment ")
    hands.press("I am done: forget who I am")
    expect(heading).to_have_text("Pay without signing in")

    hands.follow("Look up a payment")
    hands.enter("Confirmation number", number.lower().replace("-", " "))
    say_who(page, hands, papers["owing"])
    visitor.look()
    hands.press("Continue")
    expect(heading).to_have_text(f"Payment {number}")
    expect(page.locator("main")).to_contain_text("It cannot be changed or cancelled")
    visitor.look()


def say_who(page: Page, hands: Pointer, papers: dict[str, str]) -> None:
    """The facts of a return."""
    facts = {"Street on it": "100 Maple Street"} | papers
    for label in ("Month", "Day", "Year"):
        page.get_by_label(label, exact=True).fill(facts.pop(label))
    page.get_by_label("Year of a tax return").select_option("2025")
    page.get_by_label("Filing status on it").select_option(label="Married filing jointly")
    names = {"First name": "Olivia", "Last name": "Owens", "ZIP code on it": "62701"}
    for label, text in (names | facts).items():
        hands.enter(label, text)
