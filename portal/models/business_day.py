"""Business days that were closed, with what each came to."""

from datetime import date, datetime

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.models.columns import primary_key


class BusinessDay(Base):
    """One day. `summary` holds counts and sums by what was done; `ended_at` is empty until its close is through."""

    __tablename__ = "business_days"

    id: Mapped[int] = primary_key()
    day: Mapped[date] = mapped_column(unique=True)
    began_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    summary: Mapped[dict[str, str]] = mapped_column(JSON)
