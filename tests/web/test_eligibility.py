"""May I have a plan? Each rule with its figures and its way back in, from what is typed and from the records."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update

from portal.db import db
from portal.domain.actor import PORTAL, Role
from portal.domain.lifecycle import AgreementState
from portal.models import Agreement
from portal.queries.standings import account_view
from portal.services import users
from portal.web.language import money
from tests.agency import Agency, agency
from tests.browser import Browser, Page
from tests.cast import PASSWORD, TODAY, taxpayer, user
from tests.ledger_text import owing
from tests.stopped_clock import NOW
from tests.test_access import inside

# Somebody for whom all plans and ways are open.
FINE = {"total": "18,240.00", "who": "person", "work": "wages", "filed": "yes"}


@pytest.fixture
def changed(app: Flask, tmp_path: Path) -> Iterator[Agency]:
    with agency(app, tmp_path) as change:
        yield change


def asks(browser: Browser, part: str | None = None, **answers: Any) -> Page:
    """Fill in the form as somebody for whom all is fine, but for these answers."""
    return browser.submit("/eligibility", {**FINE, **answers}, part=part)


@contextmanager
def written() -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    statements: list[str] = []

    def sent(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", sent)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", sent)


# What is possible.


def test_who_owes_little_and_filed_everything_has_the_choice(browser: Browser) -> None:
    page = asks(browser)

    assert page.status == 200
    assert "Yes, a plan is possible" in page.text
    assert "$18,240.00" in page.one("plan_now")
    for plan in ("plan_short_term", "plan_long_term"):
        assert "Not possible yet" not in page.one(plan)
    assert {"/pay?amount=18240.00", "/calculator?amount=18240.00", "/apply"} <= set(page.links())


def test_a_possible_plan_says_what_it_costs_at_the_least(browser: Browser) -> None:
    """What the calculator says of the same debt; there it is held against `portal calculate`."""
    said = asks(browser).one("plan_long_term")
    in_all = re.search(r"In all, with the fee (\$[\d,.]+)", said)
    calculated = browser.get("/calculator?amount=18240").one("card_long_term")

    assert "At least, each month $321.86 Last payment November 23, 2032" in said
    assert in_all
    assert f"Costs in all {in_all[1]} Each month $321.86 Payments 72 Ends November 23, 2032" in calculated


def test_a_short_plan_says_its_last_day_and_what_waiting_until_then_costs(browser: Browser) -> None:
    assert "Last day May 22, 2027" in asks(browser).one("plan_short_term")


def test_each_way_to_pay_has_its_fee(browser: Browser) -> None:
    page = asks(browser)

    assert "Automatic monthly debit $29.00 fee, once" in page.one("plan_long_term")
    assert "Payroll deduction $69.00 fee, once" in page.one("plan_long_term")
    assert "Your own payments $69.00 fee, once" in page.one("plan_long_term")
    assert "Automatic monthly debit no fee" in page.one("plan_short_term")
    assert "over before an employer has set up a deduction" in page.one("plan_short_term")


@pytest.mark.parametrize("work", ["self", "neither"])
def test_payroll_needs_wages(browser: Browser, work: str) -> None:
    page = asks(browser, work=work)

    assert "Payroll deduction needs an employer who pays you wages." in page.one("plan_long_term")
    assert ("estimated tax" in page.text) is (work == "self")


def test_above_its_limit_a_plan_is_not_paid_by_hand(browser: Browser) -> None:
    assert "Your own payments $69.00" in asks(browser, total="25000.00").one("plan_long_term")

    page = asks(browser, total="25000.01")

    assert "Your own payments $69.00" not in page.text
    assert "Above $25,000.00 a plan is paid by automatic debit or payroll deduction only." in page.text
    assert "or pay $0.01 today" in page.text


# What is not, and the way back in.


@pytest.mark.parametrize(
    ("owed", "plan", "down"),
    [
        *(("50000.00", "plan_long_term", "0.01"), ("61000.00", "plan_long_term", "11000.01")),
        *(("100000.00", "plan_short_term", "0.01"), ("100000.00", "plan_long_term", "50000.01")),
        ("9999999.99", "plan_short_term", "9900000.00"),
    ],
)
def test_who_owes_too_much_is_told_what_to_pay_first(browser: Browser, owed: str, plan: str, down: str) -> None:
    page = asks(browser, total=owed)

    most = "$49,999.99" if plan == "plan_long_term" else "$99,999.99"
    assert f"This plan is possible for at most {most}" in page.one(plan)
    assert f"Pay ${int(down.partition('.')[0]):,}.{down[-2:]} today" in page.one(plan)
    assert f"/pay?amount={down}" in page.links()


def test_the_limit_itself_is_not_within_it(browser: Browser) -> None:
    assert "Not possible yet" not in asks(browser, total="49999.99").one("plan_long_term")
    assert "Not possible yet" in asks(browser, total="50000").one("plan_long_term")


HINDRANCES = {
    "returns": ({"filed": "no"}, "Not all tax returns that you had to file are filed.", "File them."),
    "bankruptcy": ({"hindrances": ["bankruptcy"]}, "A bankruptcy case is open.", "ask your attorney"),
    "offer": ({"hindrances": ["offer"]}, "An offer in compromise is being looked at", "withdraw the offer"),
    "court": ({"hindrances": ["court"]}, "Your case is with the Department of Justice.", "Call the attorney"),
    "agreement": ({"hindrances": ["agreement"]}, "You already have an agreement in force.", "Change the agreement"),
    "business": ({"who": "business"}, "A business cannot get this plan on these pages.", "Call us."),
}


@pytest.mark.parametrize(("answers", "reason", "remedy"), HINDRANCES.values(), ids=HINDRANCES)
def test_what_is_in_the_way_of_every_plan_is_said_with_what_to_do(
    browser: Browser, answers: dict[str, Any], reason: str, remedy: str
) -> None:
    page = asks(browser, **answers)

    assert page.status == 200
    assert "A plan is not possible yet" in page.text
    for plan in ("plan_short_term", "plan_long_term"):
        assert reason in page.one(plan)
        assert remedy in page.one(plan)
    assert "Possible" in page.one("plan_now")
    assert "/apply" not in page.links()


def test_every_reason_is_given_and_not_the_first_alone(browser: Browser) -> None:
    page = asks(
        browser, total="120,000", who="business", filed="no", hindrances=["bankruptcy", "offer", "court", "agreement"]
    )

    for _answers, reason, remedy in HINDRANCES.values():
        assert reason in page.one("plan_long_term")
        assert remedy in page.one("plan_long_term")
    assert "/pay?amount=20000.01" in page.links()
    assert "/pay?amount=70000.01" in page.links()


# What the records say.


def test_a_stranger_sees_no_records(browser: Browser) -> None:
    assert "From our records" not in browser.get("/eligibility").text


def test_who_is_signed_in_finds_the_amounts_filled_in(app: Flask) -> None:
    page, owed = inside(app, "owing").get("/eligibility"), account_view(taxpayer("owing").id, TODAY).standing.owed

    assert f"Owed today {money(owed.total)}" in page.one("records")
    assert "Agreement none" in page.one("records")
    for name, amount in (("tax", owed.tax), ("penalty", owed.penalty), ("interest", owed.interest)):
        assert f'value="{amount}" id="{name}"' in page.html


def own_answers(household: str, **answers: str) -> dict[str, str]:
    """The amounts of the records, left as they are."""
    owed = account_view(taxpayer(household).id, TODAY).standing.owed
    parts = {"tax": str(owed.tax), "penalty": str(owed.penalty), "interest": str(owed.interest)}
    return {**FINE, "total": "", **parts, **answers}


def test_the_records_decide_for_who_is_signed_in(app: Flask) -> None:
    """The real account of two years, not a supposed one."""
    page = inside(app, "owing").submit("/eligibility", own_answers("owing"))

    assert "Computed from your account to the cent." in page.text
    assert "Yes, a plan is possible" in page.text


def test_other_amounts_are_answered_as_such(app: Flask) -> None:
    page = inside(app, "owing").submit("/eligibility", FINE | {"total": "70000"})

    assert "The parts come to" not in page.text
    assert "This answer is for the amounts that you entered." in page.text
    assert "Computed from your account" not in page.text


def test_an_agreement_in_force_is_known_without_being_asked(app: Flask) -> None:
    browser = inside(app, "ontime")
    page = browser.submit("/eligibility", own_answers("ontime"))

    assert "in force since" in page.one("records")
    assert "You already have an agreement in force." in page.one("plan_long_term")
    assert 'value="agreement"' not in page.html


def test_an_agreement_that_we_ended_counts_for_a_year(app: Flask, changed: Agency) -> None:
    """Within the months that policy gives, and for who owes more than it allows then."""
    account = taxpayer("ontime")
    ended = update(Agreement).where(Agreement.taxpayer_id == account.id)
    db.session.execute(ended.values(state=AgreementState.TERMINATED, ended_on=date(2026, 6, 20)))
    db.session.commit()
    changed({'after_termination = { at_most = "25000.00" }': 'after_termination = { at_most = "1000.00" }'})
    owed = account_view(account.id, TODAY).standing.owed.total

    page = inside(app, "ontime").submit("/eligibility", own_answers("ontime"))

    assert "ended by us on June 20, 2026" in page.one("records")
    said = page.one("plan_long_term")
    assert f"We ended your last agreement on June 20, 2026 for a default, and you owe {money(owed)}." in said
    assert "Within 12 months of that a plan is possible for at most $1,000.00." in said
    assert "ask again from June 20, 2027" in said
    assert f"/pay?amount={account_view(account.id, TODAY).standing.owed.total.cents / 100 - 1000:.2f}" in page.links()
    assert "Not possible yet" not in page.one("plan_short_term")


def test_a_debt_whose_time_is_over_gets_no_monthly_plan(empty: Flask) -> None:
    """Assessed on November 1, 2016: the ten years of IRC 6502 were over three weeks ago."""
    account = owing("1000.00", year=2014, day=date(2016, 11, 1))
    users.add(
        "late@example.test", PASSWORD, name="Lee Late", role=Role.TAXPAYER, taxpayer=account, by=PORTAL, when=NOW
    )
    assert user("late").taxpayer_id == account.id
    owed = account_view(account.id, TODAY).standing.owed
    answers = FINE | {"total": str(owed.total)}

    page = inside(empty, "late").submit("/eligibility", answers)

    assert "The time in which we may collect ends before any monthly payments" in page.one("plan_long_term")
    assert "Call us about a plan for a part of it" in page.one("plan_long_term")


# Bad input.

NONSENSE = {
    "empty": "", "blank": "  ", "too long": "9" * 5_000, "letters": "all of it", "an exponent": "1e5",
    "full-width digits": "１２３", "negative": "-5", "zero": "0", "huge": "10000000.00", "NUL": "1\0",
    "no dollars": ".01", "markup": "<b>1</b>",
}  # fmt: skip


@pytest.mark.parametrize("typed", NONSENSE.values(), ids=NONSENSE)
def test_an_amount_that_is_none_comes_back_as_it_was_typed(browser: Browser, typed: str) -> None:
    page = asks(browser, total=typed)

    assert page.status == 422
    assert page.one("total-error")
    assert "Error:" in page.html.partition("</title>")[0]
    assert "#total" in page.links()
    if typed.isprintable() and "<" not in typed:
        assert f'value="{typed}"' in page.html
    assert 'value="wages" checked' in page.html
    assert "plan_now" not in page.html


@pytest.mark.parametrize("name", ["tax", "penalty", "interest"])
@pytest.mark.parametrize("typed", ["1e5", "-1", "x", "10000000.00"])
def test_each_part_is_refused_beside_its_field(browser: Browser, name: str, typed: str) -> None:
    page = asks(browser, **{"total": "", name: typed})

    assert page.status == 422
    assert page.one(f"{name}-error")


@pytest.mark.parametrize("name", ["who", "work", "filed"])
@pytest.mark.parametrize("answer", ["", "0", "\0", "Yes", ["yes", "no"]])
def test_each_question_takes_one_of_its_answers(browser: Browser, name: str, answer: Any) -> None:
    page = asks(browser, **{name: answer})

    assert page.status == 422
    assert page.one(f"{name}-error")
    assert 'value="18,240.00"' in page.html


@pytest.mark.parametrize("name", ["tax", "penalty", "interest", "total"])
def test_an_amount_is_given_once(browser: Browser, name: str) -> None:
    page = asks(browser, **{"total": "", name: ["1.00", "2.00"]})

    assert page.status == 422
    assert "Give one answer here, not several." in page.one(f"{name}-error")


@pytest.mark.parametrize("ticked", [["unfiled"], ["nonsense"], ["bankruptcy", "\0"], [""]])
def test_what_is_not_on_the_list_cannot_be_ticked(browser: Browser, ticked: list[str]) -> None:
    page = asks(browser, hindrances=ticked)

    assert page.status == 422
    assert page.one("hindrances-error")


def test_nothing_answered_names_every_question_at_once(browser: Browser) -> None:
    page = browser.submit("/eligibility", {})

    assert page.status == 422
    assert {"#total", "#who", "#work", "#filed"} <= set(page.links())


def test_parts_and_whole_have_to_agree(browser: Browser) -> None:
    parts = {"tax": "900", "penalty": "60.50", "interest": "39.50"}

    assert asks(browser, **parts, total="1000.00").status == 200
    page = asks(browser, **parts, total="1000.01")

    assert page.status == 422
    assert "The parts come to $1,000.00, but all of it together is $1,000.01." in page.one("total-error")
    assert 'value="60.50"' in page.html


def test_parts_alone_are_enough(browser: Browser) -> None:
    assert "$1,000.00" in asks(browser, total="", tax="900", interest="100").one("plan_now")


def test_nothing_owed_needs_no_plan(browser: Browser) -> None:
    page = asks(browser, total="", tax="0", penalty="0.00")

    assert page.status == 422
    assert "Nothing is owed, so there is nothing to agree on." in page.one("total-error")


def test_parts_above_all_that_is_computed_with_are_refused(browser: Browser) -> None:
    page = asks(browser, total="", tax="9999999.99", interest="0.01")

    assert page.status == 422
    assert "Enter at most $9,999,999.99 in all." in page.one("total-error")


# How it answers.


@pytest.mark.parametrize("answers", [{}, {"total": "61000"}, {"total": "1e5"}, {"filed": "no"}])
def test_the_part_is_what_stands_in_the_page(browser: Browser, answers: dict[str, str]) -> None:
    page, part = asks(browser, **answers), asks(browser, part="check", **answers)

    assert part.status == page.status
    assert "<html" not in part.html
    assert part.one("check") == page.one("check")


def test_the_answer_has_the_focus(browser: Browser) -> None:
    assert '<h2 tabindex="-1" autofocus>Yes' in asks(browser).html
    assert 'error-summary" tabindex="-1" autofocus' in asks(browser, total="").html


def test_what_is_asked_stands_in_no_address(browser: Browser) -> None:
    page = asks(browser)

    assert page.response.request.full_path.rstrip("?") == "/eligibility"
    assert "18,240" not in str(page.response.headers)


def test_a_stranger_who_asks_reaches_no_database(app: Flask, browser: Browser) -> None:
    with written() as statements:
        asks(browser)
        asks(browser, total="x")

    assert statements == []


def test_nothing_is_written_for_who_is_signed_in(app: Flask) -> None:
    browser = inside(app, "owing")
    browser.get("/eligibility")
    with written() as statements:
        browser.submit("/eligibility", own_answers("owing"))

    assert [each for each in statements if each.lstrip().startswith(("INSERT", "UPDATE", "DELETE"))] == []


# Another agency.


def test_another_agency_has_its_own_limits_and_fees(browser: Browser, changed: Agency) -> None:
    changed({
        'long_term = { below = "50000.00" }': 'long_term = { at_most = "12000.00" }',
        "term_months = 72": "term_months = 36", "short_term_days = 180": "short_term_days = 120",
        "for_businesses = false": "for_businesses = true",
        'online_debit = "29.00"\nonline_other = "69.00"': 'online_debit = "0.00"\nonline_other = "55.00"',
    })  # fmt: skip

    page = asks(browser, total="12000.00", who="business")

    assert "for at most 36 months" in page.one("plan_long_term")
    assert "within 120 days" in page.one("plan_short_term")
    assert "Automatic monthly debit no fee" in page.one("plan_long_term")
    assert "Your own payments $55.00 fee, once" in page.one("plan_long_term")
    assert "at most $12,000.00" in asks(browser, total="12000.01").one("plan_long_term")
