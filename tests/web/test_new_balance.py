"""New tax during a plan, on pages: the dashboard says it, one page compares, one button adds it."""

import pytest
from flask import Flask

from portal.domain.actor import PORTAL
from portal.domain.money import Money
from portal.domain.period import TaxPeriod
from portal.office import office
from portal.queries import new_balances
from portal.queries.new_balances import Addition
from portal.services import agreements, taxpayers, terms
from portal.web.language import day, money
from tests.browser import Browser, filled_in
from tests.cast import TODAY, taxpayer
from tests.test_access import inside
from tests.test_db import sent


def assess(tax: int, household: str = "ontime") -> None:
    due_on = TODAY.replace(month=4, day=15)
    facts = TaxPeriod(TODAY.year - 1, due_on, due_on, TODAY, Money(tax * 100))
    taxpayers.assess(taxpayer(household), facts, by=PORTAL, when=office().clock.now())


def added(household: str = "ontime") -> Addition:
    found = new_balances.addition(taxpayer(household).id, office().clock.now())
    assert found is not None
    return found


def monthly(household: str = "ontime") -> Money:
    agreement = agreements.in_force(taxpayer(household).id)
    assert agreement is not None
    return terms.current(agreement, TODAY).monthly


@pytest.fixture
def small(app: Flask) -> Browser:
    assess(300)
    return inside(app, "ontime")


@pytest.fixture
def large(app: Flask) -> Browser:
    assess(3_000)
    return inside(app, "ontime")


def test_the_dashboard_the_agreement_and_the_inbox_lead_to_it(small: Browser) -> None:
    for address in ("/account", "/agreement"):
        page = small.get(address)
        assert "New tax for 2025 is not part of your plan yet" in page.text
        assert "/agreement/balance" in page.links()
    assert "New tax for 2025: add it to your plan" in small.get("/account/notices").text


def test_both_plans_stand_side_by_side_with_amount_end_and_interest(small: Browser) -> None:
    page, found = small.get("/agreement/balance"), added()

    for each in (found.joining.old, found.joining.new):
        assert each.schedule.paid_off_on is not None
        assert day(each.schedule.paid_off_on) in page.text
        assert money(each.growth) in page.text
    assert money(found.owed) in page.text
    assert "Your $310.00 a month are enough" in page.text


def test_one_click_adds_it_at_the_same_amount(small: Browser) -> None:
    page = small.fill_in("/agreement/balance")

    assert page.response.request.path == "/agreement"
    assert "is not part of your plan yet" not in page.text
    assert new_balances.waiting(taxpayer("ontime").id) == ()
    assert monthly() == Money(310_00)
    assert small.get("/agreement/balance").response.request.path == "/agreement"


def test_where_the_amount_must_rise_the_least_is_filled_in_and_less_is_refused(large: Browser) -> None:
    least = added().joining.minimum
    assert least is not None
    assert least > Money(310_00)

    page = large.get("/agreement/balance")
    assert ": too late" in page.text
    assert f"at least {money(least)}" in page.text
    assert filled_in(page.form())["monthly"] == str(least)

    refused = large.fill_in("/agreement/balance", monthly="400 000")
    assert refused.status == 422
    assert filled_in(refused.form())["monthly"] == "400 000"
    refused = large.fill_in("/agreement/balance", monthly="310")
    assert refused.status == 422
    assert f"Pay at least {money(least)} a month" in refused.text
    assert monthly() == Money(310_00)

    more = least + Money(1_00)
    assert large.fill_in("/agreement/balance", monthly=str(more)).response.request.path == "/agreement"
    assert monthly() == more


def test_beyond_the_limit_every_reason_stands_with_the_way_back_in(app: Flask) -> None:
    assess(60_000)
    page = inside(app, "ontime").get("/agreement/balance")

    assert "It cannot simply be added to your plan" in page.text
    assert "This plan is possible for at most $49,999.99" in page.text
    assert "Add it to my plan" not in page.text


def test_the_page_takes_few_looks_at_the_database(small: Browser) -> None:
    with sent() as statements:
        small.get("/agreement/balance")

    assert len([each for each in statements if each.startswith("SELECT")]) <= 7
