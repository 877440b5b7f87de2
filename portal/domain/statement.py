"""Statements: what was owed when a month or a year began, what came to it, what was paid of it, and what was left.

Books have two times: the day from which a fact counts, and the day on which it was written down. A statement says
what the books said when its time was over, and so never changes; what is written later for days before stands in
the statement of the time in which it was written, under a name of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from portal.domain.calendar import ONE_DAY, corresponding_day, monthly_dates
from portal.domain.money import Money, total
from portal.domain.penalties import Span
from portal.domain.period import Abatement, Kind, Law, RunningPeriod, TaxPeriod
from portal.domain.waterfall import Account, Charge, Payment, Refund, known_on, replay

Fact = TaxPeriod | Charge | Payment | Abatement | Refund
Key = tuple[int | None, Kind]
LawOn = Callable[[date], Law]


@dataclass(frozen=True, slots=True)
class Written:
    """A fact of the books, the day on which it was written down, and the day on which it was undone, if it was."""

    fact: Fact
    written_on: date
    undone_on: date | None = None

    def stood_on(self, day: date) -> bool:
        """It stood on the books when the day ended."""
        return self.written_on <= day and (self.undone_on is None or day < self.undone_on)


@dataclass(frozen=True, slots=True)
class Change:
    """What was written down on a day; `is_undone` if a fact was taken back."""

    fact: Fact
    on: date
    is_undone: bool

    @property
    def counts_from(self) -> date:
        """The day from which the fact counts."""
        return self.fact.assessed_on if isinstance(self.fact, TaxPeriod) else self.fact.on

    @property
    def effect(self) -> Money:
        """By how much more is owed for the fact itself, without what grows from it."""
        amount = self.fact.tax if isinstance(self.fact, TaxPeriod) else self.fact.amount
        return -amount if isinstance(self.fact, Payment | Abatement) is not self.is_undone else amount


@dataclass(frozen=True, slots=True)
class History:
    """All that ever stood on the books of an account; payments in order of receipt."""

    written: tuple[Written, ...]
    in_effect: tuple[Span, ...] = ()

    def months_over(self, today: date) -> list[tuple[date, date]]:
        """The first and the last day of each month that is over, from the one in which the first fact was written."""
        begins_on = min((each.written_on for each in self.written), default=today).replace(day=1)
        count = (today.year - begins_on.year) * 12 + today.month - begins_on.month
        return [(each, corresponding_day(each, 1) - ONE_DAY) for each in monthly_dates(begins_on, count)]

    def account(self, day: date) -> Account:
        """The account as the books had it at the end of a day."""
        facts = [each.fact for each in self.written if each.stood_on(day)]
        account = Account(
            periods=tuple(
                sorted((each for each in facts if isinstance(each, TaxPeriod)), key=lambda it: it.tax_year)
            ),
            payments=tuple(each for each in facts if isinstance(each, Payment)),
            charges=tuple(each for each in facts if isinstance(each, Charge)),
            in_effect=self.in_effect,
            abatements=tuple(each for each in facts if isinstance(each, Abatement)),
            refunds=tuple(each for each in facts if isinstance(each, Refund)),
        )
        return known_on(account, day)

    def changes(self, after: date, through: date) -> list[Change]:
        """What was written down and taken back between two days, the first not among them, in order. What was only
        booked anew is no change.
        """
        found = (change for each in self._lasting() for change in _changes_of(each))
        return sorted((each for each in found if after < each.on <= through), key=lambda each: each.on)

    def _lasting(self) -> Iterator[Written]:
        """Each fact with the days between which it stood without a break."""
        by_fact = sorted(self.written, key=lambda each: (repr(each.fact), each.written_on))
        for fact, all_of_it in groupby(by_fact, key=lambda each: each.fact):
            stood: Written | None = None
            for each in all_of_it:
                if stood and (stood.undone_on is None or each.written_on <= stood.undone_on):
                    stood = Written(fact, stood.written_on, each.undone_on)
                    continue
                if stood:
                    yield stood
                stood = each
            if stood:
                yield stood


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of debt of one year, or the fee, which has no year. `charged` came to it in the time of the statement,
    `corrected` was written then for days before, `paid` is what payments paid of it less what was taken back.
    """

    tax_year: int | None
    kind: Kind
    opening: Money
    charged: Money
    corrected: Money
    paid: Money

    @property
    def closing(self) -> Money:
        return self.opening + self.charged + self.corrected - self.paid


@dataclass(frozen=True, slots=True)
class Statement:
    """A month or a calendar year of an account (RRA 1998 s. 3506). It adds up to the cent: `opening` and what was
    charged, less what was received, and what was taken back, are `closing`, once what was paid too much is put back:
    `credit`. The closing of one is the opening of the next, for both are read from the same books.
    """

    first_on: date
    last_on: date
    lines: tuple[Line, ...]
    changes: tuple[Change, ...]
    credit: Money

    @property
    def opening(self) -> Money:
        return total(line.opening for line in self.lines)

    @property
    def closing(self) -> Money:
        return total(line.closing for line in self.lines)

    @property
    def received(self) -> Money:
        """All payments that were written down."""
        return total(_amounts(self.changes, is_undone=False))

    @property
    def taken_back(self) -> Money:
        """All payments that were undone, because a bank returned them or they were booked by mistake, and what was
        refunded of others.
        """
        refunds = (each.fact.amount for each in self.changes if isinstance(each.fact, Refund))
        return total((*_amounts(self.changes, is_undone=True), *refunds))

    def came_to(self, *kinds: Kind) -> Money:
        """What came to debts of these kinds, with what was written then for days before."""
        return total(line.charged + line.corrected for line in self.lines if line.kind in kinds)


def statement(history: History, law_on: LawOn, first_on: date, last_on: date) -> Statement:
    """The statement from a first day to a last one, as the books had it at the end of the last. A debt is in it from
    the day on which it was assessed, with all that had come to it by then.
    """
    eve = first_on - ONE_DAY
    before, after = history.account(eve), history.account(last_on)
    opening = _figures(before, law_on(eve), eve)
    restated = _figures(known_on(after, eve), law_on(eve), eve)
    closing = _figures(after, law_on(last_on), last_on)
    keys = opening.charged.keys() | restated.charged.keys() | closing.charged.keys()
    lines = (
        Line(
            *key,
            opening=Money(opening.charged[key] - opening.paid[key]),
            charged=Money(closing.charged[key] - restated.charged[key]),
            corrected=Money(restated.charged[key] - opening.charged[key]),
            paid=Money(closing.paid[key] - opening.paid[key]),
        )
        for key in sorted(keys, key=_order)
    )
    return Statement(
        first_on, last_on, tuple(each for each in lines if _says_something(each)),
        tuple(history.changes(eve, last_on)), Money(closing.credit - opening.credit),
    )  # fmt: skip


class Restated(NamedTuple):
    """What was written after a statement for its days or days before, and what was owed on its last day with that."""

    changes: tuple[Change, ...]
    closing: Money


def restated(history: History, law_on: LawOn, last_on: date, today: date) -> Restated:
    """How a statement that ended on a day would end if it were written today."""
    changes = tuple(each for each in history.changes(last_on, today) if each.counts_from <= last_on)
    figures = _figures(known_on(history.account(today), last_on), law_on(last_on), last_on)
    return Restated(changes, Money(figures.charged.total() - figures.paid.total()))


class _Figures(NamedTuple):
    """What had been charged and paid of each year and kind until a day, in cents, and the credit."""

    charged: Counter[Key]
    paid: Counter[Key]
    credit: int


def _figures(account: Account, law: Law, day: date) -> _Figures:
    books, applied = replay(account, law, day)
    paid: Counter[Key] = Counter()
    for each in applied:
        for share in each.shares:
            paid[share.tax_year, share.kind] += share.amount.cents
    charged: Counter[Key] = Counter({(None, Kind.FEE): books.fee})
    for period in books.periods:
        charged.update({(period.facts.tax_year, kind): cents for kind, cents in _owed(period, day)})
    charged.update(paid)
    return _Figures(charged, paid, books.credit)


def _owed(period: RunningPeriod, day: date) -> Iterable[tuple[Kind, int]]:
    """What a period owes at the end of a day, by kind, in cents."""
    tax, penalty, interest = period.owed_cents(day)
    filing, dishonored = period.failure_to_file, period.dishonored
    return (
        (Kind.TAX, tax),
        (Kind.FAILURE_TO_FILE, filing),
        (Kind.FAILURE_TO_PAY, penalty - filing - dishonored),
        (Kind.DISHONORED, dishonored),
        (Kind.INTEREST, interest),
    )


def _order(key: Key) -> tuple[int, int]:
    """Year by year, each in the order in which it is paid, then the fee."""
    year, kind = key
    return year or 9999, list(Kind).index(kind)


def _says_something(line: Line) -> bool:
    return any((line.opening, line.charged, line.corrected, line.paid))


def _changes_of(written: Written) -> Iterator[Change]:
    yield Change(written.fact, written.written_on, is_undone=False)
    if written.undone_on:
        yield Change(written.fact, written.undone_on, is_undone=True)


def _amounts(changes: Iterable[Change], *, is_undone: bool) -> Iterator[Money]:
    for each in changes:
        if isinstance(each.fact, Payment) and each.is_undone is is_undone:
            yield each.fact.amount
