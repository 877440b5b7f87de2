"""The daily close: what is due is taken, what the bank answers is booked, and what follows from it is done once."""

from datetime import date, timedelta

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import Agreement, BankAccount, Entry, Notice, Payment, PaymentStep, Posting, Taxpayer
from portal.models.notice import NoticeKind
from portal.queries.standings import account_view
from portal.services import agreements, audit
from tests.conftest import rolled_back
from tests.ledger_text import agreed, books_of, closed, moment, owing, paid

AGREED_ON = date(2026, 11, 2)
THANKSGIVING = date(2026, 11, 26)
R01_ONCE, R01_ALWAYS, R02_ALWAYS = "1000000101", "1000000201", "1000000202"


def test_a_debit_is_taken_on_its_day_and_settles_after_two_banking_days(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 9))

    closed(AGREED_ON, date(2026, 11, 8))
    assert steps(agreement) == ["2026-11-02 scheduled"]

    closed(date(2026, 11, 8), date(2026, 11, 11))
    assert steps(agreement)[1:] == ["2026-11-09 submitted", "2026-11-09 scheduled"]
    assert books_of(taxpayer) == ["fee 29.00", "tax 2024 1000.00"]

    # The 11th is Veterans Day: the second banking day after the 9th is the 12th.
    closed(date(2026, 11, 11), date(2026, 11, 12))
    assert steps(agreement)[-1] == "2026-11-12 settled"
    assert books_of(taxpayer) == ["tax 2024 929.00"]
    assert effective_days(taxpayer) == {date(2026, 11, 9)}


def test_no_bank_answers_at_the_weekend(empty: Flask) -> None:
    _, agreement = plan(first_due_on=date(2026, 11, 19))

    closed(date(2026, 11, 18), date(2026, 11, 22))
    assert steps(agreement)[1:] == ["2026-11-19 submitted", "2026-11-19 scheduled"]

    closed(date(2026, 11, 22), date(2026, 11, 23))
    assert steps(agreement)[-1] == "2026-11-23 settled"


@pytest.mark.parametrize(
    ("due_on", "taken_on"),
    [
        (date(2026, 11, 26), date(2026, 11, 27)),  # Thanksgiving
        (date(2026, 11, 21), date(2026, 11, 23)),  # a Saturday
        (date(2026, 11, 22), date(2026, 11, 23)),  # a Sunday
        (date(2026, 12, 25), date(2026, 12, 28)),  # Christmas, a Friday
        (date(2026, 11, 11), date(2026, 11, 12)),  # Veterans Day
        (date(2026, 11, 24), date(2026, 11, 24)),
    ],
)
def test_a_debit_due_when_no_bank_works_is_taken_on_the_next_banking_day_and_says_so(
    empty: Flask, due_on: date, taken_on: date
) -> None:
    taxpayer, agreement = plan(first_due_on=due_on)

    promised = account_view(taxpayer.id, AGREED_ON).scheduled
    assert promised is not None
    assert (promised.installment_on, promised.pay_on) == (due_on, taken_on)

    closed(due_on - timedelta(days=1), taken_on)
    assert f"{taken_on} submitted" in steps(agreement)
    assert not [step for step in steps(agreement) if step == f"{taken_on - timedelta(days=1)} submitted"]


def test_running_a_day_twice_changes_nothing(empty: Flask) -> None:
    everybody()
    for number in range(1, 40):
        day = AGREED_ON + timedelta(days=number)
        close.run(moment(day), SandboxBank())
        before = trial_balance()
        close.run(moment(day), SandboxBank())
        assert trial_balance() == before, day


def test_a_late_close_run_twice_changes_nothing(empty: Flask) -> None:
    """A debit that is handed to the bank days late has not had its two banking days yet."""
    _, agreement = plan(first_due_on=date(2026, 11, 9))
    late = date(2026, 11, 16)

    close.run(moment(late), SandboxBank())
    close.run(moment(late), SandboxBank())

    assert [step for step in steps(agreement) if step.endswith(("submitted", "settled"))] == ["2026-11-16 submitted"]


def test_three_days_late_is_the_same_as_day_by_day(empty_stage: Flask) -> None:
    """The machine is off from Saturday to Monday; on Tuesday each of those days is closed, one after the other."""
    friday, tuesday, end = date(2026, 11, 20), date(2026, 11, 24), date(2026, 12, 20)

    def outcome(at_once: bool) -> object:
        with rolled_back(empty_stage):
            people = everybody()
            closed(AGREED_ON, friday)
            for number in range(1, 5):
                day = friday + timedelta(days=number)
                close.run(Moment(moment(tuesday).at if at_once else moment(day).at, day), SandboxBank())
            closed(tuesday, end)
            assert faults() == []
            return [(books_of(each), every_step(each)) for each in people]

    assert outcome(at_once=True) == outcome(at_once=False)


def test_days_that_were_left_out_are_made_up_for(empty: Flask) -> None:
    """Only the last of the days is closed: every debit is still taken once and counts from the day agreed."""
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 9))

    closed(date(2026, 11, 11), date(2026, 11, 20))

    assert steps(agreement)[1:] == ["2026-11-12 submitted", "2026-11-12 scheduled", "2026-11-16 settled"]
    assert effective_days(taxpayer) == {date(2026, 11, 9)}
    assert faults() == []


def test_a_debit_returned_once_puts_the_plan_in_default_with_a_notice_and_takes_no_more(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), number=R01_ONCE)

    closed(AGREED_ON, date(2026, 12, 31))

    assert agreement.state is AgreementState.IN_DEFAULT
    assert agreement.in_default_since == date(2026, 11, 18)
    assert notices(taxpayer) == [NoticeKind.ACCEPTANCE, NoticeKind.RETURNED_PAYMENT, NoticeKind.INTENT_TO_TERMINATE]
    assert steps(agreement)[1:] == [
        "2026-11-16 submitted", "2026-11-16 scheduled", "2026-11-18 returned", "2026-11-18 cancelled",
    ]  # fmt: skip
    assert books_of(taxpayer) == ["fee 29.00", "tax 2024 1000.00", "dishonored 2024 25.00"]
    assert faults() == []


@pytest.mark.parametrize(("number", "code"), [(R01_ONCE, "R01"), (R01_ALWAYS, "R01"), (R02_ALWAYS, "R02")])
def test_the_return_code_of_the_bank_is_kept_and_told(empty: Flask, number: str, code: str) -> None:
    _, agreement = plan(first_due_on=date(2026, 11, 16), number=number)

    closed(date(2026, 11, 15), date(2026, 11, 18))

    returned = db.session.execute(db.select(Payment).where(Payment.state == PaymentState.RETURNED)).scalar_one()
    told = db.session.execute(db.select(Notice).where(Notice.kind == NoticeKind.RETURNED_PAYMENT)).scalar_one()
    assert returned.return_code == code
    assert told.facts == {
        "payment": returned.reference, "amount": "100.00", "code": code, "penalty": "25.00", "pay_on": "2026-11-16",
    }  # fmt: skip
    assert agreement.state is AgreementState.IN_DEFAULT


def test_an_account_that_returns_once_pays_the_second_time(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), number=R01_ONCE)
    closed(date(2026, 11, 15), date(2026, 11, 18))
    agreement.state = AgreementState.WITHDRAWN
    account = db.session.execute(db.select(BankAccount)).scalar_one()
    offer = agreements.Proposal(Money(100_00), 16, date(2026, 12, 16), agreements.Method.DIRECT_DEBIT, account)
    again = agreements.accept(taxpayer, offer, by=PORTAL, when=moment(date(2026, 11, 18)))

    closed(date(2026, 11, 18), date(2026, 12, 18))

    assert steps(again)[-1] == "2026-12-18 settled"


def test_the_last_debit_takes_exactly_what_is_left_and_completes_the_plan(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), monthly="400.00")

    closed(AGREED_ON, date(2027, 3, 1))

    taken = list(db.session.execute(db.select(Payment).order_by(Payment.id)).scalars())
    assert [str(each.amount) for each in taken[:3]] == ["400.00"] * 3
    assert len(taken) == 4
    assert Money(0) < taken[3].amount < Money(400_00)
    assert books_of(taxpayer) == []
    assert agreement.state is AgreementState.COMPLETED
    assert agreement.ended_on == date(2027, 2, 18)
    assert notices(taxpayer) == [NoticeKind.ACCEPTANCE, NoticeKind.COMPLETION]
    assert account_view(taxpayer.id, date(2027, 3, 1)).standing.balance == Money(0)


@pytest.mark.parametrize("due_day", [2, 7, 16, 20, 25, 28])
def test_the_last_debit_leaves_nothing_even_if_it_is_taken_later_than_due(empty: Flask, due_day: int) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 12, due_day), monthly="650.00")

    closed(date(2026, 12, 1), date(2027, 2, 5))

    assert books_of(taxpayer) == []
    assert agreement.state is AgreementState.COMPLETED
    assert len([step for step in steps(agreement) if step.endswith("settled")]) == 2


def test_a_plan_that_is_paid_off_from_elsewhere_takes_back_what_it_had_promised(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16))
    closed(date(2026, 11, 15), date(2026, 11, 16))
    paid(taxpayer, "5000.00", date(2026, 11, 17))

    closed(date(2026, 11, 16), date(2027, 1, 31))

    assert agreement.state is AgreementState.COMPLETED
    assert steps(agreement)[-2:] == ["2026-11-18 settled", "2026-11-18 cancelled"]


@pytest.mark.parametrize("number", [R01_ALWAYS, "5550001234"])
def test_a_close_killed_between_the_answer_and_what_follows_is_made_good_by_the_next_one(
    empty: Flask, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), monthly="5000.00", number=number)
    closed(date(2026, 11, 15), date(2026, 11, 17))
    with monkeypatch.context() as killed:
        for name in ("default", "complete"):
            killed.setattr(agreements, name, power_cut)
        with pytest.raises(PowerCut):
            close.run(moment(date(2026, 11, 18)), SandboxBank())
    assert steps(agreement)[-1] == "2026-11-16 submitted"

    close.run(moment(date(2026, 11, 18)), SandboxBank())

    in_default = number == R01_ALWAYS
    assert agreement.state is (AgreementState.IN_DEFAULT if in_default else AgreementState.COMPLETED)
    assert steps(agreement)[-1] == ("2026-11-18 returned" if in_default else "2026-11-18 settled")
    assert len(notices(taxpayer)) == (3 if in_default else 2)
    assert faults() == []


def test_a_payroll_plan_is_never_debited(empty: Flask) -> None:
    taxpayer = owing("1000.00", year=2024, day=date(2025, 6, 2))
    agreement = agreed(taxpayer, "100.00", date(2026, 11, 16), day=AGREED_ON, method=agreements.Method.PAYROLL)

    closed(AGREED_ON, date(2026, 11, 30))

    assert steps(agreement) == []


class PowerCut(Exception):
    """The machine stops here."""


def power_cut(*_facts: object, **_more: object) -> None:
    raise PowerCut


def plan(first_due_on: date, *, monthly: str = "100.00", number: str = "5550001234") -> tuple[Taxpayer, Agreement]:
    """Somebody who owes 1,000.00 of tax, with a plan paid by debit."""
    taxpayer = owing("1000.00", year=2024, day=date(2025, 6, 2))
    return taxpayer, agreed(taxpayer, monthly, first_due_on, day=AGREED_ON, number=number)


def everybody() -> list[Taxpayer]:
    """A plan of each kind: one that goes well, two that are returned, one that completes."""
    plans = [
        plan(date(2026, 11, 9)),
        plan(date(2026, 11, 20), number=R01_ALWAYS),
        plan(date(2026, 11, 21), number=R01_ONCE),
        plan(date(2026, 11, 19), monthly="5000.00"),
    ]
    return [taxpayer for taxpayer, _ in plans]


def steps(agreement: Agreement) -> list[str]:
    """What happened to the agreement's debits, in order."""
    rows = db.session.execute(
        db.select(PaymentStep.happened_on, PaymentStep.state)
        .join(Payment, Payment.id == PaymentStep.payment_id)
        .where(Payment.agreement_id == agreement.id)
        .order_by(PaymentStep.id)
    )
    return [f"{day} {state}" for day, state in rows]


def every_step(taxpayer: Taxpayer | None = None) -> list[str]:
    """What happened to all debits, or to those of one account: when, what, and how much."""
    rows = db.select(PaymentStep.happened_on, PaymentStep.state, Payment.amount).join(Payment)
    if taxpayer:
        rows = rows.where(Payment.taxpayer_id == taxpayer.id)
    return [f"{day} {state} {amount}" for day, state, amount in db.session.execute(rows.order_by(PaymentStep.id))]


def trial_balance() -> tuple[object, ...]:
    """Every sum of the books, every step, and how many notices and payments there are."""
    by = (Posting.account, Posting.tax_year, Entry.taxpayer_id)
    sums = db.select(*by, db.func.count(), db.func.sum(Posting.amount)).join(Entry, Entry.id == Posting.entry_id)
    counts = [db.select(db.func.count()).select_from(table) for table in (Notice, Payment)]
    return (
        sorted(map(str, db.session.execute(sums.group_by(*by)))),
        every_step(),
        [db.session.execute(each).scalar_one() for each in counts],
    )


def effective_days(taxpayer: Taxpayer) -> set[date]:
    rows = db.select(Entry.effective_on).where(Entry.taxpayer_id == taxpayer.id, Entry.kind == "payment")
    return set(db.session.execute(rows).scalars())


def notices(taxpayer: Taxpayer) -> list[NoticeKind]:
    rows = db.select(Notice.kind).where(Notice.taxpayer_id == taxpayer.id).order_by(Notice.id)
    return list(db.session.execute(rows).scalars())


def faults() -> list[str]:
    """What is wrong with the accounts; their scenes were not made in the order of their days."""
    return [fault for found in audit.faults() for fault in found if fault.startswith("account ")]
