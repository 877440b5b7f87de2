"""Applications for a plan: a draft that survives the day and the device, and what was decided on it."""

from datetime import date, datetime

from sqlalchemy import JSON, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.domain.lifecycle import ApplicationState
from portal.models.columns import belongs_to, new_reference, one_of, primary_key

IS_DRAFTED = text("state = 'drafted'")


class Application(Base):
    """One person's application; of each person's, one at most is a draft. `answers` are sealed: an address, an income
    and an account number are in them, an SSN never is. `reasons` are the names of the reasons of a refusal.
    """

    __tablename__ = "applications"
    __table_args__ = (
        Index(
            "uq_applications_drafted", "user_id", unique=True, sqlite_where=IS_DRAFTED, postgresql_where=IS_DRAFTED
        ),
        Index("ix_applications_state", "state", "begun_on", "id"),
    )

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("AP"))
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    user_id: Mapped[int] = belongs_to("users")
    state: Mapped[ApplicationState] = one_of(ApplicationState)
    answers_sealed: Mapped[str] = mapped_column(Text)
    begun_on: Mapped[date]
    ends_on: Mapped[date]
    decided_on: Mapped[date | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    agreement_id: Mapped[int | None] = belongs_to("agreements", unique=True)
    reasons: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def answers_row(self) -> str:
        """What the sealed answers are bound to."""
        return answers_row(self.reference)


def answers_row(reference: str) -> str:
    """What the sealed answers of an application are bound to."""
    return f"applications:answers:{reference}"
