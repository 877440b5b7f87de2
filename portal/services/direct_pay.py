"""Direct Pay: draft, sign, change and cancel a payment from a bank account.

A draft holds what was typed for ninety minutes and promises nothing. Signing it is one transaction: whoever signs it
again is told what the first signature did.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select

from portal.db import db, transaction
from portal.domain.installments import holding
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import Agreement, BankAccount, Payment
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.queries.direct_pay import displaced
from portal.services import agreements, bank_accounts, notices, payments, promises, receipts, terms
from portal.services.bank_accounts import NewAccount
from portal.services.direct_pay_rules import (
    NoSuchPayment,
    Payer,
    TooLateToChange,
    Wish,
    changeable,
    require_possible,
    require_wanted_twice,
    timetable,
)

FORGOTTEN_AFTER = timedelta(days=1)


class DraftIsOver(Refusal):
    """This payment was not signed in time, so it was not made. Begin again: it takes a minute."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A name typed under a text as it was read. `wants_another`: yes, the same amount on the same day once more."""

    name: str
    text: str
    wants_another: bool


def draft(payer: Payer, wish: Wish, account: str | NewAccount, *, when: Moment) -> Payment:
    """Keep what somebody wants to pay until they sign it. Refuses what is not possible today, and an account that
    the bank does not know.
    """
    if isinstance(account, NewAccount):
        bank_accounts.verify(account.routing_number, account.number, by=payer.by, when=when)
    with transaction():
        source = (
            bank_accounts.typed(payer.taxpayer_id, account, when=when)
            if isinstance(account, NewAccount)
            else _own_account(payer, account)
        )
        require_possible(payer, wish, source, when)
        payment = Payment(
            taxpayer_id=payer.taxpayer_id, bank_account_id=source.id, channel=Channel.ONLINE,
            state=PaymentState.DRAFTED, amount=wish.amount, pay_on=wish.pay_on, reason=wish.reason,
            installment_on=wish.installment_on, lowers_monthly=wish.lowers_monthly, user_id=payer.by.user_id,
            drafted_at=when.at,
        )  # fmt: skip
        db.session.add(payment)
        db.session.flush()
        return payment


def sign(payer: Payer, reference: str, signature: Signature, *, instead: str = "", when: Moment) -> Payment:
    """Promise a drafted payment: all that belongs to it, or nothing. A payment that is signed already is left as it
    is. `instead` names a payment that this one changes. Refuses (`DraftIsOver`) a draft of more than ninety minutes,
    and whatever became impossible since it was made.
    """
    with transaction():
        payment = _own_payment(payer, reference)
        if payment.state is not PaymentState.DRAFTED:
            return payment
        require_open(payment.drafted_at, when)
        source, wish = db.session.get_one(BankAccount, payment.bank_account_id), wish_of(payment, instead)
        require_possible(payer, wish, source, when)
        if not signature.wants_another:
            require_wanted_twice(payer, wish)
        _make_room(payer, payment, wish, when)
        if not bank_accounts.is_known(source):
            bank_accounts.note(source, by=payer.by, when=when)
        payment.signature, payment.signed_text, payment.signed_at = signature.name, signature.text, when.at
        payments.promise(payment, by=payer.by, when=when)
        if (agreement := agreements.in_force(payer.taxpayer_id)) and payment.installment_on:
            promises.schedule_next(agreement, by=payer.by, when=when)
        notices.issue(
            payer.taxpayer_id, NoticeKind.RECEIPT, when=when, payment=reference, amount=str(payment.amount),
            pay_on=payment.pay_on.isoformat(),
        )  # fmt: skip
        receipts.reconsider(payer.taxpayer_id, by=payer.by, when=when)
        return payment


def cancel(payer: Payer, reference: str, *, when: Moment) -> None:
    """Take a payment back; the debit whose place it had taken is promised again. Refuses (`TooLateToChange`) after
    the cut-off; a payment that is cancelled already stays it.
    """
    with transaction():
        payment = _own_payment(payer, reference)
        if payment.state is PaymentState.CANCELLED:
            return
        if not changeable(payment, when):
            raise TooLateToChange
        _take_back(payer, payment, None, when)
        receipts.reconsider(payer.taxpayer_id, by=payer.by, when=when)


def forget_drafts(when: Moment) -> int:
    """Delete what was not signed within a day, with the accounts that were typed for it. How many there were."""
    with transaction():
        is_old = Payment.state == PaymentState.DRAFTED, Payment.drafted_at < when.at - FORGOTTEN_AFTER
        rows = db.session.execute(select(Payment.id, Payment.bank_account_id).where(*is_old)).all()
        db.session.execute(delete(Payment).where(Payment.id.in_([row.id for row in rows])))
        bank_accounts.forget(row.bank_account_id for row in rows)
        return len(rows)


def hindrance(payer: Payer, reference: str, *, instead: str = "", when: Moment) -> Refusal | None:
    """What stands in the way of a draft by now, if anything does."""
    payment = _own_payment(payer, reference)
    source = db.session.get_one(BankAccount, payment.bank_account_id)
    try:
        require_possible(payer, wish_of(payment, instead), source, when)
    except Refusal as refusal:
        return refusal
    return None


def is_the_same_again(payer: Payer, reference: str, *, instead: str = "") -> bool:
    """Whether the same amount is promised for the same day already."""
    try:
        require_wanted_twice(payer, wish_of(_own_payment(payer, reference), instead))
    except Refusal:
        return True
    return False


def require_open(drafted_at: datetime | None, when: Moment) -> None:
    """Refuses (`DraftIsOver`) a draft that was not signed in time."""
    minutes = timetable(when).rules.draft_minutes
    if drafted_at is None or when.at - drafted_at > timedelta(minutes=minutes):
        raise DraftIsOver


def wish_of(payment: Payment, instead: str = "") -> Wish:
    """What a draft says."""
    assert payment.reason is not None
    return Wish(
        payment.reason, payment.amount, payment.pay_on, payment.installment_on, payment.lowers_monthly, instead
    )


def _own_payment(payer: Payer, reference: str) -> Payment:
    """The payment, if it is theirs: of a draft, whoever made it; of what is signed, the account's."""
    rows = select(Payment).where(
        Payment.taxpayer_id == payer.taxpayer_id, Payment.reference == reference, Payment.channel == Channel.ONLINE
    )
    payment = db.session.execute(rows).scalar_one_or_none()
    if payment is None or (payment.state is PaymentState.DRAFTED and payment.user_id != payer.by.looks_as):
        raise NoSuchPayment
    return payment


def _own_account(payer: Payer, reference: str) -> BankAccount:
    rows = select(BankAccount).where(BankAccount.taxpayer_id == payer.taxpayer_id, BankAccount.reference == reference)
    return db.session.execute(rows).scalar_one()


def _make_room(payer: Payer, payment: Payment, wish: Wish, when: Moment) -> None:
    """Cancel what the payment takes the place of: the payment that it changes, the debit of the same installment."""
    changed = _own_payment(payer, wish.instead) if wish.instead else None
    if changed:
        _take_back(payer, changed, wish.installment_on, when)
        payment.attempt = changed.attempt if changed.installment_on == wish.installment_on else 1
    agreement = agreements.in_force(payer.taxpayer_id)
    if agreement is None:
        return
    if wish.installment_on:
        for debit in _debits(agreement, wish.installment_on):
            payment.attempt = debit.attempt
            payments.cancel(debit, by=payer.by, when=when)
    payment.agreement_id = agreement.id


def _take_back(payer: Payer, payment: Payment, still_for: date | None, when: Moment) -> None:
    """Cancel a payment, and promise the debit again whose place it had taken, unless it is paid in another way."""
    payments.cancel(payment, by=payer.by, when=when)
    due_on = payment.installment_on
    if payment.agreement_id is None or due_on is None or due_on == still_for:
        return
    agreement = db.session.get_one(Agreement, payment.agreement_id)
    before = displaced(payment.agreement_id, due_on)
    asked = holding(terms.history(agreement), due_on)
    account = db.session.get(BankAccount, asked.bank_account_id) if asked.bank_account_id else None
    if agreement.state is not AgreementState.ACTIVE or agreement.frozen_on or before is None:
        return
    if account is None or account.unusable_since:
        return
    debit = Payment(
        taxpayer_id=payment.taxpayer_id, agreement_id=agreement.id, bank_account_id=account.id, channel=Channel.DEBIT,
        state=PaymentState.DRAFTED, amount=before.amount, installment_on=due_on,
        pay_on=max(before.pay_on, timetable(when).first), attempt=payment.attempt,
    )  # fmt: skip
    payments.promise(debit, by=payer.by, when=when)


def _debits(agreement: Agreement, installment_on: date) -> list[Payment]:
    rows = select(Payment).where(
        Payment.agreement_id == agreement.id, Payment.installment_on == installment_on,
        Payment.channel == Channel.DEBIT, Payment.state == PaymentState.SCHEDULED,
    )  # fmt: skip
    return list(db.session.execute(rows).scalars())
