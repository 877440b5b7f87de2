"""Somebody who pays with Direct Pay: what is typed, and how it is signed."""

import re
from datetime import date
from typing import Any

from portal.db import db
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.models import Payment
from portal.models.bank_account import AccountType
from portal.models.payment import Channel, Reason
from portal.services import direct_pay
from portal.services.bank_accounts import NewAccount
from portal.services.direct_pay import Signature
from portal.services.direct_pay_rules import Payer, Wish
from tests.applicant import ACCOUNT, ROUTING, actor_of
from tests.browser import Browser, Page, filled_in
from tests.cast import taxpayer, user
from tests.stopped_clock import NOW

TYPED = {"type": "checking", "routing_number": ROUTING, "account_number": ACCOUNT}
NEW = NewAccount(AccountType.CHECKING, ROUTING, ACCOUNT)
SOON = date(2026, 12, 7)


def payer_of(role: str = "owing") -> Payer:
    """A member of the cast who is signed in."""
    return Payer(taxpayer(role).id, user(role).name, actor_of(user(role)))


def wish(amount: str = "100.00", pay_on: date = SOON, **more: Any) -> Wish:
    """A part of what is owed."""
    dollars, cents = amount.split(".")
    return Wish(more.pop("reason", Reason.BALANCE_DUE), Money(int(dollars) * 100 + int(cents)), pay_on, **more)


def drafted(role: str = "owing", asked: Wish | None = None, when: Moment = NOW, account: Any = NEW) -> Payment:
    """A draft, by the services alone."""
    return direct_pay.draft(payer_of(role), asked or wish(), account, when=when)


def signed(role: str = "owing", asked: Wish | None = None, when: Moment = NOW, account: Any = NEW) -> Payment:
    """A payment that is promised, by the services alone."""
    asked = asked or wish()
    draft = drafted(role, asked, when, account)
    return direct_pay.sign(payer_of(role), draft.reference, signature(role), instead=asked.instead, when=when)


def signature(role: str = "owing", wants_another: bool = True) -> Signature:
    return Signature(taxpayer(role).name, "The text of the payment.", wants_another)


def online(role: str = "owing") -> list[Payment]:
    """All Direct Pay payments of a member of the cast, drafts too."""
    rows = db.select(Payment).where(Payment.taxpayer_id == taxpayer(role).id, Payment.channel == Channel.ONLINE)
    return list(db.session.execute(rows.order_by(Payment.id)).scalars())


def typed(amount: str = "100.00", pay_on: date = SOON, **more: Any) -> dict[str, Any]:
    """What is filled in on the first page."""
    parts = [str(pay_on.month), str(pay_on.day), str(pay_on.year)]
    return {"choice": "other", "amount": amount, "pay_on": parts, "account": "new", **TYPED, **more}


def fill_in(browser: Browser, amount: str = "100.00", **more: Any) -> Page:
    """Fill in the form: the page on which it is checked and signed."""
    return send(browser, browser.get("/pay"), **typed(amount, **more))


def sign(browser: Browser, review: Page, name: str, **more: Any) -> Page:
    """Sign: the page of the payment."""
    return send(browser, browser.get(address_of(review)), signature=name, **more)


def send(browser: Browser, page: Page, **answers: Any) -> Page:
    """Send the form of a page to where it says, with these answers changed."""
    form = page.form()
    return browser.post(str(form.get("action")), {**filled_in(form), **answers})


def address_of(page: Page) -> str:
    """Where a page stands, with what its address says."""
    request = page.response.request
    query = request.query_string.decode() if isinstance(request.query_string, bytes) else request.query_string
    return f"{request.path}?{query}" if query else request.path


def reference_of(page: Page) -> str:
    """The payment that a page is about."""
    found = re.search(r"PY(?:-[0-9A-Z]{5}){3}", page.response.request.path)
    assert found, page.response.request.path
    return found.group()
