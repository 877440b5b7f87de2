"""Doors that a mailed link opens once: a registration that waits for its address, and a password to be set anew."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.models.columns import belongs_to, primary_key


class Registration(Base):
    """Somebody who proved to be a taxpayer or the spouse, and has yet to show that the mail address is theirs."""

    __tablename__ = "registrations"

    id: Mapped[int] = primary_key()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    spouse_id: Mapped[int | None] = belongs_to("spouses")
    email: Mapped[str] = mapped_column(String(254))
    password_hash: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(10))
    begun_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)


class PasswordReset(Base):
    """A link with which a user sets a new password."""

    __tablename__ = "password_resets"

    id: Mapped[int] = primary_key()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = belongs_to("users")
    begun_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class EmailChange(Base):
    """Somebody's new email address: good once it is confirmed by the link that is mailed to it. For a week after
    that, until `undo_by`, the link in the mail to the old one takes it back.
    """

    __tablename__ = "email_changes"

    id: Mapped[int] = primary_key()
    user_id: Mapped[int] = belongs_to("users")
    old_email: Mapped[str] = mapped_column(String(254))
    new_email: Mapped[str] = mapped_column(String(254))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    begun_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    undo_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    undo_by: Mapped[datetime | None] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
