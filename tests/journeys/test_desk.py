"""The desk: a caller found by a number, checks entered without a mouse, and two people for what needs two."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.db import db
from portal.models import Payment
from tests.cast import taxpayer
from tests.journeys.conftest import Arrives, inhabited, served
from tests.journeys.test_support import enter
from tests.journeys.visitor import DESK, PHONE, PHONE_WITHOUT_SCRIPTS, Device

CALLER = "Dana Fault"
CHECKS = (("1041", "100.00", "E-1"), ("1042", "50.25", "E-2"), ("1043", "25", "E-3"))


@pytest.fixture
def office(town: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a demonstration, which shows the codes of the staff."""
    with served(town, tmp_path, "demo") as address:
        yield address


@pytest.fixture
def known(town: Path) -> tuple[str, str]:
    """A payment's confirmation number as the caller reads it out, and the account on the coupon."""
    with inhabited(town):
        caller = taxpayer("indefault")
        rows = select(Payment.reference).where(Payment.taxpayer_id == caller.id).limit(1)
        return db.session.execute(rows).scalar_one(), caller.reference


def test_an_agent_finds_the_caller_and_enters_three_mailed_checks_by_keyboard_alone(
    arrives: Arrives, office: str, known: tuple[str, str]
) -> None:
    confirmation, account = known
    agent = arrives(DESK, office)
    page, keys = agent.page, agent.page.keyboard
    enter(agent, "agent")
    page.goto("/agent")
    agent.tab_to(page.get_by_label("Who is it about?"))
    keys.type(confirmation.lower().replace("-", " "))
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(CALLER)
    agent.look()

    agent.open("/agent/batches/entry")
    agent.tab_to(page.get_by_label("Total of the deposit slip"))
    keys.type("175.52")
    for check, amount, envelope in CHECKS:
        for typed in (account, check, amount, envelope):
            keys.press("Enter")
            keys.type(typed)
    expect(page.locator(".running output")).to_have_text("$175.25")
    keys.press("Enter")
    keys.press("Enter")
    assert agent.focused() == "Post the batch"
    with agent.expecting("422 POST"):
        keys.press("Enter")
        expect(page.locator(".error-summary")).to_be_focused()
    assert [page.get_by_label(f"Amount, line {line}", exact=True).input_value() for line in (1, 2, 3)] == [
        amount for _check, amount, _envelope in CHECKS
    ]
    agent.look()

    agent.tab_to(page.get_by_label("Total of the deposit slip"))
    keys.type("175.25")
    agent.tab_to(page.get_by_role("button", name="Post the batch"))
    keys.press("Enter")
    expect(page.locator("main")).to_contain_text("What was posted")
    expect(page.locator("main tbody tr")).to_have_count(3)
    agent.look()


@pytest.mark.parametrize("device", [DESK, PHONE_WITHOUT_SCRIPTS], ids=lambda each: each.name)
def test_a_supervisor_decides_what_an_agent_asked_for_and_not_what_they_asked_for_themselves(
    arrives: Arrives, office: str, known: tuple[str, str], device: Device
) -> None:
    agent, chief = arrives(PHONE if device is DESK else DESK, office), arrives(device, office)
    for somebody, role in ((agent, "agent"), (chief, "supervisor")):
        enter(somebody, role)
        somebody.open(f"/agent/taxpayers/{known[1]}")
        somebody.page.get_by_role("link", name="Ask to take it off").nth(int(somebody is chief)).click()
        somebody.look()
        somebody.page.get_by_label("Why").fill("It was posted to the wrong account.")
        somebody.page.get_by_role("button", name="Ask for it").click()
        expect(somebody.page.locator("#live")).to_contain_text("A supervisor has to decide now")

    page = chief.page
    page.get_by_role("link", name="Approvals", exact=True).click()
    chief.look()
    page.locator("#own tbody a").click()
    expect(page.locator("main")).to_contain_text("Somebody else has to decide")
    expect(page.get_by_role("button", name=re.compile("^Approve"))).to_have_count(0)
    chief.look()

    page.goto("/agent/approvals")
    page.locator("#waiting tbody tr", has_text="Ada Agent").get_by_role("link").click()
    chief.look()
    page.get_by_role("button", name=re.compile("^Approve")).click()
    expect(page.locator("#live")).to_contain_text("It is done")
    agent.open("/agent/approvals")
    expect(agent.page.locator("#own")).to_contain_text("Approved")
