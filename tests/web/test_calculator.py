"""The calculator: three ways to pay one debt, to the cent as `portal calculate` has them."""

import random
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from portal import policies
from portal.calculate import answer_to
from portal.domain import money
from portal.domain.offer import Wish
from portal.domain.plan import PlanKind
from portal.domain.policy import Policy
from portal.domain.supposed import supposed, tax_due_on
from portal.queries.standings import account_view
from portal.web import comparison
from portal.web.language import day
from portal.web.language import money as dollars
from tests.agency import Agency, agency
from tests.browser import Browser, Page, folded, text_of
from tests.cast import TODAY, taxpayer
from tests.domain.cast import as_scenario
from tests.test_access import inside
from tests.web.test_eligibility import FINE, NONSENSE, written

NO_FEE = {'online_debit = "29.00"': 'online_debit = "0.00"'}
# A plan that was over long ago, so that none counts as in effect.
NONE_IN_EFFECT = {"accepted_on": "2001-01-01", "ended_on": "2001-01-02"}


@pytest.fixture
def changed(app: Flask, tmp_path: Path) -> Iterator[Agency]:
    with agency(app, tmp_path) as change:
        yield change


def calculated(browser: Browser, part: str | None = None, **asked: Any) -> Page:
    return browser.get(f"/calculator?{urlencode({'amount': '18240', **asked}, doseq=True)}", part=part)


def card(page: Page, name: str) -> dict[str, str]:
    """The terms and values of a card, and what it costs in all."""
    assert page.tree is not None
    place = next(each for each in page.tree.iter() if each.get("id") == f"card_{name}")
    rows = [[folded(text_of(cell)) for cell in each] for each in place.iter("div")]
    return {row[0]: row[1] for row in rows if len(row) == 2}


def answer(amount: str, year: int, plan: dict[str, Any], policy: Policy, **more: Any) -> dict[str, Any]:
    """What `portal calculate` says of the tax that comes to the amount."""
    due_on = tax_due_on(year, policies.legal_days_off())
    account = supposed(money.read(amount), year, due_on, policy.law_on(TODAY), TODAY)
    assert not account.charges, "an amount to which a tax comes without a cent left over"
    scenario = as_scenario(account, TODAY) | {"plan": plan, **more}
    found = answer_to(scenario, policy)
    assert found["total"]["total"] == amount
    return found["plan"]  # type: ignore[no-any-return]


def written_out(amount: str) -> str:
    return dollars(money.read(amount))


# Against `portal calculate`.

AMOUNTS = [("18240.00", 2025), ("1000.00", 2022), ("49999.99", 2024), ("7777.77", 2018)]


@pytest.mark.parametrize(("amount", "year"), AMOUNTS)
@pytest.mark.parametrize("monthly", [None, "2000.00"])
def test_a_long_plan_is_what_portal_calculate_says(
    browser: Browser, changed: Agency, monkeypatch: pytest.MonkeyPatch, amount: str, year: int, monthly: str | None
) -> None:
    """Without a fee, and for payments that the days off of the banks do not move: the command knows neither."""
    changed(NO_FEE)
    monkeypatch.setattr(comparison, "least", lambda first_due_on, _on: Wish(PlanKind.LONG_TERM, first_due_on))
    monthly = None if monthly and money.read(amount) < money.read(monthly) else monthly
    plan = {"first_due_on": "2026-12-15", "due_day": 15, "term_months": 72, "monthly": monthly}

    shown = card(calculated(browser, amount=amount, year=year, monthly=monthly or "", day=15), "long_term")

    expected = answer(amount, year, plan, policies.load())
    assert shown["Each month"] == written_out(expected["monthly"])
    assert shown["Payments"] == str(expected["months"])
    assert shown["Ends"] == day(date.fromisoformat(expected["paid_off_on"]))
    assert shown["Costs in all"] == written_out(expected["total_paid"])


def test_a_debited_plan_is_what_portal_calculate_says_where_no_day_off_moves_it(
    browser: Browser, changed: Agency
) -> None:
    """The 8th of December to April are all banking days."""
    changed(NO_FEE | {"term_months = 72": "term_months = 5"})
    plan = {"first_due_on": "2026-12-08", "due_day": 8, "term_months": 5}

    shown = card(calculated(browser, day=8), "long_term")

    expected = answer("18240.00", 2025, plan, policies.load())
    assert shown["Each month"] == written_out(expected["minimum_monthly"])
    assert shown["Ends"] == "April 8, 2027"
    assert shown["Costs in all"] == written_out(expected["total_paid"])


@pytest.mark.parametrize(("amount", "year"), AMOUNTS)
def test_a_short_plan_is_what_portal_calculate_says_of_one_that_lowers_no_penalty(
    browser: Browser, amount: str, year: int
) -> None:
    plan = {"first_due_on": "2026-12-15", "due_day": 15, "term_months": 6}

    shown = card(calculated(browser, amount=amount, year=year, day=15), "short_term")

    expected = answer(amount, year, plan, policies.load(), agreement=NONE_IN_EFFECT)
    assert shown["Each month"] == written_out(expected["minimum_monthly"])
    assert shown["Payments"] == "6"
    assert shown["Ends"] == "May 15, 2027"
    assert shown["Costs in all"] == written_out(expected["total_paid"])


def test_paying_now_costs_what_is_owed(browser: Browser) -> None:
    shown = card(calculated(browser), "pay_now")

    assert shown["Costs in all"] == "$18,240.00"
    assert {shown[each] for each in ("Fee", "Interest to come", "Penalties to come")} == {"none"}


@pytest.mark.parametrize("amount", ["18240.00", "18240.01", "18240.02", "18240.03", "0.01", "49999.99"])
@pytest.mark.parametrize("year", ["2025", "2017"])
def test_each_card_adds_up_to_the_amount_that_was_entered(browser: Browser, amount: str, year: str) -> None:
    page = calculated(browser, amount=amount, year=year)

    for name in ("pay_now", "short_term", "long_term"):
        shown = card(page, name)
        parts = [shown[each] for each in ("Fee", "Interest to come", "Penalties to come")]
        assert cents(amount) + sum(map(cents, parts)) == cents(shown["Costs in all"])


def cents(text: str) -> int:
    return money.parse(text).cents if text != "none" else 0


# What is asked.


def test_without_an_amount_there_is_nothing_to_show_and_nothing_wrong(browser: Browser) -> None:
    page = browser.get("/calculator")

    assert page.status == 200
    assert "The three ways to pay it appear here" in page.text
    assert 'id="card_' not in page.html


def test_an_address_that_asks_nothing_of_the_calculator_is_a_fresh_page(app: Flask, browser: Browser) -> None:
    assert browser.get("/calculator?seen=in-a-letter").status == 200
    assert "card_pay_now" in inside(app, "owing").get("/calculator?seen=in-a-letter").html


def test_the_years_go_from_the_latest_due_back_to_the_first_with_rates(browser: Browser) -> None:
    html = browser.get("/calculator").html

    years = re.findall(r'<option value="(\d{4})"', html)
    assert years == [str(year) for year in range(2025, 2010, -1)]
    assert '<option value="2025" selected>2025 tax, due April 15, 2026' in html


def test_the_days_are_those_that_are_possible_today(browser: Browser) -> None:
    """From two banking days ahead to thirty days, weekends counted: not the 24th, whose December is too late."""
    html = browser.get("/calculator").html

    days = re.findall(r'<option value="(\d{1,2})"', html)
    assert days == [str(each) for each in range(1, 29) if each != 24]
    assert '<option value="23" selected>23, first Dec 23, 2026' in html


def test_an_older_debt_of_the_same_amount_costs_something_else(browser: Browser) -> None:
    latest, older = (card(calculated(browser, year=year), "long_term")["Costs in all"] for year in (2025, 2019))

    assert latest != older


def test_what_is_paid_at_once_makes_the_rest_smaller_and_a_plan_possible(browser: Browser) -> None:
    assert "Not possible" in calculated(browser, amount="61000").one("card_long_term")

    page = calculated(browser, amount="61000", now="11000.01")

    assert card(page, "long_term")["Costs in all"] == "$74,225.89"
    assert "Not possible" not in page.one("card_long_term")


def test_more_a_month_ends_sooner_and_costs_less(browser: Browser) -> None:
    least, more = (card(calculated(browser, monthly=each), "long_term") for each in ("", "1000"))

    assert more["Each month"] == "$1,000.00"
    assert int(more["Payments"]) < int(least["Payments"])
    assert cents(more["Costs in all"]) < cents(least["Costs in all"])


def test_dividing_by_the_term_is_shown_as_what_it_is(browser: Browser) -> None:
    """18,240.00 by 72 is 253.33; as a monthly amount it is below the least."""
    page = calculated(browser)

    said = re.search(r"Dividing by 72 is not enough: \$253\.33 a month would leave \$([\d,.]+) unpaid", page.text)
    assert said
    assert cents(said[1]) > 500_000
    assert "Pay at least $321.86 a month." in calculated(browser, monthly="253.33").text


def test_the_picture_and_the_table_say_the_same(browser: Browser) -> None:
    page = calculated(browser)

    assert "The balance falls from $18,269.00 on Nov 23, 2026 to nothing on Nov 23, 2032." in page.one("falling")
    assert "Nov 23, 2026 $18,269.00" in page.one("as_table")
    assert "Nov 23, 2032 $0.00" in page.one("as_table")
    assert page.html.count("<polyline") == 1


def test_over_a_limit_the_card_says_why_with_the_way_back_in(browser: Browser) -> None:
    page = calculated(browser, amount="150000")

    for name, most, down in (("short_term", "$99,999.99", "50000.01"), ("long_term", "$49,999.99", "100000.01")):
        assert f"at most {most}" in page.one(f"card_{name}")
        assert f"/pay?amount={down}" in page.links()
    assert 'id="falling"' not in page.html
    assert card(page, "pay_now")["Costs in all"] == "$150,000.00"


def test_a_year_whose_time_is_over_has_no_long_plan(browser: Browser) -> None:
    page = calculated(browser, year=2014)

    assert "The time in which we may collect ends" in page.one("card_long_term")


def test_fees_and_low_income_are_those_of_the_policy(browser: Browser) -> None:
    page = browser.get("/calculator")

    assert "Automatic monthly debit $29.00 $107.00 none" in page.one("fees")
    assert "Other ways $69.00 $178.00 $43.00" in page.one("fees")
    assert "1 $39,900.00 $49,875.00 $45,900.00" in page.one("fees")
    assert "2 $54,100.00 $67,625.00 $62,225.00" in page.one("fees")
    assert "Each further $14,200.00 $17,750.00 $16,325.00" in page.one("fees")


# The records.


def test_who_is_signed_in_finds_the_balance_filled_in(app: Flask) -> None:
    page, owed = (
        inside(app, "owing").get("/calculator"),
        account_view(taxpayer("owing").id, TODAY).standing.owed.total,
    )

    assert f'value="{owed}" id="amount"' in page.html
    assert card(page, "pay_now")["Costs in all"] == dollars(owed)
    assert "Your account has the exact figures" in page.text
    assert "/account" in page.links()


def test_the_staff_and_strangers_have_no_account_to_see(app: Flask, browser: Browser) -> None:
    for somebody in (browser, inside(app, "agent")):
        assert "Your account has the exact figures" not in somebody.get("/calculator").text


# Bad input.


@pytest.mark.parametrize("typed", NONSENSE.values(), ids=NONSENSE)
def test_an_amount_that_is_none_comes_back_as_it_was_typed(browser: Browser, typed: str) -> None:
    page = calculated(browser, amount=typed, monthly="300")

    assert page.status == 422
    assert page.one("amount-error")
    assert "Error:" in page.html.partition("</title>")[0]
    assert {"#amount"} <= set(page.links())
    if typed.isprintable() and "<" not in typed:
        assert f'value="{typed}"' in page.html
    assert 'value="300"' in page.html


@pytest.mark.parametrize("name", ["now", "monthly"])
@pytest.mark.parametrize("typed", ["1e5", "-5", "x", "１２", "10000000.00", "9" * 4_000, "1\0", "18240.01"])
def test_what_is_paid_is_an_amount_and_no_more_than_is_owed(browser: Browser, name: str, typed: str) -> None:
    page = calculated(browser, **{name: typed})

    assert page.status == 422
    assert page.one(f"{name}-error")
    assert 'value="18240"' in page.html


def test_all_of_it_at_once_is_no_plan(browser: Browser) -> None:
    page = calculated(browser, now="18240.00")

    assert page.status == 422
    assert "Enter less than what you owe." in page.one("now-error")


@pytest.mark.parametrize("monthly", ["0", "0.01", "321.85"])
def test_below_the_least_the_figure_is_said_and_the_least_is_shown(browser: Browser, monthly: str) -> None:
    page = calculated(browser, monthly=monthly)

    assert page.status == 422
    assert "Pay at least $321.86 a month. Less does not pay it off in time." in page.one("monthly-error")
    assert card(page, "long_term")["Each month"] == "$321.86"
    assert f'value="{monthly}"' in page.html


def test_above_what_is_left_the_most_is_said(browser: Browser) -> None:
    page = calculated(browser, now="8240", monthly="10000.01")

    assert page.status == 422
    assert "Enter at most $10,000.00 a month" in page.one("monthly-error")
    assert calculated(browser, now="8240", monthly="10000").status == 200


@pytest.mark.parametrize("name", ["year", "day"])
@pytest.mark.parametrize(
    "typed", ["", "0", "24", "29", "31", "2010", "2026", "x", "1e1", "１", "\0", "-1", "9" * 400]
)
def test_years_and_days_are_those_of_the_list(browser: Browser, name: str, typed: str) -> None:
    page = calculated(browser, **{name: typed})

    assert page.status == 422
    assert "Choose one of the list." in page.one(f"{name}-error")
    assert 'id="card_' not in page.html


@pytest.mark.parametrize("name", ["amount", "year", "now", "monthly", "day"])
def test_each_question_is_answered_once(browser: Browser, name: str) -> None:
    given = {"amount": "18240", "year": "2025", "now": "100", "monthly": "400", "day": "15"}

    page = calculated(browser, **(given | {name: [given[name], given[name]]}))

    assert page.status == 422
    assert "Give one answer here, not several." in page.one(f"{name}-error")


# How it answers.


@pytest.mark.parametrize("asked", [{}, {"monthly": "400", "day": "15"}, {"amount": "61000"}, {"year": "2014"}])
def test_the_part_is_what_stands_in_the_page(browser: Browser, asked: dict[str, str]) -> None:
    page, part = calculated(browser, **asked), calculated(browser, part="figures", **asked)

    assert (part.status, "<html" in part.html) == (200, False)
    assert part.html.strip() in page.html


def test_an_error_takes_the_focus_from_nobody_who_is_typing(browser: Browser) -> None:
    """A page that was loaded begins at its summary; a part that came while somebody typed does not."""
    page, part = calculated(browser, monthly="2"), calculated(browser, part="figures", monthly="2")

    assert page.html.count("autofocus") == 1
    assert "autofocus" not in part.html
    assert part.one("figures") == page.one("figures")


def test_a_stranger_who_calculates_reaches_no_database(app: Flask, browser: Browser) -> None:
    with written() as statements:
        calculated(browser)
        calculated(browser, monthly="1")

    assert statements == []


def test_nothing_is_written_for_who_is_signed_in(app: Flask) -> None:
    browser = inside(app, "owing")
    browser.get("/calculator")
    with written() as statements:
        calculated(browser)

    assert [each for each in statements if each.lstrip().startswith(("INSERT", "UPDATE", "DELETE"))] == []


# Another agency.


def test_another_agency_drives_the_same_page(browser: Browser, changed: Agency) -> None:
    """Other limits, 36 months, days 5 or 15 only, other fees."""
    every_day = f"due_days = {list(range(1, 29))}"
    changed({
        every_day: "due_days = [5, 15]", "term_months = 72": "term_months = 36",
        'long_term = { below = "50000.00" }': 'long_term = { at_most = "12000.00" }',
        'online_debit = "29.00"\nonline_other = "69.00"': 'online_debit = "12.50"\nonline_other = "15.00"',
    })  # fmt: skip

    page = calculated(browser, amount="12000")

    assert re.findall(r'<option value="(\d{1,2})"', page.html) == ["5", "15"]
    assert card(page, "long_term")["Payments"] == "36"
    assert card(page, "long_term")["Fee"] == "$12.50"
    assert card(page, "long_term")["Ends"] == "November 15, 2029"
    assert "Dividing by 36 is not enough: $333.33" in page.text
    assert "Other ways $15.00" in page.one("fees")
    assert calculated(browser, amount="12000", day=6).status == 422
    assert "at most $12,000.00" in calculated(browser, amount="12000.01").one("card_long_term")


def test_an_agency_whose_one_day_is_far_away_still_names_it(browser: Browser, changed: Agency) -> None:
    changed({f"due_days = {list(range(1, 29))}": "due_days = [24]"})

    page = calculated(browser)

    assert page.status == 200
    assert '<option value="24" selected>24, first Dec 24, 2026' in page.html


# By chance.

SCRAPS = [
    "", " ", "0", "1", "0.01", "310", "18240", "49,999.99", "$1 250.5", "9999999.99", "10000000", "1e5", "-5", "x",
    "１２", "1\0", "NaN", "<b>", "'--", "2025", "2014", "15", "24", "\ud7ff", "9" * 300, "%s", "%(most)s",
]  # fmt: skip
NAMES = ["amount", "year", "now", "monthly", "day", "tax", "penalty", "interest", "total", "who", "work", "filed",
         "hindrances", "_", "csrf_token"]  # fmt: skip
CHOICES = ["person", "business", "wages", "self", "neither", "yes", "no", "bankruptcy", "offer", "court", "agreement"]


def test_no_submission_by_chance_fails(app: Flask, browser: Browser) -> None:
    """3,000 over both pages: the page with an answer, or with what is wrong."""
    chance = random.Random(3)
    page = browser.get("/eligibility")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.html)
    assert token
    seen = set()
    for _submission in range(3_000):
        answers = {name: some(chance) for name in chance.sample(NAMES, chance.randint(0, 6))}
        answers = chance.choice([{}, FINE]) | answers
        if chance.random() < 0.5:
            answer = browser.client.get(f"/calculator?{urlencode(answers, doseq=True)}")
        else:
            answer = browser.client.post("/eligibility", data=answers | {"csrf_token": token[1]})
        assert answer.status_code in (200, 422), answers
        seen.add((answer.request.path, answer.status_code))

    assert len(seen) == 4


def some(chance: random.Random) -> str | list[str]:
    if chance.random() < 0.05:
        return [chance.choice(SCRAPS), chance.choice(CHOICES)]
    return chance.choice(CHOICES if chance.random() < 0.4 else SCRAPS)
