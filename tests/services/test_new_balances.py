"""A year that is assessed during a plan: told, added in a minute, and never a silent default."""

from datetime import date, timedelta

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.eligibility import OwesTooMuch
from portal.domain.lifecycle import AgreementState
from portal.domain.money import Money
from portal.domain.offer import TooLittleAMonth, TooMuchAMonth
from portal.domain.period import TaxPeriod
from portal.domain.plan import Method
from portal.models import Agreement, NewBalance, Notice, Payment, Taxpayer, TrailEvent
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.queries import new_balances
from portal.queries.standings import account_view
from portal.services import audit, receipts, taxpayers, terms
from portal.services import new_balances as deeds
from portal.services.new_balances import NothingToAdd
from tests.ledger_text import agreed, closed, dollars, moment, owing

AGREED_ON, FIRST_DUE = date(2026, 6, 1), date(2026, 6, 22)
NEW_ON = date(2026, 6, 10)
ANSWER_BY = date(2026, 7, 10)


def plan(
    monthly: str = "120.00", tax: str = "1000.00", method: Method = Method.DIRECT_DEBIT
) -> tuple[Taxpayer, Agreement]:
    taxpayer = owing(tax, year=2024, day=date(2025, 6, 2))
    return taxpayer, agreed(taxpayer, monthly, FIRST_DUE, day=AGREED_ON, method=method)


def assessed(taxpayer: Taxpayer, tax: str, day: date = NEW_ON, year: int = 2025) -> None:
    due_on = date(year + 1, 4, 15)
    facts = TaxPeriod(year, due_on, due_on, day, dollars(tax))
    taxpayers.assess(taxpayer, facts, by=PORTAL, when=moment(day))


def kinds(taxpayer: Taxpayer) -> list[NoticeKind]:
    rows = db.select(Notice.kind).where(Notice.taxpayer_id == taxpayer.id).order_by(Notice.id)
    return list(db.session.execute(rows).scalars())


def facts_of(taxpayer: Taxpayer, kind: NoticeKind) -> dict[str, str]:
    rows = db.select(Notice.facts).where(Notice.taxpayer_id == taxpayer.id, Notice.kind == kind)
    return db.session.execute(rows.order_by(Notice.id.desc()).limit(1)).scalar_one()


def events(taxpayer: Taxpayer) -> list[str]:
    rows = db.select(TrailEvent.event).where(TrailEvent.taxpayer_id == taxpayer.id).order_by(TrailEvent.number)
    return list(db.session.execute(rows).scalars())


def added(taxpayer: Taxpayer, day: date = NEW_ON) -> new_balances.Addition:
    found = new_balances.addition(taxpayer.id, moment(day))
    assert found is not None
    return found


def test_a_new_year_defaults_nothing_and_debits_go_on(empty: Flask) -> None:
    taxpayer, agreement = plan()

    assessed(taxpayer, "150.00")
    closed(NEW_ON, FIRST_DUE)

    debits = db.session.execute(db.select(Payment.installment_on).where(Payment.channel == Channel.DEBIT)).scalars()
    assert agreement.state is AgreementState.ACTIVE
    assert FIRST_DUE in debits
    assert kinds(taxpayer).count(NoticeKind.NEW_BALANCE) == 1
    assert NoticeKind.INTENT_TO_TERMINATE not in kinds(taxpayer)


def test_the_notice_says_what_is_new_and_that_the_amount_is_enough(empty: Flask) -> None:
    taxpayer, agreement = plan()
    assessed(taxpayer, "150.00")

    owed = account_view(taxpayer.id, NEW_ON).standing.years[-1].owed.total
    assert facts_of(taxpayer, NoticeKind.NEW_BALANCE) == {
        "agreement": agreement.reference, "year": "2025", "amount": str(owed), "monthly": "120.00",
        "add_by": ANSWER_BY.isoformat(),
    }  # fmt: skip


def test_at_the_same_amount_it_joins_by_itself_when_the_time_is_over(empty: Flask) -> None:
    taxpayer, agreement = plan(monthly="120.00")
    assessed(taxpayer, "150.00")

    closed(NEW_ON, ANSWER_BY)
    assert new_balances.waiting(taxpayer.id)
    closed(ANSWER_BY, ANSWER_BY + timedelta(days=1))

    assert agreement.state is AgreementState.ACTIVE
    assert new_balances.waiting(taxpayer.id) == ()
    assert kinds(taxpayer)[-1] is NoticeKind.BALANCE_ADDED
    assert events(taxpayer).count("agreement.balance_added") == 1
    assert terms.current(agreement, ANSWER_BY).monthly == dollars("120.00")


def test_two_more_payments_are_within_policy_whatever_the_term(empty: Flask) -> None:
    """At the least amount the plan ends with its term; a small year may cost two payments more, a larger one not."""
    taxpayer, _ = plan(monthly="22.00", tax="1000.00")
    assessed(taxpayer, "20.00")
    small = added(taxpayer).joining
    assert small.old.schedule.months is not None
    assert small.new.schedule.months is not None

    assert small.old.schedule.months > 60
    assert small.new.schedule.months <= small.old.schedule.months + 2
    assert small.holds

    assessed(taxpayer, "400.00", year=2023)
    larger = added(taxpayer).joining
    assert larger.minimum is not None
    assert not larger.holds
    assert larger.new.schedule.months is None or larger.new.schedule.months > small.old.schedule.months + 2
    least = added(taxpayer).joining.outlook(larger.minimum)
    assert least.schedule.clears
    cent_less = added(taxpayer).joining.outlook(larger.minimum - Money(1)).schedule
    assert cent_less.months is None or cent_less.months > max(72, small.old.schedule.months + 2)


def test_the_two_schedules_differ_by_the_new_tax_and_what_comes_to_it(empty: Flask) -> None:
    taxpayer, _ = plan()
    assessed(taxpayer, "600.00")
    found = added(taxpayer)

    old, new = found.joining.old, found.joining.new
    extra = (new.schedule.total_paid - new.growth) - (old.schedule.total_paid - old.growth)
    assert extra == found.owed
    assert old.schedule.paid_off_on is not None
    assert new.schedule.paid_off_on is not None
    assert new.schedule.paid_off_on > old.schedule.paid_off_on
    assert new.growth > old.growth


def test_who_adds_it_pays_the_new_amount_from_the_first_payment_that_it_still_reaches(empty: Flask) -> None:
    taxpayer, agreement = plan(monthly="22.00")
    assessed(taxpayer, "900.00")
    least = added(taxpayer).joining.minimum
    assert least is not None
    assert least > dollars("22.00")
    assert facts_of(taxpayer, NoticeKind.NEW_BALANCE)["least"] == str(least)

    deeds.join(agreement, least, by=PORTAL, when=moment(NEW_ON))

    view = account_view(taxpayer.id, NEW_ON)
    assert view.standing.schedule is not None
    assert view.scheduled is not None
    # The debit of June 22 is announced to the bank by now: it leaves as it was promised.
    assert (view.scheduled.pay_on, view.scheduled.amount) == (FIRST_DUE, dollars("22.00"))
    assert [each.amount for each in view.standing.schedule.installments[:3]] == [dollars("22.00"), least, least]
    assert new_balances.waiting(taxpayer.id) == ()
    assert kinds(taxpayer)[-1] is NoticeKind.BALANCE_ADDED
    with pytest.raises(NothingToAdd):
        deeds.join(agreement, least, by=PORTAL, when=moment(NEW_ON))


def test_less_than_is_needed_and_more_than_is_owed_are_refused(empty: Flask) -> None:
    taxpayer, agreement = plan(monthly="22.00")
    assessed(taxpayer, "900.00")
    found = added(taxpayer).joining
    assert found.minimum is not None

    with pytest.raises(TooLittleAMonth):
        deeds.join(agreement, found.minimum - Money(1), by=PORTAL, when=moment(NEW_ON))
    with pytest.raises(TooMuchAMonth):
        deeds.join(agreement, found.most + Money(1), by=PORTAL, when=moment(NEW_ON))
    assert new_balances.waiting(taxpayer.id)
    assert "agreement.changed" not in events(taxpayer)


def test_who_does_not_answer_is_in_default_with_days_to_cure_and_cures_by_adding_it(empty: Flask) -> None:
    taxpayer, agreement = plan(monthly="22.00")
    assessed(taxpayer, "900.00")
    closed(NEW_ON, ANSWER_BY)
    assert agreement.state is AgreementState.ACTIVE

    day = ANSWER_BY + timedelta(days=3)
    closed(ANSWER_BY, day)

    told = facts_of(taxpayer, NoticeKind.INTENT_TO_TERMINATE)
    assert agreement.state is AgreementState.IN_DEFAULT
    assert (told["cause"], told["missed_on"]) == ("new_balance", NEW_ON.isoformat())
    assert agreement.cure_by is not None
    assert agreement.cure_by >= ANSWER_BY + timedelta(days=31)

    least = added(taxpayer, day).joining.minimum
    assert least is not None
    deeds.join(agreement, least, by=PORTAL, when=moment(day))

    assert agreement.state is AgreementState.ACTIVE
    assert kinds(taxpayer).count(NoticeKind.CURED) == 1
    assert account_view(taxpayer.id, day).scheduled is not None


def test_paying_it_cures_too(empty: Flask) -> None:
    taxpayer, agreement = plan(monthly="22.00")
    assessed(taxpayer, "900.00")
    day = ANSWER_BY + timedelta(days=3)
    closed(NEW_ON, day)
    assert agreement.state is AgreementState.IN_DEFAULT

    owed = added(taxpayer, day).owed
    receipts.receive(taxpayer, owed, channel=Channel.MAIL, pay_on=day, by=PORTAL, when=moment(day))

    assert agreement.state is AgreementState.ACTIVE


def test_who_never_answers_loses_the_plan_after_the_days_to_cure(empty: Flask) -> None:
    taxpayer, agreement = plan(monthly="22.00")
    assessed(taxpayer, "900.00")
    closed(NEW_ON, ANSWER_BY + timedelta(days=40))

    assert agreement.state is AgreementState.TERMINATED
    assert kinds(taxpayer).count(NoticeKind.INTENT_TO_TERMINATE) == 1


def test_beyond_the_limit_of_the_plan_it_says_so_and_cannot_be_added(empty: Flask) -> None:
    taxpayer, agreement = plan(monthly="900.00", tax="20000.00")
    assessed(taxpayer, "40000.00")

    found = added(taxpayer)
    assert [reason.name for reason in found.reasons] == ["OwesTooMuch"]
    assert facts_of(taxpayer, NoticeKind.NEW_BALANCE)["hindrance"] == "OwesTooMuch"
    with pytest.raises(OwesTooMuch):
        deeds.join(agreement, dollars("3000.00"), by=PORTAL, when=moment(NEW_ON))
    assert agreement.state is AgreementState.ACTIVE


def test_a_year_without_a_plan_asks_nobody_and_one_without_tax_asks_for_nothing(empty: Flask) -> None:
    owing("500.00", year=2024, day=date(2025, 6, 2))
    taxpayer, _ = plan()
    assessed(taxpayer, "0.00")

    assert db.session.execute(db.select(NewBalance)).first() is None
    assert NoticeKind.NEW_BALANCE not in kinds(taxpayer)


def test_the_books_hold_on_the_way(empty: Flask) -> None:
    taxpayer, _ = plan(monthly="22.00")
    assessed(taxpayer, "900.00")
    closed(NEW_ON, ANSWER_BY + timedelta(days=40))

    assert [fault for found in audit.faults() for fault in found] == []
