"""Tax periods and what was assessed for them."""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Cents
from portal.domain.money import Money
from portal.models.columns import belongs_to, primary_key


class TaxPeriod(Base):
    """One taxpayer, form 1040, one year."""

    __tablename__ = "tax_periods"
    __table_args__ = (UniqueConstraint("taxpayer_id", "tax_year"),)

    id: Mapped[int] = primary_key()
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    tax_year: Mapped[int]
    due_on: Mapped[date]
    filed_on: Mapped[date]


class Assessment(Base):
    """The tax put on the books for a period: one per period so far. The ledger entry carries the amount's effect."""

    __tablename__ = "assessments"

    id: Mapped[int] = primary_key()
    tax_period_id: Mapped[int] = belongs_to("tax_periods", unique=True)
    assessed_on: Mapped[date]
    tax: Mapped[Money] = mapped_column(Cents)
