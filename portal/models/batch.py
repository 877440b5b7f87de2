"""What money came as, and the batches in which mailed checks are entered."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Cents, Instant
from portal.domain.money import Money
from portal.models.columns import belongs_to, new_reference, one_of, primary_key


class TenderKind(StrEnum):
    """What money came as."""

    CHECK = "check"
    MONEY_ORDER = "money_order"
    PHONE = "phone"
    PAYROLL = "payroll"


class Batch(Base):
    """Checks and money orders that were entered together, and add up to one deposit slip. `key` is that of the form:
    sent twice it is one batch.
    """

    __tablename__ = "batches"

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("BT"))
    key: Mapped[str] = mapped_column(String(43), unique=True)
    user_id: Mapped[int] = belongs_to("users")
    received_on: Mapped[date]
    total: Mapped[Money] = mapped_column(Cents)
    count: Mapped[int]
    entered_at: Mapped[datetime] = mapped_column(Instant)


class Tender(Base):
    """What a payment came as: the number of the check or money order, of the telephone payment's receipt, or of what
    the employer sent; when it was received, and in which envelope it is kept.
    """

    __tablename__ = "tenders"
    __table_args__ = (Index("ix_tenders_number", "taxpayer_id", "kind", "number"),)

    id: Mapped[int] = primary_key()
    payment_id: Mapped[int] = belongs_to("payments", unique=True)
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    batch_id: Mapped[int | None] = belongs_to("batches")
    user_id: Mapped[int] = belongs_to("users")
    kind: Mapped[TenderKind] = one_of(TenderKind)
    number: Mapped[str] = mapped_column(String(30))
    received_on: Mapped[date]
    envelope: Mapped[str] = mapped_column(String(30), default="")
