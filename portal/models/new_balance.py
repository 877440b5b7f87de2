"""Years that were assessed while an agreement was in force."""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Cents
from portal.domain.money import Money
from portal.models.columns import belongs_to, primary_key


class NewBalance(Base):
    """A tax year that was assessed while an agreement was in force, and the `amount` that was owed for it on that
    day. The taxpayer is asked to add it to the plan by `answer_by`; it is part of the plan from `joined_on`. If the
    plan does not pay it in time and nobody adds it, the agreement is in default because of it from `in_default_on`.
    """

    __tablename__ = "new_balances"
    __table_args__ = (UniqueConstraint("agreement_id", "tax_year"),)

    id: Mapped[int] = primary_key()
    agreement_id: Mapped[int] = belongs_to("agreements")
    tax_year: Mapped[int]
    amount: Mapped[Money] = mapped_column(Cents)
    assessed_on: Mapped[date]
    answer_by: Mapped[date]
    joined_on: Mapped[date | None]
    in_default_on: Mapped[date | None]
