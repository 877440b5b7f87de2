"""Terms of an agreement: what it asks for, from a day on. They are never changed, only followed by newer ones."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.change import ChangeKind
from portal.domain.installments import holding
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import Method, PlanKind
from portal.models import Agreement, BankAccount, Terms
from portal.services import trail

# What terms ask for, beside from when on.
AGREED = ("monthly", "due_day", "first_due_on", "method", "bank_account_id")


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
    """Write down the first terms, which begin today."""
    bank_account = proposal.bank_account
    terms = Terms(
        agreement_id=agreement.id, begins_on=when.on, recorded_at=when.at, change=ChangeKind.AGREED,
        monthly=proposal.monthly, due_day=proposal.due_day, first_due_on=proposal.first_due_on,
        method=proposal.method, bank_account_id=bank_account.id if bank_account else None,
    )  # fmt: skip
    db.session.add(terms)
    db.session.flush()
    return terms


def history(agreement: Agreement) -> list[Terms]:
    """All terms of an agreement, in the order in which they begin."""
    rows = select(Terms).where(Terms.agreement_id == agreement.id).order_by(Terms.begins_on, Terms.id)
    return list(db.session.execute(rows).scalars())


def current(agreement: Agreement, on: date) -> Terms:
    """The terms in force on the day: the latest that had begun, or the first ones."""
    return holding(history(agreement), on)


def follow(agreement: Agreement, change: ChangeKind, begins_on: date, *, when: Moment, **other: Any) -> None:
    """Let the terms be others from a day on, in what is named only; those that begin on a later day, too. The
    agreement has another version then, so that nobody changes it who has not seen this.
    """
    with transaction():
        before = history(agreement)
        later = [each for each in before if each.begins_on > begins_on]
        for each in (holding(before, begins_on), *later):
            values = {name: getattr(each, name) for name in AGREED} | other
            values["begins_on"] = max(each.begins_on, begins_on)
            db.session.add(Terms(agreement_id=agreement.id, recorded_at=when.at, change=change, **values))
        agreement.changed_at = when.at
        db.session.flush()


def change_monthly(agreement: Agreement, monthly: Money, *, by: Actor, when: Moment) -> None:
    """Ask for another amount each month from today on, on the same day: what an extra payment leaves to be paid."""
    with transaction():
        follow(agreement, ChangeKind.SPREAD, when.on, when=when, monthly=monthly)
        note(agreement, ChangeKind.SPREAD, by=by, when=when, monthly=str(monthly))


def change_method(agreement: Agreement, method: Method, *, by: Actor, when: Moment) -> None:
    """Pay another way from today on: the same amount on the same day, from no account. No fee is charged for it."""
    with transaction():
        follow(agreement, ChangeKind.METHOD, when.on, when=when, method=method, bank_account_id=None)
        note(agreement, ChangeKind.METHOD, by=by, when=when, method=method)


def note(agreement: Agreement, change: ChangeKind, *, by: Actor, when: Moment, **details: str) -> None:
    """Write a change into the trail, where it is found again as one of the agreement's."""
    trail.note("agreement.changed", agreement, by=by, when=when, change=change, **details)
