"""Mail to be sent: written down with the deed that it tells about, sent afterwards, tried again until it is."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.domain.lifecycle import MailState
from portal.models.columns import belongs_to, new_reference, one_of, primary_key
from portal.models.notice import NoticeKind


class MailKind(StrEnum):
    """What a mail is about. Each kind of notice is one; the text of the others is the template of the same name."""

    REGISTRATION = "registration"
    ALREADY_REGISTERED = "already_registered"
    PASSWORD_RESET = "password_reset"  # noqa: S105  (a kind of mail)
    INVITATION = "invitation"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  (a kind of mail)
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGED = "email_changed"
    SECOND_FACTOR = "second_factor"
    EMPLOYER_REQUEST = "employer_request"
    EMPLOYER_CONFIRMED = "employer_confirmed"
    EMPLOYER_ENDED = "employer_ended"
    SUPPORT_CODE = "support_code"
    OBJECTION_TO_REVIEW = "objection_to_review"
    APPROVAL_DECIDED = "approval_decided"

    ACCEPTANCE = NoticeKind.ACCEPTANCE.value
    RECEIPT = NoticeKind.RECEIPT.value
    REMINDER = NoticeKind.REMINDER.value
    DEBIT_CHANGED = NoticeKind.DEBIT_CHANGED.value
    BANK_CHANGED = NoticeKind.BANK_CHANGED.value
    PLAN_CHANGED = NoticeKind.PLAN_CHANGED.value
    WITHDRAWAL = NoticeKind.WITHDRAWAL.value
    METHOD_CHANGED = NoticeKind.METHOD_CHANGED.value
    CHANGES_FROZEN = NoticeKind.CHANGES_FROZEN.value
    DEBITS_STOPPED = NoticeKind.DEBITS_STOPPED.value
    PAYMENT_REVERSED = NoticeKind.PAYMENT_REVERSED.value
    HOLD = NoticeKind.HOLD.value
    RETURNED_PAYMENT = NoticeKind.RETURNED_PAYMENT.value
    NEW_BALANCE = NoticeKind.NEW_BALANCE.value
    BALANCE_ADDED = NoticeKind.BALANCE_ADDED.value
    ABATEMENT = NoticeKind.ABATEMENT.value
    REFUND = NoticeKind.REFUND.value
    CREDIT_USED = NoticeKind.CREDIT_USED.value
    INTENT_TO_TERMINATE = NoticeKind.INTENT_TO_TERMINATE.value
    CURED = NoticeKind.CURED.value
    TERMINATION = NoticeKind.TERMINATION.value
    REINSTATEMENT = NoticeKind.REINSTATEMENT.value
    COMPLETION = NoticeKind.COMPLETION.value
    ANNUAL_STATEMENT = NoticeKind.ANNUAL_STATEMENT.value
    REFUSAL = NoticeKind.REFUSAL.value
    REGISTRATION_LOCKED = NoticeKind.REGISTRATION_LOCKED.value
    GUESTS_LOCKED = NoticeKind.GUESTS_LOCKED.value
    PAYROLL_CONFIRMED = NoticeKind.PAYROLL_CONFIRMED.value
    PAYROLL_ENDED = NoticeKind.PAYROLL_ENDED.value
    ADDRESS_CHANGED = NoticeKind.ADDRESS_CHANGED.value
    SUPPORT_SESSION = NoticeKind.SUPPORT_SESSION.value
    OBJECTION = NoticeKind.OBJECTION.value
    OBJECTION_REVIEWED = NoticeKind.OBJECTION_REVIEWED.value


class Mail(Base):
    """One mail to one address. `facts` are what its text is filled with, sealed, because a link in it opens a door;
    they are wiped once it is sent. `due_at` is when it is tried next; who tries it moves that ahead first.
    """

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_waiting", "state", "due_at"),)

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("ML"))
    kind: Mapped[MailKind] = one_of(MailKind)
    recipient: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(10))
    taxpayer_id: Mapped[int | None] = belongs_to("taxpayers")
    facts_sealed: Mapped[str] = mapped_column(Text)
    state: Mapped[MailState] = one_of(MailState)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(String(200), default="")

    @property
    def facts_row(self) -> str:
        """What the sealed facts are bound to."""
        return f"mails:facts:{self.reference}"
