"""An administrator lets an agent in, closes the day once more, and has the trail verified."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrives, served
from tests.journeys.mailbox import mailed_link
from tests.journeys.test_support import enter
from tests.journeys.visitor import DESK, PHONE, PHONE_WITHOUT_SCRIPTS, Device, Visitor

NEW, PASSWORD = "nora.new@example.test", "a few words in a row of Nora"
PATIENCE_MS = 20_000


@pytest.fixture
def office(town: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a demonstration, which shows the codes of the staff and does its tasks itself."""
    with served(town, tmp_path, "demo") as address:
        yield address


@pytest.mark.parametrize("device", [DESK, PHONE_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_an_administrator_lets_an_agent_in_closes_again_and_verifies_the_trail(
    arrives: Arrives, office: str, tmp_path: Path, device: Device
) -> None:
    admin, agent = arrives(device, office), arrives(PHONE, office)
    page = admin.page
    enter(admin, "admin")
    admin.look()
    expect(page.get_by_role("heading", level=1)).to_have_text("The portal at a glance")

    page.get_by_role("link", name="Users", exact=True).click()
    page.get_by_role("link", name="Add somebody of the staff").click()
    admin.look()
    page.get_by_label("Name").fill("Nora New")
    page.get_by_label("Email address").fill(NEW)
    page.get_by_role("button", name="Send the link").click()
    expect(page.locator("#live")).to_contain_text("The link is on its way")
    agent.page.goto(mailed_link(tmp_path, "You can sign in", NEW))
    agent.page.get_by_label("New password").fill(PASSWORD)
    agent.page.get_by_role("button", name="Set the password").click()
    agent.page.get_by_label("Email address").fill(NEW)
    agent.page.get_by_label("Password").fill(PASSWORD)
    agent.page.get_by_role("button", name="Sign in").click()
    expect(agent.page.get_by_role("banner")).to_contain_text("Nora New")

    page.get_by_role("link", name="Daily closes", exact=True).click()
    admin.look()
    page.get_by_role("button", name="Close what is open now").click()
    until(admin, "The close is through", "/admin/days")

    page.get_by_role("link", name="The trail", exact=True).click()
    admin.look()
    expect(page.locator("#list")).to_contain_text("user.invited")
    page.get_by_role("link", name="Verify it").click()
    page.get_by_role("button", name="Verify the trail").click()
    until(admin, "The trail is whole", "/admin/trail/verification")
    admin.look()


def until(admin: Visitor, words: str, address: str) -> None:
    """With scripts the page comes to say it by itself; without, one looks again."""
    page = admin.page
    if page.evaluate("() => Boolean(window.htmx)"):
        expect(page.locator("main")).to_contain_text(words, timeout=PATIENCE_MS)
        return
    for _look in range(40):
        if words in (page.locator("main").text_content() or ""):
            return
        page.wait_for_timeout(500)
        page.goto(address)
    raise AssertionError(f"{address} does not come to say: {words}")
