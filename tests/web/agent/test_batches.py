"""Batches of checks: all of a deposit slip or nothing, once, and nothing typed is lost."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.db import db
from portal.models import Batch, Payment, Tender
from portal.queries.standings import account_view
from portal.services import audit
from tests.browser import Browser, filled_in
from tests.cast import TODAY, taxpayer
from tests.test_access import inside

ENTRY = "/agent/batches/entry"


def line(number: int, who: str, amount: str, check: str) -> dict[str, str]:
    """One line as it is typed: the account without its letters, as people read it off a coupon."""
    account = taxpayer(who).reference.removeprefix("TP-").lower()
    typed = {"account": account, "number": check, "amount": amount, "envelope": str(number + 1), "kind": "check"}
    return {f"lines-{number}-{name}": value for name, value in typed.items()}


def posted() -> int:
    return int(db.session.execute(select(func.count()).select_from(Tender)).scalar_one())


def enter(browser: Browser, total: str, *lines: dict[str, str], **more: Any) -> Any:
    form = filled_in(browser.get(ENTRY).form())
    for each in lines:
        form |= each
    return browser.post(ENTRY, {**form, "total": total, **more})


def test_a_batch_that_adds_up_is_posted_to_every_account(app: Flask) -> None:
    before = {who: account_view(taxpayer(who).id, TODAY).standing.balance for who in ("owing", "overlimit")}
    page = enter(
        inside(app, "agent"), "$1,350.50", line(0, "owing", "1,000", "A1"), line(3, "overlimit", "350.50", "7")
    )

    assert page.response.request.path.startswith("/agent/batches/BT-")
    assert "$1,350.50" in page.text
    assert taxpayer("owing").name in page.text
    after = {who: account_view(taxpayer(who).id, TODAY).standing.balance for who in before}
    assert [str(before[who] - after[who]) for who in before] == ["1000.00", "350.50"]
    assert not any(audit.faults())


def test_a_batch_that_does_not_add_up_posts_nothing_and_keeps_what_was_typed(app: Flask) -> None:
    page = enter(inside(app, "agent"), "1000.00", line(0, "owing", "400", "A1"), line(1, "overlimit", "500", "7"))

    assert page.status == 422
    assert "The lines add up to $900.00, the deposit slip says $1,000.00. The difference is $100.00." in page.text
    assert filled_in(page.form())["lines-1-amount"] == "500"
    assert posted() == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"lines-1-account": "0000-0000"}, "No account has this reference."),
        ({"lines-1-account": ""}, "Enter the account from the coupon."),
        ({"lines-1-number": ""}, "Enter the number of the check"),
        ({"lines-1-amount": "1e5"}, "Enter an amount"),
        ({"lines-1-amount": "0"}, "Enter an amount above zero."),
        ({"lines-1-kind": "gold"}, "Choose one of the list."),
    ],
)
def test_a_line_that_cannot_be_posted_is_named_beside_it(app: Flask, wrong: dict[str, str], said: str) -> None:
    lines = line(0, "owing", "400", "A1"), line(1, "overlimit", "500", "7") | wrong
    page = enter(inside(app, "agent"), "900.00", *lines)

    assert page.status == 422
    assert said in page.one(f"{next(iter(wrong))}-error")
    assert posted() == 0


def test_sent_twice_it_is_one_batch(app: Flask) -> None:
    browser = inside(app, "agent")
    form = filled_in(browser.get(ENTRY).form()) | line(0, "owing", "400", "A1") | {"total": "400.00"}
    first, second = browser.post(ENTRY, form), browser.post(ENTRY, form)

    assert first.response.request.path == second.response.request.path
    assert posted() == 1


def test_the_same_check_is_not_posted_again_by_another_batch_nor_twice_in_one(app: Flask) -> None:
    browser = inside(app, "agent")
    enter(browser, "400.00", line(0, "owing", "400", "A1"))
    again = enter(browser, "400.00", line(0, "owing", "400", "A1"))
    twice = enter(browser, "10.00", line(0, "owing", "5", "B2"), line(1, "owing", "5", "B2"))

    assert "posted to this account already" in again.one("lines-0-number-error")
    assert "stands in this batch twice" in twice.one("lines-1-number-error")
    assert posted() == 1


def test_adding_up_posts_nothing_and_more_lines_keep_those_before(app: Flask) -> None:
    browser = inside(app, "agent")
    summed = enter(browser, "", line(0, "owing", "400", "A1"), line(1, "owing", "100.25", ""), step="sum")
    more = enter(browser, "", line(24, "owing", "400", "A1"), more="50")

    assert summed.status == 200
    assert "The lines add up to $500.25" in summed.text
    assert filled_in(more.form())["lines-24-number"] == "A1"
    assert "lines-49-account" in more.html
    assert posted() == 0


def test_two_hundred_checks_are_one_batch(app: Flask) -> None:
    lines = [line(number, "owing", "1.00", f"C{number}") for number in range(200)]
    page = enter(inside(app, "agent"), "200.00", *lines)

    assert page.status == 200
    assert db.session.execute(select(Batch.count)).scalar_one() == 200
    assert posted() == 200
    payments = select(func.count()).select_from(Payment).join(Tender, Tender.payment_id == Payment.id)
    assert db.session.execute(payments).scalar_one() == 200
