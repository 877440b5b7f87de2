"""Years that were assessed while an agreement was in force, and what it takes to pay them with the plan."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import bindparam, select

from portal.db import look
from portal.domain.eligibility import (
    Reason,
    Situation,
    TooLate,
    is_within_the_long_limit,
    is_within_the_short_limit,
    reasons_against_method,
)
from portal.domain.joining import Joining, joining
from portal.domain.lifecycle import IN_FORCE
from portal.domain.moment import Moment
from portal.domain.money import Money, total
from portal.domain.plan import Method, PlanKind
from portal.models import Agreement, NewBalance
from portal.office import office
from portal.queries.changes import in_force
from portal.queries.standings import AccountView, AgreementView, account_view

new_balances, agreements = NewBalance.__table__, Agreement.__table__

WAITING = (
    select(new_balances.c.tax_year, new_balances.c.answer_by, new_balances.c.in_default_on)
    .join(agreements, agreements.c.id == new_balances.c.agreement_id)
    .where(
        agreements.c.taxpayer_id == bindparam("taxpayer_id"), agreements.c.state.in_(IN_FORCE),
        new_balances.c.joined_on.is_(None),
    )
    .order_by(new_balances.c.tax_year)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A year that is not part of the plan yet; `in_default_on` is since when the plan is in default because of it."""

    tax_year: int
    answer_by: date
    in_default_on: date | None


@dataclass(frozen=True, slots=True)
class Addition:
    """The years that wait to be added to a plan, what is owed for them today, and what adding them does. `reasons`
    are against adding them here.
    """

    waiting: tuple[Waiting, ...]
    owed: Money
    joining: Joining
    reasons: tuple[Reason, ...]

    @property
    def years(self) -> str:
        return ", ".join(str(each.tax_year) for each in self.waiting)

    @property
    def answer_by(self) -> date:
        return min(each.answer_by for each in self.waiting)

    @property
    def is_in_default(self) -> bool:
        """The plan is in default because of these years."""
        return any(each.in_default_on for each in self.waiting)


def waiting(taxpayer_id: int) -> tuple[Waiting, ...]:
    """The years that wait to be added to the agreement in force."""
    return tuple(Waiting(*row) for row in look(WAITING, taxpayer_id=taxpayer_id))


def addition(taxpayer_id: int, when: Moment) -> Addition | None:
    """What there is to add to the agreement in force, and what that does; None if nothing waits."""
    found = waiting(taxpayer_id)
    return _addition(taxpayer_id, account_view(taxpayer_id, when.on), found, when) if found else None


def addition_in(taxpayer_id: int, view: AccountView, when: Moment) -> Addition | None:
    """The same from what a page has looked up already."""
    found = waiting(taxpayer_id)
    return _addition(taxpayer_id, view, found, when) if found else None


def is_in_the_way(taxpayer_id: int, when: Moment) -> bool:
    """Whether a default because of a new year lasts: it is not added, and the plan does not pay it in time."""
    found = waiting(taxpayer_id)
    if not any(each.in_default_on for each in found):
        return False
    added = _addition(taxpayer_id, account_view(taxpayer_id, when.on), found, when)
    return added is not None and not added.joining.holds


def _addition(taxpayer_id: int, view: AccountView, found: tuple[Waiting, ...], when: Moment) -> Addition | None:
    """None where everything new is paid, or will be by money that is on its way."""
    agreement, years = view.agreement, {each.tax_year for each in found}
    owed = total(each.owed.total for each in view.standing.years if each.facts.tax_year in years)
    if agreement is None or not owed:
        return None
    plan = in_force(taxpayer_id, view, agreement, when)
    if plan.books.is_clear:
        return None
    without = in_force(taxpayer_id, _without(view, years), agreement, when).books
    extra = plan.limits.new_balance_extra_months if plan.kind is PlanKind.LONG_TERM else 0
    joined = joining(plan, without, extra)
    return Addition(found, owed, joined, _reasons(agreement, view, joined))


def _without(view: AccountView, years: set[int]) -> AccountView:
    """The account as if these years had not been assessed."""
    account = replace(
        view.account,
        periods=tuple(period for period in view.account.periods if period.tax_year not in years),
        charges=tuple(charge for charge in view.account.charges if charge.tax_year not in years),
    )
    return replace(view, account=account)


def _reasons(agreement: AgreementView, view: AccountView, joined: Joining) -> tuple[Reason, ...]:
    """Why the new years cannot be added here: with them the plan is beyond its limits, or no amount pays in time."""
    on, owed = view.standing.as_of, view.standing.owed.total
    limits, kind, method = office().policy.limits.on(on), agreement.kind, agreement.method
    within = is_within_the_long_limit if kind is PlanKind.LONG_TERM else is_within_the_short_limit
    too_much = within(Situation(on, owed), limits)
    against = reasons_against_method(method, kind, owed, limits, has_wages=method is Method.PAYROLL)
    return (*([too_much] if too_much else []), *against, *([TooLate()] if joined.minimum is None else []))
