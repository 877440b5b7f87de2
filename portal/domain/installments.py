"""Which installments an agreement asks for, over terms that change on the way: those due, and those to come."""

from collections.abc import Container, Iterator, Sequence
from datetime import date
from itertools import islice, takewhile
from typing import NamedTuple, Protocol, TypeVar

from portal.domain.calendar import ONE_DAY, DaysOff, business_day_from, next_on_day
from portal.domain.money import Money


class Asked(Protocol):
    """Terms: from which day they hold, their first due date, and the day of the month of all later ones."""

    @property
    def begins_on(self) -> date: ...
    @property
    def first_due_on(self) -> date: ...
    @property
    def due_day(self) -> int: ...


Terms = TypeVar("Terms", bound=Asked)


class TermsOf(NamedTuple):
    """Terms as they were agreed. A payment that was put off is a first due date beside the due day."""

    begins_on: date
    first_due_on: date
    due_day: int
    monthly: Money
    is_debited: bool = False


class Due(NamedTuple):
    """An installment: when it is due, and how much."""

    on: date
    amount: Money


def due_dates(history: Sequence[Terms], after: date) -> Iterator[tuple[date, Terms]]:
    """Every due date after a day, in order and without end, with the terms that hold on it. `history` is in order; no
    date is before the first one that its terms name.
    """
    for number, terms in enumerate(history):
        ends_on = history[number + 1].begins_on if number + 1 < len(history) else date.max
        earliest = max(after, terms.begins_on - ONE_DAY) if number else after
        day = terms.first_due_on if terms.first_due_on > earliest else next_on_day(earliest, terms.due_day)
        while day < ends_on:
            yield day, terms
            day = next_on_day(day, terms.due_day)


def installments_due(history: Sequence[TermsOf], through: date) -> tuple[Due, ...]:
    """The installments that were due through a day, each as much as the terms say that held on it."""
    dates = due_dates(history, history[0].first_due_on - ONE_DAY) if history else iter(())
    return tuple(Due(day, terms.monthly) for day, terms in takewhile(lambda each: each[0] <= through, dates))


def installments_to_come(
    history: Sequence[TermsOf], after: date, count: int, days_off: DaysOff, made: Container[date] = frozenset()
) -> Iterator[Due]:
    """So many installments after a day, but for those that are made already, each on the day on which it is paid: a
    debit that is due on a weekend or day off is taken on the next banking day.
    """
    for day, terms in islice(due_dates(history, after), count):
        if day not in made:
            yield Due(business_day_from(day, days_off) if terms.is_debited else day, terms.monthly)


def holding(history: Sequence[Terms], on: date) -> Terms:
    """The terms that hold on a day: the latest that have begun, or the first ones."""
    return [terms for terms in history if terms.begins_on <= on or terms is history[0]][-1]
