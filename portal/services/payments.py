"""Payments: schedule, submit, settle, return, cancel, and receive what came by mail or from an employer."""

from datetime import date

from sqlalchemy import ColumnElement, select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.lifecycle import PaymentState, payment_move
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.penalties import dishonored_payment
from portal.domain.period import Kind
from portal.models import Agreement, BankAccount, Payment, PaymentStep, Taxpayer
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.office import office
from portal.queries import accounts
from portal.services import ledger, notices, trail


def schedule(
    agreement: Agreement, account: BankAccount, amount: Money, *, installment_on: date, pay_on: date,
    by: Actor, when: Moment,
) -> Payment:  # fmt: skip
    """Promise the debit of an installment: due on one day, taken on the banking day `pay_on`."""
    with transaction():
        payment = Payment(
            taxpayer_id=agreement.taxpayer_id, agreement_id=agreement.id, bank_account_id=account.id,
            channel=Channel.DEBIT, state=PaymentState.SCHEDULED, amount=amount, pay_on=pay_on,
            installment_on=installment_on,
        )  # fmt: skip
        _begin(payment, by=by, when=when)
        return payment


def try_again(returned: Payment, *, pay_on: date, by: Actor, when: Moment) -> Payment:
    """Promise the same debit once more, as its next attempt."""
    with transaction():
        payment = Payment(
            taxpayer_id=returned.taxpayer_id, agreement_id=returned.agreement_id,
            bank_account_id=returned.bank_account_id, channel=returned.channel, state=PaymentState.SCHEDULED,
            amount=returned.amount, pay_on=pay_on, installment_on=returned.installment_on,
            attempt=returned.attempt + 1,
        )  # fmt: skip
        _begin(payment, by=by, when=when)
        return payment


def promise(payment: Payment, *, by: Actor, when: Moment) -> None:
    """What was drafted is signed: the money will be taken on its day."""
    with transaction():
        db.session.add(payment)
        _move(payment, PaymentState.SCHEDULED, by=by, when=when)


def receive(taxpayer: Taxpayer, amount: Money, *, channel: Channel, pay_on: date, by: Actor, when: Moment) -> Payment:
    """Book money that is already here: mailed, remitted by an employer, or paid before the portal began."""
    with transaction():
        payment = Payment(
            taxpayer_id=taxpayer.id, channel=channel, state=PaymentState.SETTLED, amount=amount, pay_on=pay_on
        )
        _begin(payment, by=by, when=when)
        ledger.receive(payment, when=when)
        return payment


def announce(
    taxpayer: Taxpayer, amount: Money, *, channel: Channel, pay_on: date, by: Actor, when: Moment
) -> Payment:
    """Note money that somebody says is on its way, such as an employer: pending until it is here."""
    with transaction():
        payment = Payment(
            taxpayer_id=taxpayer.id, channel=channel, state=PaymentState.SUBMITTED, amount=amount, pay_on=pay_on
        )
        _begin(payment, by=by, when=when)
        return payment


def submit(payment: Payment, *, by: Actor, when: Moment) -> None:
    """Hand a scheduled debit to the bank."""
    with transaction():
        _move(payment, PaymentState.SUBMITTED, by=by, when=when)


def settle(payment: Payment, *, by: Actor, when: Moment) -> None:
    """The bank paid: the money counts as of the day it was taken."""
    with transaction():
        _move(payment, PaymentState.SETTLED, by=by, when=when)
        ledger.receive(payment, when=when)


def give_back(payment: Payment, code: str, *, retry_on: date | None = None, by: Actor, when: Moment) -> None:
    """The bank returned a debit: it never counted, its penalty is charged, and the taxpayer is told.

    `code` is the return reason code of the Nacha rules, such as R01 for insufficient funds. The penalty (IRC 6657) is
    charged once for a debit, however often it is tried.
    """
    with transaction():
        had_settled = payment.state == PaymentState.SETTLED
        payment.return_code = code
        _move(payment, PaymentState.RETURNED, by=by, when=when, code=code)
        year = ledger.take_back(payment, when=when) if had_settled else None
        penalty = Money(0)
        if payment.attempt == 1:
            penalty = dishonored_payment(payment.amount, office().policy.penalties.on(when.on))
            ledger.charge(
                payment.taxpayer_id, Kind.DISHONORED, penalty,
                tax_year=year or _first_year(payment.taxpayer_id), payment_id=payment.id, when=when,
            )  # fmt: skip
            ledger.align(payment.taxpayer_id, accounts.facts(payment.taxpayer_id), when=when)
        notices.issue(
            payment.taxpayer_id, NoticeKind.RETURNED_PAYMENT, when=when, payment=payment.reference,
            amount=str(payment.amount), code=code, penalty=str(penalty), pay_on=payment.pay_on.isoformat(),
            retry_on=retry_on.isoformat() if retry_on else "",
        )  # fmt: skip


def cancel(payment: Payment, *, by: Actor, when: Moment) -> None:
    """Take back a promise that was not yet handed to the bank."""
    with transaction():
        _move(payment, PaymentState.CANCELLED, by=by, when=when)


def reverse(payment: Payment, *, by: Actor, when: Moment, **details: str) -> None:
    """Money that was posted here belongs elsewhere: it never counted for this account, which costs nothing."""
    with transaction():
        _move(payment, PaymentState.REVERSED, by=by, when=when, **details)
        ledger.take_back(payment, when=when)
        notices.issue(
            payment.taxpayer_id, NoticeKind.PAYMENT_REVERSED, when=when, payment=payment.reference,
            amount=str(payment.amount), pay_on=payment.pay_on.isoformat(),
        )  # fmt: skip


def resize(payment: Payment, amount: Money, *, by: Actor, when: Moment) -> None:
    """Promise another amount for the same day, none at all if it is zero, and tell the taxpayer in advance."""
    with transaction():
        before = payment.amount
        if amount:
            payment.amount = amount
            db.session.flush()
            trail.append(
                "payment.resized", payment.reference, by=by, when=when, taxpayer_id=payment.taxpayer_id,
                amount=str(amount), before=str(before),
            )  # fmt: skip
        else:
            cancel(payment, by=by, when=when)
        pay_on = payment.pay_on.isoformat()
        notices.issue(
            payment.taxpayer_id, NoticeKind.DEBIT_CHANGED, when=when, payment=payment.reference,
            amount=str(amount) if amount else "", pay_on=pay_on, was_amount=str(before), was_pay_on=pay_on,
        )  # fmt: skip


def call_off(*which: ColumnElement[bool], by: Actor, when: Moment) -> None:
    """Take back every promised payment of a kind, and tell the taxpayer that it will not be taken."""
    with transaction():
        promised = select(Payment).where(Payment.state == PaymentState.SCHEDULED, *which).order_by(Payment.id)
        for payment in db.session.execute(promised).scalars().all():
            resize(payment, Money(0), by=by, when=when)


def _first_year(taxpayer_id: int) -> int:
    """The year that a payment reaches first: its collection ends first."""
    periods = accounts.facts(taxpayer_id).periods
    return min(periods, key=lambda period: (period.collection_ends_on, period.tax_year)).tax_year


def _begin(payment: Payment, *, by: Actor, when: Moment) -> None:
    db.session.add(payment)
    db.session.flush()
    _write_step(payment, by=by, when=when)


def _move(payment: Payment, state: PaymentState, *, by: Actor, when: Moment, **details: str) -> None:
    payment.state = payment_move(payment.state, state)
    db.session.flush()
    _write_step(payment, by=by, when=when, **details)


def _write_step(payment: Payment, *, by: Actor, when: Moment, **details: str) -> None:
    db.session.add(PaymentStep(payment_id=payment.id, state=payment.state, happened_on=when.on, recorded_at=when.at))
    trail.append(
        f"payment.{payment.state}", payment.reference, by=by, when=when, taxpayer_id=payment.taxpayer_id,
        amount=str(payment.amount), pay_on=payment.pay_on.isoformat(), **details,
    )  # fmt: skip
