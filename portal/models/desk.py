"""What the agency's people write down about an account: notes, promises to pay, hardship holds, reviewed returns."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Cents, Instant
from portal.domain.money import Money
from portal.models.columns import belongs_to, new_reference, primary_key
from portal.models.ledger import refuse_change


class Note(Base):
    """A note about an account. It is never changed; another note says what was wrong with it."""

    __tablename__ = "notes"

    id: Mapped[int] = primary_key()
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    user_id: Mapped[int] = belongs_to("users")
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(Instant)


class PromiseToPay(Base):
    """What somebody said to pay by a day. Whether it was kept follows from what came since `made_on`."""

    __tablename__ = "promises_to_pay"
    __table_args__ = (CheckConstraint("amount > 0", name="above_zero"),)

    id: Mapped[int] = primary_key()
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    user_id: Mapped[int] = belongs_to("users")
    amount: Mapped[Money] = mapped_column(Cents)
    made_on: Mapped[date]
    pay_by: Mapped[date] = mapped_column(index=True)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class Hold(Base):
    """For hardship nothing is asked for through `ends_on`; `lifted_on` is the day on which it was ended before."""

    __tablename__ = "holds"

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("HO"))
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    user_id: Mapped[int] = belongs_to("users")
    reason: Mapped[str] = mapped_column(Text)
    begins_on: Mapped[date]
    ends_on: Mapped[date]
    lifted_on: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class ReturnReview(Base):
    """Somebody has looked into a debit of which a bank said that it was not authorized, and what was found."""

    __tablename__ = "return_reviews"

    id: Mapped[int] = primary_key()
    payment_id: Mapped[int] = belongs_to("payments", unique=True)
    user_id: Mapped[int] = belongs_to("users")
    finding: Mapped[str] = mapped_column(Text)
    reviewed_at: Mapped[datetime] = mapped_column(Instant)


for table in (Note, PromiseToPay, ReturnReview):
    event.listen(table, "before_update", refuse_change)
    event.listen(table, "before_delete", refuse_change)
