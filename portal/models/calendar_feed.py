"""Calendar feeds: an address that a calendar program asks for itself, without a sign-in."""

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.models.columns import belongs_to, primary_key

IS_OPEN = text("ended_at IS NULL")


class CalendarFeed(Base):
    """The feed of one user; of each user's, one at most is open. Of its token only the hash is kept."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        Index(
            "uq_calendar_feeds_open", "user_id", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN
        ),
    )  # fmt: skip

    id: Mapped[int] = primary_key()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = belongs_to("users")
    made_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
