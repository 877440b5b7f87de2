"""The trail: who did what, when, in a chain that cannot be edited unseen."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.models.ledger import refuse_change


class TrailEvent(Base):
    """One deed. `link` is a keyed hash over the link before and this row; `details` never hold a secret. `acting` is
    the reference by which the user acted for the taxpayer, where it was not their own account.
    """

    __tablename__ = "trail"
    __table_args__ = (
        Index("ix_trail_account", "taxpayer_id", "number"),
        Index("ix_trail_user_id", "user_id", "at"),
        Index("ix_trail_event", "event", "at"),
        Index("ix_trail_subject", "subject"),
        Index("ix_trail_at", "at"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    event: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    taxpayer_id: Mapped[int | None] = mapped_column(ForeignKey("taxpayers.id"))
    subject: Mapped[str] = mapped_column(String(60))
    acting: Mapped[str | None] = mapped_column(String(20))
    details: Mapped[dict[str, str]] = mapped_column(JSON)
    link: Mapped[str] = mapped_column(String(64))


class TrailHead(Base):
    """The last number and link, in one row: it is locked while a deed adds to the trail."""

    __tablename__ = "trail_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    link: Mapped[str] = mapped_column(String(64))


event.listen(TrailEvent, "before_update", refuse_change)
event.listen(TrailEvent, "before_delete", refuse_change)
