"""Terms of an agreement: what it asks for, from a day on. They are never changed, only followed by newer ones."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import Method, PlanKind
from portal.models import Agreement, BankAccount, Terms
from portal.services import trail


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a taxpayer offers: so much a month, on a day from 1 to 28, by a method, from an account if debited, as a
    short-term or a long-term plan, or as one that had been ended for a default.
    """

    monthly: Money
    due_day: int
    first_due_on: date
    method: Method
    bank_account: BankAccount | None = None
    kind: PlanKind = PlanKind.LONG_TERM
    has_low_income: bool = False
    is_reinstated: bool = False


def add(agreement: Agreement, proposal: Proposal, *, when: Moment) -> Terms:
    """Write down terms that begin today."""
    bank_account = proposal.bank_account
    terms = Terms(
        agreement_id=agreement.id, begins_on=when.on, recorded_at=when.at, monthly=proposal.monthly,
        due_day=proposal.due_day, first_due_on=proposal.first_due_on, method=proposal.method,
        bank_account_id=bank_account.id if bank_account else None,
    )  # fmt: skip
    db.session.add(terms)
    db.session.flush()
    return terms


def history(agreement: Agreement) -> list[Terms]:
    """All terms of an agreement, in the order in which they began."""
    rows = select(Terms).where(Terms.agreement_id == agreement.id).order_by(Terms.begins_on, Terms.id)
    return list(db.session.execute(rows).scalars())


def current(agreement: Agreement, on: date) -> Terms:
    """The terms in force on the day: the latest that had begun, or the first ones."""
    found = history(agreement)
    return [terms for terms in found if terms.begins_on <= on or terms is found[0]][-1]


def change_monthly(agreement: Agreement, monthly: Money, *, by: Actor, when: Moment) -> None:
    """Ask for another amount each month from today on, on the same day."""
    with transaction():
        now = current(agreement, when.on)
        account = db.session.get(BankAccount, now.bank_account_id) if now.bank_account_id else None
        add(agreement, Proposal(monthly, now.due_day, now.first_due_on, now.method, account), when=when)
        trail.note("agreement.changed", agreement, by=by, when=when, monthly=str(monthly))


def change_method(agreement: Agreement, method: Method, *, by: Actor, when: Moment) -> None:
    """Pay another way from today on: the same amount on the same day, from no account. No fee is charged for it."""
    with transaction():
        now = current(agreement, when.on)
        add(agreement, Proposal(now.monthly, now.due_day, now.first_due_on, method), when=when)
        trail.note("agreement.changed", agreement, by=by, when=when, method=method)
