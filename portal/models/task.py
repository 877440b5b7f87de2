"""Long work that somebody of the agency asked for and that is done in the background."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.models.columns import belongs_to, one_of, primary_key


class TaskKind(StrEnum):
    """What is done: business days closed, the chain of the trail followed, or every balance recomputed."""

    CLOSE = "close"
    TRAIL = "trail"
    BOOKS = "books"


IS_OPEN = text("ended_at IS NULL")


class Task(Base):
    """One piece of work; of each kind only one is open at a time. `day` is the one day to be closed again, if it is
    about one. Who does it was last heard of at `seen_at`; after a while without news another one takes it up.

    `done` of `whole` are days, rows of the trail or accounts. `found` are the first of so many faults (`faults`), in
    words; `error` is the kind of what stopped it.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        Index("uq_tasks_open", "kind", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index("ix_tasks_latest", "kind", "ended_at"),
    )

    id: Mapped[int] = primary_key()
    kind: Mapped[TaskKind] = one_of(TaskKind)
    day: Mapped[date | None]
    user_id: Mapped[int] = belongs_to("users")
    asked_at: Mapped[datetime] = mapped_column(Instant)
    began_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    done: Mapped[int] = mapped_column(default=0)
    whole: Mapped[int] = mapped_column(default=0)
    faults: Mapped[int] = mapped_column(default=0)
    found: Mapped[list[str]] = mapped_column(JSON, default=list)
    error: Mapped[str] = mapped_column(String(200), default="")
