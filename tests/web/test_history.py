"""Payment history: what was paid, narrowed, page by page, as a file; and one payment with its timeline."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.domain.lifecycle import PaymentState
from portal.domain.money import Money
from portal.models import Payment
from portal.models.payment import Channel
from portal.queries.payments import PaymentLine
from portal.web import history, pdf
from portal.web.language import day, money, short_day
from tests.cast import TODAY, taxpayer
from tests.test_access import HOUSEHOLDS, inside
from tests.web.test_account import Table, cents, live_until, pays, tables

MADE = ("settled", "returned", "cancelled", "submitted")
PLACE = "/account/payments"


def own(role: str, *states: str) -> list[Payment]:
    """A household's payments, newest first."""
    rows = select(Payment).where(Payment.taxpayer_id == taxpayer(role).id)
    rows = rows.order_by(Payment.pay_on.desc(), Payment.id.desc())
    return [each for each in db.session.execute(rows).scalars() if str(each.state) in (states or MADE)]


def listed(app: Flask, role: str, query: str = "") -> list[str]:
    """The references in the list."""
    page = inside(app, role).get(f"{PLACE}?{query}")
    assert page.status == 200
    return references(tables(page, "history"))


def references(found: list[Table]) -> list[str]:
    return [row[1] for each in found for row in each.rows]


# The list.


@pytest.mark.parametrize("role", HOUSEHOLDS)
def test_the_newest_payment_stands_first(app: Flask, role: str) -> None:
    assert listed(app, role) == [each.reference for each in own(role)][:20]


def test_a_row_says_when_how_much_and_what_became_of_it(app: Flask) -> None:
    page, newest = inside(app, "ontime").get(PLACE), own("ontime")[0]
    row = tables(page, "history")[0].rows[0]

    assert (row[0], row[1], row[3]) == (short_day(newest.pay_on), newest.reference, money(newest.amount))
    assert row[-1] == "Posted"


def test_without_payments_there_is_a_friendly_word(app: Flask) -> None:
    page = inside(app, "owing").get(PLACE)

    assert page.status == 200
    assert tables(page, "history") == []
    assert page.one("history")
    assert ".csv" not in page.html


# Filters.


@pytest.mark.parametrize(
    ("role", "query", "states"),
    [
        ("ontime", "state=settled", ("settled",)),
        ("ontime", "state=scheduled", ("scheduled",)),
        ("ontime", "state=returned", ("returned",)),
        ("indefault", "state=returned", ("returned",)),
        ("indefault", "state=cancelled", ("cancelled",)),
        ("indefault", "state=", MADE),
    ],
)
def test_a_state_narrows_the_list(app: Flask, role: str, query: str, states: tuple[str, ...]) -> None:
    assert listed(app, role, query) == [each.reference for each in own(role, *states)]


def test_a_year_narrows_the_list(app: Flask) -> None:
    years = sorted({each.pay_on.year for each in own("ontime")}, reverse=True)
    assert len(years) > 1
    for year in years:
        assert listed(app, "ontime", f"year={year}") == [
            each.reference for each in own("ontime") if each.pay_on.year == year
        ]


def test_the_way_of_paying_narrows_the_list(app: Flask) -> None:
    expected = {
        channel: [each.reference for each in own("indefault") if each.channel is channel] for channel in Channel
    }
    for channel, wanted in expected.items():
        assert listed(app, "indefault", f"kind={channel}") == wanted
    assert len([each for each in expected.values() if each]) > 1


def test_filters_work_together(app: Flask) -> None:
    newest = own("indefault", "returned")[0]

    assert listed(app, "indefault", f"year={newest.pay_on.year}&kind=debit&state=returned") == [newest.reference]
    assert listed(app, "indefault", f"year={newest.pay_on.year}&kind=mail&state=returned") == []


UNKNOWN = ("nonsense", "2019", "0", "%00", "9" * 30, "%ed%a0%80", "debit%20", "SETTLED")


@pytest.mark.parametrize("name", ["year", "kind", "state"])
def test_an_unknown_choice_is_refused_and_the_others_stay(app: Flask, name: str) -> None:
    browser, chosen = inside(app, "ontime"), {"year": "2026", "kind": "debit", "state": "settled"}
    for value in UNKNOWN:
        query = "&".join(f"{key}={value if key == name else kept}" for key, kept in chosen.items())
        page = browser.get(f"{PLACE}?{query}")

        assert page.status == 422
        assert f"#{name}" in page.links()
        for key, kept in chosen.items():
            assert (f'<option value="{kept}" selected>' in page.html) is (key != name)
        assert tables(page, "history") == []


def test_the_download_refuses_the_same(app: Flask) -> None:
    page = inside(app, "ontime").get(f"{PLACE}.csv?state=nonsense")

    assert page.status == 422
    assert page.response.mimetype == "text/html"


# Pages.


@pytest.fixture
def many(app: Flask) -> list[str]:
    """The stranger's payments: the one in the mail, and 24 more."""
    for number in range(24):
        pays("stranger", Money(100 + number), TODAY - timedelta(days=number))
    return [each.reference for each in own("stranger")]


def test_pages_together_are_the_whole_list(app: Flask, many: list[str]) -> None:
    browser = inside(app, "stranger")
    pages = [references(tables(browser.get(f"{PLACE}?page={number}"), "history")) for number in (1, 2)]

    assert [len(page) for page in pages] == [20, 5]
    assert [each for page in pages for each in page] == many


ASKED = {
    1: ("0", "-1", "1e5", "9" * 30, "", "x", "%00", "２", "1.0", "1000000", " 2", "+2", "0x2", "1&page=3"),
    2: ("2", "02", "2&page=1", "3", "999999"),
}


def test_a_page_that_does_not_exist_is_the_first_or_the_last(app: Flask, many: list[str]) -> None:
    browser = inside(app, "stranger")
    for shown, numbers in ASKED.items():
        for number in numbers:
            part = browser.get(f"{PLACE}?page={number}", part="history")

            assert references(tables(part, "history")) == many[20 * (shown - 1) : 20 * shown], number


def test_a_page_of_a_narrowed_list_stays_narrowed(app: Flask, many: list[str]) -> None:
    browser = inside(app, "stranger")
    page = browser.get(f"{PLACE}?year={TODAY.year}&kind=mail&state=settled")
    onward = [link for link in page.links() if "page=2" in link]

    assert onward
    assert {f"year={TODAY.year}", "kind=mail", "state=settled"} <= set(onward[0].partition("?")[2].split("&"))
    assert references(tables(browser.get(onward[0]), "history")) == many[20:]


def test_turning_the_page_gets_only_the_list(app: Flask, many: list[str]) -> None:
    part = inside(app, "stranger").get(f"{PLACE}?page=2", part="history")

    assert references(tables(part, "history")) == many[20:]
    assert 'aria-current="page">2<' in part.html
    assert "<html" not in part.html


# The file.


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("query", ["", "kind=mail", "state=scheduled", f"year={TODAY.year}&state=settled"])
def test_the_file_has_the_rows_of_the_list(app: Flask, query: str) -> None:
    client = inside(app, "indefault").client
    answer = client.get(f"{PLACE}.csv?{query}")
    head, *rows = rows_of(answer.text)
    by_reference = {each.reference: each for each in own("indefault", *MADE, "scheduled")}

    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=payments-{TODAY}.csv"
    assert len(head) == 6
    assert [row[1] for row in rows] == listed(app, "indefault", query)
    for row in rows:
        payment = by_reference[row[1]]
        assert (row[0], row[3], row[5]) == (str(payment.pay_on), str(payment.amount), payment.return_code or "")


def test_the_file_has_all_pages(app: Flask, many: list[str]) -> None:
    _head, *rows = rows_of(inside(app, "stranger").client.get(f"{PLACE}.csv").text)

    assert [row[1] for row in rows] == many


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_file_is_a_formula(app: Flask, sign: str) -> None:
    """A table program would run it."""
    evil = f'{sign}HYPERLINK("x")'
    line = PaymentLine(evil, TODAY, Channel.MAIL, Money(-500), PaymentState.RETURNED, f"{sign}1+1")
    with app.test_request_context("/"):
        _head, row = rows_of(history._csv(iter([line])))

    assert row[1] == f"'{evil}"
    assert row[5] == f"'{sign}1+1"
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_address_of_the_file_keeps_the_filter(app: Flask) -> None:
    page = inside(app, "ontime").get(f"{PLACE}?state=settled")

    assert f"{PLACE}.csv?state=settled" in page.links()


# One payment.


def test_a_posted_payment_tells_its_story(app: Flask) -> None:
    """Promised, sent to the bank, posted; from which account, for which installment, and where the money went."""
    payment = own("ontime", "settled")[0]
    page = inside(app, "ontime").get(f"{PLACE}/{payment.reference}")

    assert payment.reference in page.text
    assert money(payment.amount) in page.text
    assert day(payment.pay_on) in page.text
    assert "4417" in page.text
    assert page.html.count('<li class="tone-') == 3
    shares = [row for each in tables(page, "main") for row in each.rows]
    assert sum(cents(row[-1]) for row in shares) == payment.amount.cents


def test_a_returned_payment_says_why_and_what_it_cost(app: Flask) -> None:
    payment = own("indefault", "returned")[0]
    page = inside(app, "indefault").get(f"{PLACE}/{payment.reference}")

    assert "usa-alert--error" in page.html
    assert "$25.00" in page.text, "IRC 6657: a payment below $1,250 that is returned costs $25, or itself if less"
    assert "R01" not in page.text, "a code says nothing to a person"
    assert [row for each in tables(page, "main") for row in each.rows] == []


def test_a_promised_payment_says_when_it_will_be_taken(app: Flask) -> None:
    [payment] = own("ontime", "scheduled")
    page = inside(app, "ontime").get(f"{PLACE}/{payment.reference}")

    assert page.status == 200
    assert day(payment.pay_on) in page.text


def test_a_payment_becomes_what_happens_to_it(app: Flask) -> None:
    [payment] = own("ontime", "scheduled")
    browser, reference, steps = inside(app, "ontime"), payment.reference, []
    for today in (TODAY, date(2026, 12, 15), date(2026, 12, 17)):
        live_until(today)
        steps.append(browser.get(f"{PLACE}/{reference}").html.count('<li class="tone-'))

    assert steps == [1, 2, 3]


@pytest.mark.parametrize("role", HOUSEHOLDS)
def test_every_payment_of_a_household_has_its_page(app: Flask, role: str) -> None:
    browser = inside(app, role)
    for payment in own(role, *MADE, "scheduled")[:6]:
        assert browser.get(f"{PLACE}/{payment.reference}").status == 200


def test_an_installment_that_was_due_on_a_weekend_says_which_it_was(app: Flask) -> None:
    moved = [each for each in own("ontime") if each.installment_on and each.installment_on != each.pay_on]
    assert moved
    page = inside(app, "ontime").get(f"{PLACE}/{moved[0].reference}")

    assert day(moved[0].pay_on) in page.text
    assert day(moved[0].installment_on or TODAY) in page.text


@pytest.mark.skipif(not pdf.is_available(), reason="no PDF on this machine")
def test_the_history_is_a_file_of_all_that_was_chosen(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, written = inside(app, "ontime"), []
    [link] = [each for each in browser.get("/account/payments?state=settled").links() if ".pdf" in each]
    monkeypatch.setattr(pdf, "file_of", lambda shown, name: written.append((shown.get_data(True), name)) or shown)

    browser.client.get(link)

    [(text, name)] = written
    settled = select(Payment.reference).where(
        Payment.taxpayer_id == taxpayer("ontime").id, Payment.state == PaymentState.SETTLED
    )
    assert name == f"payments-{TODAY}.pdf"
    assert set(re.findall(r"PY(?:-[0-9A-Z]{5}){3}", text)) == set(db.session.execute(settled).scalars())
    monkeypatch.undo()
    assert browser.client.get(link).data.startswith(b"%PDF-")


def test_where_no_file_can_be_made_none_is_offered(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    browser = inside(app, "ontime")

    for page, file in (("/account/payments", "/account/payments.pdf"), ("/agreement", "/agreement.pdf")):
        assert file not in browser.get(page).html
        assert browser.get(file).status == 404
