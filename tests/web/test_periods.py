"""One tax year: its figures as of today and any past day, each with its working."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.domain.period import Owed, TaxPeriod
from portal.domain.waterfall import known_on, replay
from portal.office import office
from portal.queries import accounts
from portal.web.language import day, money
from tests.browser import Browser, Page
from tests.cast import TODAY, taxpayer
from tests.test_access import HOUSEHOLDS, inside
from tests.web.test_account import Table, cents, figures, tables

ONE_DAY = timedelta(days=1)


def periods_of(role: str) -> tuple[TaxPeriod, ...]:
    return accounts.facts(taxpayer(role).id).periods


def owed(role: str, year: int, on: date) -> Owed:
    """What the engine says, from the facts that were known on the day."""
    known = known_on(accounts.facts(taxpayer(role).id), on)
    return replay(known, office().policy.law_on(on), on)[0].period(year).owed(on)


def address(year: int, on: date | None = None) -> str:
    where = f"/account/periods/{year}"
    return where if on is None else f"{where}?on={on.month}&on={on.day}&on={on.year}"


def past_days(period: TaxPeriod) -> Iterator[date]:
    """The day of the assessment, today, and days between them."""
    yield from (period.assessed_on, period.assessed_on + ONE_DAY, TODAY - ONE_DAY, TODAY)
    for share in (3, 5, 7):
        yield period.assessed_on + (TODAY - period.assessed_on) * share // 8


def working_of(page: Page) -> tuple[Table, Table, Table]:
    """Interest, penalties, the books; each by the label at its foot, or as the last one."""
    found = tables(page, "period")
    none = Table([], [])
    interest = next((each for each in found if each.foot[:1] == ["Interest owed"]), none)
    penalties = next((each for each in found if each.foot[:1] == ["Penalties owed"]), none)
    return interest, penalties, found[-1]


# The figures.


@pytest.mark.parametrize("role", HOUSEHOLDS)
def test_the_figures_are_the_engines_as_of_every_day(app: Flask, role: str) -> None:
    """And the rows of interest and of penalties add up to the figures above them."""
    browser = inside(app, role)
    for period in periods_of(role):
        for on in past_days(period):
            page, expected = browser.get(address(period.tax_year, on)), owed(role, period.tax_year, on)
            shown = figures(page, "period")
            assert shown == {
                "Owed": expected.total.cents,
                "Tax": expected.tax.cents,
                "Penalties": expected.penalty.cents,
                "Interest": expected.interest.cents,
            }, f"{role} {period.tax_year} on {on}"
            assert_adds_up(page, shown)


def assert_adds_up(page: Page, shown: dict[str, int]) -> None:
    interest, penalties, _books = working_of(page)
    for table, figure in ((interest, shown["Interest"]), (penalties, shown["Penalties"])):
        if table.rows:
            assert cents(table.foot[-1]) == figure
        assert sum(cents(row[-1]) for row in table.rows if row[-1]) == figure
    assert shown["Tax"] + shown["Penalties"] + shown["Interest"] == shown["Owed"]


def test_a_payment_counts_from_its_day_on(app: Flask) -> None:
    """The eve of a payment knows nothing of it; its own day does."""
    browser, facts = inside(app, "ontime"), accounts.facts(taxpayer("ontime").id)
    paid_on = facts.payments[-1].on
    first = facts.periods[0]
    eve, same_day = (browser.get(address(first.tax_year, on)) for on in (paid_on - ONE_DAY, paid_on))

    assert figures(eve, "period")["Owed"] > figures(same_day, "period")["Owed"]
    assert len(working_of(same_day)[2].rows) > len(working_of(eve)[2].rows)


def test_a_returned_debit_and_its_penalty_are_in_the_working(app: Flask) -> None:
    charged = [each for each in accounts.facts(taxpayer("indefault").id).charges if each.tax_year]
    assert charged
    page = inside(app, "indefault").get(address(charged[0].tax_year or 0))
    _interest, penalties, books = working_of(page)

    assert any(cents(row[-1]) == charged[0].amount.cents for row in penalties.rows)
    assert any(cents(row[-2]) == charged[0].amount.cents for row in books.rows)


@pytest.mark.parametrize("role", HOUSEHOLDS)
def test_the_books_run_up_to_the_tax_that_is_owed(app: Flask, role: str) -> None:
    """Each line's balance is the one before and its amount; tax, which does not grow by itself, ends as shown."""
    browser = inside(app, role)
    for period in periods_of(role):
        page = browser.get(address(period.tax_year))
        books = working_of(page)[2]
        running = 0
        for row in books.rows:
            running += cents(row[-2])
            assert cents(row[-1]) == running
        tax = sum(cents(row[-2]) for row in books.rows if row[1].endswith("Tax"))
        assert tax == figures(page, "period")["Tax"]
        assert running <= figures(page, "period")["Owed"]


def test_each_payment_in_the_books_leads_to_its_page(app: Flask) -> None:
    browser = inside(app, "ontime")
    links = [link for link in browser.get(address(2022)).links() if link.startswith("/account/payments/")]

    assert links
    assert browser.get(links[0]).status == 200


def test_today_is_what_is_shown_unless_another_day_is_asked_for(app: Flask) -> None:
    browser = inside(app, "ontime")
    plain, empty, today = (
        browser.get(where) for where in (address(2022), f"{address(2022)}?on=&on=&on=", address(2022, TODAY))
    )

    assert figures(plain, "period") == figures(empty, "period") == figures(today, "period")


def test_a_past_day_is_named(app: Flask) -> None:
    on = TODAY - timedelta(days=100)
    page = inside(app, "ontime").get(address(2022, on))

    assert day(on) in page.one("period")
    assert f'value="{on.year}"' in page.html


def test_the_part_is_the_same_as_the_page(app: Flask) -> None:
    browser, on = inside(app, "ontime"), TODAY - timedelta(days=100)
    part = browser.get(address(2022, on), part="period")

    assert part.html.strip() in browser.get(address(2022, on)).html


# Days on which there is nothing to show.


def test_before_its_assessment_a_year_is_not_on_the_books(app: Flask) -> None:
    browser, period = inside(app, "ontime"), periods_of("ontime")[0]
    for on in (period.assessed_on - ONE_DAY, period.due_on, date(1900, 1, 1), date.min):
        page = browser.get(address(period.tax_year, on))

        assert page.status == 200
        assert "$" not in page.one("period")
        assert day(period.assessed_on) in page.one("period")


@pytest.mark.parametrize("days", [1, 30, 100_000])
def test_a_day_to_come_is_refused_and_stays_in_the_form(app: Flask, days: int) -> None:
    on = TODAY + timedelta(days=days)
    page = inside(app, "ontime").get(address(2022, on))

    assert page.status == 422
    assert "error-summary" in page.html
    assert f'value="{on.year}"' in page.html
    assert figures(page, "period")["Owed"] == owed("ontime", 2022, TODAY).total.cents


NO_DAYS = (
    *("on=2&on=30&on=2026", "on=13&on=1&on=2026", "on=0&on=0&on=0", "on=x&on=y&on=z", "on=1&on=1", "on=1"),
    *("on=1&on=1&on=10000", "on=1&on=1&on=" + "9" * 30, "on=-1&on=1&on=2026", "on=1e0&on=1&on=2026"),
    *("on=1&on=1&on=2026&on=1", "on=2026-11-01", "on=①&on=1&on=2026", "on=" + "9" * 30 + "&on=1&on=2026"),
)


def test_a_day_that_does_not_exist_is_refused(app: Flask) -> None:
    browser = inside(app, "ontime")
    for query in NO_DAYS:
        page = browser.get(f"/account/periods/2022?{query}")

        assert page.status == 422, query
        assert "error-summary" in page.html


# Whose year it is.


def test_a_year_of_somebody_else_or_of_nobody_does_not_exist(app: Flask) -> None:
    browser = inside(app, "stranger")
    own = {period.tax_year for period in periods_of("stranger")}
    for year in {1000, 1999, 2019, 2022, 2023, 2025, 2026, 2027, 2999} - own:
        assert browser.client.get(f"/account/periods/{year}").status_code == 404
        assert browser.client.get(f"/account/periods/{year}?on=1&on=1&on=2025").status_code == 404


def test_todays_years_are_the_dashboards(app: Flask) -> None:
    browser: Browser = inside(app, "overlimit")
    for row in tables(browser.get("/account"), "years")[0].rows:
        shown = figures(browser.get(f"/account/periods/{row[0]}"), "period")

        assert [cents(cell) for cell in row[1:]] == [
            shown["Tax"], shown["Penalties"], shown["Interest"], shown["Owed"]
        ]  # fmt: skip


def test_the_rate_and_its_source_are_dated(app: Flask) -> None:
    """Somebody who computes it again finds every rate, from when, and where it was published."""
    page = inside(app, "stranger").get(address(periods_of("stranger")[0].tax_year))
    period = periods_of("stranger")[0]
    rates = office().policy.rates
    used = [rates.on(period.due_on + ONE_DAY), *rates.changes_between(period.due_on + ONE_DAY, TODAY)]

    assert all(rate.source in page.one("period") for rate in used)
    assert all(f"{rate.percent}%" in page.one("period") for rate in used)
    assert money(period.tax) in page.one("period")
