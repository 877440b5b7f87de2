"""Lines from the bank that could not be booked: somebody finds the payment that is meant, or sets the line aside."""

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.lifecycle import PaymentState
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import Payment, QuarantinedLine
from portal.models.columns import read_reference
from portal.services import receipts, trail


class AlreadyResolved(Refusal):
    """Somebody has resolved this line already. Nothing was changed."""


class NoReturn(Refusal):
    """This line returns no debit, so no payment can be taken back for it. Nothing was changed. Set it aside."""

    about = "payment"


class NoSuchDebit(Refusal):
    """No debit of this number is on its way or settled. Nothing was changed. Check the number in the account."""

    about = "payment"


class OtherAmount(Refusal):
    """The bank returns %(returned)s, and this debit was for %(debited)s. A return is always of the whole debit.
    Nothing was changed."""

    about = "payment"


class NoReason(Refusal):
    """Say why this line is set aside, so that it can be understood later."""

    about = "reason"


def match(line: QuarantinedLine, confirmation: str, *, by: Actor, when: Moment) -> None:
    """Book the return of a line for the payment of this number, with all that follows from it. Refuses
    (`AlreadyResolved`, `NoReturn`, `NoSuchDebit`, `OtherAmount`) what cannot be meant.
    """
    with transaction():
        _require_open(line)
        if not line.code or not line.code.startswith("R"):
            raise NoReturn
        payment = _debit(confirmation)
        if payment.amount != line.amount:
            raise OtherAmount(returned=line.amount, debited=payment.amount)
        receipts.take_return(payment, line.code, by=by, when=when)
        line.payment_id = payment.id
        _resolve(line, "bank_line.matched", payment.reference, payment.taxpayer_id, by=by, when=when)


def set_aside(line: QuarantinedLine, reason: str, *, by: Actor, when: Moment) -> None:
    """Nothing follows from a line, for a reason that is kept. Refuses (`AlreadyResolved`, `NoReason`)."""
    with transaction():
        _require_open(line)
        line.reason = " ".join(reason.split())
        if not line.reason:
            raise NoReason
        _resolve(line, "bank_line.set_aside", "", None, by=by, when=when)


def by_reference(reference: str) -> QuarantinedLine | None:
    """The line of this public name."""
    return db.session.execute(
        select(QuarantinedLine).where(QuarantinedLine.reference == reference)
    ).scalar_one_or_none()


def _require_open(line: QuarantinedLine) -> None:
    if line.resolved_at:
        raise AlreadyResolved


def _debit(confirmation: str) -> Payment:
    """A debit that was handed to the bank; one that is meant may have come by any of its files."""
    reference = read_reference(confirmation, "PY", 3, 5)
    found = select(Payment).where(
        Payment.reference == reference, Payment.bank_account_id.is_not(None),
        Payment.state.in_((PaymentState.SUBMITTED, PaymentState.SETTLED)),
    )  # fmt: skip
    payment = db.session.execute(found).scalar_one_or_none()
    if payment is None:
        raise NoSuchDebit
    return payment


def _resolve(
    line: QuarantinedLine, event: str, payment: str, taxpayer_id: int | None, *, by: Actor, when: Moment
) -> None:
    line.resolved_at, line.user_id = when.at, by.user_id
    trail.append(
        event, line.reference, by=by, when=when, taxpayer_id=taxpayer_id, payment=payment, code=line.code or ""
    )
