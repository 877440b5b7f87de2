"""The dashboard, as each member of the cast sees it: what is owed, what was paid, and what comes next."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from sqlalchemy import update

from portal.db import db
from portal.demo.world import moment
from portal.domain.actor import PORTAL
from portal.domain.money import Money
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import SignIn
from portal.models.payment import Channel
from portal.office import office
from portal.queries import accounts
from portal.queries.standings import AccountView, account_view
from portal.services import payments
from portal.web.language import day, money, short_day
from tests.browser import Browser, Page, folded, parse, text_of
from tests.cast import TODAY, taxpayer
from tests.stopped_clock import NOW, StoppedClock
from tests.test_access import HOUSEHOLDS, inside

A_DEBIT_ON = date(2026, 12, 15)


@dataclass(frozen=True)
class Table:
    """A table of a page: the texts of its rows, and of the row at its foot."""

    rows: list[list[str]]
    foot: list[str]


def tables(page: Page, element_id: str) -> list[Table]:
    """The tables in an element, in their order."""
    assert page.tree is not None
    place = next(each for each in page.tree.iter() if each.get("id") == element_id)
    return [Table(_rows(each, "tbody"), (_rows(each, "tfoot") or [[]])[0]) for each in place.iter("table")]


def _rows(table: Element, part: str) -> list[list[str]]:
    return [[folded(text_of(cell)) for cell in row] for body in table.iter(part) for row in body.iter("tr")]


def figures(page: Page, element_id: str) -> dict[str, int]:
    """The figures in an element in cents, by their labels."""
    assert page.tree is not None
    place = next(each for each in page.tree.iter() if each.get("id") == element_id)
    found = [each for each in place.iter("div") if "figure" in str(each.get("class") or "").split()]
    return {folded(text_of(each[0])): cents(folded(text_of(each[1]))) for each in found}


def cents(amount: str) -> int:
    """-$1,234.56 is -123456."""
    found = re.fullmatch(r"(-?)\$([\d,]+)\.(\d\d)", amount)
    assert found, amount
    return int(f"{found[1]}{found[2].replace(',', '')}{found[3]}")


def sums(page: Page) -> dict[str, int]:
    """The table that says how posted, pending, promised and the rest add up."""
    rows = next(each.rows for each in tables(page, "owed") if any(row[0].startswith("Balance") for row in each.rows))
    return {row[0].split()[0] if "it" not in row[0].split()[1] else row[0].split()[2]: cents(row[-1]) for row in rows}


def view_of(role: str, on: date = TODAY) -> AccountView:
    return account_view(taxpayer(role).id, on)


def live_until(last: date) -> None:
    """The days up to this one pass, each with its daily close; whoever is signed in stays so."""
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    while clock.today() < last:
        clock.move_to(clock.today() + timedelta(days=1))
        close.run(moment(clock.today()), SandboxBank())
    at = clock.now().at
    db.session.execute(update(SignIn).values(seen_at=at, ends_at=at + timedelta(hours=12)))
    db.session.commit()


def pays(role: str, amount: Money, on: date = TODAY) -> None:
    payments.receive(taxpayer(role), amount, channel=Channel.MAIL, pay_on=on, by=PORTAL, when=NOW)


# What is owed.


def test_who_owes_sees_the_balance_to_the_cent(app: Flask) -> None:
    page = inside(app, "owing").get("/account")

    assert page.status == 200
    assert "$18,240.00" in page.one("owed")


@pytest.mark.parametrize("role", HOUSEHOLDS)
@pytest.mark.parametrize("address", ["/account", "/account/payments", "/account/upcoming"])
def test_every_page_of_every_household_makes_sense(app: Flask, role: str, address: str) -> None:
    page = inside(app, role).get(address)

    assert page.status == 200


@pytest.mark.parametrize("role", HOUSEHOLDS)
def test_years_add_up_to_the_balance(app: Flask, role: str) -> None:
    """Across each row, down each column, and with the user fee to the figure on top."""
    page, standing = inside(app, role).get("/account"), view_of(role).standing
    [years] = tables(page, "years")
    amounts = [[cents(cell) for cell in row[1:]] for row in years.rows]
    foot = [cents(cell) for cell in years.foot[1:]]

    assert [row[0] for row in years.rows] == [str(each.facts.tax_year) for each in standing.years]
    assert all(sum(row[:3]) == row[3] for row in [*amounts, foot])
    assert [sum(column) for column in zip(*amounts, strict=True)] == foot
    assert foot[3] + standing.fee.cents == standing.balance.cents
    assert money(standing.balance) in page.one("owed")


def test_each_year_leads_to_its_working(app: Flask) -> None:
    links = inside(app, "ontime").get("/account").links()

    assert {f"/account/periods/{each.facts.tax_year}" for each in view_of("ontime").standing.years} <= set(links)


def test_tomorrow_owes_what_today_says_it_will(app: Flask) -> None:
    """The interest of a day, and the next penalty on its day."""
    browser, before = inside(app, "owing"), view_of("owing").standing
    penalty = before.next_penalty
    assert penalty is not None
    assert money(before.interest_a_day) in browser.get("/account").one("owed")
    assert short_day(penalty.on) in browser.get("/account").one("owed")

    live_until(TODAY + timedelta(days=1))
    page = browser.get("/account")

    assert money(before.balance + before.interest_a_day) in page.one("owed")
    eve, night = (view_of("owing", penalty.on - timedelta(days=days)).standing for days in (1, 0))
    assert night.owed.penalty - eve.owed.penalty == penalty.amount


# Posted, pending, promised, and the rest.


def test_posted_pending_promised_and_the_rest_add_up_on_every_day(app: Flask) -> None:
    """Every household, on every day of the two weeks around a debit: promised, then pending, then posted."""
    browsers = {role: inside(app, role) for role in HOUSEHOLDS}
    states = []
    for number in range(15):
        today = A_DEBIT_ON - timedelta(days=7) + timedelta(days=number)
        live_until(today)
        for role, browser in browsers.items():
            page = at_a_glance(browser)
            assert_adds_up(page, view_of(role, today), f"{role} on {today}")
        states.append(sums(at_a_glance(browsers["ontime"])).get("pending:", 0))

    assert states[:7] == [0] * 7, "promised until the day"
    assert states[7:9] == [31_000] * 2, "pending from the day until the bank has paid"
    assert states[-1] == 0, "and posted then"


def at_a_glance(browser: Browser) -> Page:
    """The dashboard, of which only what is owed is read: many days are looked at."""
    page = Page(browser.client.get("/account"))
    owed = re.search(r'<section[^>]* id="owed".*?</section>', page.html, re.DOTALL)
    assert owed
    page.tree = parse(owed.group(), is_part=True)
    return page


def assert_adds_up(page: Page, view: AccountView, where: str) -> None:
    standing, rows = view.standing, sums(page)
    parts = {name: amount for name, amount in rows.items() if name.rstrip(":") in ("pending", "promised", "not")}
    paid_too_much = rows.get("Paid", 0)

    assert rows["Balance"] == standing.balance.cents, where
    assert rows["Charged"] + rows["Posted:"] + paid_too_much == rows["Balance"], where
    assert sum(parts.values()) == rows["Balance"], where
    assert all(amount >= 0 for amount in (*parts.values(), paid_too_much)), where
    assert rows["Posted:"] == -standing.posted.cents, where
    shown = figures(page, "owed")
    assert shown["Posted"] == -rows["Posted:"], where
    assert shown["Pending"] + shown["Promised"] + shown.get("Not covered", 0) == rows["Balance"], where


def test_a_debit_is_promised_then_pending_then_posted(app: Flask) -> None:
    browser = inside(app, "ontime")
    seen = []
    for today in (A_DEBIT_ON - timedelta(days=1), A_DEBIT_ON, A_DEBIT_ON + timedelta(days=2)):
        live_until(today)
        page = browser.get("/account")
        newest = tables(page, "history")[0].rows[0]
        seen.append((newest[0], newest[-1], tables(page, "upcoming")[0].rows[0][0]))

    assert [row[0] for row in seen] == ["Nov 16, 2026", "Dec 15, 2026", "Dec 15, 2026"]
    assert [row[1] for row in seen] == ["Posted", "Pending", "Posted"]
    assert [row[2] for row in seen] == ["Dec 15, 2026", "Jan 15, 2027", "Jan 15, 2027"]


# The situations that a household can be in.


def test_without_a_plan_there_is_none_to_see(app: Flask) -> None:
    page = inside(app, "owing").get("/account")

    assert "plan" in page.one("agreement")
    assert "$" not in page.one("agreement")
    assert tables(page, "upcoming") == []
    assert 'id="course"' not in page.html


def test_who_owes_too_much_is_told_how_much_to_pay_first(app: Flask) -> None:
    """Down to one cent below the limit of $50,000."""
    page, balance = inside(app, "overlimit").get("/account"), view_of("overlimit").standing.balance

    assert money(balance - Money(49_999_99)) in page.text
    assert "$49,999.99" in page.text


def test_who_is_on_time_sees_the_next_payment_and_the_last(app: Flask) -> None:
    page, view = inside(app, "ontime").get("/account"), view_of("ontime")
    schedule = view.standing.schedule
    assert schedule is not None
    assert schedule.paid_off_on is not None

    assert "$310.00" in page.one("agreement")
    assert "4417" in page.one("agreement")
    assert f"$310.00 on {day(A_DEBIT_ON)}" in page.text
    assert day(schedule.paid_off_on) in page.one("course")
    assert [row[0] for row in tables(page, "upcoming")[0].rows] == [
        short_day(each.on) for each in schedule.installments[:12]
    ]


def test_who_is_in_default_sees_what_to_pay_by_when_and_what_else_happens(app: Flask) -> None:
    page, view = inside(app, "indefault").get("/account"), view_of("indefault")
    assert view.agreement is not None
    assert view.agreement.in_default_since is not None

    assert money(view.standing.arrears.amount) in page.text
    assert day(view.agreement.in_default_since + timedelta(days=30)) in page.text
    assert "levy" in page.text
    assert "lien" in page.text
    assert "In default" in page.one("agreement")
    assert tables(page, "upcoming") == []
    assert "Returned" in page.one("history")


def test_a_default_that_nobody_cured_does_not_name_a_day_to_come(app: Flask) -> None:
    browser = inside(app, "indefault")
    live_until(TODAY + timedelta(days=40))
    page = browser.get("/account")

    assert page.status == 200
    assert "Your plan has ended" in page.text


def test_who_has_paid_everything_owes_nothing(app: Flask) -> None:
    pays("stranger", view_of("stranger").standing.balance)
    page = inside(app, "stranger").get("/account")
    rows = sums(page)

    assert rows["Balance"] == 0
    assert "Paid" not in rows
    assert figures(page, "owed")["Pending"] == 0
    assert "nothing" in page.text
    assert_adds_up(page, view_of("stranger"), "paid up")


def test_who_paid_too_much_sees_the_credit(app: Flask) -> None:
    pays("stranger", view_of("stranger").standing.balance + Money(12_34))
    page = inside(app, "stranger").get("/account")
    rows = sums(page)

    assert (rows["Balance"], rows["Paid"]) == (0, 12_34)
    assert page.text.count("$12.34") >= 2
    assert_adds_up(page, view_of("stranger"), "a credit")


def test_who_pays_off_a_plan_has_completed_it(app: Flask) -> None:
    """A debit that was promised for what is left is not needed any more, or it ends the plan."""
    browser = inside(app, "ontime")
    pays("ontime", view_of("ontime").standing.balance - Money(100_00))
    live_until(A_DEBIT_ON + timedelta(days=5))
    page = browser.get("/account")

    assert page.status == 200
    assert_adds_up(page, view_of("ontime", A_DEBIT_ON + timedelta(days=5)), "paid off")
    assert sums(page)["Balance"] == 0


@pytest.mark.parametrize(("last", "is_estimate"), [(date(2026, 12, 31), False), (date(2027, 1, 1), True)])
def test_without_a_published_rate_the_figures_are_an_estimate(app: Flask, last: date, is_estimate: bool) -> None:
    browser = inside(app, "owing")
    assert office().policy.rates.published_through == date(2026, 12, 31)
    live_until(last)

    assert ("estimate" in browser.get("/account").text) is is_estimate
    assert ("estimate" in browser.get(f"/account/periods/{latest_year('owing')}").text) is is_estimate


def latest_year(role: str) -> int:
    return max(each.facts.tax_year for each in view_of(role).standing.years)


@pytest.mark.parametrize("role", ["ontime", "indefault", "payroll"])
def test_the_picture_and_its_table_say_the_same(app: Flask, role: str) -> None:
    """The last point of the past is today's balance; a plan that is kept ends with nothing owed."""
    page, view = inside(app, role).get("/account"), view_of(role)
    if 'id="course"' not in page.html:
        assert not view.standing.is_kept
        return
    rows = tables(page, "course")[0].rows

    assert [short_day(TODAY), money(view.standing.balance)] in rows
    assert view.agreement is not None
    assert rows[0][0] == short_day(view.agreement.accepted_on)
    if view.standing.is_kept:
        assert cents(rows[-1][1]) == 0


@pytest.mark.parametrize("role", HOUSEHOLDS)
def test_there_is_one_obvious_next_step(app: Flask, role: str) -> None:
    page = inside(app, role).get("/account")

    assert page.html.count("next-step") >= 1
    assert page.html.count('<section class="next-step') == 1


def test_the_newest_twelve_payments_stand_on_the_dashboard(app: Flask) -> None:
    page = inside(app, "ontime").get("/account")
    rows = tables(page, "history")[0].rows

    assert len(rows) == 12
    assert all(row[1].startswith("PY-") for row in rows)
    assert "Promised" not in page.one("history")


def test_looking_changes_nothing(app: Flask) -> None:
    """The same page twice, and the same facts."""
    browser = inside(app, "indefault")
    before = accounts.facts(taxpayer("indefault").id)
    first, second = (without_tokens(browser) for _look in range(2))

    assert first == second
    assert accounts.facts(taxpayer("indefault").id) == before


def without_tokens(browser: Browser) -> str:
    return re.sub(r'(csrf_token" value="|X-CSRFToken": ")[^"]+', "", browser.get("/account").html)
