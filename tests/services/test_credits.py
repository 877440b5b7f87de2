"""What was paid too much is sent back or used for what comes later: never more than there is, and never unsafe."""

from datetime import date

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.lifecycle import AgreementState
from portal.domain.money import total
from portal.domain.period import Abatement, Kind
from portal.domain.statement import statement
from portal.models import Notice, Payment, Taxpayer, TrailEvent
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.office import office
from portal.queries.standings import account_view
from portal.queries.statements import history
from portal.services import abatements, audit, credits, receipts
from portal.services.credits import MoreThanTheCredit, NotCertainYet
from tests.ledger_text import agreed, books_of, closed, dollars, moment, owing, paid

BEGAN = date(2026, 6, 1)
R01_ALWAYS = "1000000201"


def overpaid(by: str = "30.00", day: date = BEGAN) -> Taxpayer:
    taxpayer = owing("100.00", year=2024, day=date(2025, 6, 2))
    owed = account_view(taxpayer.id, day).standing.balance
    paid(taxpayer, str(owed + dollars(by)), day)
    return taxpayer


def refund(taxpayer: Taxpayer, amount: str, day: date = BEGAN) -> str:
    return credits.refund(taxpayer, dollars(amount), "asked for by telephone", by=PORTAL, when=moment(day))


def kinds(taxpayer: Taxpayer) -> list[NoticeKind]:
    rows = db.select(Notice.kind).where(Notice.taxpayer_id == taxpayer.id).order_by(Notice.id)
    return list(db.session.execute(rows).scalars())


def faults() -> list[str]:
    """What is wrong with accounts; those of one test have lived one after the other."""
    return [fault for found in audit.faults() for fault in found if fault.startswith("account")]


def test_a_credit_is_sent_back_with_its_entry_its_event_and_its_notice(empty: Flask) -> None:
    taxpayer = overpaid()
    reference = refund(taxpayer, "20.00")

    standing = account_view(taxpayer.id, BEGAN).standing
    assert (standing.credit, standing.balance) == (dollars("10.00"), dollars("0.00"))
    assert books_of(taxpayer) == ["credit 10.00"]
    event = db.session.execute(db.select(TrailEvent).where(TrailEvent.event == "credit.refunded")).scalar_one()
    assert (event.subject, event.details["amount"]) == (reference, "20.00")
    assert kinds(taxpayer) == [NoticeKind.REFUND]
    assert faults() == []


def test_more_than_the_credit_is_refused_also_the_second_time(empty: Flask) -> None:
    taxpayer = overpaid()
    with pytest.raises(MoreThanTheCredit):
        refund(taxpayer, "30.01")
    refund(taxpayer, "30.00")
    with pytest.raises(MoreThanTheCredit):
        refund(taxpayer, "0.01")
    assert books_of(taxpayer) == []


def overpaid_by_debit() -> Taxpayer:
    """A check comes while the debit is on its way."""
    taxpayer = owing("100.00", year=2024, day=date(2025, 6, 2))
    agreed(taxpayer, "300.00", date(2026, 6, 15), day=BEGAN)
    closed(BEGAN, date(2026, 6, 15))
    paid(taxpayer, "50.00", date(2026, 6, 15))
    closed(date(2026, 6, 15), date(2026, 6, 18))
    return taxpayer


def test_what_a_bank_can_still_take_back_is_not_sent_back(empty: Flask) -> None:
    taxpayer = overpaid_by_debit()
    credit = account_view(taxpayer.id, date(2026, 6, 18)).standing.credit
    assert credit

    with pytest.raises(NotCertainYet):
        refund(taxpayer, "50.00", date(2026, 6, 18))
    refund(taxpayer, "50.00", date(2026, 8, 20))
    assert faults() == []


def test_what_was_sent_back_of_a_payment_that_came_back_is_owed_again(empty: Flask) -> None:
    one, other, day = overpaid_by_debit(), overpaid_by_debit(), date(2026, 8, 20)
    refund(one, "30.00", day)

    for taxpayer in (one, other):
        debit = db.session.execute(
            db.select(Payment).where(Payment.channel == Channel.DEBIT, Payment.taxpayer_id == taxpayer.id)
        ).scalar_one()
        receipts.take_return(debit, "R10", by=PORTAL, when=moment(day))

    owed, without = (account_view(each.id, day).standing.balance for each in (one, other))
    assert dollars("30.00") <= owed - without <= dollars("31.00")
    assert faults() == []


def test_a_year_that_is_assessed_later_does_not_reach_what_was_sent_back(empty: Flask) -> None:
    """It would have been paid by the credit, had that not been sent back before."""
    taxpayer = overpaid("30.00", date(2026, 6, 1))
    refund(taxpayer, "30.00")
    paid(taxpayer, "10.00", date(2026, 6, 2))

    standing = account_view(taxpayer.id, date(2026, 6, 2)).standing
    assert standing.credit == dollars("10.00")
    assert standing.charged == standing.posted - standing.credit
    assert faults() == []


def test_a_return_after_completion_costs_its_penalty_which_a_credit_pays_and_the_plan_stays_completed(
    empty: Flask,
) -> None:
    """The debit is on its way when a check completes the plan, with more than was owed."""
    taxpayer = owing("500.00", year=2024, day=date(2025, 6, 2))
    agreement = agreed(taxpayer, "100.00", date(2026, 6, 15), day=BEGAN, number=R01_ALWAYS)
    closed(BEGAN, date(2026, 6, 15))
    day = date(2026, 6, 16)
    receipts.receive(taxpayer, dollars("700.00"), channel=Channel.MAIL, pay_on=day, by=PORTAL, when=moment(day))
    assert agreement.state is AgreementState.COMPLETED
    credit = account_view(taxpayer.id, day).standing.credit

    closed(day, date(2026, 6, 18))

    standing = account_view(taxpayer.id, date(2026, 6, 18)).standing
    assert agreement.state is AgreementState.COMPLETED
    assert standing.balance == dollars("0.00")
    assert standing.credit == credit - dollars("25.00")
    assert kinds(taxpayer).count(NoticeKind.COMPLETION) == 1
    assert kinds(taxpayer)[-2:] == [NoticeKind.RETURNED_PAYMENT, NoticeKind.CREDIT_USED]
    assert faults() == []


def test_the_statement_of_the_month_adds_up_with_what_was_given_up_and_sent_back(empty: Flask) -> None:
    taxpayer = overpaid("30.00", date(2026, 6, 3))
    wanted = Abatement(date(2026, 6, 4), Kind.TAX, dollars("20.00"), 2024)
    abatements.abate(taxpayer, wanted, "by mistake", by=PORTAL, when=moment(date(2026, 6, 4)))
    refund(taxpayer, "45.00", date(2026, 6, 5))

    found = statement(history(taxpayer.id), office().policy.law_on, date(2026, 6, 1), date(2026, 6, 30))

    came = total(line.charged + line.corrected for line in found.lines)
    assert found.taken_back == dollars("45.00")
    assert found.opening + came - found.received + found.taken_back + found.credit == found.closing
