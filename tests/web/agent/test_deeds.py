"""What is done at the desk about one taxpayer, and where it shows."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import Agreement, Hold, Notice, Payment, TrailEvent
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.queries.standings import account_view
from portal.services import agreements, payments, receipts
from tests.browser import Page
from tests.cast import TODAY, taxpayer, user
from tests.stopped_clock import NOW
from tests.test_access import inside


def place(who: str) -> str:
    return f"/agent/taxpayers/{taxpayer(who).reference}"


def do(app: Flask, who: str, deed: str, **answers: object) -> Page:
    return inside(app, "agent").fill_in(f"{place(who)}/{deed}", **answers)


def days(ahead: int) -> list[str]:
    day = TODAY + timedelta(days=ahead)
    return [str(day.month), str(day.day), str(day.year)]


def debit_of(who: str) -> Payment | None:
    rows = select(Payment).where(
        Payment.taxpayer_id == taxpayer(who).id, Payment.state == PaymentState.SCHEDULED,
        Payment.channel == Channel.DEBIT,
    )  # fmt: skip
    return db.session.execute(rows).scalars().first()


def agreement_of(who: str) -> Agreement:
    found = agreements.in_force(taxpayer(who).id)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", ["check", "money_order", "phone", "payroll"])
def test_money_that_came_is_posted_with_its_number(app: Flask, kind: str) -> None:
    before = account_view(taxpayer("owing").id, TODAY).standing.balance
    page = do(app, "owing", "payment", kind=kind, number="1042", amount="200.00", envelope="7")
    again = do(app, "owing", "payment", kind=kind, number="1042", amount="200.00", envelope="7")

    assert "The payment is posted." in page.text
    assert str(before - account_view(taxpayer("owing").id, TODAY).standing.balance) == "200.00"
    assert again.status == 422
    assert "posted to this account already" in again.text


def test_money_does_not_come_tomorrow(app: Flask) -> None:
    assert do(app, "owing", "payment", number="1", amount="2", received_on=days(1)).status == 422


def test_a_note_stays_and_names_who_wrote_it(app: Flask) -> None:
    page = do(app, "owing", "note", text="Called from 217-555-0142 about <2024>.")

    assert "Called from 217-555-0142 about <2024>." in page.one("notes")
    assert user("agent").name in page.one("notes")


@pytest.mark.parametrize("text", ["SSN 123-45-6789", "account 12345678901"])
def test_a_whole_number_is_not_written_down(app: Flask, text: str) -> None:
    assert "This holds a whole number" in do(app, "owing", "note", text=text).text


def test_a_promise_is_kept_by_what_comes_in_time(app: Flask) -> None:
    do(app, "owing", "promise", amount="150.00", pay_by=days(5))
    open_page = inside(app, "agent").get(place("owing"))
    page = do(app, "owing", "payment", number="1042", amount="150.00")

    assert "Open" in open_page.one("promises")
    assert "Kept" in page.one("promises")


def test_an_address_is_changed(app: Flask) -> None:
    page = do(app, "owing", "address", street="9 Oak Lane", phone="(217) 555-0133")

    assert "9 Oak Lane" in page.one("contact")
    assert "217-555-0133" in page.one("contact")


def test_an_address_is_changed_for_somebody_whose_number_nobody_knows(app: Flask) -> None:
    page = do(app, "owing", "address", street="9 Oak Lane", phone="")

    assert "9 Oak Lane" in page.one("contact")
    assert "not known" in page.one("contact")


def test_during_a_hold_nothing_is_due_and_after_it_debits_go_on(app: Flask) -> None:
    assert debit_of("ontime") is not None
    page = do(app, "ontime", "hold", ends_on=days(70), reason="Lost the job.")
    debit = debit_of("ontime")

    assert "Payments are on hold" in page.one("next")
    assert debit is not None
    assert debit.pay_on > TODAY + timedelta(days=70)
    told = select(Notice.kind).where(Notice.taxpayer_id == taxpayer("ontime").id)
    assert NoticeKind.HOLD in db.session.execute(told).scalars().all()
    for ahead in range(1, 71, 7):
        close.run(Moment(NOW.at + timedelta(days=ahead), TODAY + timedelta(days=ahead)), SandboxBank())
    assert agreement_of("ontime").state is AgreementState.ACTIVE

    inside(app, "agent").fill_in(f"{place('ontime')}/lift")
    earlier = debit_of("ontime")
    assert earlier is not None
    assert earlier.pay_on < TODAY + timedelta(days=45)
    assert db.session.execute(select(Hold.lifted_on)).scalar_one() == TODAY


def test_a_default_does_not_end_during_a_hold(app: Flask) -> None:
    do(app, "indefault", "hold", ends_on=days(100), reason="Hospital.")
    for ahead in range(1, 100, 9):
        close.run(Moment(NOW.at + timedelta(days=ahead), TODAY + timedelta(days=ahead)), SandboxBank())

    assert agreement_of("indefault").state is AgreementState.IN_DEFAULT


@pytest.mark.parametrize(("who", "ahead"), [("owing", 30), ("ontime", 0), ("ontime", 400)])
def test_a_hold_needs_a_plan_and_a_day_within_the_policy(app: Flask, who: str, ahead: int) -> None:
    assert do(app, who, "hold", ends_on=days(ahead), reason="Why.").status == 422


def test_what_an_employer_sent_is_posted_when_it_is_here(app: Flask) -> None:
    person = taxpayer("payroll")
    coming = payments.announce(
        person, Money(120_00), channel=Channel.PAYROLL, pay_on=TODAY,
        by=PORTAL, when=NOW,
    )  # fmt: skip
    page = inside(app, "agent").fill_in(f"{place('payroll')}/arrival/{coming.reference}")

    assert "The payment is posted." in page.text
    db.session.refresh(coming)
    assert coming.state is PaymentState.SETTLED


def test_an_unauthorized_return_is_looked_into_once(app: Flask) -> None:
    payment = debit_of("ontime")
    assert payment is not None
    payments.submit(payment, by=PORTAL, when=NOW)
    receipts.take_return(payment, "R10", by=PORTAL, when=NOW)
    listed = inside(app, "agent").get("/agent/worklists/unauthorized")
    page = do(app, "ontime", f"review/{payment.reference}", text="The spouse had signed it.")
    again = do(app, "ontime", f"review/{payment.reference}", text="Once more.")

    assert payment.reference in listed.text
    assert "The finding is saved." in page.text
    assert again.status == 422
    assert payment.reference not in inside(app, "agent").get("/agent/worklists/unauthorized").text


def test_nothing_of_another_account_is_reached_through_one(app: Flask) -> None:
    foreign = debit_of("ontime")
    assert foreign is not None
    for deed in ("arrival", "review", "reversal"):
        page = inside(app, "agent").fill_in(f"{place('owing')}/{deed}/{foreign.reference}", text="x", reason="x")

        assert page.status == 422


def test_the_timeline_tells_all_with_who_did_it_page_by_page(app: Flask) -> None:
    do(app, "ontime", "note", text="Called.")
    browser = inside(app, "agent")
    page = browser.get(place("ontime"))
    further = next(each for each in page.links() if "before=" in each).partition("#")[0]

    assert f"Note written by {user('agent').name}" in page.one("timeline")
    assert "Looked at by the agency" in page.one("timeline")
    assert "Payment posted" in page.one("timeline")
    assert "Notice:" in page.one("timeline")
    assert browser.get(further).one("timeline") != page.one("timeline")


def test_every_deed_has_its_event_with_who_did_it(app: Flask) -> None:
    do(app, "owing", "promise", amount="5", pay_by=days(1))
    rows = select(TrailEvent).where(TrailEvent.event == "promise.made")
    event = db.session.execute(rows).scalar_one()

    assert (event.user_id, event.taxpayer_id) == (user("agent").id, taxpayer("owing").id)


@pytest.mark.parametrize("deed", ["payment", "note", "promise", "hold", "address"])
def test_nonsense_gets_the_form_back(app: Flask, deed: str) -> None:
    odd = {"amount": "1e5", "number": "x" * 99, "text": "", "pay_by": ["2", "30", "2026"], "ends_on": ["x", "", ""]}
    page = do(app, "ontime", deed, **odd, street="", received_on=["13", "1", "2026"])

    assert page.status == 422
