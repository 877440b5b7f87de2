"""Other ways to pay an agreement: another bank account, or another method, from the draft to the day it is undone."""

from datetime import date, datetime

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Cents, Instant
from portal.domain.lifecycle import MethodChangeState
from portal.domain.money import Money
from portal.domain.plan import Method
from portal.models.columns import belongs_to, new_reference, one_of, primary_key


class MethodChange(Base):
    """Another account or another method for the payments of an agreement. Until it is signed it is a draft: nobody
    but who made it sees it. A debit names its account, payroll deduction the `employer` that is to be asked.

    It holds from `begins_on`; `before_id` are the terms that would have held from that day on. `stop_hash` is what is
    kept of the token in the mail with which somebody who did not ask for it stops it.
    """

    __tablename__ = "method_changes"
    __table_args__ = (Index("ix_method_changes_made", "agreement_id", "made_at"),)

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("MC"))
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    agreement_id: Mapped[int] = belongs_to("agreements")
    user_id: Mapped[int | None] = belongs_to("users")
    state: Mapped[MethodChangeState] = one_of(MethodChangeState)
    method: Mapped[Method] = one_of(Method)
    bank_account_id: Mapped[int | None] = belongs_to("bank_accounts")
    employer: Mapped[dict[str, str] | None] = mapped_column(JSON)
    drafted_at: Mapped[datetime] = mapped_column(Instant)
    made_at: Mapped[datetime | None] = mapped_column(Instant)
    begins_on: Mapped[date | None]
    before_id: Mapped[int | None] = belongs_to("terms")
    fee: Mapped[Money] = mapped_column(Cents, default=Money(0), server_default="0")
    stop_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
