"""How a figure came about: the steps of interest and penalties of one period, by the engine that computed them."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from portal.domain.calendar import ONE_DAY, months_begun
from portal.domain.money import Money, half_up
from portal.domain.penalties import WHOLE, PenaltyRules, failure_to_file
from portal.domain.period import Abatement, Kind, Law, MonthCharge, Owed, RunningPeriod, TaxPeriod
from portal.domain.rates import Rate, rounded
from portal.domain.waterfall import Account, Charge, Share, events, open_books


class Accrual(NamedTuple):
    """Interest of some days in a row on one base at one rate, to the cent."""

    first: date
    last: date
    days: int
    base: Money
    rate: Rate
    interest: Money
    interest_after: Money


class Paid(NamedTuple):
    """What a payment paid of this period."""

    on: date
    tax: Money
    penalty: Money
    interest: Money


class PenaltyStep(NamedTuple):
    """Months in a row that were charged the same share of the same tax."""

    first_on: date
    months: int
    tax: Money
    basis_points: int
    reason: str
    charge: Money


class Filing(NamedTuple):
    """How failure to file was charged: months late, and the floor if it was what counted."""

    months: int
    basis_points: int
    tax: Money
    floor: Money | None
    charge: Money


@dataclass(frozen=True, slots=True)
class Working:
    """One period's figures as of a day, and every step that led to them, oldest first."""

    facts: TaxPeriod
    day: date
    owed: Owed
    filing: Filing | None
    penalty_steps: tuple[PenaltyStep, ...]
    dishonored: tuple[Charge, ...]
    abatements: tuple[Abatement, ...]
    steps: tuple[Accrual | Paid, ...]

    @property
    def interest_accrued(self) -> Money:
        return Money(sum(step.interest.cents for step in self.steps if isinstance(step, Accrual)))

    @property
    def penalty_charged(self) -> Money:
        filed = self.filing.charge.cents if self.filing else 0
        months = sum(step.charge.cents for step in self.penalty_steps)
        return Money(filed + months + sum(charge.amount.cents for charge in self.dishonored))

    def paid(self) -> Paid:
        """All that was paid of this period."""
        rows = [step for step in self.steps if isinstance(step, Paid)]
        return Paid(
            self.day,
            Money(sum(row.tax.cents for row in rows)),
            Money(sum(row.penalty.cents for row in rows)),
            Money(sum(row.interest.cents for row in rows)),
        )

    @property
    def given_up(self) -> Paid:
        """What the agency gave up of this period by the day, and with interest what had grown on it."""
        if not self.abatements:
            return Paid(self.day, Money(0), Money(0), Money(0))
        paid, owed = self.paid(), self.owed
        return Paid(
            self.day,
            self.facts.tax - paid.tax - owed.tax,
            self.penalty_charged - paid.penalty - owed.penalty,
            self.interest_accrued - paid.interest - owed.interest,
        )


def working(account: Account, law: Law, tax_year: int, day: date) -> Working:
    """Every step of a period's figures up to the end of the day. The year is one of the account's."""
    books = open_books(account, law)
    period = books.period(tax_year)
    steps: list[Accrual | Paid] = []
    reached = period.facts.due_on
    for event in events(account, day):
        if event.on > reached:
            steps.extend(_accruals(period, law, reached, event.on))
            reached = event.on
        if isinstance(event, Charge):
            books.charge(event)
        elif paid := _paid(event.on, books.apply(event).shares, tax_year):
            steps.append(paid)
    steps.extend(_accruals(period, law, reached, day))
    return Working(
        facts=period.facts,
        day=day,
        owed=period.owed(day),
        filing=_filing(period.facts, law.penalties),
        penalty_steps=tuple(_penalty_steps(period.charges)),
        dishonored=tuple(each for each in account.charges if each.tax_year == tax_year and each.on <= day),
        abatements=tuple(each for each in account.abatements if each.tax_year == tax_year),
        steps=tuple(_joined(steps)),
    )


def _accruals(period: RunningPeriod, law: Law, after: date, through: date) -> list[Accrual]:
    """The days after one and up to another, cut where the rate changes; each rounded so that they add up."""
    stops = [rate.begins_on - ONE_DAY for rate in law.rates.changes_between(after + ONE_DAY, through)]
    rows = []
    for last in (*stops, through):
        base = Money(rounded(period.exact_base(after)))
        before, now = rounded(period.exact_interest(after)), rounded(period.exact_interest(last))
        if base and last > after:
            rate = law.rates.on(last)
            rows.append(
                Accrual(after + ONE_DAY, last, (last - after).days, base, rate, Money(now - before), Money(now))
            )
        after = last
    return rows


def _joined(steps: list[Accrual | Paid]) -> list[Accrual | Paid]:
    """Days in a row at one percentage of one year, with no payment between them, read as one step."""
    joined: list[Accrual | Paid] = []
    for row in steps:
        before = joined[-1] if joined else None
        if isinstance(before, Accrual) and isinstance(row, Accrual) and _is_alike(before, row):
            joined[-1] = before._replace(
                last=row.last, days=before.days + row.days, interest=before.interest + row.interest,
                interest_after=row.interest_after,
            )  # fmt: skip
        else:
            joined.append(row)
    return joined


def _is_alike(before: Accrual, row: Accrual) -> bool:
    return before.rate.basis_points == row.rate.basis_points and before.last.year == row.last.year


def _paid(on: date, shares: tuple[Share, ...], tax_year: int) -> Paid | None:
    cents = {Kind.TAX: 0, Kind.INTEREST: 0, Kind.FAILURE_TO_PAY: 0}
    for share in shares:
        if share.tax_year == tax_year:
            kind = share.kind if share.kind in (Kind.TAX, Kind.INTEREST) else Kind.FAILURE_TO_PAY
            cents[kind] += share.amount.cents
    tax, interest, penalty = (Money(amount) for amount in cents.values())
    return Paid(on, tax, penalty, interest) if tax or interest or penalty else None


def _penalty_steps(charges: list[MonthCharge]) -> list[PenaltyStep]:
    """Months grouped by tax, rate and charge; rounded so that the steps add up to the rounded whole."""
    steps = []
    units = 0
    for (tax_cents, rate, _), months in groupby(charges, lambda each: (each.tax_cents, each.rate, each.units)):
        group = list(months)
        before = half_up(units, WHOLE)
        units += sum(each.units for each in group)
        charge = Money(half_up(units, WHOLE) - before)
        steps.append(
            PenaltyStep(group[0].begins_on, len(group), Money(tax_cents), rate.basis_points, rate.reason, charge)
        )
    return steps


def _filing(facts: TaxPeriod, rules: PenaltyRules) -> Filing | None:
    charge = failure_to_file(facts.tax, facts.due_on, facts.filed_on, rules)
    if not charge:
        return None
    months = min(months_begun(facts.due_on, facts.filed_on), rules.filing_months)
    by_months = facts.tax.times(Fraction(rules.filing_monthly * months, WHOLE))
    floor = charge if charge != by_months else None
    return Filing(months, rules.filing_monthly, facts.tax, floor, charge)
