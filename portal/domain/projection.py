"""What a plan comes to: its schedule, the smallest payment that clears the debt in time, and what-if."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import repeat
from typing import NamedTuple

from portal.domain.calendar import DaysOff, business_day_from, monthly_dates
from portal.domain.installments import Due
from portal.domain.money import Money, total
from portal.domain.penalties import Span
from portal.domain.period import Law, Trace
from portal.domain.waterfall import Account, Books, replay


@dataclass(frozen=True, slots=True)
class Plan:
    """When a plan pays: on `first_due_on` and the same day of each month; at most `term_months` payments.

    Without a term only the collection dates bind. The day is 1 to 28. Where `days_off` are given, what falls on
    a weekend or a day off is taken on the next business day.
    """

    first_due_on: date
    term_months: int | None
    days_off: DaysOff | None = None

    def dates(self, books: Books) -> list[date]:
        """The due dates: the term, or through the first one after the last collection date."""
        due = list(self._due(books))
        return due if self.days_off is None else [business_day_from(day, self.days_off) for day in due]

    def _due(self, books: Books) -> Iterator[date]:
        if self.term_months is not None:
            yield from monthly_dates(self.first_due_on, self.term_months)
            return
        last = max(period.ends_on for period in books.periods)
        for day in monthly_dates(self.first_due_on):
            yield day
            if day > last:
                return


class Installment(NamedTuple):
    """One payment of a schedule, and what is owed after it."""

    on: date
    amount: Money
    balance_after: Money


@dataclass(frozen=True, slots=True)
class Schedule:
    """A plan's payments at one monthly amount. `clears`: every period in time and all within the term."""

    monthly: Money | None
    installments: tuple[Installment, ...]
    clears: bool

    @property
    def total_paid(self) -> Money:
        return total(installment.amount for installment in self.installments)

    @property
    def paid_off_on(self) -> date | None:
        return self.installments[-1].on if self.clears and self.installments else None

    @property
    def months(self) -> int | None:
        return len(self.installments) if self.clears else None

    @property
    def final_payment(self) -> Money | None:
        if not self.clears:
            return None
        return self.installments[-1].amount if self.installments else Money(0)

    def assumed_rate_after(self, law: Law) -> date | None:
        """The last published day, if the schedule goes past it on a rate that is only assumed."""
        published = law.rates.published_through
        return published if self.installments and self.installments[-1].on > published else None


def projected(account: Account, law: Law, as_of: date) -> Books:
    """The books from which a projection starts: an account with no agreement counts as in one from `as_of`."""
    if not account.in_effect:
        account = replace(account, in_effect=(Span(as_of, None),))
    return replay(account, law, as_of)[0]


def schedule(books: Books, plan: Plan, monthly: Money) -> Schedule:
    """The payments of a plan, each with the balance after it; the last one is what is left."""
    if books.is_clear:
        return Schedule(monthly, (), clears=True)
    return schedule_of(books, [Due(on, monthly) for on in plan.dates(books)])


def schedule_of(books: Books, dues: Sequence[Due]) -> Schedule:
    """The same for installments that need not be equal."""
    books = books.copy()
    monthly = dues[-1].amount if dues else None
    if books.is_clear:
        return Schedule(monthly, (), clears=True)
    course = Course(books)
    rows = tuple(
        Installment(on, Money(paid), Money(books.balance_cents(on)))
        for on, paid in course.run((due.on, due.amount.cents) for due in dues)
    )
    return Schedule(monthly, rows, clears=course.in_time and books.is_clear)


def paid_down(books: Books, dues: Iterable[Due]) -> Books:
    """The books once these installments are paid."""
    course = Course(books.copy())
    for _row in course.run((due.on, due.amount.cents) for due in dues):
        pass
    return course.books


class Course:
    """Books on their way through a plan: `in_time` turns false once a period is owed past its collection end."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.in_time = True

    def run(self, dues: Iterable[tuple[date, int]]) -> Iterator[tuple[date, int]]:
        """Pay so many cents on each date until nothing is owed; what was paid, which is less at the end."""
        trace = Trace([], [])
        for on, cents in dues:
            self.in_time = self.in_time and not self._is_late(on)
            left = self.books.spend(on, cents, trace)
            yield on, cents - left
            if left or self.books.is_clear:
                return

    def _is_late(self, on: date) -> bool:
        """Periods are paid in the order in which their collection ends, so the first one owed decides."""
        for period in self.books.periods:
            if not period.is_clear:
                return period.ends_on < on
        return False


def minimum_monthly(books: Books, plan: Plan) -> Money | None:
    """The smallest whole-cent amount that clears every period in time; 0.00 if nothing is owed, None if none can.

    More never clears later than less, so a bracket that fails below and clears above closes on it. Where to look
    next is guessed from the money that a trial is short or has to spare; only exact schedules decide.
    """
    return Money(0) if books.is_clear else minimum_on(books, plan.dates(books))


def minimum_on(books: Books, dates: list[date]) -> Money | None:
    """The same on these dates, of which there is at least one."""
    if books.is_clear:
        return Money(0)
    fails, clears = 0, books.copy().balance_cents(dates[0])
    short, spare = clears, _margin(books, dates, clears)
    if spare < 0:
        return None
    before = spare
    while clears - fails > 1:
        guess = fails + (clears - fails) * short // (short + spare + 1)
        guess = min(max(guess, fails + 1), clears - 1)
        margin = _margin(books, dates, guess)
        if margin >= 0:
            short = short // 2 if before >= 0 else short
            clears, spare = guess, margin
        else:
            spare = spare // 2 if before < 0 else spare
            fails, short = guess, -margin
        before = margin
    return Money(clears)


def _margin(books: Books, dates: list[date], cents: int) -> int:
    """Cents that this monthly amount leaves unpaid in time, as a negative number, or has to spare."""
    course = Course(books.copy())
    used, last = 0, cents
    for _, paid in course.run(zip(dates, repeat(cents))):
        if not course.in_time:
            break
        used, last = used + 1, paid
    if course.in_time and course.books.is_clear:
        return (len(dates) - used) * cents + cents - last
    return -max(1, course.books.owed(dates[max(used - 1, 0)]).total.cents)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two schedules of one debt: what the second costs more (negative: saves) and how much later it ends."""

    old: Schedule
    new: Schedule

    @property
    def costs_more(self) -> Money | None:
        if not (self.old.clears and self.new.clears):
            return None
        return self.new.total_paid - self.old.total_paid

    @property
    def months_more(self) -> int | None:
        if self.old.months is None or self.new.months is None:
            return None
        return self.new.months - self.old.months


def what_if(books: Books, plan: Plan, monthly: Money, other: Money) -> Comparison:
    """The same debt and dates at another monthly amount."""
    return Comparison(schedule(books, plan, monthly), schedule(books, plan, other))
