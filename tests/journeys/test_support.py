"""An agent helps a caller: sees what the caller sees, does one thing with a yes, and is seen doing it."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.db import db
from portal.domain.lifecycle import PaymentState
from portal.models import Payment
from tests.cast import taxpayer
from tests.journeys.conftest import Arrives, inhabited, served
from tests.journeys.visitor import DESK, DESK_WITHOUT_SCRIPTS, PHONE, PHONE_WITHOUT_SCRIPTS, Device, Visitor
from tests.payer import signed

CALLER = "Dana Fault"


@pytest.fixture(scope="module")
def called(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town where the caller has signed a payment that was a mistake."""
    folder = tmp_path_factory.mktemp("called")
    shutil.copytree(town, folder, dirs_exist_ok=True)
    with inhabited(folder):
        signed("indefault")
    return folder


@pytest.fixture
def payment(called: Path) -> str:
    """Its confirmation number, as the caller reads it out."""
    with inhabited(called):
        rows = select(Payment.reference).where(
            Payment.taxpayer_id == taxpayer("indefault").id, Payment.state == PaymentState.SCHEDULED,
            Payment.signed_at.is_not(None),
        )  # fmt: skip
        return str(db.session.execute(rows).scalar_one())


@pytest.fixture
def office(called: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a demonstration of this town: it shows the codes of the staff, and has a clock to be moved."""
    with served(called, tmp_path, "demo") as address:
        yield address


@pytest.mark.parametrize(
    ("device", "caller_has"), [(DESK, PHONE), (DESK_WITHOUT_SCRIPTS, PHONE_WITHOUT_SCRIPTS), (PHONE, DESK)],
    ids=lambda each: each.name,
)  # fmt: skip
def test_an_agent_finds_the_caller_sees_asks_is_allowed_helps_and_ends(
    arrives: Arrives, office: str, payment: str, device: Device, caller_has: Device
) -> None:
    agent, caller = arrives(device, office), arrives(caller_has, office)
    page, screen = agent.page, caller.page
    screen.goto("/sign-in")
    caller.sign_in("indefault")

    begin(agent, payment)
    expect(page.locator("#acting")).to_contain_text(CALLER)
    for address in ("/account", "/account/payments", "/agreement/cure"):
        agent.open(address)
        caller.open(address)
        seen, own = (each.locator("main").text_content() or "" for each in (page, screen))
        assert seen.split() == own.split()
        expect(page.locator("#acting")).to_contain_text("Look only.")

    page.get_by_role("link", name="Ask to do something for them").click()
    agent.look()
    page.get_by_label("What do you want to do for them?").select_option(
        label="Cancel a payment that was not sent to the bank yet"
    )
    page.get_by_role("button", name="Ask", exact=True).click()
    caller.open("/account/access")
    expect(screen.locator("main")).to_contain_text("Cancel a payment")
    code = screen.locator(".spoken").inner_text()
    page.get_by_label("Code").fill(code)
    agent.look()
    page.get_by_role("button", name="Open this one thing").click()
    expect(page.locator("#acting")).to_contain_text("Allowed once")
    agent.look()

    page.goto(f"/account/payments/{payment}")
    page.get_by_role("button", name=re.compile("^Cancel until")).click()
    expect(page.locator("#live")).to_contain_text("The payment is cancelled")
    expect(page.locator("#acting")).not_to_contain_text("Allowed once")
    agent.look()

    page.get_by_role("button", name="End the session").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CALLER)
    expect(page.locator("#acting")).to_have_count(0)
    agent.look()
    for _step in range(3):
        with agent.expecting("404 GET"):
            page.go_back()
        assert "$" not in page.locator("main").inner_text() or "/agent/" in page.url
    caller.open(f"/account/payments/{payment}")
    expect(screen.locator("main")).to_contain_text("Cancelled")


@pytest.mark.parametrize("device", [DESK, PHONE_WITHOUT_SCRIPTS], ids=lambda each: each.name)
def test_a_session_runs_out_in_the_middle_of_a_page(
    arrives: Arrives, office: str, payment: str, device: Device
) -> None:
    agent, clockmaker = arrives(device, office), arrives(DESK if device is PHONE_WITHOUT_SCRIPTS else PHONE, office)
    page = agent.page
    begin(agent, payment)
    agent.open("/account/payments")
    clockmaker.open("/")
    clockmaker.page.get_by_role("button", name="Next day").click()
    expect(clockmaker.page.locator("#live")).to_contain_text("It is now")

    page.get_by_label("Year").select_option("2026")
    with agent.expecting("401 GET"):
        page.get_by_role("button", name="Show").click()
        expect(page.locator("#live")).to_contain_text("The support session is over")
    expect(page.get_by_role("heading", level=1)).to_have_text(CALLER)
    expect(page.locator("#acting")).to_have_count(0)
    agent.look()


def test_the_caller_reads_who_looked_and_objects_and_a_supervisor_looks_into_it(
    arrives: Arrives, office: str, payment: str
) -> None:
    agent, caller = arrives(DESK, office), arrives(PHONE, office)
    begin(agent, payment)
    caller.page.goto("/sign-in")
    caller.sign_in("indefault")
    caller.page.get_by_role("link", name="Who looked at my account").click()
    caller.look()
    looks = caller.page.locator("#looks tbody tr")
    expect(looks.first).to_contain_text("Sees your pages as you see them, now")
    expect(looks.first).to_contain_text("The taxpayer calls or is here")

    looks.first.get_by_role("button", name="I did not ask for this").click()
    expect(caller.page.locator("#live")).to_contain_text("a supervisor looks into it")
    caller.look()
    agent.page.goto("/account")
    expect(agent.page.locator("#live")).to_contain_text("The support session is over")

    chief = arrives(DESK_WITHOUT_SCRIPTS, office)
    enter(chief, "supervisor")
    chief.page.get_by_role("link", name="Who looked at whom").click()
    chief.look()
    chief.page.locator("main table").first.locator("tbody a").click()
    chief.look()
    chief.page.get_by_label("What did you find?").fill("The agent took one caller for another.")
    chief.page.get_by_role("button", name="Write it down").click()
    expect(chief.page.locator("#live")).to_contain_text("the taxpayer is told")
    caller.open("/account/access")
    expect(looks.first).to_contain_text("The agent took one caller for another.")


def test_a_stranger_reaches_nothing_by_any_address_that_the_others_used(
    arrives: Arrives, office: str, payment: str
) -> None:
    agent, stranger = arrives(DESK, office), arrives(PHONE, office)
    used = [f"/account/payments/{payment}"]
    agent.page.on("framenavigated", lambda frame: used.append(frame.url.removeprefix(office)))
    begin(agent, payment)
    agent.open("/account/payments")
    stranger.page.goto("/sign-in")
    stranger.sign_in("stranger")

    addresses = {each for each in used if each.startswith("/")} - {"/sign-in", "/sign-in/code"}
    assert len(addresses) > 4
    for address in sorted(addresses):
        with stranger.expecting(r"40\d GET"):
            stranger.page.goto(address)
        assert CALLER not in stranger.page.content()
        assert payment not in stranger.page.locator("main").inner_text()


def enter(somebody: Visitor, role: str) -> None:
    """One of the staff signs in, with the code that the demonstration shows."""
    somebody.page.goto("/sign-in")
    somebody.sign_in(role)


def begin(agent: Visitor, payment: str) -> None:
    """Find the caller by the number that they read out, and open their pages."""
    page = agent.page
    enter(agent, "agent")
    page.goto("/agent")
    page.get_by_label("Who is it about?").fill(payment.lower().replace("-", " "))
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CALLER)
    page.get_by_role("link", name="See their pages as they see them").click()
    agent.look()
    page.get_by_label("Why do you look?").select_option(label="The taxpayer calls or is here")
    page.get_by_label("Ticket number").fill("4711")
    page.get_by_role("button", name="Open their pages").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    agent.look()
