"""Files that went to the bank and came from it, and the lines of them that could not be booked."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Cents, Instant
from portal.domain.money import Money
from portal.models.columns import belongs_to, one_of, primary_key


class Direction(StrEnum):
    """Which way a file goes."""

    SENT = "sent"
    RECEIVED = "received"


class BankFile(Base):
    """One file. `digest` is the SHA-256 of what stands in it: the same file is never taken twice. A file to be sent
    is `written_at` once it lies in its folder; until then its entries are known only here.
    """

    __tablename__ = "bank_files"

    id: Mapped[int] = primary_key()
    direction: Mapped[Direction] = one_of(Direction)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    business_day: Mapped[date]
    effective_on: Mapped[date | None]
    entries: Mapped[int]
    total: Mapped[Money] = mapped_column(Cents)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    written_at: Mapped[datetime | None] = mapped_column(Instant)


class QuarantinedLine(Base):
    """A line of a file from the bank that could not be booked, and why; without what stands in it, which may name an
    account. A file that was refused whole is line 0.
    """

    __tablename__ = "quarantined_lines"

    id: Mapped[int] = primary_key()
    bank_file_id: Mapped[int] = belongs_to("bank_files")
    line: Mapped[int]
    trace: Mapped[str | None] = mapped_column(String(15))
    code: Mapped[str | None] = mapped_column(String(3))
    why: Mapped[str] = mapped_column(String(300))
