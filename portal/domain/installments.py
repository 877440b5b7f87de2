"""Which installments an agreement has asked for, over terms that may have changed on the way."""

from collections.abc import Sequence
from datetime import date
from itertools import takewhile
from typing import NamedTuple

from portal.domain.calendar import ONE_DAY, monthly_dates
from portal.domain.money import Money


class TermsOf(NamedTuple):
    """Terms as they were agreed: from which day they hold, the first due date, and the monthly amount."""

    begins_on: date
    first_due_on: date
    monthly: Money


class Due(NamedTuple):
    """An installment: when it was due, and how much."""

    on: date
    amount: Money


def installments_due(history: Sequence[TermsOf], through: date) -> tuple[Due, ...]:
    """The installments that were due through a day. `history` is in order; each due date asks for what the terms that
    held on it say, and is never before the first one that those terms name.
    """
    found: list[Due] = []
    for number, terms in enumerate(history):
        last = min(through, history[number + 1].begins_on - ONE_DAY) if number + 1 < len(history) else through
        days = takewhile(lambda day, last=last: day <= last, monthly_dates(terms.first_due_on))  # type: ignore[misc]
        found += (Due(day, terms.monthly) for day in days if number == 0 or day >= terms.begins_on)
    return tuple(found)
