"""Money that the agency's people enter: mailed checks and money orders, one by one or in batches, telephone payments,
and what employers sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.lifecycle import PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money, total
from portal.domain.refusal import Refusal
from portal.models import Batch, Payment, Taxpayer, Tender
from portal.models.batch import TenderKind
from portal.models.payment import Channel
from portal.services import receipts, taxpayers, trail

CHANNELS = {
    TenderKind.CHECK: Channel.MAIL,
    TenderKind.MONEY_ORDER: Channel.MAIL,
    TenderKind.PHONE: Channel.PHONE,
    TenderKind.PAYROLL: Channel.PAYROLL,
}


class NoSuchAccount(Refusal):
    """No account has this reference. Check it against the coupon, or look the payer up. Nothing was posted."""

    about = "account"


class AlreadyPosted(Refusal):
    """This number and amount were posted to this account already: %(payment)s of %(received_on)s. Nothing was
    posted."""

    about = "number"


class TwiceInTheBatch(Refusal):
    """The same check stands in this batch twice. Take one of them out. Nothing was posted."""

    about = "number"


class NotReceivedYet(Refusal):
    """This day is still to come. Enter the day on which the money was received. Nothing was posted."""

    about = "received_on"


class NothingOnItsWay(Refusal):
    """This payment is not on its way from an employer, or it is here already. Nothing was changed."""


class TotalDiffers(Refusal):
    """The lines add up to %(sum)s, the deposit slip says %(total)s. The difference is %(difference)s. Nothing was
    posted."""

    about = "total"


class LinesDiffer(Refusal):
    """Some lines cannot be posted. Nothing was posted."""


@dataclass(frozen=True, slots=True)
class Line:
    """What came, for whom: the account's reference, what it is, its number, its amount, the envelope."""

    account: str
    kind: TenderKind
    number: str
    amount: Money
    envelope: str = ""


@dataclass(frozen=True, slots=True)
class Slip:
    """What a deposit slip says: its total and its day; `key` names the form in which it is entered."""

    key: str
    received_on: date
    total: Money


def record(line: Line, received_on: date, *, by: Actor, when: Moment) -> Payment:
    """Post money that was received, as of the day on which it came, with all that follows from it. Refuses an unknown
    account, a day to come, and what was posted already.
    """
    with transaction():
        if received_on > when.on:
            raise NotReceivedYet
        if fault := fault_of(line):
            raise fault
        return _post(line, received_on, None, by=by, when=when)


def arrive(taxpayer: Taxpayer, reference: str, *, by: Actor, when: Moment) -> None:
    """What an employer said it sent is here. Refuses (`NothingOnItsWay`) what is not on its way from an employer."""
    with transaction():
        rows = select(Payment).where(
            Payment.taxpayer_id == taxpayer.id, Payment.reference == reference, Payment.channel == Channel.PAYROLL,
            Payment.state == PaymentState.SUBMITTED,
        )  # fmt: skip
        payment = db.session.execute(rows).scalar_one_or_none()
        if payment is None:
            raise NothingOnItsWay
        receipts.settle(payment, by=by, when=when)


def enter(slip: Slip, lines: Sequence[Line], *, by: Actor, when: Moment) -> Batch:
    """Post a batch: all lines, which add up to the slip, or none. Sent again, it is the batch that it was. Refuses
    what `record` refuses of a line (`LinesDiffer`), and (`TotalDiffers`) another sum.
    """
    with transaction():
        if before := entered(slip.key):
            return before
        if slip.received_on > when.on:
            raise NotReceivedYet
        if any(faults(lines)):
            raise LinesDiffer
        require_total(slip.total, lines)
        batch = Batch(
            key=slip.key, user_id=by.user_id, received_on=slip.received_on, total=slip.total, count=len(lines),
            entered_at=when.at,
        )  # fmt: skip
        db.session.add(batch)
        db.session.flush()
        for line in lines:
            _post(line, slip.received_on, batch, by=by, when=when)
        trail.append("batch.entered", batch.reference, by=by, when=when, total=str(slip.total), count=str(len(lines)))
        return batch


def entered(key: str) -> Batch | None:
    """The batch that was entered in the form of this key, if it was."""
    return db.session.execute(select(Batch).where(Batch.key == key)).scalar_one_or_none()


def require_total(slip_total: Money, lines: Sequence[Line]) -> None:
    """Refuses (`TotalDiffers`) lines that do not add up to the deposit slip."""
    found = total(line.amount for line in lines)
    if found != slip_total:
        raise TotalDiffers(sum=found, total=slip_total, difference=max(found, slip_total) - min(found, slip_total))


def faults(lines: Sequence[Line]) -> list[Refusal | None]:
    """Line by line why it cannot be posted, or None; the same check twice in one batch is one that was posted."""
    seen: set[tuple[str, TenderKind, str, Money]] = set()
    found: list[Refusal | None] = []
    for line in lines:
        key = (line.account, line.kind, line.number, line.amount)
        found.append(TwiceInTheBatch() if key in seen else fault_of(line))
        seen.add(key)
    return found


def fault_of(line: Line) -> Refusal | None:
    """Why a line cannot be posted, if it cannot."""
    taxpayer = taxpayers.by_reference(line.account)
    if taxpayer is None:
        return NoSuchAccount()
    same = (
        select(Payment.reference, Tender.received_on)
        .join(Tender, Tender.payment_id == Payment.id)
        .where(
            Tender.taxpayer_id == taxpayer.id, Tender.kind == line.kind, Tender.number == line.number,
            Payment.amount == line.amount, Payment.state == PaymentState.SETTLED,
        )
    )  # fmt: skip
    if row := db.session.execute(same).first():
        return AlreadyPosted(payment=row.reference, received_on=row.received_on)
    return None


def _post(line: Line, received_on: date, batch: Batch | None, *, by: Actor, when: Moment) -> Payment:
    taxpayer = taxpayers.by_reference(line.account)
    assert taxpayer is not None
    channel = CHANNELS[line.kind]
    payment = receipts.receive(taxpayer, line.amount, channel=channel, pay_on=received_on, by=by, when=when)
    db.session.add(
        Tender(
            payment_id=payment.id, taxpayer_id=taxpayer.id, batch_id=batch.id if batch else None, user_id=by.user_id,
            kind=line.kind, number=line.number, received_on=received_on, envelope=line.envelope,
        )
    )  # fmt: skip
    db.session.flush()
    return payment
