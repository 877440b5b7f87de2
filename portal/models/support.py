"""Support sessions: which agent saw which account when and why, what was asked for, and who must not look at whom."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.domain.actor import Permission
from portal.domain.lifecycle import RequestState
from portal.models.columns import belongs_to, new_reference, one_of, primary_key


class SupportReason(StrEnum):
    """Why an agent looks at an account as the taxpayer sees it."""

    CALL = "call"
    LETTER = "letter"
    PAYMENT = "payment"
    COMPLAINT = "complaint"
    REVIEW = "review"


class SupportEnd(StrEnum):
    """What ended a support session."""

    AGENT = "agent"
    TIME = "time"
    ROLE = "role"
    OBJECTION = "objection"
    CONFLICT = "conflict"


class SupportSession(Base):
    """An agent sees an account as one of its users sees it, for a quarter of an hour. The row is written with the
    event of the trail; it counts from `opened_at`, once both are kept. `ticket` is empty where there is none yet.
    """

    __tablename__ = "support_sessions"
    __table_args__ = (
        Index(
            "uq_support_sessions_running", "user_id", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_support_sessions_began_at", "began_at", "id"),
    )  # fmt: skip

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("SU"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sign_in_id: Mapped[int] = belongs_to("sign_ins")
    user_id: Mapped[int] = belongs_to("users")
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    subject_id: Mapped[int] = belongs_to("users")
    reason: Mapped[SupportReason] = one_of(SupportReason)
    ticket: Mapped[str] = mapped_column(String(40))
    began_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    why_ended: Mapped[SupportEnd | None] = one_of(SupportEnd, nullable=True)


class SupportRequest(Base):
    """An agent asks the taxpayer for one action. The code by which the taxpayer says yes is sealed, because it is
    shown on their screen until `ends_at`; a right one opens the action once, until `open_through`.
    """

    __tablename__ = "support_requests"

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("SQ"))
    session_id: Mapped[int] = belongs_to("support_sessions")
    permission: Mapped[Permission] = one_of(Permission)
    state: Mapped[RequestState] = one_of(RequestState)
    code_sealed: Mapped[str] = mapped_column(String(200))
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    open_through: Mapped[datetime | None] = mapped_column(Instant)


def code_row(reference: str) -> str:
    """What the sealed code of a request is bound to."""
    return f"support_requests:code:{reference}"


class ConflictKind(StrEnum):
    """Why somebody of the staff must not see an account as its owner does."""

    OWN = "own"
    FAMILY = "family"
    KNOWN = "known"


class Conflict(Base):
    """One line of the list of conflicts: whose own account it is (it is closed to all of the staff then), or which
    member of the staff is of the family or knows the taxpayer (closed to that one).
    """

    __tablename__ = "conflicts"

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("CF"))
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    user_id: Mapped[int] = belongs_to("users")
    kind: Mapped[ConflictKind] = one_of(ConflictKind)
    noted_by: Mapped[int] = belongs_to("users")
    noted_at: Mapped[datetime] = mapped_column(Instant)


class Objection(Base):
    """“I did not ask for this”: what a taxpayer objects to (`about`, a reference of a session or of a look at their
    page) and what a supervisor found.
    """

    __tablename__ = "objections"
    __table_args__ = (
        Index("ix_objections_open", "reviewed_at", "at"),
        Index("uq_objections_about", "taxpayer_id", "about", unique=True),
    )

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("OB"))
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    user_id: Mapped[int] = belongs_to("users")
    about: Mapped[str] = mapped_column(String(20))
    agent_id: Mapped[int] = belongs_to("users")
    at: Mapped[datetime] = mapped_column(Instant)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    reviewed_by: Mapped[int | None] = belongs_to("users")
    finding: Mapped[str] = mapped_column(Text, default="")
