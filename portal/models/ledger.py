"""The books: entries and their postings. They are only ever added to; a mistake is reversed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, event
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Cents, Instant
from portal.domain.ledger import EntryKind
from portal.domain.money import Money
from portal.models.columns import belongs_to, one_of, primary_key


class Entry(Base):
    """One booking with two times: the day from which it counts, and the moment it was written.

    A reversal names the entry it undoes, once. `payment_id` is the payment that caused it, if one did.
    """

    __tablename__ = "entries"

    id: Mapped[int] = primary_key()
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    kind: Mapped[EntryKind] = one_of(EntryKind)
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payment_id: Mapped[int | None] = belongs_to("payments")
    reverses_id: Mapped[int | None] = belongs_to("entries", unique=True)


class Posting(Base):
    """One side of a move: a debit is positive, a credit negative."""

    __tablename__ = "postings"
    __table_args__ = (CheckConstraint("amount <> 0", name="not_zero"),)

    id: Mapped[int] = primary_key()
    entry_id: Mapped[int] = belongs_to("entries")
    account: Mapped[str] = mapped_column(String(30))
    tax_year: Mapped[int | None]
    amount: Mapped[Money] = mapped_column(Cents)


class AppendOnly(RuntimeError):
    """Somebody tried to change or remove what may only be added to."""


def refuse_change(_mapper: Any, _connection: Any, row: Any) -> None:
    """The mapper's half of "only ever added to"; a trigger in the database is the other."""
    raise AppendOnly(type(row).__tablename__)


for table in (Entry, Posting):
    event.listen(table, "before_update", refuse_change)
    event.listen(table, "before_delete", refuse_change)
