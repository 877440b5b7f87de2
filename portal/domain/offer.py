"""What a way of paying comes to: its least monthly amount, its schedule, and what it costs in all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.domain.calendar import DaysOff
from portal.domain.money import Money, total
from portal.domain.penalties import Span
from portal.domain.period import Kind, Law, Trace
from portal.domain.plan import PlanKind, course_of
from portal.domain.policy import Limits
from portal.domain.projection import Installment, Plan, Schedule, minimum_monthly, schedule
from portal.domain.refusal import Refusal
from portal.domain.waterfall import Account, Books, Charge, replay


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. Without a monthly amount the least possible one is taken; `now` is paid on the same day.

    `days_off` are given where installments are debited: the banks' holidays move the day on which one is taken.
    """

    kind: PlanKind
    first_due_on: date
    monthly: Money | None = None
    now: Money = Money(0)
    fee: Money = Money(0)
    days_off: DaysOff | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What is paid in all, and what for: what was owed already, and the fee, interest and penalties to come."""

    owed: Money
    fee: Money
    interest: Money
    penalty: Money

    @property
    def total(self) -> Money:
        return total((self.owed, self.fee, self.interest, self.penalty))


@dataclass(frozen=True, slots=True)
class Offer:
    """One plan for a debt. `minimum` is the least monthly amount that clears it in time, None if none does; `cost` is
    None where the monthly amount does not clear the debt.
    """

    wish: Wish
    balance: Money
    minimum: Money | None
    schedule: Schedule
    cost: Cost | None

    @property
    def monthly(self) -> Money | None:
        return self.schedule.monthly

    @property
    def ends_on(self) -> date | None:
        return self.schedule.paid_off_on


class TooLittleAMonth(Refusal):
    """Pay at least %(minimum)s a month. Less does not pay it off in time."""

    about = "monthly"


class TooMuchAMonth(Refusal):
    """Enter at most %(most)s a month: you owe no more than that."""

    about = "monthly"


def require_possible(found: Offer) -> None:
    """Refuse a monthly amount below the least that clears the debt in time, or above what is left to pay."""
    monthly, left = found.wish.monthly, found.balance - found.wish.now
    if monthly is None or found.minimum is None:
        return
    if monthly < found.minimum:
        raise TooLittleAMonth(minimum=found.minimum)
    if monthly > max(left, found.minimum):
        raise TooMuchAMonth(most=max(left, found.minimum))


def offer(account: Account, law: Law, on: date, limits: Limits, wish: Wish) -> Offer:
    """What a plan agreed today comes to. Refuses (`OverflowError`, `ValueError`) a schedule past the year 9999."""
    today = replay(account, law, on)[0]
    books, plan, trace = _begun(account, law, on, limits, wish)
    minimum = minimum_monthly(books, plan)
    monthly = minimum if wish.monthly is None else wish.monthly
    found = Schedule(None, (), clears=False) if monthly is None else schedule(books, plan, monthly)
    balance = Money(today.balance_cents(on))
    cost = _cost(today, on, _paid(books, found.installments, trace)) if found.clears else None
    return Offer(wish, balance, minimum, found, cost)


def unpaid_at_the_end(account: Account, law: Law, on: date, limits: Limits, wish: Wish) -> Money:
    """What a plan at the wished monthly amount leaves unpaid once its term is over."""
    books, plan, _paid_now = _begun(account, law, on, limits, wish)
    rows = schedule(books, plan, wish.monthly or Money(0)).installments
    return rows[-1].balance_after if rows else Money(0)


def at_once(account: Account, law: Law, on: date, *, pay_on: date) -> Cost:
    """What paying everything on one day comes to, without a plan: today, or the last day of a short-term plan."""
    books = replay(account, law, on)[0]
    trace = Trace([], [])
    later = books.copy()
    later.spend(pay_on, later.balance_cents(pay_on), trace)
    return _cost(books, on, trace)


def clears(account: Account, law: Law, on: date, limits: Limits, wish: Wish) -> bool:
    """Whether a plan with this monthly amount pays everything in time: the schedule alone, without the least one."""
    books, plan, _trace = _begun(account, law, on, limits, wish)
    return wish.monthly is not None and schedule(books, plan, wish.monthly).clears


def is_too_late(account: Account, law: Law, on: date, first_due_on: date) -> bool:
    """No monthly amount can clear the debt: the time to collect a part of it ends before the first payment."""
    books = replay(account, law, on)[0]
    return any(not period.is_clear and period.ends_on < first_due_on for period in books.periods)


def _begun(account: Account, law: Law, on: date, limits: Limits, wish: Wish) -> tuple[Books, Plan, Trace]:
    """The books once the plan is agreed and what is paid at once has come, its due dates, and what that paid."""
    books, trace = _agreed(account, law, on, wish), Trace([], [])
    books.spend(on, wish.now.cents, trace)
    return books, course_of(wish.kind, wish.first_due_on, on, limits, wish.days_off), trace


def _agreed(account: Account, law: Law, on: date, wish: Wish) -> Books:
    """The books once the plan is agreed: a long one lowers the penalty of its months (IRC 6651(h)), for a fee."""
    spans = (*account.in_effect, Span(on, None)) if wish.kind is PlanKind.LONG_TERM else account.in_effect
    books = replay(replace(account, in_effect=spans), law, on)[0]
    if wish.fee:
        books.charge(Charge(on, Kind.FEE, wish.fee))
    return books


def _paid(books: Books, installments: Sequence[Installment], trace: Trace) -> Trace:
    """The shares of all installments, added to those of what was paid before them."""
    ahead = books.copy()
    for row in installments:
        ahead.spend(row.on, row.amount.cents, trace)
    return trace


def _cost(today: Books, on: date, paid: Trace) -> Cost:
    """What was paid beyond what is owed today, by kind."""
    owed = today.owed(on)
    by_kind: Counter[Kind] = Counter()
    for _year, kind, cents in paid.shares:
        by_kind[kind] += cents
    penalties = sum(by_kind[kind] for kind in (Kind.FAILURE_TO_FILE, Kind.FAILURE_TO_PAY, Kind.DISHONORED))
    return Cost(
        owed=owed.total + Money(today.fee),
        fee=Money(by_kind[Kind.FEE] - today.fee),
        interest=Money(by_kind[Kind.INTEREST]) - owed.interest,
        penalty=Money(penalties) - owed.penalty,
    )
