"""What a change of an agreement is, what it is decided on, and what it comes to before anybody says yes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from portal.domain.calendar import (
    ONE_DAY,
    DaysOff,
    business_day_from,
    business_days_before,
    corresponding_day,
)
from portal.domain.installments import Due, TermsOf, due_dates, installments_to_come
from portal.domain.lifecycle import AgreementState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import PlanKind
from portal.domain.policy import Changes, Limits
from portal.domain.projection import Comparison, Schedule, schedule_of
from portal.domain.refusal import Refusal
from portal.domain.waterfall import Books

# As far as a schedule is drawn.
MONTHS = 240


class ChangeKind(StrEnum):
    """Why terms followed others. `AGREED` are the first ones; `SPREAD` asks for less after an extra payment,
    `BALANCE` includes a debt that came later, `HOLD` asks for nothing for a while.
    """

    AGREED = "agreed"
    AMOUNT = "amount"
    DAY = "day"
    SKIP = "skip"
    SLIDE = "slide"
    METHOD = "method"
    BANK = "bank"
    SPREAD = "spread"
    BALANCE = "balance"
    HOLD = "hold"


ONE_PAYMENT = (ChangeKind.SKIP, ChangeKind.SLIDE)


class Leaving(NamedTuple):
    """A payment that is arranged and leaves as it was promised, whatever is changed now."""

    on: date
    amount: Money
    is_sent: bool


class NotInForce(Refusal):
    """This plan is over, so there is nothing to change."""


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants to be different: another amount, another day, a payment moved by some days, or skipped."""

    kind: ChangeKind
    monthly: Money | None = None
    due_day: int | None = None
    days: int = 0


@dataclass(frozen=True, eq=False)
class InForce:
    """An agreement as a change of it is decided on, at a moment. `made` are the due dates for which a payment is
    sent, here, or signed in place of the debit; `late` is promised for installments that were due already. `books`
    are those once what is on its way has arrived. `counted` says when a kind of change was made.
    """

    reference: str
    when: Moment
    kind: PlanKind
    state: AgreementState
    is_frozen: bool
    is_deducted: bool
    accepted_on: date
    history: tuple[TermsOf, ...]
    counted: tuple[tuple[datetime, ChangeKind], ...]
    version: int
    made: frozenset[date]
    late: tuple[Due, ...]
    arranged: tuple[tuple[date | None, Leaving], ...]
    books: Books
    rules: Changes
    limits: Limits
    days_off: DaysOff
    zone: tzinfo

    @cached_property
    def old(self) -> Schedule:
        """The payments to come as things stand."""
        return schedule_of(self.books, self.coming(self.history))

    @property
    def last_on(self) -> date:
        """The day by which everything has to be paid: the end of the last month of the term that was agreed on, or
        when a bank takes what is due on it.
        """
        if self.kind is PlanKind.SHORT_TERM:
            return self.accepted_on + timedelta(days=self.limits.short_term_days)
        last = corresponding_day(self.history[0].first_due_on.replace(day=1), self.limits.term_months) - ONE_DAY
        return business_day_from(last, self.days_off) if self.history[-1].is_debited else last

    @property
    def balance(self) -> Money:
        """What is owed today, once what is on its way has arrived."""
        return Money(self.books.balance_cents(self.when.on))

    def coming(self, history: Sequence[TermsOf]) -> tuple[Due, ...]:
        """What these terms ask for from now on."""
        dues = installments_to_come(history, self.when.on, MONTHS, self.days_off, self.made)
        return tuple(sorted([*self.late, *dues]))

    def cut_off(self, due_on: date, *, is_debited: bool) -> datetime:
        """Until when a change still holds for a payment. A debit is announced to the bank; money that somebody sends
        is not, so for that there is time through the day before.
        """
        if not is_debited:
            return datetime.combine(due_on, time.min, self.zone)
        pay_on = business_day_from(due_on, self.days_off)
        day = business_days_before(pay_on, self.rules.notice, self.days_off)
        return datetime.combine(day, self.rules.notice_time, self.zone)


class Opening(NamedTuple):
    """The first payment that a change still reaches, with its terms, and from which day new terms hold for it."""

    due_on: date
    terms: TermsOf
    begins_on: date


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a change comes to: the terms that follow, the instant from which they hold, the first payment under them,
    what leaves as it was promised, and the payments to come without and with it. What holds at once, holds from the
    instant of the yes. `until`: until when a change still
    reaches that payment. `instead_of` is the day of a payment that is skipped or moved.
    """

    change: Change
    terms: TermsOf
    holds_from: datetime | None
    first: Due
    until: datetime
    leaving: tuple[Leaving, ...]
    old: Schedule
    new: Schedule
    instead_of: date | None = None

    @property
    def costs_more(self) -> Money | None:
        """The difference in interest and penalties, negative if it saves; None where one of the two never ends."""
        return Comparison(self.old, self.new).costs_more

    @property
    def shown(self) -> str:
        """A name for what somebody says yes to: other dates or figures have another one."""
        ends_on, costs = self.new.paid_off_on, self.costs_more
        parts = (*self.terms[:4], *self.first, ends_on, costs, *(each.on for each in self.leaving))
        return " ".join(str(part) for part in parts)


def opening(plan: InForce, kind: ChangeKind) -> Opening:
    """The first payment that a change still reaches. A debit is held once it is near, and so is whatever
    is paid or arranged already; the first payment of a plan keeps its day, and so does one that was moved.
    """
    keeps_day = kind is ChangeKind.DAY
    held: date | None = None
    for due_on, terms in due_dates(plan.history, plan.when.on - ONE_DAY):
        is_moved = keeps_day and due_on.day != terms.due_day
        is_first = keeps_day and due_on == plan.history[0].first_due_on
        is_held = due_on <= plan.when.on or due_on in plan.made or is_moved or is_first
        if not is_held and plan.when.at < plan.cut_off(due_on, is_debited=terms.is_debited):
            return Opening(due_on, terms, max(plan.when.on, held + ONE_DAY) if held else plan.when.on)
        held = due_on
    raise NotInForce


def followed_by(history: Sequence[TermsOf], terms: TermsOf) -> tuple[TermsOf, ...]:
    """Terms once others follow them."""
    return (*(each for each in history if each.begins_on <= terms.begins_on), terms)


def paid_on(plan: InForce, due_on: date, terms: TermsOf) -> date:
    """The day on which an installment is paid: a debit is taken on a banking day."""
    return business_day_from(due_on, plan.days_off) if terms.is_debited else due_on
