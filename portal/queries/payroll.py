"""What an employer may see: the employee's name, and what it reported itself."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.db import db
from portal.domain.lifecycle import PaymentState
from portal.domain.money import Money
from portal.models import Payment, Remittance, Taxpayer


@dataclass(frozen=True, slots=True)
class Reported:
    """A payday's deduction, and what became of the money."""

    paid_on: date
    amount: Money
    state: PaymentState


def employee(taxpayer_id: int) -> str:
    """The name of the taxpayer whose pay it is."""
    rows = select(Taxpayer.first_name, Taxpayer.last_name).where(Taxpayer.id == taxpayer_id)
    return " ".join(db.session.execute(rows).one())


def reported(deduction_id: int) -> list[Reported]:
    """The paydays that an employer reported, newest first."""
    rows = (
        select(Remittance.paid_on, Payment.amount, Payment.state)
        .join(Payment, Payment.id == Remittance.payment_id)
        .where(Remittance.deduction_id == deduction_id)
        .order_by(Remittance.paid_on.desc())
    )
    return [Reported(*row) for row in db.session.execute(rows)]
