"""Where two things meet: a return and money that came, an account that is gone and what was signed, a late file."""

from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL, Actor
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import Method
from portal.gateways.nacha_bank import NachaBank, open_bank
from portal.jobs import close, days
from portal.models import Agreement, BankAccount, Notice, Payment, Taxpayer
from portal.models.notice import NoticeKind
from portal.models.payment import Channel, Reason
from portal.services import agreements, direct_pay, payments, receipts, terms
from portal.services.direct_pay import Signature
from portal.services.direct_pay_rules import Payer, Wish
from tests.jobs.test_bank_files import BANK, sent
from tests.jobs.test_close import AGREED_ON, R01_ALWAYS, R01_ONCE, faults, plan, steps
from tests.ledger_text import agreed, bank_account, books_of, closed, moment, owing


def on(month: int, day: int, year: int = 2026) -> Moment:
    return moment(date(year, month, day))


def account() -> BankAccount:
    return db.session.execute(db.select(BankAccount).order_by(BankAccount.id)).scalars().first()  # type: ignore[return-value]


def mailed(taxpayer: Taxpayer, dollars: int, when: Moment) -> None:
    receipts.receive(taxpayer, Money(dollars * 100), channel=Channel.MAIL, pay_on=when.on, by=PORTAL, when=when)


def online(
    taxpayer: Taxpayer, source: BankAccount, dollars: int, pay_on: date, agreement: Agreement, *, lowers: bool = False
) -> Payment:
    """A Direct Pay payment of extra money, signed when the plan was agreed."""
    payment = Payment(
        taxpayer_id=taxpayer.id, bank_account_id=source.id, channel=Channel.ONLINE, agreement_id=agreement.id,
        state=PaymentState.DRAFTED, amount=Money(dollars * 100), pay_on=pay_on, reason=Reason.EXTRA,
        drafted_at=moment(AGREED_ON).at, lowers_monthly=lowers,
    )  # fmt: skip
    payments.promise(payment, by=PORTAL, when=moment(AGREED_ON))
    return payment


def signed(taxpayer: Taxpayer, wish: Wish, when: Moment) -> tuple[Payer, Payment]:
    """A payment that the taxpayer drafts and signs, checked like anybody's who is signed in."""
    payer = Payer(taxpayer.id, taxpayer.name, Actor(None, None, taxpayer.id))
    draft = direct_pay.draft(payer, wish, account().reference, when=when)
    signature = Signature(taxpayer.name, "The text.", wants_another=True)
    return payer, direct_pay.sign(payer, draft.reference, signature, instead=wish.instead, when=when)


@pytest.fixture(autouse=True)
def nobody_is_a_guest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that need a position are asked, though nobody has a password here."""
    monkeypatch.setattr(Payer, "is_guest", property(lambda _payer: False))


def by_hand(first_due_on: date) -> tuple[Taxpayer, Agreement]:
    taxpayer = owing("1000.00", year=2024, day=date(2025, 6, 2))
    return taxpayer, agreed(taxpayer, "100.00", first_due_on, day=AGREED_ON, method=Method.MANUAL)


# Accounts that must not be debited.


def test_what_was_signed_from_an_account_that_is_gone_is_called_off_and_told(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), number="1000000229")
    payment = online(taxpayer, account(), 50, date(2026, 11, 30), agreement)

    closed(AGREED_ON, date(2026, 12, 3))

    assert payment.state is PaymentState.CANCELLED
    told = db.session.execute(db.select(Notice.facts).where(Notice.kind == NoticeKind.DEBIT_CHANGED)).scalars()
    assert [facts["payment"] for facts in told] == [payment.reference]


def test_no_debit_is_tried_again_from_an_account_that_was_taken_back_meanwhile(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16))
    closed(AGREED_ON, date(2026, 11, 16))
    debit = db.session.execute(db.select(Payment).where(Payment.state == PaymentState.SUBMITTED)).scalar_one()
    other = online(taxpayer, account(), 50, date(2026, 11, 16), agreement)
    payments.submit(other, by=PORTAL, when=on(11, 16))

    receipts.take_return(other, "R07", by=PORTAL, when=on(11, 18))
    receipts.take_return(debit, "R01", by=PORTAL, when=on(11, 18))

    assert db.session.execute(db.select(Payment).where(Payment.state == PaymentState.SCHEDULED)).first() is None


def test_an_account_is_gone_in_every_row_in_which_its_number_stands(empty: Flask) -> None:
    """Each application writes the account anew; the bank knows one."""
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16))
    same = bank_account(taxpayer, AGREED_ON)
    payment = online(taxpayer, same, 10, date(2026, 11, 9), agreement)
    closed(AGREED_ON, date(2026, 11, 12))

    receipts.take_return(payment, "R10", by=PORTAL, when=on(11, 13))

    assert agreement.frozen_on == date(2026, 11, 13)
    assert {each.unusable_since for each in db.session.execute(db.select(BankAccount)).scalars()} == {
        date(2026, 11, 13)
    }
    assert steps(agreement)[-1] == "2026-11-13 cancelled"


# Money that came twice, or back.


def test_the_fee_is_given_back_once_even_if_the_plan_is_completed_twice(empty: Flask) -> None:
    taxpayer = owing("1000.00", year=2024, day=date(2025, 6, 2))
    offer = terms.Proposal(Money(100_00), 16, date(2026, 11, 16), Method.MANUAL, has_low_income=True)
    agreement = agreements.accept(taxpayer, offer, by=PORTAL, when=moment(AGREED_ON))
    payment = online(taxpayer, bank_account(taxpayer, AGREED_ON), 5000, date(2026, 11, 3), agreement)
    closed(AGREED_ON, date(2026, 11, 10))
    receipts.take_return(payment, "R10", by=PORTAL, when=on(11, 12))
    assert agreement.state is AgreementState.ACTIVE

    mailed(taxpayer, 5000, on(11, 13))

    assert agreement.state is AgreementState.COMPLETED
    given = db.session.execute(db.select(Payment.amount).where(Payment.channel == Channel.FEE_BACK)).scalars()
    assert list(given) == [Money(43_00)]


def test_a_debit_that_is_tried_again_takes_no_more_than_is_left(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), monthly="5000.00", number=R01_ONCE)
    closed(AGREED_ON, date(2026, 11, 18))

    mailed(taxpayer, 900, on(11, 19))
    closed(date(2026, 11, 18), date(2026, 12, 3))

    assert books_of(taxpayer) == []
    assert agreement.state is AgreementState.COMPLETED


@pytest.mark.parametrize("came_on", [on(11, 18), on(11, 19)], ids=["on the day", "before a late close"])
def test_the_penalty_of_a_return_is_paid_by_the_money_that_came_with_it(empty: Flask, came_on: Moment) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16), number=R01_ALWAYS)
    closed(AGREED_ON, date(2026, 11, 17))
    mailed(taxpayer, 5000, came_on)

    closed(date(2026, 11, 17), date(2026, 11, 25))

    assert faults() == []
    assert not [line for line in books_of(taxpayer) if line.startswith("dishonored")]
    assert agreement.state is AgreementState.COMPLETED


def test_what_was_signed_is_called_off_when_nothing_is_owed_any_more(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16))
    payment = online(taxpayer, account(), 50, date(2026, 11, 30), agreement)

    mailed(taxpayer, 5000, on(11, 5))

    assert (agreement.state, payment.state) == (AgreementState.COMPLETED, PaymentState.CANCELLED)


def test_an_extra_payment_that_comes_back_asks_for_the_former_amount_again(empty: Flask) -> None:
    taxpayer, agreement = plan(first_due_on=date(2026, 11, 16))
    payment = online(taxpayer, account(), 800, date(2026, 11, 9), agreement, lowers=True)
    closed(AGREED_ON, date(2026, 11, 12))
    assert terms.current(agreement, date(2026, 11, 12)).monthly < Money(100_00)

    receipts.take_return(payment, "R01", by=PORTAL, when=on(11, 30))

    assert terms.current(agreement, date(2026, 11, 30)).monthly == Money(100_00)


# Defaults.


def test_another_payment_that_comes_back_takes_no_day_of_grace_away(empty: Flask) -> None:
    taxpayer, agreement = by_hand(date(2026, 11, 16))
    online(taxpayer, bank_account(taxpayer, AGREED_ON, R01_ALWAYS), 50, date(2026, 11, 13), agreement)

    closed(AGREED_ON, date(2026, 11, 25))

    assert agreement.state is AgreementState.ACTIVE


def test_the_second_installment_is_no_first_payment(empty: Flask) -> None:
    taxpayer = owing("1000.00", year=2024, day=date(2025, 6, 2))
    begins = date(2027, 2, 1)
    agreement = agreed(taxpayer, "100.00", date(2027, 2, 3), day=begins, method=Method.MANUAL)
    mailed(taxpayer, 100, on(2, 3, 2027))

    closed(begins, date(2027, 3, 5))

    assert agreement.state is AgreementState.ACTIVE


def test_a_frozen_plan_in_default_is_not_ended_before_somebody_looks(empty: Flask) -> None:
    _, agreement = plan(first_due_on=date(2026, 11, 9))
    closed(AGREED_ON, date(2026, 11, 12))
    paid = db.session.execute(db.select(Payment).where(Payment.state == PaymentState.SETTLED)).scalar_one()
    closed(date(2026, 11, 12), date(2026, 12, 9))
    debit = db.session.execute(db.select(Payment).where(Payment.state == PaymentState.SUBMITTED)).scalar_one()
    receipts.take_return(debit, "R08", by=PORTAL, when=on(12, 10))
    receipts.take_return(paid, "R10", by=PORTAL, when=on(12, 11))

    closed(date(2026, 12, 11), date(2027, 1, 15))
    assert (agreement.state, agreement.frozen_on) == (AgreementState.IN_DEFAULT, date(2026, 12, 11))
    agreements.release(agreement, by=PORTAL, when=on(1, 16, 2027))

    assert agreement.cure_by == date(2027, 2, 16)  # the 15th is Washington's birthday


def test_who_pays_on_the_last_day_to_cure_is_in_time(empty: Flask) -> None:
    """The 26th of December is a Saturday: the last day is the Monday after it."""
    taxpayer, agreement = by_hand(date(2026, 11, 16))
    bank_account(taxpayer, AGREED_ON)
    closed(AGREED_ON, date(2026, 12, 27))
    assert agreement.cure_by == date(2026, 12, 28)

    signed(taxpayer, Wish(Reason.CURE, Money(200_00), date(2026, 12, 29)), on(12, 28))
    closed(date(2026, 12, 27), date(2026, 12, 31))

    assert agreement.state is AgreementState.ACTIVE


def test_a_cure_that_is_changed_into_less_is_none(empty: Flask) -> None:
    taxpayer, agreement = by_hand(date(2026, 11, 16))
    bank_account(taxpayer, AGREED_ON)
    mailed(taxpayer, 100, on(11, 16))
    closed(AGREED_ON, date(2026, 12, 26))
    _, first = signed(taxpayer, Wish(Reason.CURE, Money(100_00), date(2027, 1, 6)), on(12, 28))
    assert agreement.state is AgreementState.ACTIVE

    less = Wish(Reason.EXTRA, Money(1_00), date(2027, 1, 22), instead=first.reference)
    signed(taxpayer, less, on(12, 29))

    assert agreement.state is AgreementState.IN_DEFAULT


def test_a_retry_whose_place_was_taken_is_promised_again_for_its_own_day(empty: Flask) -> None:
    taxpayer, _ = plan(first_due_on=date(2026, 11, 16), number=R01_ONCE)
    closed(AGREED_ON, date(2026, 11, 18))
    wish = Wish(Reason.FIRST_PAYMENT, Money(100_00), date(2026, 11, 24), installment_on=date(2026, 11, 16))
    payer, payment = signed(taxpayer, wish, on(11, 19))

    direct_pay.cancel(payer, payment.reference, when=on(11, 19))

    retry = db.session.execute(
        db.select(Payment).where(Payment.attempt == 2, Payment.state == PaymentState.SCHEDULED)
    ).scalar_one()
    assert retry.pay_on == date(2026, 11, 25)


def test_a_reminder_of_another_payment_takes_none_away(empty: Flask) -> None:
    taxpayer, agreement = by_hand(date(2026, 11, 16))
    online(taxpayer, bank_account(taxpayer, AGREED_ON), 5, date(2026, 11, 16), agreement)

    closed(AGREED_ON, date(2026, 11, 15))

    told = db.session.execute(db.select(Notice.facts).where(Notice.kind == NoticeKind.REMINDER)).scalars()
    assert sorted(facts["amount"] for facts in told) == ["100.00", "5.00"]


# Files that do not get to the bank.


@pytest.fixture
def bank(tmp_path: Path) -> NachaBank:
    (tmp_path / "bank.toml").write_text(BANK, encoding="utf-8")
    return open_bank(tmp_path / "bank.toml")


def test_a_debit_whose_file_could_not_be_written_is_not_booked_as_paid(
    empty: Flask, bank: NachaBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, agreement = plan(first_due_on=date(2026, 11, 17))
    with monkeypatch.context() as full:
        full.setattr(NachaBank, "put", disk_is_full)
        left = [close.run(on(11, day), bank) for day in (16, 17, 18, 19)]
    assert left == [1, 1, 1, 1]
    assert not [step for step in steps(agreement) if step.endswith("settled")]

    assert [close.run(on(11, day), bank) for day in (20, 23, 24)] == [0, 0, 0]

    assert len(sent(bank)) == 1
    assert "2026-11-24 settled" in steps(agreement)


def disk_is_full(*_facts: object) -> None:
    raise OSError("no space left on the disk")


def test_debits_that_do_not_fit_into_one_file_go_into_several(empty: Flask, bank: NachaBank) -> None:
    rich = [owing("60000000.00", year=2024, day=date(2025, 6, 2)) for _ in range(2)]
    for taxpayer in rich:
        agreed(taxpayer, "60000000.00", date(2026, 11, 17), day=AGREED_ON)
    plan(first_due_on=date(2026, 11, 17))

    assert close.run(on(11, 16), bank) == 0

    assert sorted(len(file.batches[0].entries) - 1 for file in sent(bank)) == [1, 2]


def test_days_that_are_closed_late_do_not_book_what_was_sent_a_minute_ago(empty: Flask, bank: NachaBank) -> None:
    _, agreement = plan(first_due_on=date(2026, 11, 17))
    closes(bank, on(11, 15))

    closes(bank, on(11, 20))

    [file] = sent(bank)
    assert file.batches[0].header.effective_date == "261123"
    assert not [step for step in steps(agreement) if step.endswith("settled")]
    closes(bank, on(11, 25))
    assert "2026-11-25 settled" in steps(agreement)


def closes(bank: NachaBank, when: Moment) -> None:
    for _day in days.close_through(when, bank):
        pass
