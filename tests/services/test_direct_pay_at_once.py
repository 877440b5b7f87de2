"""One form sent by everybody at once is one payment; different forms are one payment each."""

import time
from collections import Counter
from datetime import date
from itertools import count

from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL, Role
from portal.domain.lifecycle import PaymentState
from portal.domain.refusal import Refusal
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import Payment, PaymentStep, User
from portal.models.payment import Channel
from portal.services import direct_pay, payments, users
from portal.services.direct_pay import Signature
from portal.services.direct_pay_rules import Payer, SameAgain, TooLateToChange, TooManyPayments
from tests import payer as typing
from tests.applicant import actor_of
from tests.browser import filled_in
from tests.cast import TODAY
from tests.ledger_text import moment, owing
from tests.payer import NEW, wish
from tests.stopped_clock import NOW
from tests.test_access import inside
from tests.test_db import faults_of, together, trail_is_whole

THREADS, POSTS, ROUNDS = 64, 16, 40
_members = count(1)


def test_a_thousand_posts_of_one_form_are_one_payment(committing: Flask) -> None:
    member = somebody()
    browser = inside(committing, member.email.removesuffix("@example.test"))
    review = typing.fill_in(browser)
    place = review.response.request.path
    answers = {**filled_in(review.form()), "signature": member.name}
    cookie = browser.client.get_cookie("portal")
    assert cookie
    told: list[tuple[int, str]] = []

    def post(_number: int) -> None:
        client = committing.test_client()
        client.set_cookie("portal", cookie.value)
        for _time in range(POSTS):
            response = client.post(place, data=answers)
            told.append((response.status_code, response.headers.get("Location", "")))

    began = time.monotonic()
    together(committing, post, THREADS)
    print(f"{THREADS * POSTS} posts in {time.monotonic() - began:.1f} s")

    [payment] = signed_of(member)
    assert Counter(told) == {(303, f"/account/payments/{payment.reference}"): THREADS * POSTS}
    steps = db.select(PaymentStep).where(PaymentStep.payment_id == payment.id)
    assert len(db.session.execute(steps).all()) == 1
    assert faults_of(member.taxpayer_id or 0) == []
    assert trail_is_whole()


def test_of_many_different_payments_signed_at_once_two_are_made(committing: Flask) -> None:
    member = somebody()
    payer, told = payer_of(member), list[str]()
    drafts = [direct_pay.draft(payer, wish(f"{number}.00"), NEW, when=NOW).reference for number in range(1, 17)]

    def sign(number: int) -> None:
        told.append(signed(payer, drafts[number]))

    together(committing, sign, 16)

    assert Counter(told) == {"signed": 2, TooManyPayments.__name__: 14}
    assert len(signed_of(member)) == 2


def test_of_two_equal_payments_signed_at_once_one_is_asked_about(committing: Flask) -> None:
    member = somebody()
    payer, told = payer_of(member), list[str]()
    drafts = [direct_pay.draft(payer, wish(), NEW, when=NOW).reference for _number in range(2)]

    together(committing, lambda number: told.append(signed(payer, drafts[number])), 2)

    assert sorted(told) == [SameAgain.__name__, "signed"]


def test_of_a_cancellation_and_a_change_at_once_one_wins(committing: Flask) -> None:
    member = somebody()
    payer = payer_of(member)
    old = direct_pay.draft(payer, wish(), NEW, when=NOW).reference
    signed(payer, old)
    new = direct_pay.draft(payer, wish("90.00", date(2026, 12, 9), instead=old), NEW, when=NOW).reference

    def work(number: int) -> None:
        try:
            if number % 2:
                direct_pay.cancel(payer, old, when=NOW)
            else:
                direct_pay.sign(payer, new, Signature(payer.name, "Text.", True), instead=old, when=NOW)
        except Refusal:
            pass

    together(committing, work, 8)

    states = {each.reference: each.state for each in rows_of(member)}
    assert states[old] is PaymentState.CANCELLED
    assert states[new] in (PaymentState.SCHEDULED, PaymentState.DRAFTED)
    assert faults_of(member.taxpayer_id or 0) == []


def test_at_the_cut_off_a_payment_is_either_cancelled_or_sent(committing: Flask) -> None:
    member, outcomes = somebody(), Counter[str]()
    payer = payer_of(member)
    for number in range(ROUNDS):
        drafted = direct_pay.draft(payer, wish(f"{number + 1}.00"), NEW, when=NOW)
        reference, pay_on, told = drafted.reference, drafted.pay_on, list[str]()
        signed(payer, reference)

        def work(which: int, reference: str = reference, pay_on: date = pay_on, told: list[str] = told) -> None:
            if which:
                close.run(moment(pay_on), SandboxBank())
                return
            try:
                direct_pay.cancel(payer, reference, when=NOW)
                told.append("cancelled")
            except Refusal as refusal:
                told.append(type(refusal).__name__)

        together(committing, work, 2)

        payment = next(each for each in rows_of(member) if each.reference == reference)
        steps = db.select(PaymentStep.state).where(PaymentStep.payment_id == payment.id).order_by(PaymentStep.id)
        became = list(db.session.execute(steps).scalars())
        assert (told, became) in (
            (["cancelled"], [PaymentState.SCHEDULED, PaymentState.CANCELLED]),
            ([TooLateToChange.__name__], [PaymentState.SCHEDULED, PaymentState.SUBMITTED]),
        )
        outcomes[told[0]] += 1
        if payment.state is PaymentState.SUBMITTED:
            payments.give_back(payment, "R08", by=PORTAL, when=NOW)
    print(outcomes)
    assert faults_of(member.taxpayer_id or 0) == []


def signed(payer: Payer, reference: str) -> str:
    try:
        direct_pay.sign(payer, reference, Signature(payer.name, "The text.", wants_another=False), when=NOW)
    except Refusal as refusal:
        return type(refusal).__name__
    return "signed"


def somebody() -> User:
    """Somebody new who owes."""
    owner = owing("9000.00", year=2025, day=TODAY)
    email = f"payer{next(_members)}.{db.engine.dialect.name}@example.test"
    return users.add(
        email, "a password of many words", name=owner.name, role=Role.TAXPAYER, taxpayer=owner, by=PORTAL, when=NOW
    )


def payer_of(member: User) -> Payer:
    return Payer(member.taxpayer_id or 0, member.name, actor_of(member))


def rows_of(member: User) -> list[Payment]:
    rows = db.select(Payment).where(Payment.taxpayer_id == member.taxpayer_id, Payment.channel == Channel.ONLINE)
    return list(db.session.execute(rows.order_by(Payment.id)).scalars())


def signed_of(member: User) -> list[Payment]:
    return [each for each in rows_of(member) if each.state is not PaymentState.DRAFTED]
