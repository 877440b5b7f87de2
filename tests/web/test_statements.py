"""Statements: listed by year, each adding up and chained to the next, unchanged by what is written later."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.actor import PORTAL
from portal.domain.money import Money
from portal.domain.statement import statement
from portal.models import Taxpayer
from portal.models.payment import Channel
from portal.office import office
from portal.queries import statements
from portal.queries.standings import account_view
from portal.services import payments
from portal.web import pdf
from portal.web.language import money
from tests.browser import Page
from tests.cast import TODAY, taxpayer
from tests.conftest import rolled_back
from tests.domain.cast import examples
from tests.ledger_text import agreed, closed, owing, paid
from tests.stopped_clock import NOW
from tests.test_access import HOUSEHOLDS, inside
from tests.web.test_account import cents, tables
from tests.web.test_language import speaks

PLACE = "/account/statements"


def listed(app: Flask, role: str) -> list[str]:
    """The addresses of all statements of a member of the cast, the newest first."""
    browser = inside(app, role)
    years = [each.get("value") for each in browser.get(PLACE).tree.iter("option")]  # type: ignore[union-attr]
    pages = [browser.get(f"{PLACE}?year={year}", part="statements") for year in years]
    return [link for page in pages for link in page.links() if link.startswith(f"{PLACE}/")]


def amounts(page: Page, table: int = 0) -> list[int]:
    return [cents(row[-1]) for row in tables(page, "main")[table].rows]


@pytest.mark.parametrize("role", HOUSEHOLDS)
def test_every_statement_adds_up_on_the_page_and_begins_where_the_one_before_ended(app: Flask, role: str) -> None:
    browser = inside(app, role)
    pages = {link: browser.get(link) for link in listed(app, role)}
    months = [pages[link] for link in sorted(pages) if "-" in link]

    for page in pages.values():
        *came, closing = amounts(page)
        by_kind = tables(page, "main")[1].rows
        assert sum(came) == closing
        assert [sum(cents(row[column]) for row in by_kind) for column in (2, 5)] == [came[0], closing]
    assert all(amounts(before)[-1] == amounts(after)[0] for before, after in pairwise(months))
    assert len(months) > 2


def test_each_month_since_the_first_entry_has_one_once_it_is_over(app: Flask) -> None:
    links, browser = listed(app, "ontime"), inside(app, "ontime")
    first = min(each.written_on for each in statements.history(taxpayer("ontime").id).written)

    assert links[:2] == [f"{PLACE}/2026-10", f"{PLACE}/2026-09"]
    assert links[-1] == f"{PLACE}/{first:%Y-%m}"
    assert f"{PLACE}/2025" in links
    assert f"{PLACE}/2026" not in links
    before = first.replace(day=1) - timedelta(days=1)
    for absent in ("2026-11", "2026", "2027-01", f"{before:%Y-%m}", "2026-13", "1999"):
        assert browser.get(f"{PLACE}/{absent}").status == 404, absent


def test_what_is_owed_at_the_end_of_a_month_is_the_balance_of_that_day(app: Flask) -> None:
    browser = inside(app, "ontime")
    page = browser.get(f"{PLACE}/2026-10")
    [as_of] = [each for each in page.links() if each.startswith("/account/periods?")]

    assert money(Money(amounts(page)[-1])) in browser.get(as_of).one("periods")
    assert "the books said" not in browser.get(as_of).text


def test_what_is_written_later_is_said_plainly_and_changes_no_statement(app: Flask) -> None:
    """On November 23 a check is found that had arrived on October 5."""
    browser, owner = inside(app, "owing"), taxpayer("owing")
    before = browser.get(f"{PLACE}/2026-10")
    payments.receive(owner, Money(500_00), channel=Channel.MAIL, pay_on=date(2026, 10, 5), by=PORTAL, when=NOW)

    after = browser.get(f"{PLACE}/2026-10")
    known_now = account_view(owner.id, TODAY).account

    assert "Something was written later for these days" not in before.text
    assert "Something was written later for these days" in after.text
    assert amounts(after) == amounts(before)
    assert [row[-1] for row in tables(after, "main")[-1].rows] == ["-$500.00"]
    assert known_now.payments[-1].on == date(2026, 10, 5)
    [as_of] = [each for each in after.links() if each.startswith("/account/periods?")]
    balance = browser.get(as_of)
    assert "When that day ended, the books said" in balance.text
    assert money(Money(amounts(before)[-1])) in balance.text

    office().clock.move_to(date(2026, 12, 1))
    november = inside(app, "owing").get(f"{PLACE}/2026-11")
    *came, closing = amounts(november)
    assert came[0] == amounts(before)[-1]
    assert sum(came) == closing
    assert "For days before: Interest" in november.text


def test_a_statement_is_read_in_spanish(app: Flask) -> None:
    speaks("ontime", "es_US")
    page = inside(app, "ontime").get(f"{PLACE}/2026-10")

    assert "octubre de 2026" in page.one("main")


def test_a_year_that_has_no_statements_is_refused_in_words(app: Flask) -> None:
    page = inside(app, "ontime").get(f"{PLACE}?year=1999")

    assert page.status == 422
    assert "Choose one of the list." in page.text


@pytest.mark.skipif(not pdf.is_available(), reason="no PDF on this machine")
def test_a_statement_is_a_file_where_one_can_be_made(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = inside(app, "ontime")
    answer = browser.client.get(f"{PLACE}/2026-10.pdf")

    assert answer.data.startswith(b"%PDF-")
    assert "filename=statement-2026-10.pdf" in answer.headers["Content-Disposition"]
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    assert browser.get(f"{PLACE}/2026-10.pdf").status == 404
    assert "Download as PDF" not in browser.get(f"{PLACE}/2026-10").text


# By chance, on both databases.

DEEDS = st.lists(
    st.tuples(st.integers(0, 45), st.integers(1, 60_000).map(Money), st.sampled_from([0, 0, 1, 40, 200])), max_size=6
)


def test_accounts_by_chance_have_statements_that_add_up_and_chain(stage: Flask) -> None:
    """Payments that count from earlier days, a plan by a debit that comes back, closed day by day."""

    @given(DEEDS, st.sampled_from(["5550001234", "1000000101", "1000000210"]))
    @examples(6)
    def lives(deeds: list[tuple[int, Money, int]], number: str) -> None:
        with rolled_back(stage):
            person, today = owing("2400.00"), date(2024, 6, 10)
            agreed(person, "90.00", date(2024, 7, 5), day=today, number=number)
            for wait, amount, days_ago in deeds:
                closed(today, today := today + timedelta(days=wait))
                paid(person, str(amount), today, today - timedelta(days=days_ago))
            closed(today, date(2024, 9, 12))
            assert_chained(person)

    lives()


def assert_chained(person: Taxpayer) -> None:
    history, law_on = statements.history(person.id), office().policy.law_on
    found = [statement(history, law_on, *days) for days in history.months_over(date(2025, 6, 1))]
    for before, after in pairwise(found):
        assert before.closing == after.opening
    last = found[-1].last_on
    assert found[0].opening == Money(0)
    assert found[-1].closing == account_view(person.id, last).standing.balance
    for each in found:
        came = sum(line.charged.cents + line.corrected.cents for line in each.lines)
        paid_of_it = each.received.cents - each.taken_back.cents - each.credit.cents
        assert each.opening.cents + came - paid_of_it == each.closing.cents
