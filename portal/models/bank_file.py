"""Files that went to the bank and came from it, and the lines of them that could not be booked."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Cents, Instant
from portal.domain.money import Money
from portal.models.columns import belongs_to, new_reference, one_of, primary_key


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
    """A line of a file from the bank that could not be booked, and why. `content` is what stands in it, its numbers
    masked. A file that was refused whole is line 0.

    Somebody resolves it: the answer is booked for a payment (`payment_id`), or it is set aside for a reason.
    """

    __tablename__ = "quarantined_lines"

    id: Mapped[int] = primary_key()
    bank_file_id: Mapped[int] = belongs_to("bank_files")
    line: Mapped[int]
    trace: Mapped[str | None] = mapped_column(String(15))
    code: Mapped[str | None] = mapped_column(String(3))
    why: Mapped[str] = mapped_column(String(300))
    reference: Mapped[str] = mapped_column(
        String(20), index=True, unique=True, default=lambda: new_reference("QL"), server_default=text("''")
    )
    content: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    amount: Mapped[Money] = mapped_column(Cents, default=Money(0), server_default="0")
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    user_id: Mapped[int | None] = belongs_to("users")
    payment_id: Mapped[int | None] = belongs_to("payments")
    reason: Mapped[str] = mapped_column(String(300), default="", server_default=text("''"))
