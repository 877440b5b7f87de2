"""A plan is paid from another account, or in another way: in place on its page, undone, and after a default."""

import re

import pytest
from playwright.sync_api import expect

from tests.applicant import ACCOUNT, ROUTING
from tests.journeys.conftest import Arrives
from tests.journeys.hands import Hands, Keys, Pointer
from tests.journeys.visitor import DESK, PHONE, PHONE_WITHOUT_SCRIPTS, Device, Visitor

BOTH = pytest.mark.parametrize("device", [PHONE, PHONE_WITHOUT_SCRIPTS], ids=lambda device: device.name)


@pytest.mark.parametrize("device", [PHONE, PHONE_WITHOUT_SCRIPTS, DESK], ids=lambda device: device.name)
def test_on_time_changes_the_bank_and_undoes_it(own_town: str, arrives: Arrives, device: Device) -> None:
    visitor = begin(arrives(device, at=own_town), "ontime")
    page, main = visitor.page, visitor.page.locator("main")
    hands: Hands = Keys(visitor) if device is DESK else Pointer(visitor)
    expect(page.locator("#paying")).to_contain_text("account ending 4417")

    hands.follow("Change From")
    expect(page.get_by_label("Routing number")).to_be_visible()
    visitor.look()
    with visitor.expecting("422"):
        type_account(hands, "1000000901")
        expect(page.get_by_role("alert")).to_contain_text("The bank does not know this account.")
    visitor.faults.clear()
    expect(page.get_by_label("Routing number")).to_have_value(ROUTING)
    expect(page.get_by_label("Account number")).to_have_value("")
    visitor.look()
    hands.enter("Account number", ACCOUNT)
    hands.press("Continue to check")

    expect(main).to_contain_text("Interest and penalties stay the same.")
    expect(main).to_contain_text("ending 4418")
    assert ACCOUNT not in page.content()
    visitor.look()
    sign(hands, "Theo Timely")
    expect(page.locator("#paying")).to_contain_text("account ending 4418")
    expect(page.locator("#paying")).to_contain_text("set up by Theo Timely")
    visitor.look()

    hands.press("Undo the change")
    expect(page.locator("#paying")).to_contain_text("account ending 4417")
    expect(page.get_by_role("button", name="Undo the change")).to_have_count(0)
    visitor.look()


@BOTH
def test_payroll_deduction_is_left_for_direct_debit(own_town: str, arrives: Arrives, device: Device) -> None:
    visitor = begin(arrives(device, at=own_town), "payroll")
    page, main, hands = visitor.page, visitor.page.locator("main"), Pointer(visitor)

    hands.follow("Change How")
    expect(main).to_contain_text("Fee: $6.00. You save $6.00 with each later change")
    visitor.look()
    hands.enter("Automatic monthly debit", "")
    hands.press("Continue")
    expect(page.get_by_label("Routing number")).to_be_visible()
    type_account(hands, ACCOUNT)

    expect(main).to_contain_text("We take the whole payment due on November 28, 2026")
    expect(main).to_contain_text("The user fee for this change is $6.00.")
    visitor.look()
    sign(hands, "Paula Rollins")
    expect(page.locator("#paying")).to_contain_text("account ending 4418")
    visitor.look()


@BOTH
def test_in_default_goes_on_with_a_new_account(own_town: str, arrives: Arrives, device: Device) -> None:
    """First the account, then what is missing is paid from it, and the next debit leaves it."""
    visitor = begin(arrives(device, at=own_town), "indefault")
    page, main, hands = visitor.page, visitor.page.locator("main"), Pointer(visitor)

    hands.follow("Pay from another bank account")
    expect(page.get_by_label("Routing number")).to_be_visible()
    type_account(hands, ACCOUNT)
    expect(main).to_contain_text("once your plan is put right")
    visitor.look()
    sign(hands, "Dana Fault")
    expect(main).to_contain_text("ending 4418")

    page.goto("/agreement/cure")
    page.get_by_role("link", name=re.compile(r"^Pay \$")).first.click()
    visitor.look()
    hands.enter("Checking account ending 4418", "")
    hands.press("Continue to check")
    hands.enter("Your full name", "Dana Fault")
    hands.press("Sign and pay")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Payment PY-"))

    visitor.open("/agreement")
    expect(main).to_contain_text("On track")
    expect(page.locator("#paying")).to_contain_text("account ending 4418")


def begin(visitor: Visitor, role: str) -> Visitor:
    """Somebody who has just signed in, on the page of the plan."""
    visitor.open("/agreement")
    visitor.sign_in(role)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Your agreement")
    visitor.look()
    return visitor


def type_account(hands: Hands, number: str) -> None:
    hands.enter("Checking account", "")
    hands.enter("Routing number", ROUTING)
    hands.enter("Account number", number)
    hands.press("Continue to check")


def sign(hands: Hands, name: str) -> None:
    hands.enter("I have read all of this", "")
    hands.enter("Your full name", name)
    hands.press("Sign and change it")
