"""What two people have to do: one asks, a supervisor decides, never the same, and once."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.domain.actor import PORTAL, Actor, Role
from portal.domain.lifecycle import ApprovalState, PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.jobs import approvals as job
from portal.models import Agreement, Approval, Mail, Notice, Payment, TrailEvent
from portal.models.approval import ApprovalKind
from portal.models.batch import TenderKind
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.queries.standings import account_view
from portal.services import agreements, approvals, audit, receipts, tenders
from portal.services.approvals import Decided, NotASupervisor, OwnRequest
from portal.services.tenders import Line
from tests.browser import Page
from tests.cast import TODAY, taxpayer, user
from tests.stopped_clock import NOW
from tests.test_access import inside


def actor(role: str) -> Actor:
    return Actor(user(role).id, Role(user(role).role))


def posted(who: str = "owing") -> Payment:
    line = Line(taxpayer(who).reference, TenderKind.CHECK, "1042", Money(200_00))
    return tenders.record(line, TODAY, by=actor("agent"), when=NOW)


def asked(app: Flask, payment: Payment, who: str = "owing", role: str = "agent") -> Approval:
    place = f"/agent/taxpayers/{taxpayer(who).reference}/reversal/{payment.reference}"
    assert "A supervisor has to decide now." in inside(app, role).fill_in(place, reason="For the neighbor.").text
    return db.session.execute(select(Approval)).scalar_one()


def decide(app: Flask, role: str, approval: Approval, decision: str) -> Page:
    answers = {"decision": decision, "answer": "I looked."}
    return inside(app, role).submit(f"/agent/approvals/{approval.reference}", answers)


def test_a_supervisor_approves_and_it_is_done(app: Flask) -> None:
    before = account_view(taxpayer("owing").id, TODAY).standing.balance
    payment = posted()
    approval = asked(app, payment)
    seen = inside(app, "supervisor").get(f"/agent/approvals/{approval.reference}")
    page = decide(app, "supervisor", approval, "approve")

    assert "$200.00, counts as of" in seen.text
    assert "For the neighbor." in seen.text
    assert "It is done." in page.text
    db.session.refresh(payment)
    assert payment.state is PaymentState.REVERSED
    assert account_view(taxpayer("owing").id, TODAY).standing.balance == before
    assert not any(audit.faults())
    told = select(Notice.kind).where(Notice.taxpayer_id == taxpayer("owing").id).order_by(Notice.id.desc())
    assert db.session.execute(told).scalars().first() is NoticeKind.PAYMENT_REVERSED
    event = db.session.execute(select(TrailEvent).where(TrailEvent.event == "approval.approved")).scalar_one()
    assert (event.user_id, event.details["asked_by"]) == (user("supervisor").id, str(user("agent").id))


def test_who_asked_is_told_by_mail(app: Flask) -> None:
    decide(app, "supervisor", asked(app, posted()), "decline")
    mail = db.session.execute(select(Mail).where(Mail.kind == MailKind.APPROVAL_DECIDED)).scalar_one()

    assert mail.recipient == user("agent").email
    assert "Declined" in inside(app, "agent").get("/agent/approvals").one("own")


def test_nobody_decides_on_what_they_asked_for(app: Flask) -> None:
    payment = posted()
    approval = asked(app, payment, role="supervisor")
    page = inside(app, "supervisor").get(f"/agent/approvals/{approval.reference}")

    assert "Somebody else has to decide" in page.text
    assert "Approve" not in page.text.replace("Approvals", "")
    assert "You asked for this yourself." in decide(app, "supervisor", approval, "approve").text
    with pytest.raises(OwnRequest):
        approvals.approve(approval.reference, "", by=actor("supervisor"), when=NOW)
    db.session.refresh(payment)
    assert payment.state is PaymentState.SETTLED


def test_an_agent_decides_on_nothing(app: Flask) -> None:
    approval = asked(app, posted(), role="supervisor")

    assert decide(app, "agent", approval, "approve").status == 422
    with pytest.raises(NotASupervisor):
        approvals.decline(approval.reference, "", by=actor("agent"), when=NOW)


def test_it_is_decided_once(app: Flask) -> None:
    approval = asked(app, posted())
    decide(app, "supervisor", approval, "decline")

    assert "was decided, taken back, or has run out" in decide(app, "supervisor", approval, "approve").text
    with pytest.raises(Decided):
        approvals.withdraw(approval.reference, by=actor("agent"), when=NOW)


def test_what_has_changed_since_is_not_done(app: Flask) -> None:
    payment = posted()
    approval = asked(app, payment)
    receipts.reverse(payment, by=PORTAL, when=NOW)

    assert "has changed since it was asked for" in decide(app, "supervisor", approval, "approve").text
    db.session.refresh(approval)
    assert approval.state is ApprovalState.ASKED


def test_the_same_is_asked_for_once_and_can_be_taken_back(app: Flask) -> None:
    payment = posted()
    approval = asked(app, payment)
    place = f"/agent/taxpayers/{taxpayer('owing').reference}/reversal/{payment.reference}"
    again = inside(app, "agent").fill_in(place, reason="Again.")

    assert "was asked for already" in again.text
    assert "It is done." in decide(app, "agent", approval, "withdraw").text
    db.session.refresh(approval)
    assert approval.state is ApprovalState.WITHDRAWN


def test_a_request_runs_out_and_who_asked_is_told(app: Flask) -> None:
    approval = asked(app, posted())
    later = Moment(NOW.at + timedelta(days=15), TODAY + timedelta(days=15))
    with pytest.raises(Decided):
        approvals.approve(approval.reference, "", by=actor("supervisor"), when=later)

    assert job.run(later) == 0
    db.session.refresh(approval)
    assert approval.state is ApprovalState.EXPIRED
    assert db.session.execute(select(Mail).where(Mail.kind == MailKind.APPROVAL_DECIDED)).scalars().all()


def test_a_frozen_plan_is_released_by_two(app: Flask) -> None:
    agreement: Any = agreements.in_force(taxpayer("ontime").id)
    agreements.freeze(agreement, by=PORTAL, when=NOW, code="R10")
    reference = agreement.reference
    place = f"/agent/taxpayers/{taxpayer('ontime').reference}/release/{reference}"
    page = inside(app, "agent").get(f"/agent/taxpayers/{taxpayer('ontime').reference}")
    inside(app, "agent").fill_in(place, reason="The spouse had signed.")
    approval = db.session.execute(select(Approval)).scalar_one()

    assert "The plan is frozen" in page.one("next")
    assert approval.kind is ApprovalKind.RELEASE
    decide(app, "supervisor", approval, "approve")
    assert (
        db.session.execute(select(Agreement.frozen_on).where(Agreement.reference == reference)).scalar_one() is None
    )


def test_a_debit_is_not_taken_off_by_hand(app: Flask) -> None:
    rows = select(Payment).where(Payment.taxpayer_id == taxpayer("ontime").id, Payment.state == PaymentState.SETTLED)
    payment = db.session.execute(rows.where(Payment.channel == "debit")).scalars().first()
    assert payment is not None
    place = f"/agent/taxpayers/{taxpayer('ontime').reference}/reversal/{payment.reference}"

    assert inside(app, "agent").fill_in(place, reason="Why not.").status == 422


def abatement(app: Flask, amount: str, year: str = "2023") -> Page:
    place = f"/agent/taxpayers/{taxpayer('owing').reference}/abatement"
    reason = "A death in the family."
    return inside(app, "agent").fill_in(place, what="failure_to_pay", year=year, amount=amount, reason=reason)


def test_one_person_abates_a_little_and_two_abate_more(app: Flask) -> None:
    owed = account_view(taxpayer("owing").id, TODAY).standing
    year = str(max(owed.years, key=lambda each: each.owed.penalty).facts.tax_year)
    little = abatement(app, "50.00", year)
    between = account_view(taxpayer("owing").id, TODAY).standing.balance
    much = abatement(app, "500.01", year)
    approval = db.session.execute(select(Approval)).scalar_one()

    assert "The amount is given up." in little.text
    assert "A supervisor has to decide now." in much.text
    assert year in inside(app, "supervisor").get("/agent/approvals").one("waiting")
    assert "failure_to_pay" not in inside(app, "supervisor").get("/agent/approvals").text
    assert between <= owed.balance - Money(50_00)
    assert account_view(taxpayer("owing").id, TODAY).standing.balance == between
    decide(app, "supervisor", approval, "approve")
    assert account_view(taxpayer("owing").id, TODAY).standing.balance <= between - Money(500_01)
    assert not any(audit.faults())


def test_a_credit_is_sent_back_by_two_always(app: Flask) -> None:
    balance = account_view(taxpayer("stranger").id, TODAY).standing.balance
    line = Line(taxpayer("stranger").reference, TenderKind.CHECK, "9", balance + Money(75_00))
    tenders.record(line, TODAY, by=actor("agent"), when=NOW)
    place = f"/agent/taxpayers/{taxpayer('stranger').reference}/refund"
    too_much = inside(app, "agent").fill_in(place, amount="75.01", reason="Paid too much.")
    inside(app, "agent").fill_in(place, amount="75.00", reason="Paid too much.")
    approval = db.session.execute(select(Approval)).scalar_one()
    seen = inside(app, "supervisor").get(f"/agent/approvals/{approval.reference}")
    decide(app, "supervisor", approval, "approve")

    assert "The credit is $75.00." in too_much.text
    assert "$75.00" in seen.text
    assert account_view(taxpayer("stranger").id, TODAY).standing.credit == Money(0)
    assert not any(audit.faults())
