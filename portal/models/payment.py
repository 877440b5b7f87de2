"""Payments and the steps they went through."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false, text
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
    PHONE = "phone"
    ONLINE = "online"
    EARLIER = "earlier"
    FEE_BACK = "fee_back"
    OFFSET = "offset"
    CREDIT = "credit"


# A tax refund that is kept pays what is owed, and the monthly payment is due all the same (IRC 6402). A credit has
# been a payment before.
BESIDE_THE_PLAN = (Channel.OFFSET, Channel.FEE_BACK, Channel.CREDIT)


class Reason(StrEnum):
    """What somebody pays for with Direct Pay."""

    INSTALLMENT = "installment"
    FIRST_PAYMENT = "first_payment"
    EXTRA = "extra"
    CURE = "cure"
    BALANCE_DUE = "balance_due"


IS_PROMISED = text("state <> 'cancelled'")


class Payment(Base):
    """Money promised, on its way, received or returned. `pay_on` is the day from which it counts.

    `installment_on` is the due date that a payment is for: for each agreement, due date and attempt there is one that
    was not cancelled. A debit that came back for want of money is tried again as the next attempt.

    A Direct Pay payment has a reason, and until it is signed it is a draft: nobody but who made it sees it, and
    `drafted_at` tells when it is over. `lowers_monthly`: once it settles, the plan ends when it would have ended and
    asks for less each month, instead of ending sooner.
    """

    __tablename__ = "payments"
    __table_args__ = (
        Index(
            "uq_payments_installment",
            "agreement_id",
            "installment_on",
            "attempt",
            unique=True,
            sqlite_where=IS_PROMISED,
            postgresql_where=IS_PROMISED,
        ),
        CheckConstraint("amount > 0", name="above_zero"),
        Index("ix_payments_history", "taxpayer_id", "pay_on", "id"),
        Index("ix_payments_state", "state", "pay_on"),
        Index("ix_payments_amount", "amount", "pay_on", "id"),
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
    attempt: Mapped[int] = mapped_column(default=1)
    return_code: Mapped[str | None] = mapped_column(String(3))
    reminded_on: Mapped[date | None]
    reason: Mapped[Reason | None] = one_of(Reason)
    lowers_monthly: Mapped[bool] = mapped_column(default=False, server_default=false())
    user_id: Mapped[int | None] = belongs_to("users")
    drafted_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    signature: Mapped[str | None] = mapped_column(String(130))
    signed_text: Mapped[str | None] = mapped_column(Text)
    bank_file_id: Mapped[int | None] = belongs_to("bank_files")
    trace: Mapped[str | None] = mapped_column(String(15), unique=True)
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
