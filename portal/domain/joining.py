"""Tax that is assessed while a plan is under way: what it takes to pay it with the plan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from portal.domain.change import ChangeKind, InForce, Opening, followed_by, opening, paid_on
from portal.domain.installments import Due, TermsOf
from portal.domain.money import Money
from portal.domain.offer import TooLittleAMonth, TooMuchAMonth
from portal.domain.projection import Schedule, minimum_on, paid_down, schedule_of
from portal.domain.waterfall import Books


class Outlook(NamedTuple):
    """How a plan goes on: its payments to come, and what interest and penalties add until the last one."""

    schedule: Schedule
    growth: Money


@dataclass(frozen=True)
class Joining:
    """A plan without the new years and with them, at the same monthly amount. `minimum` is the least monthly amount
    that pays everything in time, None if none does; `first` is the payment from which on another amount holds.
    """

    plan: InForce
    old: Outlook
    new: Outlook
    minimum: Money | None
    opening: Opening

    @property
    def monthly(self) -> Money:
        """The amount as it is."""
        return self.opening.terms.monthly

    @property
    def most(self) -> Money:
        """All that is left to pay."""
        return max(self.plan.balance, self.minimum or Money(0))

    @property
    def first(self) -> Due:
        """The first payment that another amount still reaches."""
        return Due(paid_on(self.plan, self.opening.due_on, self.opening.terms), self.monthly)

    @property
    def holds(self) -> bool:
        """The monthly amount pays the new years in time as well."""
        return self.minimum is not None and self.minimum <= self.monthly

    def terms(self, monthly: Money) -> TermsOf:
        """The terms once the plan asks for this amount."""
        return self.opening.terms._replace(begins_on=self.opening.begins_on, monthly=monthly)

    def outlook(self, monthly: Money) -> Outlook:
        """How the plan goes on with the new years at this amount."""
        return _outlook(self.plan, self.plan.books, followed_by(self.plan.history, self.terms(monthly)))

    def require(self, monthly: Money) -> None:
        """Refuse a monthly amount that does not pay everything in time (`TooLittleAMonth`), or that is more than what
        is left to pay (`TooMuchAMonth`).
        """
        if self.minimum is not None and monthly < self.minimum:
            raise TooLittleAMonth(minimum=self.minimum)
        if monthly > self.most:
            raise TooMuchAMonth(most=self.most)


def joining(plan: InForce, without: Books, extra: int) -> Joining:
    """What becomes of a plan whose books have new years in them, and would be `without` if they had not. Everything
    is paid in time if it is paid within the term that was agreed on, or with no more than so many payments beside
    those of the plan as it was.
    """
    old = _outlook(plan, without, plan.history)
    found, dues = opening(plan, ChangeKind.AMOUNT), plan.coming(plan.history)
    held = [due for due in dues if due.on < paid_on(plan, found.due_on, found.terms)]
    in_term = sum(due.on <= plan.last_on for due in dues)
    within = max(in_term, len(old.schedule.installments) + extra, len(held) + 1)
    dates = [due.on for due in dues[len(held) : within]]
    return Joining(
        plan=plan,
        old=old,
        new=_outlook(plan, plan.books, plan.history),
        minimum=minimum_on(paid_down(plan.books, held), dates),
        opening=found,
    )


def _outlook(plan: InForce, books: Books, history: Sequence[TermsOf]) -> Outlook:
    """Interest and penalties are what is paid beyond what is owed."""
    found = schedule_of(books, replace(plan, books=books).coming(history))
    return Outlook(found, found.total_paid - Money(books.balance_cents(plan.when.on)))
