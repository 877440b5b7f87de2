"""Batches of mailed checks as they were entered."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select

from portal.db import db
from portal.domain.lifecycle import PaymentState
from portal.domain.money import Money
from portal.models import Batch, Payment, Taxpayer, Tender, User
from portal.models.batch import TenderKind

NEWEST = 20


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch: the deposit slip, and who entered it when."""

    reference: str
    received_on: date
    total: Money
    count: int
    entered_at: datetime
    entered_by: str


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One line of a batch, and what became of it."""

    account: str
    name: str
    kind: TenderKind
    number: str
    amount: Money
    envelope: str
    payment: str
    state: PaymentState


def newest() -> list[BatchView]:
    """The batches that were entered last."""
    return [BatchView(*row) for row in db.session.execute(_batches().order_by(Batch.id.desc()).limit(NEWEST))]


def one(reference: str) -> BatchView | None:
    """The batch with this reference, if there is one."""
    row = db.session.execute(_batches().where(Batch.reference == reference)).one_or_none()
    return BatchView(*row) if row else None


def lines(reference: str) -> list[BatchLine]:
    """What a batch holds, in the order in which it was entered."""
    rows = (
        select(
            Taxpayer.reference, Taxpayer.first_name, Taxpayer.last_name, Tender.kind, Tender.number, Payment.amount,
            Tender.envelope, Payment.reference, Payment.state,
        )
        .join(Payment, Payment.id == Tender.payment_id)
        .join(Taxpayer, Taxpayer.id == Tender.taxpayer_id)
        .join(Batch, Batch.id == Tender.batch_id)
        .where(Batch.reference == reference)
        .order_by(Tender.id)
    )  # fmt: skip
    return [BatchLine(row[0], f"{row[1]} {row[2]}", *row[3:]) for row in db.session.execute(rows)]


def _batches() -> Select[*tuple[Any, ...]]:
    return select(Batch.reference, Batch.received_on, Batch.total, Batch.count, Batch.entered_at, User.name).join(
        User, User.id == Batch.user_id
    )
