"""The agreement's page: where it stands, the first payment counted down, the employer's part, and papers to keep."""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import select

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.money import Money
from portal.models import Authorization
from portal.models.payment import Channel, Reason
from portal.office import office
from portal.services import payments
from portal.web import pdf
from tests.applicant import go_through, sign
from tests.browser import Browser
from tests.cast import TODAY, taxpayer
from tests.payer import signed, wish
from tests.stopped_clock import NOW, StoppedClock
from tests.test_access import inside


@pytest.fixture
def accepted(app: Flask) -> Browser:
    """Somebody who agreed today to pay by mail."""
    browser = inside(app, "owing")
    go_through(browser, method={"method": "manual"})
    sign(browser)
    return browser


def test_who_has_no_agreement_is_shown_where_to_ask_for_one(app: Flask) -> None:
    page = inside(app, "owing").get("/agreement")

    assert "You have no plan." in page.text
    assert "/apply" in page.links()


def test_an_agreement_under_way_says_what_was_agreed_and_when_it_ends(app: Flask) -> None:
    page = inside(app, "ontime").get("/agreement")

    for words in (
        "On track",
        "Long-term plan",
        "$310.00",
        "Day 15 of each month",
        "payments are left.",
    ):
        assert words in page.text
    assert "First payment" not in page.text


def test_the_ways_to_make_the_first_payment_are_offered_at_once(accepted: Browser) -> None:
    page = accepted.get("/agreement")

    assert "First payment: $400.00 by December 15, 2026" in page.text
    for words in ("By mail", "By telephone", "Online with Direct Pay"):
        assert words in page.text
    assert "/pay/coupon" in page.links()


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (TODAY, "22 days are left."),
        (TODAY + timedelta(days=21), "One day is left."),
        (TODAY + timedelta(days=22), "It is due today."),
        (TODAY + timedelta(days=23), "It was due on December 15, 2026."),
    ],
)
def test_the_days_to_the_first_payment_are_counted_down(app: Flask, accepted: Browser, on: date, words: str) -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.move_to(on)
    browser = inside(app, "owing")

    assert words in browser.get("/agreement").text
    assert words in browser.get("/account").text


def test_once_something_is_paid_nothing_is_counted_down(accepted: Browser) -> None:
    payments.receive(taxpayer("owing"), Money(400_00), channel=Channel.MAIL, pay_on=TODAY, by=PORTAL, when=NOW)

    assert "days are left." not in accepted.get("/agreement").text
    assert "First payment:" not in accepted.get("/account").text


def test_a_first_payment_that_is_signed_is_arranged(accepted: Browser) -> None:
    """Too little, or too late, is not enough."""
    signed(asked=wish("300.00", date(2026, 12, 7), reason=Reason.FIRST_PAYMENT))
    assert "days are left." in accepted.get("/account").text

    signed(asked=wish("100.00", date(2026, 12, 14), reason=Reason.FIRST_PAYMENT))
    for address in ("/account", "/agreement"):
        page = accepted.get(address)
        assert "You pay it with Direct Pay on December 14, 2026. You do not have to do anything." in page.text
        assert "days are left." not in page.text
    assert "How to make the first payment" not in accepted.get("/agreement").text


def test_the_coupon_says_who_pays_how_much_and_where_to(accepted: Browser) -> None:
    page = accepted.get("/pay/coupon")

    for words in ("Olivia Owens", taxpayer("owing").reference, "2024, 2025", "$400.00", "P.O. Box 100"):
        assert words in page.text
    assert "$412.08" in accepted.get("/pay/coupon?amount=412.08").text
    assert "$400.00" in accepted.get("/pay/coupon?amount=sNaN").text


def test_ways_to_pay_are_for_everybody_and_name_the_amount_asked_about(app: Flask) -> None:
    page = Browser(app).get("/pay?amount=11000.01")

    assert "You want to pay $11,000.01." in page.text
    assert "You want to pay" not in Browser(app).get("/pay?amount=<script>").text


@pytest.mark.skipif(not pdf.is_available(), reason="WeasyPrint or Pango is not on this machine")
def test_the_decision_is_a_file_that_can_be_read_aloud(accepted: Browser) -> None:
    [link] = [each for each in accepted.get(sign_address(accepted)).links() if each.endswith(".pdf")]

    answer = accepted.client.get(link)

    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in answer.data + b"".join(unpacked(answer.data))
    assert re.search(r"filename=AP-[0-9A-Z]{4}-[0-9A-Z]{4}\.pdf", answer.headers["Content-Disposition"])


@pytest.mark.skipif(not pdf.is_available(), reason="WeasyPrint or Pango is not on this machine")
def test_the_agreement_is_a_file_with_every_text_that_was_signed(
    accepted: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    monkeypatch.setattr(pdf, "file_of", lambda shown, name: written.append((shown.get_data(True), name)) or shown)

    accepted.client.get("/agreement.pdf")

    [(text, name)] = written
    assert re.fullmatch(r"IA-[0-9A-Z]{4}-[0-9A-Z]{4}\.pdf", name)
    own = select(Authorization.text).where(Authorization.taxpayer_id == taxpayer("owing").id)
    signed = list(db.session.execute(own).scalars())
    assert signed
    assert [each for part in signed for each in part.split("\n\n") if str(escape(each)) not in text] == []
    monkeypatch.undo()
    assert accepted.client.get("/agreement.pdf").data.startswith(b"%PDF-")


def unpacked(pdf_file: bytes) -> Iterator[bytes]:
    """The streams of a PDF file, in which its objects are packed."""
    for part in re.findall(rb"stream\r?\n(x.+?)endstream", pdf_file, re.DOTALL):
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(part)


def sign_address(browser: Browser) -> str:
    """The page of the decision, from the agreement's own."""
    return next(each for each in browser.get("/agreement").links() if each.startswith("/apply/decisions/"))


def test_without_the_library_no_file_is_offered(accepted: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    address = sign_address(accepted)
    monkeypatch.setattr(pdf, "is_available", lambda: False)

    assert "Download as PDF" not in accepted.get(address).text
    assert accepted.get(f"{address}.pdf").status == 404
