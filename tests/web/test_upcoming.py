"""Upcoming payments: every date, from which account, and what is owed after each."""

from datetime import date, timedelta

import pytest
from flask import Flask

from portal.domain.calendar import is_business_day
from portal.domain.money import Money
from portal.policies import banking_days_off
from portal.queries.standings import account_view
from portal.web.language import day, money, short_day
from tests.cast import TODAY, taxpayer
from tests.test_access import HOUSEHOLDS, inside
from tests.web.test_account import cents, live_until, pays, tables, view_of

ON, SOURCE, NOTE, AMOUNT, AFTER = range(5)


def test_every_payment_to_the_end_is_listed(app: Flask) -> None:
    page, schedule = inside(app, "ontime").get("/account/upcoming"), view_of("ontime").standing.schedule
    [listed] = tables(page, "schedule")
    assert schedule is not None

    assert [(row[ON], row[AMOUNT], row[AFTER]) for row in listed.rows] == [
        (short_day(each.on), money(each.amount), money(each.balance_after)) for each in schedule.installments
    ]
    assert day(schedule.installments[-1].on) in page.text
    assert str(len(schedule.installments)) in page.text


@pytest.mark.parametrize("role", ["ontime", "payroll"])
def test_each_payment_brings_the_balance_down_to_nothing(app: Flask, role: str) -> None:
    """All but the last are what was agreed; between two of them the balance falls by less, for interest goes on."""
    [listed] = tables(inside(app, role).get("/account/upcoming"), "schedule")
    amounts, after = ([cents(row[column]) for row in listed.rows] for column in (AMOUNT, AFTER))
    standing = account_view(taxpayer(role).id, TODAY).standing
    agreed = view_of(role).agreement
    assert agreed is not None

    assert set(amounts[:-1]) <= {agreed.monthly.cents}
    assert 0 < amounts[-1] <= agreed.monthly.cents
    assert after[-1] == 0
    assert after == sorted(after, reverse=True)
    assert all(before - now <= paid for before, now, paid in zip(after, after[1:], amounts[1:], strict=False))
    assert standing.schedule is not None
    assert sum(amounts) == standing.schedule.total_paid.cents >= standing.balance.cents


def test_a_debit_on_a_weekend_or_holiday_is_taken_later_and_says_so(app: Flask) -> None:
    """May 15, 2027 is a Saturday; February 15 the third Monday of the month, a holiday; November 15 is a Monday."""
    page = inside(app, "ontime").get("/account/upcoming")
    notes = {row[ON]: row[NOTE] for row in tables(page, "schedule")[0].rows}

    assert "15" in notes[short_day(date(2027, 5, 17))]
    assert "15" in notes[short_day(date(2027, 2, 16))]
    assert notes[short_day(date(2027, 11, 15))] == ""
    assert short_day(date(2027, 5, 15)) not in notes


@pytest.mark.parametrize("role", ["ontime", "payroll"])
def test_every_date_is_the_due_day_or_the_next_banking_day(app: Flask, role: str) -> None:
    """What an employer sends does not wait for the banks."""
    view = view_of(role)
    assert view.agreement is not None
    assert view.standing.schedule is not None
    rows = tables(inside(app, role).get("/account/upcoming"), "schedule")[0].rows
    for row, coming in zip(rows, view.standing.schedule.installments, strict=True):
        is_moved = coming.on.day != view.agreement.due_day
        assert bool(row[NOTE]) is is_moved, row
        if role == "payroll":
            assert not is_moved
        else:
            assert is_business_day(coming.on, banking_days_off())
            assert coming.on - timedelta(days=4) <= due_before(coming.on, view.agreement.due_day)


def due_before(on: date, due_day: int) -> date:
    """The due day on the day or before it."""
    while on.day != due_day:
        on -= timedelta(days=1)
    return on


def test_the_account_is_named_by_its_last_four_digits(app: Flask) -> None:
    rows = tables(inside(app, "ontime").get("/account/upcoming"), "schedule")[0].rows

    assert {row[SOURCE].split()[-1] for row in rows} == {"4417"}


def test_rates_that_are_only_assumed_are_said_to_be(app: Flask) -> None:
    assert day(date(2026, 12, 31)) in inside(app, "ontime").get("/account/upcoming").text


@pytest.mark.parametrize("role", ["owing", "overlimit", "stranger", "indefault"])
def test_where_nothing_comes_the_page_says_why_and_leads_back(app: Flask, role: str) -> None:
    page = inside(app, role).get("/account/upcoming")

    assert page.status == 200
    assert 'id="schedule"' not in page.html
    assert "$" not in page.text
    assert "/account" in page.links()


def test_a_debt_that_is_paid_has_nothing_to_come(app: Flask) -> None:
    pays("payroll", view_of("payroll").standing.balance)

    assert 'id="schedule"' not in inside(app, "payroll").get("/account/upcoming").html


def test_the_last_payment_is_what_is_left(app: Flask) -> None:
    """Down to one payment of $100 and the interest until it."""
    pays("ontime", view_of("ontime").standing.balance - Money(100_00))
    rows = tables(inside(app, "ontime").get("/account/upcoming"), "schedule")[0].rows

    assert len(rows) == 1
    assert 100_00 < cents(rows[0][AMOUNT]) < 102_00
    assert cents(rows[0][AFTER]) == 0


def test_a_payment_on_its_way_is_not_listed_again(app: Flask) -> None:
    browser = inside(app, "ontime")
    live_until(date(2026, 12, 15))
    rows = tables(browser.get("/account/upcoming"), "schedule")[0].rows

    assert rows[0][ON] == short_day(date(2027, 1, 15))


@pytest.mark.parametrize("role", HOUSEHOLDS)
def test_the_dashboard_shows_the_first_of_the_same_dates(app: Flask, role: str) -> None:
    browser = inside(app, role)
    page, all_of_them = browser.get("/account"), browser.get("/account/upcoming")
    first = [row.rows for row in tables(page, "upcoming")]
    every = [row.rows for row in tables(all_of_them, "main")]

    assert bool(first) is bool(every)
    for few, many in zip(first, every, strict=True):
        assert [row[0] for row in few] == [row[ON] for row in many][:12]
        assert [row[-1] for row in few] == [row[AFTER] for row in many][:12]
