"""Changing an agreement on its page: what is asked, what it comes to, the yes, and what is told when it cannot be."""

from flask import Flask

from portal.db import db
from portal.models import Payment
from tests.browser import Browser, Page, filled_in
from tests.cast import taxpayer
from tests.test_access import inside


def promised(role: str) -> list[str]:
    rows = db.select(Payment).where(Payment.taxpayer_id == taxpayer(role).id, Payment.state == "scheduled")
    return [f"{each.pay_on} {each.amount}" for each in db.session.execute(rows.order_by(Payment.pay_on)).scalars()]


def yes_to(browser: Browser, page: Page, **options: object) -> Page:
    """Say yes to what a page shows."""
    return browser.post(page.response.request.path, filled_in(page.form()), **options)  # type: ignore[arg-type]


def test_the_amount_is_changed_in_place_after_both_schedules_were_seen(app: Flask) -> None:
    browser = inside(app, "ontime")
    asked = browser.get("/agreement/amount?monthly=400.00", part="terms")

    assert "$310.00 on Dec 15, 2026" in asked.text
    assert "$400.00 on Dec 15, 2026" in asked.text
    assert "You save" in asked.text
    assert "sooner" in asked.text

    done = yes_to(browser, asked, part="terms")

    assert "$400.00" in done.one("terms")
    assert promised("ontime") == ["2026-12-15 400.00"]
    assert "$400.00 a month instead of $310.00" in browser.get("/agreement").text
