"""The daily close: what is due is taken, what the bank answers is booked, and what follows from it is done once."""

from datetime import date, timedelta

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.lifecycle import AgreementState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import Method
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import Agreement, BankAccount, Entry, Notice, Payment, PaymentStep, Posting, Taxpayer
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.queries.standings import account_view
from portal.services import agreements, audit, bank_accounts, payments, receipts, terms
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


def test_a_debit_returned_for_want_of_money_is_tried_again_and_the_plan_goes_on(empty: Flask) -> None:
    """The money promised again within the time to cure is enough: nobody is told that the plan is in default."""
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), number=R01_ONCE)

    closed(AGREED_ON, date(2026, 12, 1))

    assert agreement.state is AgreementState.ACTIVE
    assert steps(agreement)[1:] == [
        "2026-11-16 submitted", "2026-11-16 scheduled", "2026-11-18 returned", "2026-11-18 scheduled",
        "2026-11-25 submitted", "2026-11-30 settled",
    ]  # fmt: skip
    again = db.session.execute(db.select(Payment).where(Payment.attempt == 2)).scalar_one()
    assert (again.installment_on, again.pay_on, again.amount) == (
        date(2026, 11, 16), date(2026, 11, 25), Money(100_00),
    )  # fmt: skip
    assert books_of(taxpayer) == ["tax 2024 929.00", "dishonored 2024 25.00"]
    assert notices(taxpayer) == [
        NoticeKind.ACCEPTANCE,
        NoticeKind.REMINDER,
        NoticeKind.RETURNED_PAYMENT,
        NoticeKind.REMINDER,
    ]
    assert faults() == []


def test_a_debit_is_tried_three_times_then_the_plan_is_in_default(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), number=R01_ALWAYS)

    closed(AGREED_ON, date(2026, 12, 14))

    tried = db.session.execute(db.select(Payment).where(Payment.return_code == "R01").order_by(Payment.id)).scalars()
    assert [(each.attempt, each.pay_on.isoformat()) for each in tried] == [
        (1, "2026-11-16"), (2, "2026-11-25"), (3, "2026-12-07"),
    ]  # fmt: skip
    assert agreement.state is AgreementState.IN_DEFAULT
    assert (agreement.in_default_since, agreement.cure_by) == (date(2026, 12, 9), date(2027, 1, 8))
    assert steps(agreement)[-1] == "2026-12-09 cancelled"
    told = db.session.execute(db.select(Notice).where(Notice.kind == NoticeKind.INTENT_TO_TERMINATE)).scalar_one()
    assert told.facts == {
        "agreement": agreement.reference, "cause": "returned", "amount": "100.00", "missed_on": "2026-11-16",
        "cure_by": "2027-01-08",
    }  # fmt: skip
    assert books_of(taxpayer) == ["fee 29.00", "tax 2024 1000.00", "dishonored 2024 25.00"]
    assert faults() == []


def test_the_return_says_whether_and_when_it_is_tried_again(empty: Flask) -> None:
    plan(first_due_on=date(2026, 11, 16), number=R01_ALWAYS)

    closed(date(2026, 11, 15), date(2026, 12, 14))

    returned = db.session.execute(
        db.select(Payment).where(Payment.return_code == "R01").order_by(Payment.id)
    ).scalars()
    told = db.session.execute(
        db.select(Notice.facts).where(Notice.kind == NoticeKind.RETURNED_PAYMENT).order_by(Notice.id)
    ).scalars()
    retries, penalties = ["2026-11-25", "2026-12-07", ""], ["25.00", "0.00", "0.00"]
    assert list(told) == [
        {
            "payment": each.reference, "amount": "100.00", "code": "R01", "penalty": penalty,
            "pay_on": each.pay_on.isoformat(), "retry_on": retry_on,
        }
        for each, retry_on, penalty in zip(returned, retries, penalties, strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["R02", "R03", "R04", "R16", "R20"])
def test_an_account_that_cannot_be_debited_is_not_and_another_is_asked_for(empty: Flask, code: str) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), number=f"10000002{code[1:]}")

    closed(AGREED_ON, date(2026, 12, 10))

    account = db.session.execute(db.select(BankAccount)).scalar_one()
    assert account.unusable_since == date(2026, 11, 18)
    assert agreement.state is AgreementState.IN_DEFAULT
    assert stopped(taxpayer) == [{"agreement": agreement.reference, "code": code}]
    assert {step.split()[1] for step in steps(agreement)[2:]} == {"scheduled", "returned", "cancelled"}
    assert faults() == []


def test_after_a_stopped_payment_the_plan_stays_and_that_one_has_to_be_paid(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), number="1000000208")

    closed(AGREED_ON, date(2026, 11, 20))
    assert agreement.state is AgreementState.IN_DEFAULT
    assert stopped(taxpayer) == []
    receipts.receive(
        taxpayer, Money(100_00), channel=Channel.MAIL, pay_on=date(2026, 11, 20), by=PORTAL,
        when=moment(date(2026, 11, 20)),
    )  # fmt: skip

    assert agreement.state is AgreementState.ACTIVE
    assert agreement.cure_by is None
    assert notices(taxpayer)[-1] is NoticeKind.CURED
    promised = account_view(taxpayer.id, date(2026, 11, 20)).scheduled
    assert promised is not None
    assert promised.installment_on == date(2026, 12, 16)


@pytest.mark.parametrize(("tax", "method"), [("1000.00", Method.MANUAL), ("30000.00", Method.DIRECT_DEBIT)])
def test_who_takes_back_the_authorization_pays_alone_where_the_policy_allows_it(
    empty: Flask, tax: str, method: Method
) -> None:
    taxpayer = owing(tax, year=2024, day=date(2025, 6, 2))
    agreement = agreed(taxpayer, "600.00", date(2026, 11, 16), day=AGREED_ON, number="1000000207")

    closed(AGREED_ON, date(2026, 11, 20))

    assert terms.current(agreement, date(2026, 11, 20)).method is method
    assert stopped(taxpayer) == [{"agreement": agreement.reference, "code": "R07"}]
    assert steps(agreement)[-1] == "2026-11-18 cancelled"


def test_a_debit_that_was_not_authorized_freezes_debits_until_somebody_looks(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), number="1000000229")

    closed(AGREED_ON, date(2027, 2, 1))

    assert (agreement.state, agreement.frozen_on) == (AgreementState.ACTIVE, date(2026, 11, 18))
    assert len([step for step in steps(agreement) if step.endswith("submitted")]) == 1
    assert stopped(taxpayer) == [{"agreement": agreement.reference, "code": "R29"}]


def test_an_unauthorized_return_takes_a_payment_back_long_after_it_settled(empty: Flask) -> None:
    _, agreement = plan(first_due_on=date(2026, 11, 16), number="1000000210")

    closed(AGREED_ON, date(2026, 12, 31))

    assert "2026-11-18 settled" in steps(agreement)
    assert "2026-12-31 returned" in steps(agreement)
    assert agreement.frozen_on == date(2026, 12, 31)
    assert steps(agreement)[-1] == "2026-12-31 cancelled"
    assert faults() == []


def test_what_completed_a_plan_comes_back_and_the_plan_is_in_force_again(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), monthly="5000.00", number="1000000210")

    closed(AGREED_ON, date(2026, 12, 30))
    assert agreement.state is AgreementState.COMPLETED
    closed(date(2026, 12, 30), date(2026, 12, 31))

    assert (agreement.state, agreement.ended_on) == (AgreementState.ACTIVE, None)
    assert agreement.frozen_on == date(2026, 12, 31)
    assert account_view(taxpayer.id, date(2026, 12, 31)).standing.balance > Money(1000_00)
    assert faults() == []


def test_a_bank_that_names_another_number_is_debited_under_that_one(empty: Flask) -> None:
    _, agreement = plan(first_due_on=date(2026, 11, 16), number="1000000301")

    closed(AGREED_ON, date(2026, 11, 18))

    account = db.session.execute(db.select(BankAccount)).scalar_one()
    assert bank_accounts.number_of(account) == "5550000301"
    assert "2026-11-18 settled" in steps(agreement)


def test_as_long_as_a_bank_says_nothing_the_payment_is_pending_and_nobody_is_in_default(empty: Flask) -> None:
    _, agreement = plan(first_due_on=date(2026, 11, 16), number="1000000401")

    closed(AGREED_ON, date(2026, 12, 31))

    assert {step.split()[1] for step in steps(agreement)} == {"scheduled", "submitted"}
    assert agreement.state is AgreementState.ACTIVE


# Installments that do not come.


def test_a_mailed_installment_has_some_days_of_grace_then_the_plan_is_in_default(empty: Flask) -> None:
    taxpayer = owing("1000.00", year=2024, day=date(2025, 6, 2))
    agreement = agreed(taxpayer, "100.00", date(2026, 11, 16), day=AGREED_ON, method=Method.MANUAL)

    closed(AGREED_ON, date(2026, 11, 25))
    assert agreement.state is AgreementState.ACTIVE
    closed(date(2026, 11, 25), date(2026, 11, 26))

    assert agreement.state is AgreementState.IN_DEFAULT
    told = db.session.execute(db.select(Notice).where(Notice.kind == NoticeKind.INTENT_TO_TERMINATE)).scalar_one()
    assert (told.facts["cause"], told.facts["missed_on"], told.facts["cure_by"]) == (
        "installment", "2026-11-16", "2026-12-28",
    )  # fmt: skip


def test_without_a_first_payment_within_thirty_days_the_plan_is_in_default(empty: Flask) -> None:
    taxpayer = owing("1000.00", year=2024, day=date(2025, 6, 2))
    agreement = agreed(taxpayer, "100.00", date(2026, 12, 2), day=AGREED_ON, method=Method.MANUAL)

    closed(AGREED_ON, date(2026, 12, 2))
    assert agreement.state is AgreementState.ACTIVE
    closed(date(2026, 12, 2), date(2026, 12, 3))

    assert agreement.state is AgreementState.IN_DEFAULT
    told = db.session.execute(db.select(Notice).where(Notice.kind == NoticeKind.INTENT_TO_TERMINATE)).scalar_one()
    assert told.facts["cause"] == "first_payment"


def test_a_default_that_nobody_cures_ends_the_plan_after_its_thirty_days(empty: Flask) -> None:
    _, agreement = plan(first_due_on=date(2026, 11, 16), number="1000000202")

    closed(AGREED_ON, date(2026, 12, 18))
    assert agreement.state is AgreementState.IN_DEFAULT
    closed(date(2026, 12, 18), date(2026, 12, 19))

    assert (agreement.state, agreement.ended_on) == (AgreementState.TERMINATED, date(2026, 12, 19))
    told = db.session.execute(db.select(Notice).where(Notice.kind == NoticeKind.TERMINATION)).scalar_one()
    assert told.facts["appeal_by"] == "2027-01-18"
    assert faults() == []


def test_a_default_is_not_cured_by_a_part_of_it(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), number="1000000208")
    closed(AGREED_ON, date(2026, 11, 20))

    paid(taxpayer, "99.99", date(2026, 11, 20))
    receipts.follow(taxpayer.id, by=PORTAL, when=moment(date(2026, 11, 20)))
    assert agreement.state is AgreementState.IN_DEFAULT
    paid(taxpayer, "0.01", date(2026, 11, 20))
    receipts.follow(taxpayer.id, by=PORTAL, when=moment(date(2026, 11, 20)))

    assert agreement.state is AgreementState.ACTIVE


def test_extra_money_makes_the_promised_debit_smaller_and_says_so_in_advance(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), monthly="800.00")

    receipts.receive(
        taxpayer, Money(600_00), channel=Channel.PHONE, pay_on=date(2026, 11, 3), by=PORTAL,
        when=moment(date(2026, 11, 3)),
    )  # fmt: skip

    promised = account_view(taxpayer.id, date(2026, 11, 3)).scheduled
    assert promised is not None
    assert promised.amount < Money(800_00)
    told = db.session.execute(db.select(Notice).where(Notice.kind == NoticeKind.DEBIT_CHANGED)).scalar_one()
    assert (told.facts["was_amount"], told.facts["amount"]) == ("800.00", str(promised.amount))
    closed(AGREED_ON, date(2026, 11, 18))
    assert books_of(taxpayer) == []
    assert agreement.state is AgreementState.COMPLETED


def test_the_fee_of_somebody_with_a_low_income_is_given_back_when_all_is_paid(empty: Flask) -> None:
    taxpayer = owing("1000.00", year=2024, day=date(2025, 6, 2))
    offer = terms.Proposal(Money(100_00), 16, date(2026, 11, 16), Method.MANUAL, has_low_income=True)
    agreement = agreements.accept(taxpayer, offer, by=PORTAL, when=moment(AGREED_ON))
    assert agreement.fee_back == Money(43_00)

    receipts.receive(
        taxpayer, Money(5000_00), channel=Channel.MAIL, pay_on=AGREED_ON, by=PORTAL, when=moment(AGREED_ON)
    )

    assert agreement.state is AgreementState.COMPLETED
    given = db.session.execute(db.select(Payment).where(Payment.channel == Channel.FEE_BACK)).scalar_one()
    assert given.amount == Money(43_00)
    assert faults() == []


def test_a_tax_refund_that_is_kept_pays_the_debt_but_no_installment(empty: Flask) -> None:
    """The monthly payment is due all the same (IRC 6402)."""
    taxpayer = owing("1000.00", year=2024, day=date(2025, 6, 2))
    agreement = agreed(taxpayer, "100.00", date(2026, 11, 16), day=AGREED_ON, method=Method.MANUAL)

    receipts.receive(
        taxpayer, Money(300_00), channel=Channel.OFFSET, pay_on=date(2026, 11, 9), by=PORTAL,
        when=moment(date(2026, 11, 9)),
    )  # fmt: skip
    closed(AGREED_ON, date(2026, 11, 26))

    view = account_view(taxpayer.id, date(2026, 11, 26))
    assert view.standing.posted == Money(300_00)
    assert view.standing.arrears.amount == Money(100_00)
    assert agreement.state is AgreementState.IN_DEFAULT
    assert faults() == []


def test_a_reminder_comes_once_some_days_before_a_payment(empty: Flask) -> None:
    debited, _ = plan(first_due_on=date(2026, 11, 16))
    alone = owing("1000.00", year=2023, day=date(2025, 6, 2))
    agreed(alone, "100.00", date(2026, 11, 17), day=AGREED_ON, method=Method.MANUAL)

    closed(AGREED_ON, date(2026, 11, 15))

    told = db.session.execute(
        db.select(Notice.taxpayer_id, Notice.issued_on).where(Notice.kind == NoticeKind.REMINDER).order_by(Notice.id)
    ).all()
    assert [tuple(row) for row in told] == [(debited.id, date(2026, 11, 11)), (alone.id, date(2026, 11, 12))]


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
    assert notices(taxpayer)[-1] is NoticeKind.COMPLETION
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
        killed.setattr(receipts, "follow", power_cut)
        with pytest.raises(PowerCut):
            close.run(moment(date(2026, 11, 18)), SandboxBank())
    assert steps(agreement)[-1] == "2026-11-16 submitted"

    close.run(moment(date(2026, 11, 18)), SandboxBank())

    is_returned = number == R01_ALWAYS
    assert agreement.state is (AgreementState.ACTIVE if is_returned else AgreementState.COMPLETED)
    assert ("2026-11-18 returned" if is_returned else "2026-11-18 settled") in steps(agreement)
    assert notices(taxpayer)[-1] is (NoticeKind.RETURNED_PAYMENT if is_returned else NoticeKind.COMPLETION)
    assert faults() == []


def test_a_row_that_cannot_be_worked_on_stops_no_other(
    empty: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = plan(first_due_on=date(2026, 11, 9))[1], plan(first_due_on=date(2026, 11, 9))[1]
    submit = payments.submit

    def refuse_one(payment: Payment, **rest: object) -> None:
        if payment.agreement_id == bad.id:
            raise ValueError("something is wrong with this one")
        submit(payment, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(payments, "submit", refuse_one)

    assert close.run(moment(date(2026, 11, 9)), SandboxBank()) == 1

    assert "2026-11-09 submitted" in steps(good)
    assert steps(bad) == ["2026-11-02 scheduled"]
    assert [record.fields["of"] for record in caplog.records] == ["payments"]  # type: ignore[attr-defined]


def test_a_payroll_plan_is_never_debited(empty: Flask) -> None:
    taxpayer = owing("1000.00", year=2024, day=date(2025, 6, 2))
    agreement = agreed(taxpayer, "100.00", date(2026, 11, 16), day=AGREED_ON, method=Method.PAYROLL)

    closed(AGREED_ON, date(2026, 11, 30))

    assert steps(agreement) == []


class PowerCut(BaseException):
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


def stopped(taxpayer: Taxpayer) -> list[dict[str, str]]:
    """What was told of debits that are not made any more."""
    rows = db.select(Notice.facts).where(Notice.taxpayer_id == taxpayer.id, Notice.kind == NoticeKind.DEBITS_STOPPED)
    return list(db.session.execute(rows).scalars())


def effective_days(taxpayer: Taxpayer) -> set[date]:
    rows = db.select(Entry.effective_on).where(Entry.taxpayer_id == taxpayer.id, Entry.kind == "payment")
    return set(db.session.execute(rows).scalars())


def notices(taxpayer: Taxpayer) -> list[NoticeKind]:
    rows = db.select(Notice.kind).where(Notice.taxpayer_id == taxpayer.id).order_by(Notice.id)
    return list(db.session.execute(rows).scalars())


def faults() -> list[str]:
    """What is wrong with the accounts; their scenes were not made in the order of their days."""
    return [fault for found in audit.faults() for fault in found if fault.startswith("account ")]
