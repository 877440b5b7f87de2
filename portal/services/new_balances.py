"""A year that is assessed while an agreement is in force: it is told, joins the plan, and never ends one unheard."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.calendar import business_day_from
from portal.domain.change import ChangeKind
from portal.domain.lifecycle import AgreementState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.refusal import Refusal
from portal.models import Agreement, NewBalance
from portal.models.notice import Cause, NoticeKind
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import new_balances
from portal.queries.new_balances import Addition
from portal.queries.standings import account_view
from portal.services import agreements, defaults, notices, promises, receipts, terms, trail


class NothingToAdd(Refusal):
    """Nothing new waits to be added to your plan: it is added already, or paid. Nothing was changed."""


def arrive(taxpayer_id: int, years: Iterable[int], *, by: Actor, when: Moment) -> None:
    """Years were assessed. An agreement in force goes on, its debits too, and nothing is in default: the taxpayer is
    told what each year comes to, whether the monthly amount pays it in time as well, and by when to add it.
    """
    with transaction():
        agreement = agreements.in_force(taxpayer_id)
        if agreement is None:
            return
        owed = {each.facts.tax_year: each.owed.total for each in account_view(taxpayer_id, when.on).standing.years}
        for year in years:
            if amount := owed.get(year):
                _ask(agreement, year, amount, by=by, when=when)
        receipts.follow(taxpayer_id, by=by, when=when)


def join(agreement: Agreement, monthly: Money, *, by: Actor, when: Moment) -> None:
    """Add what waits to the plan, at this monthly amount from the first payment on that it still reaches; a default
    because of it ends. Refuses (`NothingToAdd`, a `Reason`, `TooLittleAMonth`, `TooMuchAMonth`).
    """
    with transaction():
        found = new_balances.addition(agreement.taxpayer_id, when)
        if found is None:
            raise NothingToAdd
        if found.reasons:
            raise found.reasons[0]
        found.joining.require(monthly)
        if monthly != found.joining.monthly:
            begins_on = found.joining.terms(monthly).begins_on
            terms.follow(agreement, ChangeKind.BALANCE, begins_on, when=when, monthly=monthly)
            terms.note(agreement, ChangeKind.BALANCE, by=by, when=when, monthly=str(monthly))
            promises.renew(agreement, begins_on, by=by, when=when)
        _add(agreement, found, monthly, by=by, when=when)


def review(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """The time to add new years is over. They are part of the plan if it pays them in time as it is; else it is in
    default because of them, with the days to cure that every default has.
    """
    with transaction():
        found = new_balances.addition(agreement.taxpayer_id, when)
        if found is None or found.joining.holds:
            if found is None or not found.reasons:
                _add(agreement, found, None, by=by, when=when)
        elif agreement.state is AgreementState.ACTIVE and not agreement.frozen_on:
            for row in _rows(agreement):
                row.in_default_on = when.on
            first_on = min(row.assessed_on for row in _rows(agreement))
            defaults.declare(agreement, found.owed, Cause.NEW_BALANCE, first_on, by=by, when=when)


def _ask(agreement: Agreement, year: int, amount: Money, *, by: Actor, when: Moment) -> None:
    answer_by = _answer_by(when.on)
    row = NewBalance(
        agreement_id=agreement.id, tax_year=year, amount=amount, assessed_on=when.on, answer_by=answer_by
    )
    db.session.add(row)
    db.session.flush()
    trail.note("agreement.balance_assessed", agreement, by=by, when=when, year=str(year), amount=str(amount))
    found = new_balances.addition(agreement.taxpayer_id, when)
    facts: dict[str, str] = {}
    if found and not found.joining.holds and found.joining.minimum:
        facts["least"] = str(found.joining.minimum)
    if found and found.reasons:
        facts["hindrance"] = found.reasons[0].name
    notices.issue(
        agreement.taxpayer_id, NoticeKind.NEW_BALANCE, when=when, agreement=agreement.reference, year=str(year),
        amount=str(amount), add_by=answer_by.isoformat(),
        monthly=str(terms.current(agreement, when.on).monthly), **facts,
    )  # fmt: skip


def _answer_by(on: date) -> date:
    """A day on which banks work, so that it can be used to pay instead."""
    return business_day_from(on + timedelta(days=office().policy.days.on(on).new_balance), banking_days_off())


def _add(agreement: Agreement, found: Addition | None, monthly: Money | None, *, by: Actor, when: Moment) -> None:
    """The years are part of the plan. It is told if somebody asked for it, or if there is something left to pay."""
    for row in _rows(agreement):
        row.joined_on = when.on
    db.session.flush()
    if found:
        asked = monthly or found.joining.monthly
        trail.note("agreement.balance_added", agreement, by=by, when=when, years=found.years, monthly=str(asked))
        notices.issue(
            agreement.taxpayer_id, NoticeKind.BALANCE_ADDED, when=when, agreement=agreement.reference,
            years=found.years, monthly=str(asked),
        )  # fmt: skip
    receipts.follow(agreement.taxpayer_id, by=by, when=when)


def _rows(agreement: Agreement) -> list[NewBalance]:
    waiting = select(NewBalance).where(NewBalance.agreement_id == agreement.id, NewBalance.joined_on.is_(None))
    return list(db.session.execute(waiting.order_by(NewBalance.id)).scalars())
