"""A debt of which only the amount and the age are known: the tax that comes to it today."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from portal.domain.calendar import DaysOff, business_day_from
from portal.domain.money import Money
from portal.domain.period import Kind, Law, TaxPeriod
from portal.domain.rates import RateTable
from portal.domain.waterfall import Account, Charge, replay

CENT = Money(1)
SAMPLE = Money(10**12)


def tax_due_on(tax_year: int, days_off: DaysOff) -> date:
    """When a year's income tax is due: April 15 of the next one, or the business day after it (IRC 6151, 7503)."""
    return business_day_from(date(tax_year + 1, 4, 15), days_off)


def tax_years(on: date, rates: RateTable, days_off: DaysOff) -> Iterator[tuple[int, date]]:
    """The years whose tax is due by the day, with its due date: the latest first, back to the first with rates."""
    for tax_year in range(on.year - 1, rates.published_from.year - 2, -1):
        due_on = tax_due_on(tax_year, days_off)
        if rates.published_from <= due_on <= on:
            yield tax_year, due_on


def supposed(amount: Money, tax_year: int, due_on: date, law: Law, on: date) -> Account:
    """An account of one year, filed and assessed on its due date, that owes exactly this amount on the day.

    What is owed grows with the tax, by a cent or more for each cent of it: the tax is scaled, then corrected by cents
    to the greatest that comes to no more. What is then missing, a cent or two that no tax comes to, is a charge
    that bears no interest.
    """
    found = Account((TaxPeriod(tax_year, due_on, due_on, due_on, SAMPLE),))
    tax = Money(amount.cents * SAMPLE.cents // _owed(found, law, on).cents)
    while _owed(_with_tax(found, tax), law, on) > amount:
        tax -= CENT
    while _owed(_with_tax(found, tax + CENT), law, on) <= amount:
        tax += CENT
    found = _with_tax(found, tax)
    missing = amount - _owed(found, law, on)
    return replace(found, charges=(Charge(on, Kind.DISHONORED, missing, tax_year),)) if missing else found


def _with_tax(account: Account, tax: Money) -> Account:
    return replace(account, periods=tuple(replace(period, tax=tax) for period in account.periods))


def _owed(account: Account, law: Law, on: date) -> Money:
    return replay(account, law, on)[0].owed(on).total
