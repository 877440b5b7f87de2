"""Payroll deduction: what an employer is asked for, what it answered, and what it says it has sent."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Cents, Instant
from portal.domain.lifecycle import DeductionState
from portal.domain.money import Money
from portal.domain.plan import PayFrequency
from portal.models.columns import belongs_to, new_reference, one_of, primary_key


class PayrollDeduction(Base):
    """One employer's part in one agreement. `answer_hash` is of the link by which the employer answers once,
    `report_hash` of the one by which it reports what it sent. `asked_on` is when the link was last mailed.
    """

    __tablename__ = "payroll_deductions"
    __table_args__ = (CheckConstraint("per_paycheck > 0", name="above_zero"),)

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("PD"))
    agreement_id: Mapped[int] = belongs_to("agreements")
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    state: Mapped[DeductionState] = one_of(DeductionState)
    employer: Mapped[str] = mapped_column(String(100))
    employer_email: Mapped[str] = mapped_column(String(254))
    frequency: Mapped[PayFrequency] = one_of(PayFrequency)
    per_paycheck: Mapped[Money] = mapped_column(Cents)
    answer_hash: Mapped[str] = mapped_column(String(64), unique=True)
    report_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    begun_on: Mapped[date]
    asked_on: Mapped[date]
    ends_on: Mapped[date]
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by: Mapped[str] = mapped_column(String(120), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Remittance(Base):
    """What an employer says it deducted on a payday and sent: one a payday."""

    __tablename__ = "remittances"
    __table_args__ = (UniqueConstraint("deduction_id", "paid_on"),)

    id: Mapped[int] = primary_key()
    deduction_id: Mapped[int] = belongs_to("payroll_deductions")
    payment_id: Mapped[int] = belongs_to("payments", unique=True)
    paid_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Instant)
