"""Notices: what the agency told a taxpayer, and when."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.models.columns import belongs_to, new_reference, one_of, primary_key


class NoticeKind(StrEnum):
    """What a notice is about."""

    ACCEPTANCE = "acceptance"
    RECEIPT = "receipt"
    REMINDER = "reminder"
    DEBIT_CHANGED = "debit_changed"
    BANK_CHANGED = "bank_changed"
    PLAN_CHANGED = "plan_changed"
    WITHDRAWAL = "withdrawal"
    METHOD_CHANGED = "method_changed"
    CHANGES_FROZEN = "changes_frozen"
    DEBITS_STOPPED = "debits_stopped"
    PAYMENT_REVERSED = "payment_reversed"
    HOLD = "hold"
    RETURNED_PAYMENT = "returned_payment"
    NEW_BALANCE = "new_balance"
    BALANCE_ADDED = "balance_added"
    ABATEMENT = "abatement"
    REFUND = "refund"
    CREDIT_USED = "credit_used"
    INTENT_TO_TERMINATE = "intent_to_terminate"
    CURED = "cured"
    TERMINATION = "termination"
    REINSTATEMENT = "reinstatement"
    COMPLETION = "completion"
    ANNUAL_STATEMENT = "annual_statement"
    REFUSAL = "refusal"
    REGISTRATION_LOCKED = "registration_locked"
    GUESTS_LOCKED = "guests_locked"
    PAYROLL_CONFIRMED = "payroll_confirmed"
    PAYROLL_ENDED = "payroll_ended"
    ADDRESS_CHANGED = "address_changed"
    SUPPORT_SESSION = "support_session"
    OBJECTION = "objection"
    OBJECTION_REVIEWED = "objection_reviewed"


class Cause(StrEnum):
    """Why an agreement is in default."""

    FIRST_PAYMENT = "first_payment"
    INSTALLMENT = "installment"
    RETURNED = "returned"
    NEW_BALANCE = "new_balance"


class Notice(Base):
    """A notice. `facts` are the figures and dates in it, as text, fixed when it was issued. `read_at` is when
    somebody of the account first opened it.
    """

    __tablename__ = "notices"

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("NO"))
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    kind: Mapped[NoticeKind] = one_of(NoticeKind)
    issued_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
