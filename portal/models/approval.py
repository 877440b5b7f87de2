"""Requests for what two people have to do: one asks, another one decides."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.domain.lifecycle import ApprovalState
from portal.models.columns import belongs_to, new_reference, one_of, primary_key


class ApprovalKind(StrEnum):
    """What is asked for."""

    REVERSAL = "reversal"
    RELEASE = "release"
    REFUND = "refund"
    ABATEMENT = "abatement"


class Approval(Base):
    """A request. `facts` say exactly what would be changed, as text, as when it was asked for; `subject` is the
    reference of what it is about. It ends by itself after `ends_on`.
    """

    __tablename__ = "approvals"
    __table_args__ = (Index("ix_approvals_open", "state", "id"),)

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("RQ"))
    kind: Mapped[ApprovalKind] = one_of(ApprovalKind)
    state: Mapped[ApprovalState] = one_of(ApprovalState)
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    subject: Mapped[str] = mapped_column(String(30))
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int] = belongs_to("users")
    asked_at: Mapped[datetime] = mapped_column(Instant)
    ends_on: Mapped[date]
    decided_by: Mapped[int | None] = belongs_to("users")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
