"""Direct Pay's deeds: what is refused and why, signed once, changed, cancelled, forgotten."""

from contextlib import suppress
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL, Role
from portal.domain.direct_pay import BanksClosed, Choice, TooEarly
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.refusal import Refusal
from portal.domain.routing import BadRoutingNumber
from portal.models import Agreement, BankAccount, Payment, PaymentStep, TrailEvent
from portal.models.bank_account import AccountType
from portal.models.mail import MailKind
from portal.models.payment import Channel, Reason
from portal.queries.direct_pay import position, saved_accounts
from portal.services import direct_pay, notices, payments, promises, trail, users
from portal.services.bank_accounts import NewAccount, NoSuchAccount, TooManyFailures, UnusableAccount
from portal.services.direct_pay import DraftIsOver
from portal.services.direct_pay_rules import (
    AfterTheDebit,
    DebitIsGone,
    LessThanTheDebit,
    MoreThanOwed,
    NoSuchPayment,
    NothingLeftToPay,
    ReasonIsOver,
    SameAgain,
    TooLateToChange,
    TooManyPayments,
    TooMuchAtOnce,
    Wish,
)
from tests import applicant
from tests.applicant import later, marry
from tests.cast import TODAY, taxpayer, user
from tests.ledger_text import agreed, dollars, owing, paid
from tests.payer import NEW, SOON, drafted, online, payer_of, signature, signed, wish
from tests.services.test_deeds import PowerCut, everything, failing_at, kept_head, whole_trail
from tests.stopped_clock import NOW

DEBIT_ON = date(2026, 12, 15)


def instead(amount: str = "310.00", pay_on: date = SOON, **more: Any) -> Wish:
    """The installment of ontime, instead of its debit."""
    return wish(amount, pay_on, reason=Reason.INSTALLMENT, installment_on=DEBIT_ON, **more)


def events() -> list[str]:
    return list(db.session.execute(db.select(TrailEvent.event).order_by(TrailEvent.number)).scalars())


def debits(role: str = "ontime", state: PaymentState = PaymentState.SCHEDULED) -> list[Payment]:
    rows = db.select(Payment).where(
        Payment.taxpayer_id == taxpayer(role).id, Payment.channel == Channel.DEBIT, Payment.state == state
    )
    return list(db.session.execute(rows.order_by(Payment.installment_on)).scalars())


# Drafts.


def test_a_draft_promises_nothing(app: Flask) -> None:
    before = events()

    draft = drafted()

    assert (draft.state, draft.channel, draft.drafted_at) == (PaymentState.DRAFTED, Channel.ONLINE, NOW.at)
    assert db.session.execute(db.select(PaymentStep).where(PaymentStep.payment_id == draft.id)).all() == []
    assert events() == before
    assert saved_accounts(taxpayer("owing").id) == []


@pytest.mark.parametrize(
    ("role", "asked", "refusal"),
    [
        ("owing", wish(pay_on=date(2026, 12, 5)), BanksClosed),
        ("owing", wish(pay_on=date(2026, 11, 20)), TooEarly),
        ("owing", wish("10000000.00"), TooMuchAtOnce),
        ("owing", wish("9999999.99"), MoreThanOwed),
        ("owing", wish(reason=Reason.CURE), ReasonIsOver),
        ("owing", wish(reason=Reason.INSTALLMENT), ReasonIsOver),
        ("ontime", wish(reason=Reason.FIRST_PAYMENT), ReasonIsOver),
        ("ontime", wish(reason=Reason.CURE), ReasonIsOver),
        ("indefault", wish(reason=Reason.EXTRA), ReasonIsOver),
        ("ontime", wish("310.00", reason=Reason.INSTALLMENT, installment_on=date(2027, 1, 15)), DebitIsGone),
        ("owing", wish(installment_on=DEBIT_ON), DebitIsGone),
        ("ontime", instead("309.99"), LessThanTheDebit),
        ("ontime", instead(pay_on=date(2026, 12, 16)), AfterTheDebit),
    ],
)
def test_what_is_not_possible_is_refused_and_nothing_is_kept(
    app: Flask, role: str, asked: Wish, refusal: type[Refusal]
) -> None:
    before = everything()

    with pytest.raises(refusal):
        drafted(role, asked)

    assert everything() == before


def test_overpaying_is_refused_with_the_figure_to_the_cent(app: Flask) -> None:
    owed = position(taxpayer("owing").id, TODAY).owed_on(SOON)
    with pytest.raises(MoreThanOwed) as refused:
        drafted(asked=wish(str(owed + Money(1))))

    assert refused.value.facts == {"owed": owed, "day": SOON}
    assert drafted(asked=wish(str(owed))).amount == owed


def test_what_is_owed_later_has_the_interest_until_then(app: Flask) -> None:
    found = position(taxpayer("owing").id, TODAY)

    assert found.owed_on(TODAY) == found.view.standing.balance == dollars("18240.00")
    assert found.owed_on(TODAY) < found.owed_on(SOON) < found.owed_on(date(2027, 12, 7))


def test_a_payment_that_is_arranged_leaves_less_to_pay(app: Flask) -> None:
    before = position(taxpayer("owing").id, TODAY).owed_on(SOON)
    signed(asked=wish("240.00"))

    assert position(taxpayer("owing").id, TODAY).owed_on(SOON) == before - dollars("240.00")


def test_nothing_is_left_to_pay_once_everything_is_arranged(app: Flask) -> None:
    owed = position(taxpayer("owing").id, TODAY).owed_on(SOON)
    signed(asked=wish(str(owed)))

    with pytest.raises(NothingLeftToPay):
        drafted()


def test_the_year_is_the_one_whose_collection_ends_first(app: Flask) -> None:
    found = position(taxpayer("ontime").id, TODAY)
    owing_years = [each.facts for each in found.view.standing.years if each.owed.total]

    assert found.period == min(owing_years, key=lambda each: each.collection_ends_on)


def test_each_account_is_offered_what_applies_to_it(app: Flask) -> None:
    offered = {role: position(taxpayer(role).id, TODAY).reasons for role in ("owing", "ontime", "indefault")}

    assert offered == {
        "owing": (Reason.BALANCE_DUE,),
        "ontime": (Reason.INSTALLMENT, Reason.EXTRA, Reason.BALANCE_DUE),
        "indefault": (Reason.CURE, Reason.BALANCE_DUE),
    }


def test_a_plan_to_which_nothing_was_paid_begins_with_its_first_payment(app: Flask) -> None:
    agreed(taxpayer("owing"), "400.00", DEBIT_ON, day=TODAY)
    found = position(taxpayer("owing").id, TODAY)

    assert found.reasons == (Reason.FIRST_PAYMENT, Reason.EXTRA, Reason.BALANCE_DUE)
    assert found.amounts(Reason.FIRST_PAYMENT, SOON)[Choice.INSTALLMENT] == dollars("400.00")


def test_who_is_in_default_can_pay_what_is_past_due(app: Flask) -> None:
    found = position(taxpayer("indefault").id, TODAY)

    assert found.amounts(Reason.CURE, SOON)[Choice.PAST_DUE] == found.view.standing.arrears.amount


# The account.


def test_a_new_account_is_known_to_the_trail_once_the_payment_is_signed(app: Flask) -> None:
    draft = drafted()
    assert "bank_account.added" not in events()[-2:]

    direct_pay.sign(payer_of(), draft.reference, signature(), when=NOW)

    assert events()[-2:] == ["bank_account.added", "payment.scheduled"]
    [saved] = saved_accounts(taxpayer("owing").id)
    assert (saved.view.last_four, saved.is_usable) == ("4418", True)


def test_an_account_that_is_known_is_not_kept_twice(app: Flask) -> None:
    first, second = signed(), signed(asked=wish("5.00"))

    assert first.bank_account_id == second.bank_account_id
    assert events().count("bank_account.added") == events()[:-1].count("bank_account.added")


def test_an_unusable_account_is_refused_whether_chosen_or_typed_again(app: Flask) -> None:
    payment = signed()
    account = db.session.get_one(BankAccount, payment.bank_account_id)
    account.unusable_since = TODAY
    db.session.commit()

    for source in (account.reference, NEW):
        with pytest.raises(UnusableAccount):
            drafted(asked=wish("7.00"), account=source)
    assert [each.is_usable for each in saved_accounts(taxpayer("owing").id)] == [False]


def test_after_three_accounts_that_the_bank_does_not_know_no_other_is_tried(app: Flask) -> None:
    unknown = NewAccount(AccountType.SAVINGS, "121042882", "1000000901")
    for _time in range(3):
        with pytest.raises(NoSuchAccount):
            drafted(account=unknown)
    with pytest.raises(TooManyFailures):
        drafted()
    assert drafted(when=later(days=1, minutes=1))


def test_a_wrong_routing_number_is_refused(app: Flask) -> None:
    with pytest.raises(BadRoutingNumber):
        drafted(account=NewAccount(AccountType.CHECKING, "121042883", "5550004418"))


# Signing.


def test_a_signature_promises_the_payment_and_tells_everybody_of_the_account(app: Flask) -> None:
    marry()
    payment = signed()

    assert (payment.state, payment.signed_at, payment.signature) == (PaymentState.SCHEDULED, NOW.at, "Olivia Owens")
    assert payment.signed_text == "The text of the payment."
    receipts = applicant.mails(MailKind.RECEIPT)
    assert [recipient for recipient, _facts in receipts] == ["owing@example.test", "jose@example.test"]
    assert receipts[0][1] == {
        "first_name": "Olivia", "amount": "100.00", "pay_on": "2026-12-07", "payment": payment.reference,
        "link": receipts[0][1]["link"],
    }  # fmt: skip
    assert receipts[0][1]["link"].startswith("/account/notices/NO-")


def test_who_signs_again_is_told_the_same_payment(app: Flask) -> None:
    payment = signed()
    before = everything()

    again = direct_pay.sign(payer_of(), payment.reference, signature(), when=later(days=30))

    assert again is payment
    assert everything() == before


@pytest.mark.parametrize(("minutes", "is_open"), [(90, True), (91, False)])
def test_a_draft_is_kept_for_ninety_minutes(app: Flask, minutes: int, is_open: bool) -> None:
    draft = drafted()
    before = everything()
    if is_open:
        assert direct_pay.sign(payer_of(), draft.reference, signature(), when=later(minutes=minutes)).signed_at
        return
    with pytest.raises(DraftIsOver):
        direct_pay.sign(payer_of(), draft.reference, signature(), when=later(minutes=minutes))
    assert everything() == before


def test_a_draft_belongs_to_who_made_it_and_a_payment_to_the_account(app: Flask) -> None:
    spouse, draft = marry(), drafted()
    partner = direct_pay.Payer(taxpayer("owing").id, spouse.name, applicant.actor_of(spouse))

    for payer in (partner, payer_of("ontime")):
        with pytest.raises(NoSuchPayment):
            direct_pay.sign(payer, draft.reference, signature(), when=NOW)
    direct_pay.sign(payer_of(), draft.reference, signature(), when=NOW)
    direct_pay.cancel(partner, draft.reference, when=NOW)
    with pytest.raises(NoSuchPayment):
        direct_pay.cancel(payer_of("ontime"), draft.reference, when=NOW)


def test_two_payments_can_be_signed_within_a_day(app: Flask) -> None:
    first, _second = signed(), signed(asked=wish("5.00"))
    with pytest.raises(TooManyPayments):
        drafted(asked=wish("6.00"))

    assert drafted(asked=wish("6.00"), when=later(days=1))
    direct_pay.cancel(payer_of(), first.reference, when=NOW)
    assert signed(asked=wish("6.00"))


def test_the_limit_is_asked_again_when_it_is_signed(app: Flask) -> None:
    drafts = [drafted(asked=wish(f"{number}.00")) for number in (1, 2, 3)]
    for draft in drafts[:2]:
        direct_pay.sign(payer_of(), draft.reference, signature(), when=NOW)

    with pytest.raises(TooManyPayments):
        direct_pay.sign(payer_of(), drafts[2].reference, signature(), when=NOW)
    assert isinstance(direct_pay.hindrance(payer_of(), drafts[2].reference, when=NOW), TooManyPayments)


def test_the_same_again_is_asked_about_and_then_made(app: Flask) -> None:
    signed()
    second = drafted()

    assert direct_pay.is_the_same_again(payer_of(), second.reference)
    with pytest.raises(SameAgain):
        direct_pay.sign(payer_of(), second.reference, signature(wants_another=False), when=NOW)
    direct_pay.sign(payer_of(), second.reference, signature(), when=NOW)
    assert [each.state for each in online()] == [PaymentState.SCHEDULED] * 2


def test_another_amount_or_day_is_not_the_same_again(app: Flask) -> None:
    signed()
    for asked in (wish("100.01"), wish(pay_on=date(2026, 12, 8))):
        assert not direct_pay.is_the_same_again(payer_of(), drafted(asked=asked).reference)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda: paid(taxpayer("owing"), "18200.00", TODAY), MoreThanOwed),
        (lambda: paid(taxpayer("owing"), "18300.00", TODAY), NothingLeftToPay),
        (lambda: spoil_the_account(), UnusableAccount),
    ],
)
def test_what_changed_since_it_was_drawn_is_told_and_nothing_is_signed(
    app: Flask, change: Any, refusal: type[Refusal]
) -> None:
    draft = drafted()
    change()
    before = everything()

    assert isinstance(direct_pay.hindrance(payer_of(), draft.reference, when=NOW), refusal)
    with pytest.raises(refusal):
        direct_pay.sign(payer_of(), draft.reference, signature(), when=NOW)
    assert everything() == before


def spoil_the_account() -> None:
    [draft] = online()
    db.session.get_one(BankAccount, draft.bank_account_id).unusable_since = TODAY
    db.session.commit()


def test_a_day_that_passed_the_cut_off_while_it_was_looked_at_is_refused(app: Flask) -> None:
    late = Moment(NOW.at + timedelta(hours=11, minutes=30), TODAY)
    draft = drafted(asked=wish(pay_on=TODAY), when=late)

    with pytest.raises(TooEarly):
        direct_pay.sign(payer_of(), draft.reference, signature(), when=Moment(late.at + timedelta(minutes=20), TODAY))


# Instead of a debit.


def test_an_installment_takes_the_place_of_its_debit_and_the_next_one_is_promised(app: Flask) -> None:
    [debit] = debits()
    payment = signed("ontime", instead())

    assert (payment.installment_on, payment.agreement_id) == (DEBIT_ON, debit.agreement_id)
    assert debit.state is PaymentState.CANCELLED
    assert [each.installment_on for each in debits()] == [date(2027, 1, 15)]


def test_an_installment_in_addition_leaves_the_debit_alone(app: Flask) -> None:
    signed("ontime", wish("310.00", reason=Reason.INSTALLMENT))

    assert [each.installment_on for each in debits()] == [DEBIT_ON]


def test_extra_money_does_not_keep_the_next_debit_from_being_promised(app: Flask) -> None:
    signed("ontime", wish("50.00", date(2027, 3, 1), reason=Reason.EXTRA))
    signed("ontime", instead())

    assert [each.installment_on for each in debits()] == [date(2027, 1, 15)]


def test_a_debit_that_was_sent_meanwhile_is_not_replaced(app: Flask) -> None:
    draft = drafted("ontime", instead())
    [debit] = debits()
    payments.submit(debit, by=PORTAL, when=NOW)

    with pytest.raises(DebitIsGone):
        direct_pay.sign(payer_of("ontime"), draft.reference, signature("ontime"), when=NOW)
    assert debit.state is PaymentState.SUBMITTED


def test_a_plan_that_ended_meanwhile_takes_no_installment(app: Flask) -> None:
    draft = drafted("ontime", instead())
    agreement = db.session.execute(
        db.select(Agreement).where(Agreement.taxpayer_id == taxpayer("ontime").id)
    ).scalar_one()
    agreement.state, agreement.ended_on = AgreementState.WITHDRAWN, TODAY
    db.session.commit()

    with pytest.raises(ReasonIsOver):
        direct_pay.sign(payer_of("ontime"), draft.reference, signature("ontime"), when=NOW)


def test_the_next_attempt_of_an_installment_is_replaced_as_that_attempt(app: Flask) -> None:
    [debit] = debits()
    debit.attempt = 2
    db.session.commit()

    payment = signed("ontime", instead())
    assert payment.attempt == 2
    direct_pay.cancel(payer_of("ontime"), payment.reference, when=NOW)

    assert [(each.installment_on, each.attempt) for each in debits()] == [(DEBIT_ON, 2), (date(2027, 1, 15), 1)]


def test_extra_money_can_lower_what_is_asked_each_month(app: Flask) -> None:
    payment = signed("ontime", wish("500.00", reason=Reason.EXTRA, lowers_monthly=True))

    assert (payment.lowers_monthly, payment.installment_on) == (True, None)


# Changing and cancelling.


def test_a_cancelled_payment_gives_its_debit_back(app: Flask) -> None:
    [before] = debits()
    payment = signed("ontime", instead())

    direct_pay.cancel(payer_of("ontime"), payment.reference, when=later(days=10))

    assert payment.state is PaymentState.CANCELLED
    again = debits()[0]
    assert (again.installment_on, again.pay_on, again.amount, again.bank_account_id) == (
        DEBIT_ON, DEBIT_ON, before.amount, before.bank_account_id,
    )  # fmt: skip


def test_a_payment_is_cancelled_once(app: Flask) -> None:
    payment = signed("ontime", instead())
    direct_pay.cancel(payer_of("ontime"), payment.reference, when=NOW)
    before = everything()

    direct_pay.cancel(payer_of("ontime"), payment.reference, when=NOW)

    assert everything() == before


def test_after_the_cut_off_nothing_is_cancelled_or_changed(app: Flask) -> None:
    payment = signed()
    before = everything()
    late = Moment(NOW.at.replace(day=1, month=12) + timedelta(days=3), date(2026, 12, 4))

    with pytest.raises(TooLateToChange):
        direct_pay.cancel(payer_of(), payment.reference, when=late)
    with pytest.raises(TooLateToChange):
        drafted(asked=wish("90.00", date(2026, 12, 10), instead=payment.reference), when=late)
    assert everything() == before


def test_a_payment_that_was_sent_is_neither_cancelled_nor_changed(app: Flask) -> None:
    payment = signed()
    payments.submit(payment, by=PORTAL, when=NOW)

    with pytest.raises(TooLateToChange):
        direct_pay.cancel(payer_of(), payment.reference, when=NOW)


def test_a_changed_payment_takes_the_place_of_the_old_one(app: Flask) -> None:
    old = signed()
    new = signed(asked=wish("80.00", date(2026, 12, 9), instead=old.reference))

    assert (old.state, new.state, new.amount) == (PaymentState.CANCELLED, PaymentState.SCHEDULED, dollars("80.00"))
    assert len(online()) == 2


def test_a_change_is_no_third_payment_and_no_second_one_of_the_same(app: Flask) -> None:
    old, _other = signed(), signed(asked=wish("5.00"))

    draft = drafted(asked=wish(instead=old.reference))
    assert not direct_pay.is_the_same_again(payer_of(), draft.reference, instead=old.reference)
    direct_pay.sign(payer_of(), draft.reference, signature(), instead=old.reference, when=NOW)

    assert old.state is PaymentState.CANCELLED


def test_a_change_of_an_installment_still_stands_for_its_debit(app: Flask) -> None:
    old = signed("ontime", instead())
    new = signed("ontime", instead("320.00", date(2026, 12, 8), instead=old.reference))

    assert (old.state, new.installment_on, new.agreement_id) == (PaymentState.CANCELLED, DEBIT_ON, old.agreement_id)
    assert [each.installment_on for each in debits()] == [date(2027, 1, 15)]


def test_a_change_to_in_addition_gives_the_debit_back(app: Flask) -> None:
    old = signed("ontime", instead())
    signed("ontime", wish("50.00", reason=Reason.INSTALLMENT, instead=old.reference))

    assert [each.installment_on for each in debits()] == [DEBIT_ON, date(2027, 1, 15)]


def test_the_payment_that_is_changed_is_left_alone_until_the_new_one_is_signed(app: Flask) -> None:
    old = signed()
    draft = drafted(asked=wish("80.00", instead=old.reference))
    assert old.state is PaymentState.SCHEDULED

    direct_pay.cancel(payer_of(), old.reference, when=NOW)
    with pytest.raises(TooLateToChange):
        direct_pay.sign(payer_of(), draft.reference, signature(), instead=old.reference, when=NOW)


# Forgotten.


def test_drafts_are_forgotten_with_the_accounts_that_were_typed_for_them(app: Flask) -> None:
    kept = signed()
    drafted(account=NewAccount(AccountType.SAVINGS, "121042882", "5550004499"))
    before = len(db.session.execute(db.select(BankAccount)).all())

    assert direct_pay.forget_drafts(later(days=1)) == 0
    assert direct_pay.forget_drafts(later(days=1, minutes=1)) == 1

    assert [each.reference for each in online()] == [kept.reference]
    assert len(db.session.execute(db.select(BankAccount)).all()) == before - 1


def test_an_account_that_is_used_stays(app: Flask) -> None:
    signed()
    drafted(asked=wish("5.00"))

    assert direct_pay.forget_drafts(later(days=2)) == 1
    assert len(saved_accounts(taxpayer("owing").id)) == 1


# All or nothing.


@pytest.mark.parametrize(
    ("service", "deed"),
    [
        (payments, "promise"), (payments, "cancel"), (promises, "schedule_next"), (notices, "issue"),
        (trail, "append"),
    ],
)  # fmt: skip
def test_if_a_part_of_signing_fails_nothing_is_done(
    app: Flask, monkeypatch: pytest.MonkeyPatch, service: Any, deed: str
) -> None:
    draft = drafted("ontime", instead())
    before, head = everything(), kept_head()
    monkeypatch.setattr(service, deed, power_cut)

    with pytest.raises(PowerCut):
        direct_pay.sign(payer_of("ontime"), draft.reference, signature("ontime"), when=NOW)

    assert everything() == before
    assert kept_head() == head


def test_a_signature_that_fails_at_any_of_its_writes_leaves_nothing(empty: Flask) -> None:
    """The change of an installment into one for another debit: everything that a signature can do."""
    somebody_on_a_plan()
    old = signed("member", wish("100.00", date(2026, 12, 7), reason=Reason.FIRST_PAYMENT, installment_on=DEBIT_ON))
    asked = wish("120.00", date(2026, 12, 8), reason=Reason.FIRST_PAYMENT, installment_on=DEBIT_ON,
                 instead=old.reference)  # fmt: skip
    draft = drafted("member", asked)
    db.session.commit()
    before, head = everything(), kept_head()

    for number in count(1):
        with failing_at(number) as failed, suppress(PowerCut):
            direct_pay.sign(payer_of("member"), draft.reference, signature("member"), instead=old.reference, when=NOW)
        if not failed:
            break
        assert everything() == before, f"failing at write {number} left something"
        db.session.commit()
        assert kept_head() == head

    assert number > 6
    assert [each.state for each in online("member")] == [PaymentState.CANCELLED, PaymentState.SCHEDULED]
    assert whole_trail()


def test_a_cancellation_that_fails_at_any_of_its_writes_leaves_nothing(empty: Flask) -> None:
    somebody_on_a_plan()
    payment = signed("member", wish("100.00", reason=Reason.FIRST_PAYMENT, installment_on=DEBIT_ON))
    before = everything()

    for number in count(1):
        with failing_at(number) as failed, suppress(PowerCut):
            direct_pay.cancel(payer_of("member"), payment.reference, when=NOW)
        if not failed:
            break
        assert everything() == before, f"failing at write {number} left something"

    assert payment.state is PaymentState.CANCELLED
    assert len(debits("member")) == 2


def somebody_on_a_plan() -> None:
    """A member with a new plan, on an empty database."""
    owner = owing("9000.00", year=2025, day=TODAY)
    users.add(
        "member@example.test", "a password of many words", name=owner.name, role=Role.TAXPAYER, taxpayer=owner,
        by=PORTAL, when=NOW,
    )  # fmt: skip
    agreed(owner, "100.00", DEBIT_ON, day=TODAY)
    assert user("member")


def power_cut(*_facts: object, **_more: object) -> None:
    raise PowerCut
