"""Where a payment goes: the user fee, then period by period, and in a period tax, penalty, interest."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from portal.domain.money import Money
from portal.domain.penalties import Span
from portal.domain.period import Kind, Law, Owed, RunningPeriod, TaxPeriod, Trace


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received; the reference tells it apart from others of the same day."""

    on: date
    amount: Money
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge that somebody posted: the agreement's user fee (no year) or a dishonored-payment penalty."""

    on: date
    kind: Kind
    amount: Money
    tax_year: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a payment that one kind of debt of one year received; the fee has no year."""

    tax_year: int | None
    kind: Kind
    amount: Money


@dataclass(frozen=True, slots=True)
class Applied:
    """What one payment did: accruals assessed because of it, its shares, and what was left as a credit."""

    payment: Payment
    assessed: tuple[Share, ...]
    shares: tuple[Share, ...]
    credit: Money


@dataclass(frozen=True, slots=True)
class Account:
    """The facts of one taxpayer's account, from which everything owed follows.

    Payments of one day stand in order of receipt. `in_effect` are the days of agreements, for the rate of
    the failure-to-pay penalty.
    """

    periods: tuple[TaxPeriod, ...]
    payments: tuple[Payment, ...] = ()
    charges: tuple[Charge, ...] = ()
    in_effect: tuple[Span, ...] = ()
    levy_notice_on: date | None = None


class Books:
    """An account in motion: what payments have done so far, and what is owed from here on."""

    __slots__ = ("credit", "fee", "periods")

    def __init__(self, periods: Iterable[RunningPeriod]) -> None:
        """Periods are paid by earliest collection end, then year."""
        self.periods = sorted(periods, key=lambda period: (period.ends_on, period.facts.tax_year))
        self.fee = 0
        self.credit = 0

    def copy(self) -> "Books":
        twin = Books(period.copy() for period in self.periods)
        twin.fee, twin.credit = self.fee, self.credit
        return twin

    def charge(self, charge: Charge) -> None:
        """Post a fee, or a penalty to its year."""
        if charge.kind is Kind.FEE:
            self.fee += charge.amount.cents
        else:
            self.period(charge.tax_year).charge(charge.kind, charge.amount.cents)

    def period(self, tax_year: int | None) -> RunningPeriod:
        """The period of a year that this account has."""
        return next(period for period in self.periods if period.facts.tax_year == tax_year)

    def apply(self, payment: Payment) -> Applied:
        """Spread a payment over what is owed on its day; what is left is a credit that nothing draws on."""
        trace = Trace([], [])
        left = self.spend(payment.on, payment.amount.cents, trace)
        self.credit += left
        return Applied(payment, _shares(trace.assessed), _shares(trace.shares), Money(left))

    def spend(self, day: date, cents: int, trace: Trace) -> int:
        """Take cents to the fee and to the periods due by the day, in their order; the cents that are left."""
        if fee := min(cents, self.fee):
            self.fee -= fee
            cents -= fee
            trace.shares.append((None, Kind.FEE, fee))
        for period in self.periods:
            if not cents:
                break
            if not period.is_clear and period.facts.due_on <= day:
                cents = period.take(day, cents, trace)
        return cents

    def owed(self, day: date) -> Owed:
        """What all periods owe at the end of the day: the sum of the rounded figures, without the fee."""
        tax = penalty = interest = 0
        for period in self.periods:
            of_tax, of_penalty, of_interest = period.owed_cents(day)
            tax += of_tax
            penalty += of_penalty
            interest += of_interest
        return Owed(Money(tax), Money(penalty), Money(interest))

    def balance_cents(self, day: date) -> int:
        """Everything owed at the end of the day, the fee included, in cents."""
        return self.fee + sum(sum(period.owed_cents(day)) for period in self.periods)

    @property
    def is_clear(self) -> bool:
        return not self.fee and all(period.is_clear for period in self.periods)


def _shares(rows: list[tuple[int | None, Kind, int]]) -> tuple[Share, ...]:
    return tuple(Share(year, kind, Money(cents)) for year, kind, cents in rows)


def open_books(account: Account, law: Law) -> Books:
    """The books on the first day, before any payment."""
    return Books(RunningPeriod(facts, law, account.in_effect, account.levy_notice_on) for facts in account.periods)


def replay(account: Account, law: Law, through: date) -> tuple[Books, list[Applied]]:
    """The books after every charge and payment up to the end of the day, and what each payment did."""
    books = open_books(account, law)
    applied = []
    for event in events(account, through):
        if isinstance(event, Charge):
            books.charge(event)
        else:
            applied.append(books.apply(event))
    return books, applied


def events(account: Account, through: date) -> list[Charge | Payment]:
    """Charges and payments up to the day, by date; on one day charges come first, payments as received."""
    charges = [charge for charge in account.charges if charge.on <= through]
    payments = [payment for payment in account.payments if payment.on <= through]
    return sorted([*charges, *payments], key=lambda event: event.on)


def known_on(account: Account, day: date) -> Account:
    """The account as it stood at the end of a day: what was assessed, charged, paid and agreed by then. What was
    charged to a year stands in it from that year's assessment on.
    """
    periods = tuple(period for period in account.periods if period.assessed_on <= day)
    years = {None, *(period.tax_year for period in periods)}
    return replace(
        account,
        periods=periods,
        payments=tuple(payment for payment in account.payments if payment.on <= day),
        charges=tuple(charge for charge in account.charges if charge.on <= day and charge.tax_year in years),
        in_effect=tuple(
            Span(span.begins_on, span.through if span.through and span.through <= day else None)
            for span in account.in_effect
            if span.begins_on <= day
        ),
    )
