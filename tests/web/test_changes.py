"""Changing an agreement on its page: what is asked, what it comes to, the yes, and what is told when it cannot be."""

import gzip
from urllib.parse import unquote

import pytest
from flask import Flask

from portal.db import db
from portal.domain.change import Change, ChangeKind
from portal.domain.lifecycle import AgreementState
from portal.domain.simulator import simulate
from portal.models import Agreement, Notice, Payment
from portal.models.notice import NoticeKind
from portal.office import office
from portal.queries import changes as queries
from portal.services import changes, sign_ins
from portal.services.changes import Seen
from tests.applicant import actor_of
from tests.browser import Browser, Page, filled_in
from tests.cast import PASSWORD, email_of, taxpayer, user
from tests.ledger_text import dollars
from tests.stopped_clock import NOW, StoppedClock
from tests.test_access import inside
from tests.test_db import sent

ASKED = "/agreement/amount?monthly=400.00"


def promised(role: str = "ontime") -> list[str]:
    rows = db.select(Payment).where(Payment.taxpayer_id == taxpayer(role).id, Payment.state == "scheduled")
    return [f"{each.pay_on} {each.amount}" for each in db.session.execute(rows.order_by(Payment.pay_on)).scalars()]


def yes_to(browser: Browser, page: Page, part: str | None = None) -> Page:
    """Say yes to what a page shows."""
    return browser.post(page.response.request.path, filled_in(page.form()), part=part)


def changed_by_the_spouse(monthly: str) -> None:
    """The spouse changes the amount of the same agreement."""
    owner = taxpayer("ontime")
    plan = queries.agreed(owner.id, NOW)
    assert plan is not None
    result = simulate(plan, Change(ChangeKind.AMOUNT, monthly=dollars(monthly)))
    by = actor_of(user("spouse"))
    changes.make(owner.id, result.change, Seen(plan.version, result.shown), by=by, when=NOW)


def wait(**duration: float) -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(**duration)


@pytest.mark.parametrize("part", [None, "terms"])
def test_the_amount_is_changed_after_both_schedules_were_seen(app: Flask, part: str | None) -> None:
    browser = inside(app, "ontime")
    asked = browser.get(ASKED, part=part)
    for words in ("$310.00 on Dec 15, 2026", "$400.00 on Dec 15, 2026", "You save", "instead of", "at once"):
        assert words in asked.text

    done = yes_to(browser, asked, part)

    assert "$400.00" in done.one("terms")
    assert "$400.00 a month instead of $310.00" in done.one("made")
    assert user("ontime").name in done.one("made")
    assert promised() == ["2026-12-15 400.00"]


def test_a_new_day_a_moved_and_a_skipped_payment_stand_among_the_upcoming_ones(app: Flask) -> None:
    browser = inside(app, "ontime")
    yes_to(browser, browser.get("/agreement/amount?monthly=330"))

    yes_to(browser, browser.get("/agreement/slide?days=7"))
    assert "Dec 22, 2026" in browser.get("/account/upcoming").text
    yes_to(browser, browser.get("/agreement/skip"))
    assert "Dec 22, 2026" not in browser.get("/account/upcoming").text
    yes_to(browser, browser.get("/agreement/day?due_day=5"))

    upcoming = browser.get("/account/upcoming").text
    assert "Jan 5, 2027" in upcoming
    assert "Jan 15, 2027" not in upcoming
    assert promised() == ["2027-01-05 330.00"]
    assert (
        browser.get("/agreement/skip").text.count("You have done this as often as you can within twelve months (1).")
        == 1
    )


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Enter an amount."),
        ("12", "Pay at least $2"),
        ("99999", "that is the most there can be a month"),
        ("ten", "Enter an amount"),
        ("310", "That is what your plan asks for already."),
    ],
)
def test_what_is_not_possible_is_told_with_the_figure_and_nothing_typed_is_lost(
    app: Flask, typed: str, told: str
) -> None:
    page = inside(app, "ontime").get(f"/agreement/amount?monthly={typed}")

    assert page.status == 422
    assert told in page.text
    assert f'value="{typed}"' in page.html
    assert "Yes, change it" not in page.text


def test_a_default_is_put_right_before_anything_is_changed(app: Flask) -> None:
    browser = inside(app, "indefault")

    for place in ("amount", "day", "skip", "slide"):
        page = browser.get(f"/agreement/{place}")
        assert "Your plan is in default, so it cannot be changed now." in page.text
        assert "/agreement/cure" in page.links()


def test_who_was_overtaken_sees_both_values_and_may_decide_again(app: Flask) -> None:
    browser = inside(app, "ontime")
    mine = browser.get(ASKED)
    changed_by_the_spouse("350.00")

    told = yes_to(browser, mine)

    assert told.status == 422
    assert "Somebody changed this plan while you were at it." in told.text
    assert "$350.00 a month instead of $310.00" in told.text
    assert user("spouse").name in told.text
    assert 'value="400.00"' in told.html
    assert promised() == ["2026-12-15 350.00"]

    yes_to(browser, told)
    assert promised() == ["2026-12-15 400.00"]


def test_a_yes_that_comes_after_the_cut_off_is_asked_for_again_with_the_later_date(app: Flask) -> None:
    browser = inside(app, "ontime")
    mine = browser.get(ASKED)
    browser_stays_signed_in(hours=36)

    told = yes_to(browser, mine)

    assert "A date or an amount changed since you opened this page." in told.text
    assert "$400.00 on January 15, 2027" in told.text
    assert "Wednesday, December 16, 2026, 12:00 AM" in told.text
    assert "Promised, and leaves as before" in told.text
    yes_to(browser, told)
    assert promised() == ["2026-12-15 310.00"]
    assert "From December 16, 2026 on: $400.00 a month" in browser.get("/agreement").text


def test_a_plan_is_given_up_only_in_words_and_everything_promised_is_taken_back(app: Flask) -> None:
    browser = inside(app, "ontime")
    page = browser.get("/agreement/withdrawal")
    assert "is due at once" in page.text
    assert "a levy" in page.text

    refused = yes_to(browser, page)
    assert refused.status == 422
    assert promised() == ["2026-12-15 310.00"]

    done = browser.post("/agreement/withdrawal", {**filled_in(refused.form()), "agreed": "y"})
    assert "Withdrawn" in done.text
    assert promised() == []
    assert state_of("ontime") is AgreementState.WITHDRAWN
    told = db.select(Notice).where(Notice.taxpayer_id == taxpayer("ontime").id, Notice.kind == NoticeKind.WITHDRAWAL)
    assert len(db.session.execute(told).scalars().all()) == 1


def test_a_plan_that_was_changed_meanwhile_is_not_given_up_unseen(app: Flask) -> None:
    browser = inside(app, "ontime")
    page = browser.get("/agreement/withdrawal")
    changed_by_the_spouse("350.00")

    refused = browser.post("/agreement/withdrawal", {**filled_in(page.form()), "agreed": "y"})

    assert refused.status == 422
    assert state_of("ontime") is AgreementState.ACTIVE


PARTIALS = (
    "/agreement", "/agreement/amount", ASKED, "/agreement/day?due_day=20", "/agreement/slide?days=5",
    "/agreement/withdrawal",
)  # fmt: skip


@pytest.mark.parametrize("place", PARTIALS)
def test_a_partial_asks_the_database_at_most_twelve_times_and_is_small(app: Flask, place: str) -> None:
    browser = inside(app, "ontime")

    with sent() as statements:
        page = browser.get(place, part="terms")

    assert page.status == 200
    assert 0 < len([each for each in statements if each.lstrip().startswith("SELECT")]) <= 12
    assert len(gzip.compress(page.html.encode(), 6)) <= 2048


# What was typed when the sign-in ended.


@pytest.mark.parametrize("part", [None, "terms"])
def test_what_was_typed_when_the_sign_in_ended_is_there_again_after_it_once(app: Flask, part: str | None) -> None:
    browser = inside(app, "ontime")
    asked = browser.get(ASKED)
    wait(minutes=office().settings.idle_minutes + 1)

    away = browser.post("/agreement/amount", filled_in(asked.form()), follow=False, part=part)
    place = away.response.headers["HX-Redirect" if part else "Location"]
    assert (away.status, place) == (401 if part else 303, "/sign-in?next=/agreement/amount")

    back = sign_in(browser, place, "ontime")
    assert back.response.request.path == "/agreement/amount"
    assert 'value="400.00"' in back.html
    assert "You save" in back.text
    assert promised() == ["2026-12-15 310.00"]
    assert 'value="400.00"' not in browser.get("/agreement/amount").html


def test_an_unfinished_question_is_asked_again_after_the_sign_in(app: Flask) -> None:
    browser = inside(app, "ontime")
    wait(minutes=office().settings.idle_minutes + 1)

    away = browser.get(ASKED, follow=False, part="terms")

    back = sign_in(browser, away.response.headers["HX-Redirect"], "ontime")
    assert 'value="400.00"' in back.html


@pytest.mark.parametrize("other", ["spouse", "payroll"])
def test_whoever_else_signs_in_on_that_browser_sees_nothing_of_it(app: Flask, other: str) -> None:
    browser = inside(app, "ontime")
    asked = browser.get("/agreement/amount?monthly=412.34")
    wait(minutes=office().settings.idle_minutes + 1)
    away = browser.post("/agreement/amount", filled_in(asked.form()), follow=False)

    with browser.client.session_transaction() as session:
        assert "412" not in str(dict(session))
    page = sign_in(browser, away.response.headers["Location"], other)
    assert "412.34" not in page.html

    browser.submit("/sign-out", {}, at="/account")
    assert "412.34" not in sign_in(browser, "/sign-in?next=/agreement/amount", "ontime").html


def sign_in(browser: Browser, place: str, role: str) -> Page:
    wanted = unquote(place.partition("next=")[2])
    return browser.submit(place, {"email": email_of(role), "password": PASSWORD, "next": wanted})


def browser_stays_signed_in(**duration: float) -> None:
    """Some time passes in which the sign-ins stay open."""
    before = office().clock.now()
    wait(**duration)
    sign_ins.carry_over(before, when=office().clock.now())


def state_of(role: str) -> AgreementState:
    rows = db.select(Agreement.state).where(Agreement.taxpayer_id == taxpayer(role).id)
    return db.session.execute(rows).scalar_one()
