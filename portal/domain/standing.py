"""Where an account stands on a day: what is owed, what grows, what is promised, and how it will end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from portal.domain.calendar import ONE_DAY, monthly_dates
from portal.domain.installments import Due
from portal.domain.money import Money, total
from portal.domain.period import Law, MonthCharge, Owed, RunningPeriod, TaxPeriod
from portal.domain.projection import Schedule, schedule_of
from portal.domain.rates import rounded
from portal.domain.waterfall import Account, Books, Charge, Payment, events, open_books, refunded_of, replay

LONGEST_SCHEDULE_MONTHS = 240


class YearOwed(NamedTuple):
    """What one tax year owes."""

    facts: TaxPeriod
    owed: Owed


class NextPenalty(NamedTuple):
    """The next failure-to-pay charges, if nothing is paid before them: each year's, as it will show to the cent."""

    on: date
    charges: tuple[tuple[int, MonthCharge, Money], ...]

    @property
    def amount(self) -> Money:
        return total(amount for _year, _charge, amount in self.charges)


class Growth(NamedTuple):
    """What tomorrow adds to one year in interest, and on what."""

    tax_year: int
    base: Money
    interest: Money


class Arrears(NamedTuple):
    """Installments that were due, and what was paid since the agreement was accepted. An installment is met when
    what was paid reaches what was due.
    """

    installments: int
    due: Money
    paid: Money

    @property
    def amount(self) -> Money:
        return max(Money(0), self.due - self.paid)


@dataclass(frozen=True, slots=True)
class Commitment:
    """What an agreement asks for: `due` are the installments up to today, `coming` those for which no money is on its
    way or here yet, on the days on which they are paid. `beside` came since it was accepted, and is for no
    installment: a tax refund that was kept.

    A plan in default is not kept: its payments to come are what it asks for, not a promise.
    """

    accepted_on: date
    beside: Money
    due: tuple[Due, ...]
    coming: tuple[Due, ...]
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """An account as of a day. `owed` is without the user fee, which `balance` has in it. `course` is the balance
    when the agreement began, once a month since, and today.
    """

    as_of: date
    years: tuple[YearOwed, ...]
    owed: Owed
    fee: Money
    credit: Money
    posted: Money
    pending: Money
    tomorrow: tuple[Growth, ...]
    next_penalty: NextPenalty | None
    schedule: Schedule | None
    is_kept: bool
    arrears: Arrears
    course: tuple[tuple[date, Money], ...]

    @property
    def balance(self) -> Money:
        return self.owed.total + self.fee

    @property
    def interest_a_day(self) -> Money:
        """What tomorrow adds in interest, to the cent that will be shown tomorrow."""
        return total(growth.interest for growth in self.tomorrow)

    @property
    def charged(self) -> Money:
        """All that was charged to date: what was paid of it, and what is left."""
        return self.posted - self.credit + self.balance

    @property
    def pending_here(self) -> Money:
        """What is on its way towards this balance; never more than the balance."""
        return min(self.pending, self.balance)

    @property
    def promised(self) -> Money:
        """The part of the balance that the plan's coming payments will pay."""
        coming = self.schedule.total_paid if self.schedule and self.is_kept else Money(0)
        return min(coming, self.balance - self.pending_here)

    @property
    def uncovered(self) -> Money:
        """The part of the balance that nothing is arranged for."""
        return self.balance - self.pending_here - self.promised


def standing(
    account: Account, law: Law, as_of: date, *, commitment: Commitment | None, pending: tuple[Payment, ...]
) -> Standing:
    """Everything a dashboard says about an account, from its facts alone."""
    books = replay(account, law, as_of)[0]
    years = tuple(YearOwed(period.facts, period.owed(as_of)) for period in books.periods)
    return Standing(
        as_of=as_of,
        years=years,
        owed=books.owed(as_of),
        fee=Money(books.fee),
        credit=Money(books.credit),
        posted=_posted(account, as_of),
        pending=total(payment.amount for payment in pending),
        tomorrow=_tomorrow(books, as_of),
        next_penalty=_next_penalty(books, as_of),
        schedule=schedule_of(arrived(books, pending), commitment.coming) if commitment else None,
        is_kept=commitment is not None and commitment.is_kept,
        arrears=_arrears(account, commitment, as_of) if commitment else Arrears(0, Money(0), Money(0)),
        course=_course(account, law, commitment.accepted_on, as_of) if commitment else (),
    )


def _posted(account: Account, as_of: date) -> Money:
    """What has come, less what was given back of it."""
    refunded = refunded_of(account)
    came = (each.amount.cents - refunded.get(each.reference, 0) for each in account.payments if each.on <= as_of)
    return Money(sum(came))


def balances(account: Account, law: Law, days: Iterable[date]) -> list[tuple[date, Money]]:
    """What was owed at the end of each of the days, which are in order; one run over the account's events."""
    days = list(days)
    books = open_books(account, law)
    waiting = events(account, days[-1]) if days else []
    found = []
    for day in days:
        while waiting and waiting[0].on <= day:
            event = waiting.pop(0)
            if isinstance(event, Charge):
                books.charge(event)
            else:
                books.apply(event)
        reached = [period for period in books.periods if period.facts.due_on <= day]
        owed = sum(period.owed(day).total.cents for period in reached)
        found.append((day, Money(owed + books.fee)))
    return found


def _tomorrow(books: Books, as_of: date) -> tuple[Growth, ...]:
    """Year by year, so that the differences of the rounded figures are what the shown total will grow by."""
    rows = []
    for period in books.copy().periods:
        base = Money(rounded(period.exact_base(as_of)))
        today, tomorrow = period.owed(as_of), period.owed(as_of + ONE_DAY)
        if base:
            rows.append(Growth(period.facts.tax_year, base, tomorrow.interest - today.interest))
    return tuple(rows)


def _next_penalty(books: Books, as_of: date) -> NextPenalty | None:
    """The nearest month that begins with tax unpaid and the cap not reached, over all years."""
    coming = [(period.copy(), charge) for period in books.periods if (charge := period.next_charge())]
    if not coming:
        return None
    on = min(charge.begins_on for _period, charge in coming)
    nearest = [(period, charge) for period, charge in coming if charge.begins_on == on]
    return NextPenalty(on, tuple((each.facts.tax_year, charge, _added(each, as_of, on)) for each, charge in nearest))


def _added(period: RunningPeriod, as_of: date, on: date) -> Money:
    """By how much the penalty shown grows between two days."""
    before, after = period.owed(as_of), period.owed(on)
    return after.penalty - before.penalty


def arrived(books: Books, pending: Iterable[Payment]) -> Books:
    """The books once what is on its way has arrived."""
    ahead = books.copy()
    for payment in sorted(pending, key=lambda each: each.on):
        ahead.apply(payment)
    return ahead


def _course(account: Account, law: Law, since: date, as_of: date) -> tuple[tuple[date, Money], ...]:
    starts = since.replace(day=min(since.day, 28))
    months = (as_of.year - since.year) * 12 + as_of.month - since.month + 1
    between = (day for day in monthly_dates(starts, months) if since < day < as_of)
    return tuple(balances(account, law, sorted({since, *between, as_of})))


def _arrears(account: Account, commitment: Commitment, as_of: date) -> Arrears:
    paid = sum(each.amount.cents for each in account.payments if commitment.accepted_on <= each.on <= as_of)
    due = total(each.amount for each in commitment.due)
    return Arrears(len(commitment.due), due, Money(paid) - commitment.beside)
