"""The statement of a year: what was owed, what came to it, what was paid of it, and what was left."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from portal.domain.money import Money
from portal.domain.period import Kind, Law
from portal.domain.waterfall import Account, replay

PENALTIES = (Kind.FAILURE_TO_FILE, Kind.FAILURE_TO_PAY, Kind.DISHONORED)
Figures = Counter[str]


@dataclass(frozen=True, slots=True)
class Statement:
    """A calendar year of an account (RRA 1998 s. 3506). It adds up to the cent: `beginning`, `tax`, `fees`,
    `interest` and `penalties` less `payments` are `ending`, once what was paid too much is put back: `credit`.
    """

    year: int
    beginning: Money
    tax: Money
    fees: Money
    interest: Money
    penalties: Money
    payments: Money
    credit: Money
    ending: Money


def annual(account: Account, law: Law, year: int) -> Statement:
    """The statement of a year, from what is known of the account today. A debt is in it from the day on which it was
    assessed, with all that had come to it by then. A later correction of the year changes it, so that a figure can be
    below zero.
    """
    before, after = (_figures(account, law, day) for day in (date(year - 1, 12, 31), date(year, 12, 31)))
    came = {name: Money(after[name] - before[name]) for name in after.keys() | before.keys()}
    return Statement(
        year=year,
        beginning=Money(before["owed"]),
        tax=came["tax"],
        fees=came["fees"],
        interest=came["interest"],
        penalties=came["penalties"],
        payments=came["payments"],
        credit=came["credit"],
        ending=Money(after["owed"]),
    )


def _figures(account: Account, law: Law, day: date) -> Figures:
    """What was owed at the end of a day; and what had been charged, of each kind, and paid until then, in cents."""
    books, applied = replay(_assessed(account, day), law, day)
    owed = books.owed(day)
    paid = Counter[Kind]()
    for each in applied:
        for share in each.shares:
            paid[share.kind] += share.amount.cents
    return Counter(
        owed=owed.total.cents + books.fee,
        tax=owed.tax.cents + paid[Kind.TAX],
        fees=books.fee + paid[Kind.FEE],
        interest=owed.interest.cents + paid[Kind.INTEREST],
        penalties=owed.penalty.cents + sum(paid[kind] for kind in PENALTIES),
        payments=sum(each.payment.amount.cents for each in applied),
        credit=books.credit,
    )


def _assessed(account: Account, day: date) -> Account:
    """The account without the debts that had not been assessed by the day, nor what was charged to them."""
    periods = tuple(period for period in account.periods if period.assessed_on <= day)
    years = {None, *(period.tax_year for period in periods)}
    return replace(
        account, periods=periods, charges=tuple(each for each in account.charges if each.tax_year in years)
    )
