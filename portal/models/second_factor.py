"""What somebody has beside the password: an app that shows codes, and codes on paper for the day it is lost."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.models.columns import belongs_to, primary_key


class SecondFactor(Base):
    """The secret that a user's authenticator app shares with the portal (RFC 6238). `step` is the time step of the
    last code that was taken: it and all before it are worth nothing any more.
    """

    __tablename__ = "second_factors"

    id: Mapped[int] = primary_key()
    user_id: Mapped[int] = belongs_to("users", unique=True)
    secret_sealed: Mapped[str] = mapped_column(String(200))
    step: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[datetime] = mapped_column(Instant)

    @property
    def secret_row(self) -> str:
        """What the sealed secret is bound to."""
        return f"second_factors:secret:{self.user_id}"


class RecoveryCode(Base):
    """A code on paper, good once instead of the app's. Only a keyed hash of it is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = primary_key()
    user_id: Mapped[int] = belongs_to("users")
    code_index: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
