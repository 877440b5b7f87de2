"""The way through an application: in order, back and forth, in two tabs, over days, for two spouses."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select

from portal.db import db
from portal.domain.answers import Step
from portal.models import Agreement, Application, Mail, Notice, Payment, PayrollDeduction, Terms
from portal.models.mail import MailKind
from portal.office import office
from portal.queries.applications import draft_of
from tests.agency import Agency, agency
from tests.applicant import go_through, sign, typed, write_draft
from tests.browser import Browser, Page, filled_in
from tests.cast import TODAY, taxpayer, user
from tests.stopped_clock import StoppedClock
from tests.test_access import inside

MOST_QUERIES = 20


@pytest.fixture
def owing(app: Flask) -> Browser:
    return inside(app, "owing")


def agreements_of(role: str) -> list[Agreement]:
    return list(db.session.execute(select(Agreement).where(Agreement.taxpayer_id == taxpayer(role).id)).scalars())


def where(browser: Browser, address: str) -> str:
    """Where an address leads."""
    return browser.get(address).response.request.path


def days_pass(days: int) -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(days=days)


# From the first question to the agreement.


def test_somebody_who_owes_applies_and_leaves_with_an_agreement_and_a_date(owing: Browser) -> None:
    page = go_through(owing)
    assert page.response.request.path == "/apply/review"

    decided = sign(owing)

    [agreement] = agreements_of("owing")
    assert decided.text.startswith("Your plan is in force")
    assert agreement.reference in decided.text
    assert "First payment: $400.00 by December 15, 2026" in decided.text
    assert "22 days are left." in decided.text
    assert "Fee: $29.00" not in decided.text
    assert "User fee $29.00" in decided.text
    payment = db.session.execute(select(Payment).where(Payment.agreement_id == agreement.id)).scalar_one()
    assert (str(payment.amount), payment.pay_on.isoformat(), payment.state) == ("400.00", "2026-12-15", "scheduled")
    assert "First payment: $400.00 by December 15, 2026" in owing.get("/account").text
    assert "22 days are left." in owing.get("/agreement").text


def test_the_decision_is_found_again_from_the_agreement(owing: Browser) -> None:
    go_through(owing)
    address = sign(owing).response.request.path

    assert address in owing.get("/agreement").links()
    assert owing.get(address).text.startswith("Your plan is in force")


def test_what_was_signed_can_be_kept_with_name_day_and_version(owing: Browser) -> None:
    go_through(owing)
    links = sign(owing, "olivia  OWENS").links()
    texts = [owing.client.get(each).text for each in links if each.startswith("/agreement/authorizations/")]

    assert len(texts) == 2
    assert "I authorize Department of Revenue (demonstration)" in texts[1]
    assert "checking account ending in 4418" in texts[1]
    assert "121042882" in texts[1]
    assert "5550004418" not in "".join(texts)
    for text in texts:
        assert "Signed by olivia  OWENS on November 23, 2026 at 12:00 EST, version 2026-11, reference AU-" in text


@pytest.mark.parametrize(
    ("changes", "fee", "words"),
    [
        ({"method": {"method": "manual"}}, "$69.00", "It has to be here by that day."),
        ({"method": {"method": "payroll"}}, "$69.00", "Prairie Mill has until December 14, 2026 to agree"),
        ({"household": {"people": "4", "income": "60000"}}, "None", "We take it from your account."),
        (
            {"household": {"people": "4", "income": "60000"}, "method": {"method": "manual"}},
            "$43.00, given back once everything is paid", "It has to be here by that day.",
        ),
        ({"plan": {"kind": "short_term"}, "amount": {"monthly": "4000"}}, "None", "We take it from your account."),
    ],
)  # fmt: skip
def test_each_way_of_paying_has_its_fee_and_its_next_steps(
    owing: Browser, changes: dict[str, dict[str, str]], fee: str, words: str
) -> None:
    go_through(owing, **changes)

    page = sign(owing)

    assert f"User fee {fee}" in page.text
    assert words in page.text
    assert len(agreements_of("owing")) == 1


def test_a_part_paid_now_makes_the_plan_cheaper_and_is_not_relied_on(owing: Browser) -> None:
    page = go_through(owing, payment_now={"choice": "part", "amount": "5000"})

    assert "With $5,000.00 paid now." in page.text
    assert "with 38 payments" in page.text
    least = owing.fill_in("/apply/amount", monthly="300")
    assert "Pay at least $322." in least.text


def test_who_can_pay_everything_is_shown_how_and_keeps_no_answer(owing: Browser) -> None:
    go_through(owing, until=Step.PAYMENT_NOW)

    page = owing.fill_in("/apply/payment-now", choice="all")

    assert page.response.request.path == "/pay"
    assert "18240.00" in page.html
    draft = draft_of(user("owing").id, TODAY)
    assert draft
    assert Step.PAYMENT_NOW not in draft.answers


def test_an_employer_is_asked_by_mail_and_the_authorization_can_be_printed(owing: Browser) -> None:
    go_through(owing, method={"method": "payroll"})
    sign(owing)

    deduction = db.session.execute(select(PayrollDeduction)).scalar_one()
    kinds = set(db.session.execute(select(Mail.kind)).scalars())
    printed = owing.get("/agreement/deduction").text

    assert str(deduction.per_paycheck) == "184.62"
    assert {MailKind.EMPLOYER_REQUEST, MailKind.ACCEPTANCE} <= kinds
    for words in ("Prairie Mill", "$184.62 (every two weeks)", deduction.reference, "Signed by Olivia Owens"):
        assert words in printed


# Back and forth.


@pytest.mark.parametrize("address", ["/apply/identity", "/apply/bank", "/apply/review", "/apply/signature"])
def test_who_has_not_begun_is_sent_to_where_one_begins(owing: Browser, address: str) -> None:
    assert where(owing, address) == "/apply"


@pytest.mark.parametrize("address", ["day", "bank", "employer", "review", "signature", "refusal"])
def test_a_page_that_is_not_due_leads_to_the_first_question_without_an_answer(owing: Browser, address: str) -> None:
    go_through(owing, until=Step.RETURNS)

    assert where(owing, f"/apply/{address}") == "/apply/returns"


def test_an_answer_that_is_not_due_is_not_taken(owing: Browser) -> None:
    go_through(owing, until=Step.RETURNS)

    page = owing.post("/apply/day", {"csrf_token": token_of(owing), "day": "15"})

    assert page.response.request.path == "/apply/returns"
    draft = draft_of(user("owing").id, TODAY)
    assert draft
    assert Step.DAY not in draft.answers


def test_any_answer_can_be_changed_and_the_way_goes_back_to_the_review(owing: Browser) -> None:
    go_through(owing)

    page = owing.fill_in("/apply/amount", monthly="500")

    assert page.response.request.path == "/apply/review"
    assert "$500.00" in page.text


def test_answers_that_do_not_hold_any_more_are_dropped_with_a_word_of_it(owing: Browser) -> None:
    go_through(owing)

    page = owing.fill_in("/apply/plan", kind="short_term")

    assert page.response.request.path == "/apply/amount"
    assert "Each month: Pay at least $3,7" in page.text
    draft = draft_of(user("owing").id, TODAY)
    assert draft
    assert {Step.AMOUNT, Step.DAY, Step.HOUSEHOLD} & draft.answers.keys() == set()
    assert Step.BANK in draft.answers


def test_a_bank_account_that_is_not_needed_any_more_is_deleted(owing: Browser) -> None:
    go_through(owing)

    page = owing.fill_in("/apply/method", method="manual")

    assert "Bank account: This is not needed any more, so we deleted it." in page.text
    draft = draft_of(user("owing").id, TODAY)
    assert draft
    assert Step.BANK not in draft.answers


def test_what_changed_to_the_worse_stops_the_way_and_says_why(owing: Browser) -> None:
    go_through(owing)

    page = owing.fill_in("/apply/returns", filed="no")

    assert page.response.request.path == "/apply/plan"
    assert page.text.startswith("No plan is possible now")
    assert "Not all tax returns that you had to file are filed." in page.text


def test_going_back_after_the_decision_leads_to_the_decision(owing: Browser) -> None:
    go_through(owing)
    decision = sign(owing).response.request.path

    for address in ("/apply/amount", "/apply/review", "/apply/signature"):
        assert where(owing, address) == decision


def test_a_draft_can_be_deleted(owing: Browser) -> None:
    go_through(owing, until=Step.PLAN)

    page = owing.fill_in("/apply/withdrawal")

    assert "Your application and all answers in it are deleted." in page.text
    assert draft_of(user("owing").id, TODAY) is None
    assert where(owing, "/apply/plan") == "/apply"


# Two tabs, two devices, two spouses.


def test_two_tabs_make_one_agreement_and_see_the_same_decision(owing: Browser) -> None:
    go_through(owing)
    tabs = [owing.get("/apply/signature"), owing.get("/apply/signature")]
    pages = [_send(owing, each.html) for each in tabs]

    assert len(agreements_of("owing")) == 1
    assert len({page.response.request.path for page in pages}) == 1
    assert all(page.text.startswith("Your plan is in force") for page in pages)


def _send(browser: Browser, html: str) -> Page:
    """Sign on a page that was opened before."""
    hidden = {name: value_of(name, html) for name in ("csrf_token", "seen")}
    return browser.post("/apply/signature", {**hidden, "agreed": "y", "signature": "Olivia Owens"})


def value_of(name: str, html: str) -> str:
    return html.split(f'name="{name}"')[1].split('value="')[1].split('"')[0]


def token_of(browser: Browser) -> str:
    return value_of("csrf_token", browser.get("/apply").html)


def test_what_is_signed_has_to_be_what_was_read(owing: Browser) -> None:
    go_through(owing)
    read = owing.get("/apply/signature").html
    owing.fill_in("/apply/amount", monthly="900")

    page = _send(owing, read)

    assert page.status == 422
    assert "Something in these texts changed since you opened this page" in page.text
    assert "$900.00 each month" in page.text
    assert agreements_of("owing") == []


def test_the_draft_waits_for_its_owner_on_another_device(app: Flask, owing: Browser) -> None:
    go_through(owing, until=Step.AMOUNT)
    other = inside(app, "owing")

    start = other.get("/apply")

    assert "You have begun an application" in start.text
    assert other.fill_in("/apply").response.request.path == "/apply/amount"


def test_nobody_else_sees_or_changes_a_draft(app: Flask, owing: Browser) -> None:
    go_through(owing, until=Step.AMOUNT)
    stranger = inside(app, "stranger")

    assert "You have begun an application" not in stranger.get("/apply").text
    assert where(stranger, "/apply/amount") == "/apply"


def test_the_spouse_shares_the_agreement_and_is_told_of_it(app: Flask) -> None:
    """Theo's agreement is Tina's too: she cannot ask for another, and sees the one that there is."""
    tina = inside(app, "spouse")

    assert "You have an agreement already" in tina.get("/apply").text
    assert "$310.00" in tina.get("/agreement").text


# Days pass.


def test_a_date_that_died_while_the_draft_waited_is_asked_again(app: Flask, owing: Browser) -> None:
    go_through(owing)
    days_pass(25)

    page = inside(app, "owing").get("/apply/review")

    assert page.response.request.path == "/apply/day"
    assert "With this day the first payment would be too soon or too late now." in page.text


def test_a_draft_is_kept_for_thirty_days_after_its_last_answer(app: Flask, owing: Browser) -> None:
    go_through(owing, until=Step.AMOUNT)
    days_pass(30)
    assert where(inside(app, "owing"), "/apply/amount") == "/apply/amount"

    days_pass(1)

    assert where(inside(app, "owing"), "/apply/amount") == "/apply"


# Refused, with every reason.


def test_who_owes_too_much_is_told_every_reason_and_gets_the_decision_in_writing(app: Flask) -> None:
    overlimit = inside(app, "overlimit")
    answers = {"returns": {"filed": "no"}, "circumstances": {"true": ["bankruptcy", "court"]}}
    page = go_through(overlimit, "overlimit", until=Step.PLAN, **answers)
    assert page.text.startswith("No plan is possible now")

    decided = overlimit.post("/apply/refusal", {"csrf_token": value_of("csrf_token", page.html)})

    assert decided.text.startswith("We cannot agree to a plan now")
    for words in (
        "You owe $61,000.00. This plan is possible for at most $49,999.99",
        "Pay $11,000.01 today and this is no longer in the way.",
        "Not all tax returns", "A bankruptcy case is open.", "Department of Justice", "within 30 days",
    ):  # fmt: skip
        assert words in decided.text
    assert "/pay?amount=11000.01" in decided.links()
    assert agreements_of("overlimit") == []
    assert overlimit.get(decided.response.request.path).text == decided.text
    assert db.session.execute(select(Mail).where(Mail.kind == MailKind.REFUSAL)).scalar_one()
    notices = select(Notice).where(Notice.taxpayer_id == taxpayer("overlimit").id, Notice.kind == "refusal")
    assert db.session.execute(notices).scalar_one()


def test_a_refusal_is_only_for_who_has_no_way(owing: Browser) -> None:
    go_through(owing)

    page = owing.post("/apply/refusal", {"csrf_token": token_of(owing)})

    assert page.response.request.path == "/apply/review"
    assert db.session.execute(select(Application.state)).scalar_one() == "drafted"


def test_above_the_threshold_the_page_says_before_the_choice_that_own_payments_are_not_possible(
    app: Flask, changed: Agency
) -> None:
    overlimit = inside(app, "overlimit")
    changed({'long_term = { below = "50000.00" }': 'long_term = { at_most = "100000.00" }'})

    page = go_through(overlimit, "overlimit", until=Step.METHOD, amount={"monthly": "1500"})

    assert "Not possible: Your own payments" in page.text
    assert "Above $25,000.00 a plan is paid by automatic debit or payroll deduction only." in page.text
    assert 'value="manual"' not in page.html
    assert overlimit.fill_in("/apply/method", method="manual").status == 422


# Another agency.


@pytest.fixture
def changed(app: Flask, tmp_path: Path) -> Iterator[Agency]:
    """Puts a changed policy in force."""
    with agency(app, tmp_path) as change:
        yield change


ANOTHER_AGENCY = {
    "term_months = 72": "term_months = 36",
    f"due_days = {list(range(1, 29))}": "due_days = [5, 15]",
    'long_term = { below = "50000.00" }': 'long_term = { at_most = "20000.00" }',
    'from = 2026-03-03\nonline_debit = "29.00"': 'from = 2026-03-03\nonline_debit = "11.00"',
    "first_payment = 30 ": "first_payment = 25 ",
}  # fmt: skip


def test_another_agencys_policy_drives_the_same_pages(owing: Browser, changed: Agency) -> None:
    """36 months, days 5 or 15 only, other fees and limits."""
    changed(ANOTHER_AGENCY)

    page = go_through(owing, until=Step.AMOUNT)
    assert "Why not $18,240.00 divided by 36?" in page.text
    assert "Pay at least $57" in owing.fill_in("/apply/amount", monthly="400").text

    day = owing.fill_in("/apply/amount", monthly="600")
    assert [each for each in range(1, 29) if f'<option value="{each}"' in day.html] == [5, 15]
    assert "Choose one of the days that are possible." in owing.fill_in("/apply/day", day="6").text

    owing.fill_in("/apply/day", day="5")
    assert "Fee: $11.00." in owing.fill_in("/apply/household").text
    owing.fill_in("/apply/method", method="direct_debit")
    owing.fill_in("/apply/bank", type="savings", routing_number="121042882", account_number="5550004418")
    owing.fill_in("/apply/contact")
    assert "User fee $11.00" in sign(owing).text


# How much it asks of the database.


def test_each_page_asks_the_database_at_most_twenty_times(app: Flask, owing: Browser) -> None:
    write_draft()
    typed_in = typed()
    asked = {}
    for step in [step for step in Step if step is not Step.EMPLOYER]:
        address, token = f"/apply/{step}", token_of(owing)
        with counted() as queries:
            owing.get(address, follow=False)
        asked[f"GET {step}"] = len(queries)
        form = filled_in(owing.get(address).form())
        with counted() as queries:
            page = owing.post(address, {**form, **typed_in[step], "csrf_token": token}, follow=False)
        assert page.status == 303
        asked[f"POST {step}"] = len(queries)
    for page_after in ("review", "signature"):
        with counted() as queries:
            owing.get(f"/apply/{page_after}", follow=False)
        asked[f"GET {page_after}"] = len(queries)

    assert {name: number for name, number in asked.items() if number > MOST_QUERIES} == {}


def test_the_decision_reads_at_most_twenty_times_and_writes_each_table_once(app: Flask, owing: Browser) -> None:
    """The postings of the fee, and whatever else a table gets, go into it together; so do the events of the trail."""
    go_through(owing, contact={"language": "es_US", "reminders": "no"})
    form = {**filled_in(owing.get("/apply/signature").form()), "agreed": "y", "signature": "Olivia Owens"}

    with counted() as queries:
        page = owing.post("/apply/signature", form, follow=False)

    assert page.status == 303
    written = [" ".join(query.split()[:3]) for query in queries if query.startswith(("INSERT", "UPDATE"))]
    assert "INSERT INTO agreements" in written
    assert "INSERT INTO trail" in written
    assert len(written) == len(set(written))
    assert sum(query.startswith("SELECT") for query in queries) <= MOST_QUERIES


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that the database is asked meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "SAVEPOINT" not in statement:  # the test's own, in place of a transaction
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_a_new_due_date_is_what_the_terms_say(owing: Browser) -> None:
    go_through(owing, day={"day": "28"})
    sign(owing)

    terms = db.session.execute(
        select(Terms).join(Agreement).where(Agreement.taxpayer_id == taxpayer("owing").id)
    ).scalar_one()
    assert (terms.due_day, terms.first_due_on) == (28, TODAY + timedelta(days=5))
