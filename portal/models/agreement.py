"""Installment agreements, and the history of their terms."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Cents, Instant
from portal.domain.change import ChangeKind
from portal.domain.lifecycle import IN_FORCE, AgreementState
from portal.domain.money import Money
from portal.domain.plan import Method, PlanKind
from portal.models.columns import belongs_to, new_reference, one_of, primary_key

IS_IN_FORCE = text("state IN ('active', 'in_default')")


class Agreement(Base):
    """An agreement to pay over time; of a taxpayer's, one at most is in force. Its state changes only through
    `lifecycle`. `fee_back` is the part of the user fee that is given back once it is completed (IRC 6159(f)(2)).

    In default it is cured through `cure_by` (IRC 6159(b)(5)). `frozen_on`: no debit is made until somebody of the
    agency has looked, because a bank said that one was not authorized; `changes_frozen_on`: no change either, because
    somebody of the account said that one was not theirs. `changed_at`: when terms last followed others.
    """

    __tablename__ = "agreements"
    __table_args__ = (
        Index(
            "uq_agreements_in_force",
            "taxpayer_id",
            unique=True,
            sqlite_where=IS_IN_FORCE,
            postgresql_where=IS_IN_FORCE,
        ),
        Index("ix_agreements_cure_by", "state", "cure_by", "id"),
        Index("ix_agreements_accepted_on", "state", "accepted_on", "id"),
        Index("ix_agreements_frozen_on", "frozen_on", "id"),
    )

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("IA"))
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    kind: Mapped[PlanKind] = one_of(PlanKind, server_default="long_term")
    state: Mapped[AgreementState] = one_of(AgreementState)
    accepted_on: Mapped[date]
    ended_on: Mapped[date | None]
    in_default_since: Mapped[date | None]
    cure_by: Mapped[date | None]
    frozen_on: Mapped[date | None]
    changes_frozen_on: Mapped[date | None]
    has_low_income: Mapped[bool] = mapped_column(default=False, server_default=false())
    fee_back: Mapped[Money] = mapped_column(Cents, default=Money(0), server_default="0")
    changed_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_in_force(self) -> bool:
        return self.state in IN_FORCE


class Terms(Base):
    """What an agreement asks for from a day on, and what was changed by them; never changed, only followed by newer
    terms. A payment that was moved is a first due date beside the due day.
    """

    __tablename__ = "terms"
    __table_args__ = (CheckConstraint("due_day BETWEEN 1 AND 28", name="due_day"),)

    id: Mapped[int] = primary_key()
    agreement_id: Mapped[int] = belongs_to("agreements")
    begins_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    change: Mapped[ChangeKind] = one_of(ChangeKind, default=ChangeKind.AGREED, server_default="agreed")
    monthly: Mapped[Money] = mapped_column(Cents)
    due_day: Mapped[int]
    first_due_on: Mapped[date]
    method: Mapped[Method] = one_of(Method)
    bank_account_id: Mapped[int | None] = belongs_to("bank_accounts")
