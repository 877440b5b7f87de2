"""Where a payment goes: the user fee, then period by period, and in a period tax, penalty, interest."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from portal.domain.money import Money, half_up
from portal.domain.penalties import Span
from portal.domain.period import NO_RELIEF, Abatement, Kind, Law, Owed, Relief, RunningPeriod, TaxPeriod, Trace


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
class Refund:
    """A part of a credit that was taken out of the payment that had left it: sent back, or used to pay what came
    later. From the first the payment counts for the rest only.
    """

    on: date
    amount: Money
    reference: str


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a payment that one kind of debt of one year received; the fee has no year."""

    tax_year: int | None
    kind: Kind
    amount: Money


@dataclass(frozen=True, slots=True)
class Applied:
    """What one payment did: accruals assessed because of it, its shares, and what was left as a credit. `refunded`
    was taken out of it again.
    """

    payment: Payment
    assessed: tuple[Share, ...]
    shares: tuple[Share, ...]
    credit: Money
    refunded: Money = Money(0)


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
    abatements: tuple[Abatement, ...] = ()
    refunds: tuple[Refund, ...] = ()


class Books:
    """An account in motion: what payments have done so far, and what is owed from here on."""

    __slots__ = ("credit", "fee", "periods", "refunded")

    def __init__(self, periods: Iterable[RunningPeriod], refunded: Mapping[str, int] | None = None) -> None:
        """Periods are paid by earliest collection end, then year. `refunded` are cents by reference of a payment."""
        self.periods = sorted(periods, key=lambda period: (period.ends_on, period.facts.tax_year))
        self.refunded = refunded or {}
        self.fee = 0
        self.credit = 0

    def copy(self) -> "Books":
        twin = Books((period.copy() for period in self.periods), self.refunded)
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
        """Spread a payment, but for what was refunded of it, over what is owed on its day; what is left is a credit
        that nothing draws on.
        """
        refunded, trace = self.refunded.get(payment.reference, 0), Trace([], [])
        left = self.spend(payment.on, payment.amount.cents - refunded, trace)
        self.credit += left
        return Applied(payment, _shares(trace.assessed), _shares(trace.shares), Money(left), Money(refunded))

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
    relief = _relief(account.abatements, law) if account.abatements else {}
    spans, levy_on = account.in_effect, account.levy_notice_on
    periods = (
        RunningPeriod(facts, law, spans, levy_on, relief.get(facts.tax_year, NO_RELIEF)) for facts in account.periods
    )
    return Books(periods, refunded_of(account) if account.refunds else {})


def _relief(abatements: tuple[Abatement, ...], law: Law) -> dict[int, Relief]:
    """What is given up of each year. Interest given up at several times is brought to the last of them."""
    found: dict[int, Relief] = {}
    for each in sorted(abatements, key=lambda each: each.on):
        before, cents = found.get(each.tax_year, NO_RELIEF), each.amount.cents
        if each.kind is Kind.INTEREST:
            if before.interest:
                grown = law.rates.growth(each.on), law.rates.growth(before.since)
                cents += half_up(before.interest * grown[0], grown[1])
            found[each.tax_year] = before._replace(interest=cents, since=each.on)
        else:
            name = each.kind.value
            found[each.tax_year] = before._replace(**{name: getattr(before, name) + cents})
    return found


def refunded_of(account: Account) -> dict[str, int]:
    """The cents that were refunded of each payment. What was refunded of one that is no more, because a bank returned
    it, is taken from the latest others, so that it is owed again.
    """
    found: Counter[str] = Counter()
    for refund in account.refunds:
        found[refund.reference] += refund.amount.cents
    amounts = {each.reference: each.amount.cents for each in account.payments}
    lost = sum(max(0, cents - amounts.get(reference, 0)) for reference, cents in found.items())
    held = {reference: min(cents, amounts[reference]) for reference, cents in found.items() if reference in amounts}
    for each in sorted(account.payments, key=lambda each: each.on, reverse=True) if lost else ():
        more = min(lost, each.amount.cents - held.get(each.reference, 0))
        held[each.reference], lost = held.get(each.reference, 0) + more, lost - more
    return held


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
        abatements=tuple(each for each in account.abatements if each.on <= day),
        refunds=tuple(each for each in account.refunds if each.on <= day),
        in_effect=tuple(
            Span(span.begins_on, span.through if span.through and span.through <= day else None)
            for span in account.in_effect
            if span.begins_on <= day
        ),
    )
