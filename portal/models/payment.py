"""Payments and the steps they went through."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Cents, Instant
from portal.domain.lifecycle import PaymentState
from portal.domain.money import Money
from portal.models.columns import belongs_to, new_reference, one_of, primary_key


class Channel(StrEnum):
    """How the money comes."""

    DEBIT = "debit"
    PAYROLL = "payroll"
    MAIL = "mail"
    ONLINE = "online"
    EARLIER = "earlier"


class Payment(Base):
    """Money promised, on its way, received or returned. `pay_on` is the day from which it counts.

    `installment_on` is the due date that a plan's own debit is for: one debit per agreement and due date.
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("agreement_id", "installment_on"),
        CheckConstraint("amount > 0", name="above_zero"),
        Index("ix_payments_history", "taxpayer_id", "pay_on", "id"),
        Index("ix_payments_state", "state", "pay_on"),
    )

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(30), unique=True, default=lambda: new_reference("PY", 3, 5))
    taxpayer_id: Mapped[int] = mapped_column(ForeignKey("taxpayers.id"))
    agreement_id: Mapped[int | None] = belongs_to("agreements")
    bank_account_id: Mapped[int | None] = belongs_to("bank_accounts")
    channel: Mapped[Channel] = one_of(Channel)
    state: Mapped[PaymentState] = one_of(PaymentState)
    amount: Mapped[Money] = mapped_column(Cents)
    pay_on: Mapped[date]
    installment_on: Mapped[date | None]
    return_code: Mapped[str | None] = mapped_column(String(3))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class PaymentStep(Base):
    """One step of a payment's life: what it became, on which business day, and when that was written."""

    __tablename__ = "payment_steps"

    id: Mapped[int] = primary_key()
    payment_id: Mapped[int] = belongs_to("payments")
    state: Mapped[PaymentState] = one_of(PaymentState)
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Instant)
