"""Somebody who has a letter registers, and somebody who forgot the password sets a new one: by mailed links."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from portal.domain.actor import PORTAL
from portal.services import taxpayers
from tests.cast import email_of
from tests.journeys.conftest import Arrives, inhabited, served
from tests.journeys.hands import Pointer
from tests.journeys.mailbox import mailed_link
from tests.journeys.test_apply import refused
from tests.journeys.visitor import DESK_WITHOUT_SCRIPTS, PHONE, Visitor
from tests.stopped_clock import NOW

NORA = taxpayers.Person(
    "Nora", "Neighbor", "900819999", NOW.on.replace(year=1970), "single", "1 Elm Street", "Salem", "OR", "97301"
)
EMAIL, NEW = "nora@example.test", "a new password of mine"


@pytest.fixture
def letter(town: Path, tmp_path: Path) -> str:
    """The account reference of somebody who never registered, in a town of its own."""
    home = tmp_path / "town"
    shutil.copytree(town, home)
    with inhabited(home):
        return taxpayers.enrol(NORA, by=PORTAL, when=NOW).reference


@pytest.fixture
def with_nora(letter: str, tmp_path: Path) -> Iterator[str]:
    with served(tmp_path / "town", tmp_path / "served") as address:
        yield address


def test_somebody_with_a_letter_registers_and_signs_in(
    letter: str, with_nora: str, arrives: Arrives, tmp_path: Path
) -> None:
    visitor = arrives(PHONE, at=with_nora)
    page, hands = visitor.page, Pointer(visitor)
    page.goto("/sign-in")
    hands.follow("Register")
    expect(page.get_by_role("heading", level=1)).to_have_text("Register")
    visitor.look()
    entered = {
        "Account reference": letter.lower(), "Last four digits": "9999", "Month": "11", "Day": "23", "Year": "1970",
        "Email address": EMAIL,
    }  # fmt: skip
    refused(visitor, entered | {"New password": "password"}, "at least 15 characters", "New password")
    hands.enter("New password", NEW)
    hands.press("Send me the link")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    visitor.look()

    visitor.open(mailed_link(tmp_path / "served", "Finish your registration", EMAIL))
    hands.press("Finish")
    expect(page.locator("#live")).to_have_text(
        "You are registered. Sign in with your email address and your password."
    )
    visitor.look()
    enter_with(visitor, EMAIL, NEW)
    expect(page.get_by_role("banner")).to_contain_text("Nora Neighbor")
    visitor.look()


def test_who_forgot_the_password_sets_a_new_one(own_town: str, arrives: Arrives, tmp_path: Path) -> None:
    visitor = arrives(DESK_WITHOUT_SCRIPTS, at=own_town)
    page, hands = visitor.page, Pointer(visitor)
    page.goto("/sign-in")
    hands.follow("Forgot your password?")
    refused(visitor, {"Email address": "ontime at example"}, "not an email address", "Email address")
    hands.enter("Email address", email_of("ontime"))
    hands.press("Send me the link")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    visitor.look()

    visitor.open(mailed_link(tmp_path, "Set a new password", email_of("ontime")))
    refused(visitor, {"New password": "short"}, "at least 15 characters", "New password")
    hands.enter("New password", NEW)
    hands.press("Set the password")
    expect(page.locator("#live")).to_have_text("Your password was changed. Sign in with the new one.")
    visitor.look()
    enter_with(visitor, email_of("ontime"), NEW)
    expect(page.get_by_role("banner")).to_contain_text("Theo Timely")


def enter_with(visitor: Visitor, email: str, password: str) -> None:
    """Sign in as somebody whom the cast does not know, or not by this password."""
    hands = Pointer(visitor)
    hands.enter("Email address", email)
    hands.enter("Password", password)
    hands.press("Sign in")
    expect(visitor.page).to_have_url("/account")
