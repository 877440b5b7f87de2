"""Users, their sign-ins, and the attempts that throttle guessing."""

from datetime import datetime

from sqlalchemy import Index, String, text, true
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.domain.actor import Role
from portal.models.columns import belongs_to, new_reference, one_of, primary_key


class User(Base):
    """Somebody who can sign in. A taxpayer's user belongs to a taxpayer, as the person named there or as the spouse;
    staff belong to none. Its address is ASCII, and is sorted by its bytes on both databases.
    """

    __tablename__ = "users"
    __table_args__ = (Index("ix_users_role", "role", "email"),)

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(
        String(20), index=True, unique=True, default=lambda: new_reference("US"), server_default=text("''")
    )
    email: Mapped[str] = mapped_column(String(254).with_variant(String(254, "C"), "postgresql"), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = one_of(Role)
    taxpayer_id: Mapped[int | None] = belongs_to("taxpayers")
    spouse_id: Mapped[int | None] = belongs_to("spouses")
    wants_reminders: Mapped[bool] = mapped_column(default=True, server_default=true())
    language: Mapped[str] = mapped_column(String(10), default="en_US")
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)


class SignIn(Base):
    """One browser's stay. The cookie holds the token, this row only its hash; ending the row ends the stay.
    `proved_at` is when its user last gave the password. Until `code_by` is cleared it is not open yet: the password
    was right, and a code has to follow by then. `browser` is what kind it is, as coarse as its owner says it.
    """

    __tablename__ = "sign_ins"

    id: Mapped[int] = primary_key()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = belongs_to("users")
    began_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    proved_at: Mapped[datetime | None] = mapped_column(Instant)
    code_by: Mapped[datetime | None] = mapped_column(Instant)
    reference: Mapped[str | None] = mapped_column(
        String(20), index=True, unique=True, default=lambda: new_reference("SI")
    )
    browser: Mapped[str] = mapped_column(String(40), default="", server_default=text("''"))


class Attempt(Base):
    """A failed try to sign in, to register or to be believed, counted in a bucket: a keyed hash of what was tried,
    about whom, and from where.
    """

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_bucket_at", "bucket", "at"),)

    id: Mapped[int] = primary_key()
    bucket: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
