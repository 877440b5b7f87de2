"""A policy: limits, fees, days and penalty rates as dated data, read with the date on which they apply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Generic, TypeVar

from portal.domain.money import Money
from portal.domain.penalties import PenaltyRules
from portal.domain.period import Law
from portal.domain.rates import RateTable


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A limit on what is owed, and whether the amount itself is still within it."""

    amount: Money
    is_within: bool

    @property
    def most(self) -> Money:
        """The largest amount that is within the limit."""
        return self.amount if self.is_within else self.amount - Money(1)

    def admits(self, owed: Money) -> bool:
        return owed <= self.most


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be owed at most (tax, penalty and interest together) for each kind of plan, and how long it may last.

    `own_payments` is the most for which a plan may be paid without debit or payroll deduction, `after_termination`
    the most for which one is possible within `after_termination_months` of one that the agency ended. A year that is
    assessed later joins a plan at the same amount if that costs no more than `new_balance_extra_months`.
    """

    long_term: Ceiling
    short_term: Ceiling
    own_payments: Ceiling
    after_termination: Ceiling
    after_termination_months: int
    short_term_days: int
    term_months: int
    new_balance_extra_months: int
    due_days: tuple[int, ...]
    for_businesses: bool


@dataclass(frozen=True, slots=True)
class Days:
    """Periods in calendar days, except `debit_settles`, `debit_lead`, `retry_after` and `revocation_notice`, which
    count banking days. A debit that comes back for want of money is tried `debit_attempts` times in all, the last one
    within `retry_within` of the first.
    """

    first_payment: int
    cure: int
    appeal: int
    grace: int
    reminder: int
    default_notice_after_misses: int
    debit_settles: int
    debit_lead: int
    return_window: int
    retry_after: int
    retry_within: int
    debit_attempts: int
    draft: int
    employer_reminder: int
    employer_answer: int
    revocation_notice: int
    new_balance: int


@dataclass(frozen=True, slots=True)
class Fee:
    """A user fee, and whether it is given back once the agreement is completed (IRC 6159(f)(2)(B))."""

    amount: Money
    is_given_back: bool = False


@dataclass(frozen=True, slots=True)
class Fees:
    """The user fee of a new agreement: asked for online or with the agency's help, paid by debit or otherwise, and of
    somebody with a low income; and of one that is taken up again or paid another way, online.
    """

    online_debit: Money
    online_other: Money
    assisted_debit: Money
    assisted_other: Money
    reinstate_online: Money
    revise_online: Money
    low_income_debit: Money
    low_income_other: Money

    def online(self, *, is_debited: bool, has_low_income: bool) -> Fee:
        """The fee of an agreement asked for on these pages."""
        full = self.online_debit if is_debited else self.online_other
        if not has_low_income:
            return Fee(full)
        reduced = self.low_income_debit if is_debited else self.low_income_other
        return Fee(min(full, reduced), is_given_back=not is_debited)

    def revised(self, *, was_debited: bool, is_debited: bool, has_low_income: bool) -> Fee:
        """The fee of paying another way. An agreement with debits is changed for nothing; of somebody with a low
        income debits cost nothing, and what other ways cost is given back (IRC 6159(f)(2)).
        """
        if was_debited or (is_debited and has_low_income):
            return Fee(Money(0))
        return Fee(self.revise_online, is_given_back=has_low_income)


@dataclass(frozen=True, slots=True)
class IncomeLine:
    """The most that a household may earn a year to count as one of low income: for the first person, and for each
    further one.
    """

    first: Money
    further: Money

    def of(self, people: int) -> Money:
        return Money(self.first.cents + self.further.cents * (people - 1))


@dataclass(frozen=True, slots=True)
class LowIncome:
    """The lines of low income (IRC 6159(f)(2): 250 percent of the federal poverty level), some states apart."""

    everywhere: IncomeLine
    elsewhere: Mapping[str, IncomeLine]

    def includes(self, *, state: str, people: int, income: Money) -> bool:
        """A household of so many people in a state, with this adjusted gross income a year, has a low income."""
        return income <= self.line(state).of(people)

    def line(self, state: str) -> IncomeLine:
        return self.elsewhere.get(state, self.everywhere)


@dataclass(frozen=True, slots=True)
class DirectPay:
    """Payments on these pages: how many may be signed within 24 hours, the most that each may be, how many days ahead
    one may be dated, and for how many minutes an unsigned one is kept.

    A payment is changed or cancelled through `cut_off_days` banking days before its day, until `cut_off_time`.
    """

    payments_a_day: int
    each: Ceiling
    each_of_a_guest: Ceiling
    days_ahead: int
    cut_off_days: int
    cut_off_time: time
    draft_minutes: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What of an agreement in force somebody may change alone. A change holds for a debit if it is made `notice`
    banking days before it, until `notice_time` of that day; else from the following payment on.

    Within twelve months so many payments may be skipped, and so many moved, each by at most `slide_days` days.
    """

    notice: int
    notice_time: time
    skips: int
    slides: int
    slide_days: int


@dataclass(frozen=True, slots=True)
class MethodChanges:
    """Other ways to pay an agreement: how many within 24 hours, for how many hours each can be undone, for how many
    days it can be stopped by who did not ask for it, and for how many minutes an unsigned one is kept.
    """

    a_day: int
    undo_hours: int
    stop_days: int
    draft_minutes: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What the agency's people may do: a hardship hold lasts at most `longest_hold` days, and a request for what two
    people have to do is open for `approval_days`. One person may abate what is within `abated_alone`.
    """

    longest_hold: int
    approval_days: int
    abated_alone: Ceiling


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Dated(Generic[Value]):
    """Values that follow each other, each from its first day on."""

    entries: Sequence[tuple[date, Value]]

    def on(self, day: date) -> Value:
        """The value that applies on the day. Refuses (`LookupError`) a day before the first entry."""
        if (reached := self.reached(day)) is None:
            raise LookupError(f"the policy has no entry for {day}")
        return reached

    def reached(self, day: date) -> Value | None:
        """The value that applies on the day, or None before the first entry."""
        return next((value for begins_on, value in reversed(self.entries) if begins_on <= day), None)


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules of one agency. `law_on` is what the computation of a debt needs of them."""

    name: str
    rates: RateTable
    penalties: Dated[PenaltyRules]
    limits: Dated[Limits]
    days: Dated[Days]
    fees: Dated[Fees]
    low_income: Dated[LowIncome]
    direct_pay: Dated[DirectPay]
    changes: Dated[Changes]
    method_changes: Dated[MethodChanges]
    desk: Dated[Desk]

    def law_on(self, day: date) -> Law:
        return Law(self.rates, self.penalties.on(day))
