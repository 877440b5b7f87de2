"""The pages on which the way to pay is changed: typed, checked side by side, signed, undone, and stopped."""

import re
from typing import Any

import pytest
from flask import Flask

from portal.db import db
from portal.domain.plan import Method
from portal.models import MethodChange
from portal.office import office
from portal.services import agreements, terms
from tests.applicant import ACCOUNT, ROUTING
from tests.browser import Browser, Page, filled_in
from tests.cast import PASSWORD, taxpayer
from tests.services.test_method_changes import leaving, token
from tests.stopped_clock import StoppedClock
from tests.test_access import inside
from tests.web.apply.test_journey import counted

TYPED = {"type": "checking", "routing_number": ROUTING, "account_number": ACCOUNT}
NAMES = {"ontime": "Theo Timely", "payroll": "Paula Rollins", "indefault": "Dana Fault", "spouse": "Tina Timely"}


def test_old_and_new_stand_side_by_side_before_anything_is_changed(app: Flask) -> None:
    page = fill_in(inside(app, "ontime"))

    for words in (
        "ending 4417",
        "ending 4418",
        "as soon as you have signed",
        "Dec 15, 2026: $310.00, ",
        "Interest and penalties stay the same.",
        "Nothing more leaves another account.",
        "There is no user fee.",
    ):
        assert words in page.text
    assert ACCOUNT not in page.html
    assert [each[2] for each in leaving()] == ["4417"]


def test_what_still_leaves_the_old_account_is_named_with_its_day(app: Flask) -> None:
    wait(days=2)

    page = fill_in(inside(app, "ontime"))

    for words in (
        "These still leave the old account",
        "$310.00, December 15, 2026, account ending 4417, promised",
        "from Wednesday, December 16, 2026, 12:00 AM",
        "$310.00 on December 15, 2026 from the account ending 4417",
    ):
        assert words in page.text


def test_it_is_signed_and_undone_with_one_button(app: Flask) -> None:
    browser = inside(app, "ontime")
    signed = sign(browser, fill_in(browser))

    assert signed.response.request.path == "/agreement"
    assert "The way you pay was changed." in signed.text
    assert "ending 4418" in signed.text
    [change] = db.session.execute(db.select(MethodChange)).scalars()
    undone = browser.submit(f"/agreement/method/{change.reference}/undo", {}, at="/agreement")

    assert "The change was undone." in undone.text
    assert [each[2] for each in leaving()] == ["4417"]
    late = browser.submit(f"/agreement/method/{change.reference}/undo", {}, at="/agreement/bank")
    assert late.status == 200


def test_the_password_is_asked_for_first(app: Flask) -> None:
    browser = inside(app, "ontime")
    wait(minutes=6)

    asked = browser.get("/agreement/bank")

    assert "Confirm that it is you" in asked.text
    back = browser.submit("/sign-in/proof", {"password": PASSWORD, "next": "/agreement/bank"}, at="/sign-in/proof")
    assert "Which bank account do we debit?" in back.text


def test_what_was_typed_comes_back_without_the_number(app: Flask) -> None:
    browser = inside(app, "ontime")

    page = browser.fill_in("/agreement/bank", **{**TYPED, "account_number": "1000000901"})

    assert page.status == 422
    assert "The bank does not know this account." in page.text
    assert ROUTING in page.html
    assert "1000000901" not in re.sub(r"<table.*?</table>", "", page.html, flags=re.DOTALL)


def test_a_draft_is_seen_by_nobody_else_and_signed_once(app: Flask) -> None:
    browser = inside(app, "ontime")
    page = fill_in(browser)
    place = page.response.request.path
    for role in ("spouse", "stranger"):
        assert inside(app, role).get(place).status == 404 or role == "stranger"

    answers = {**filled_in(page.form()), "agreed": "y", "signature": "Theo Timely"}
    first = browser.post(place, answers, follow=False)
    again = browser.post(place, answers, follow=False)

    assert [(each.status, each.response.location) for each in (first, again)] == [(303, "/agreement")] * 2
    assert len(leaving()) == 1


def test_who_was_overtaken_is_shown_both_and_has_lost_nothing(app: Flask) -> None:
    """The spouse changes the account while this one reads."""
    mine = inside(app, "ontime")
    page = fill_in(mine)
    theirs = inside(app, "spouse")
    sign(theirs, fill_in(theirs, account_number="5550004420"), "spouse")

    overtaken = sign(mine, page)

    assert overtaken.status == 422
    assert "Read them again, and sign." in overtaken.text
    assert "ending 4420" in overtaken.text
    assert "ending 4418" in overtaken.text
    assert "Theo Timely" in overtaken.html
    assert sign(mine, overtaken).response.request.path == "/agreement"


def test_payroll_deduction_is_left_for_debits_with_the_fee_before_the_yes(app: Flask) -> None:
    browser = inside(app, "payroll")
    choice = browser.get("/agreement/method")
    assert "Fee: $6.00. You save $6.00 with each later change" in choice.text

    form = browser.fill_in("/agreement/method", method="direct_debit")
    assert form.response.request.path == "/agreement/bank"
    page = fill_in(browser)
    for words in ("Payroll deduction", "$6.00", "We tell your employer today to stop.", "November 28, 2026"):
        assert words in page.text
    sign(browser, page, "payroll")

    agreement = agreements.in_force(taxpayer("payroll").id)
    assert agreement is not None
    assert terms.history(agreement)[-1].method is Method.DIRECT_DEBIT


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("manual", "The payment due on December 15, 2026 is the first that you make yourself."),
        ("payroll", "you pay yourself until your employer has agreed and its first deduction is here."),
    ],
)
def test_debits_are_left_for_another_way(app: Flask, method: str, words: str) -> None:
    browser = inside(app, "ontime")

    page = browser.fill_in("/agreement/method", method=method)
    if method == "payroll":
        page = browser.fill_in(
            "/agreement/method/employer", name="Prairie Mill", email="pay@mill.example", frequency="monthly"
        )
    assert words in page.text
    assert "There is no user fee." in page.text
    sign(browser, page)

    assert leaving() == []
    if method == "payroll":
        assert "Prairie Mill" in browser.get("/agreement").text


def test_the_link_of_the_mail_opens_a_page_and_its_button_stops_everything(app: Flask) -> None:
    """Without signing in; opening it changes nothing."""
    browser = inside(app, "ontime")
    sign(browser, fill_in(browser))
    place, anybody = f"/agreement/changes/{token()}", Browser(app)

    opened = anybody.get(place)
    assert "Was this not you?" in opened.text
    assert [each[2] for each in leaving()] == ["4418"]
    stopped = anybody.post(place, filled_in(opened.form()))

    assert "The change is stopped" in stopped.text
    assert leaving() == []
    assert anybody.get(place).status == 404
    refused = fill_in(browser)
    assert (refused.status, "until we have looked at it" in refused.text) == (422, True)


@pytest.mark.parametrize("address", ["/agreement/bank", "/agreement/method", "/agreement/method/employer"])
def test_in_place_each_answers_with_its_part_and_twelve_queries_at_most(app: Flask, address: str) -> None:
    browser = inside(app, "ontime")
    with counted() as queries:
        part = browser.get(address, part="terms")

    assert part.status == 200
    assert part.html.lstrip().startswith("<section")
    assert len(queries) <= 12


def test_in_place_the_review_takes_twelve_queries_at_most(app: Flask) -> None:
    browser = inside(app, "ontime")
    place = fill_in(browser).response.request.path
    with counted() as queries:
        part = browser.get(place, part="terms")

    assert part.status == 200
    assert len(queries) <= 12


def test_who_has_no_plan_is_shown_where_to_ask_for_one(app: Flask) -> None:
    assert inside(app, "owing").get("/agreement/bank").response.request.path == "/agreement"


# What the tests do.


def fill_in(browser: Browser, **more: str) -> Page:
    return browser.fill_in("/agreement/bank", **{**TYPED, **more})


def sign(browser: Browser, page: Page, role: str = "ontime") -> Page:
    answers: dict[str, Any] = {**filled_in(page.form()), "agreed": "y", "signature": NAMES[role]}
    return browser.post(str(page.form().get("action")), answers)


def wait(**duration: float) -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(**duration)
