"""What `portal calculate` must answer, computed one day at a time from docs/engine.md and nothing else.

No cleverness is wanted here: every day of a period's life is visited, in the order of engine.md section 5
(the day's interest, the penalty month that begins, then the day's payments). Amounts are cents: whole ones
(tax, failure to file, payments, credit) are `int`, accruals (failure to pay, interest) are `Fraction`. There
is no float and no decimal context.

**How exact.** A daily chain has the denominator 36500 ** n, too long to carry for years. A `Fraction` whose
denominator is longer than `LONGEST_DENOMINATOR_BITS` is therefore replaced by the nearest one with 60
decimals of a cent. That changes a rounded cent only if the true value lies within about 1e-55 of half a cent.
An exact half can not be hit by accident after a long chain: each day puts one more factor 73 (365 = 5 x 73;
in a leap year 61, of 366 = 6 x 61) into the denominator of the compounding balance, whole-cent payments do
not remove it, and while one stands there the value is no half cent. So ties belong to chains of a few days,
which are still carried whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from math import floor
from typing import Any

LONGEST_DENOMINATOR_BITS = 512
DECIMALS_KEPT = 10**60
ONE_DAY = timedelta(days=1)

# Section 3: the least that a return more than 60 days late pays, in cents, by the year of `due_on`.
FLOOR_BY_YEAR = {2020: 43500, 2021: 43500, 2022: 43500, 2023: 45000, 2024: 48500, 2025: 51000, 2026: 52500}

Rates = list[tuple[date, int]]


@dataclass
class Period:
    """One tax period and what it owes at the end of the day reached so far. Cents."""

    tax_year: int
    due_on: date
    filed_on: date
    collection_ends_on: date
    tax_assessed: int
    tax: int
    failure_to_file: int
    failure_to_pay: Fraction = Fraction(0)
    interest: Fraction = Fraction(0)
    charged_to_pay: Fraction = Fraction(0)
    months_begun: int = 0

    @property
    def penalty(self) -> int:
        """Both penalties as they are shown, in whole cents."""
        return self.failure_to_file + rounded(self.failure_to_pay)

    @property
    def owed(self) -> int:
        """Everything owed as it is shown: the sum of the rounded figures, in whole cents."""
        return self.tax + self.penalty + rounded(self.interest)


@dataclass(frozen=True)
class Circumstances:
    """What decides the rates of a day and of a month. An agreement is in effect on both of its end days."""

    rates: Rates
    agreement: tuple[date, date] | None
    levy_notice_on: date | None


@dataclass
class Books:
    """All periods at the end of the day `through`, and the credit that no period could take."""

    through: date
    periods: list[Period]
    circumstances: Circumstances
    credit: int = 0

    @property
    def owed(self) -> int:
        """Everything owed, in whole cents."""
        return sum(period.owed for period in self.periods)

    def copy(self) -> "Books":
        """The same books, to try a future on."""
        return replace(self, periods=[replace(period) for period in self.periods])


@dataclass(frozen=True)
class Plan:
    """The plan asked about. No `term_months`: collection dates alone bind. No `monthly`: at the minimum."""

    first_due_on: date
    term_months: int | None
    monthly: int | None


@dataclass(frozen=True)
class Schedule:
    """The payments of a plan as (date, amount, balance after it), and whether they clear all debt in time."""

    payments: list[tuple[date, int, int]]
    clears: bool


def calculate(scenario: dict[str, Any], rates: Rates) -> dict[str, Any]:
    """The result of a valid scenario, in the shape of engine.md section 7.

    `rates` holds (first day of a quarter, percent), oldest first. Nothing is checked or refused here.
    """
    books = history(scenario, Circumstances(rates, given_agreement(scenario), levy_notice(scenario)))
    return {
        "as_of": scenario["as_of"],
        "periods": [shown_period(period) for period in books.periods],
        "total": shown_figures(books.periods),
        "credit": money(books.credit),
        "plan": plan_result(scenario, rates) if scenario.get("plan") else None,
    }


def plan_result(scenario: dict[str, Any], rates: Rates) -> dict[str, Any]:
    """The `plan` of the result: the minimum, and the schedule at `monthly` or at the minimum (section 6)."""
    start = history(scenario, Circumstances(rates, projected_agreement(scenario), levy_notice(scenario)))
    plan = read_plan(scenario["plan"])
    minimum = minimum_monthly(start, plan)
    monthly = minimum if plan.monthly is None else plan.monthly
    schedule = Schedule([], clears=False) if monthly is None else project(start, plan, monthly)
    payments, clears = schedule.payments, schedule.clears
    published_through = next_quarter(rates[-1][0]) - ONE_DAY
    return {
        "minimum_monthly": None if minimum is None else money(minimum),
        "monthly": None if monthly is None else money(monthly),
        "months": len(payments) if clears else None,
        "paid_off_on": payments[-1][0].isoformat() if clears and payments else None,
        "total_paid": money(sum(amount for _, amount, _ in payments)),
        "final_payment": money(payments[-1][1] if payments else 0) if clears else None,
        "clears": clears,
        "assumed_rate_after": (
            published_through.isoformat() if payments and payments[-1][0] > published_through else None
        ),
        "payments": [
            {"on": on.isoformat(), "amount": money(amount), "balance_after": money(balance)}
            for on, amount, balance in payments
        ],
    }


def minimum_monthly(start: Books, plan: Plan) -> int | None:
    """The least monthly cents that clear all in time; 0 if nothing is owed, None if none can (section 6)."""
    if start.owed == 0:
        return 0
    at_first_payment = start.copy()
    pass_days(at_first_payment, plan.first_due_on)
    # All of it at the first payment: if that is too late or too many payments, no other amount does better.
    enough, too_little = at_first_payment.owed, 0
    if not project(start, plan, enough).clears:
        return None
    while enough - too_little > 1:
        middle = (enough + too_little) // 2
        if project(start, plan, middle).clears:
            enough = middle
        else:
            too_little = middle
    return enough


def project(start: Books, plan: Plan, monthly: int) -> Schedule:
    """The same days continued, with `monthly` cents on each due date; the last payment is what is left.

    Ends when nothing is owed, at the term, or (no term) on the first due date after the last collection date.
    A period is late when it is still owed on a due date after its collection date, whatever is paid then.
    """
    books, in_time = start.copy(), True
    payments: list[tuple[date, int, int]] = []
    last_collection = max(period.collection_ends_on for period in books.periods)
    for on in due_dates(plan.first_due_on):
        if books.owed == 0 or len(payments) == plan.term_months:
            break
        pass_days(books, on)
        if any(period.owed and period.collection_ends_on < on for period in books.periods):
            in_time = False
        amount = min(monthly, books.owed)
        pay(books, amount)
        payments.append((on, amount, books.owed))
        if plan.term_months is None and on > last_collection:
            break
    return Schedule(payments, clears=in_time and books.owed == 0)


def history(scenario: dict[str, Any], circumstances: Circumstances) -> Books:
    """The books at the end of `as_of`: every day since the first event, every payment on its day."""
    # The sort is stable: payments of one day keep the order of the input, which is the order of receipt.
    payments = sorted(
        ((day(payment["on"]), cents(payment["amount"])) for payment in scenario.get("payments") or []),
        key=lambda payment: payment[0],
    )
    periods = [opened(period) for period in scenario["periods"]]
    first_day = min([period.due_on for period in periods] + [on for on, _ in payments])
    books = Books(first_day - ONE_DAY, periods, circumstances)
    for on, amount in payments:
        pass_days(books, on)
        pay(books, amount)
    pass_days(books, day(scenario["as_of"]))
    return books


def pass_days(books: Books, through: date) -> None:
    """Live each day after the last one lived up to `through`, without its payments."""
    while books.through < through:
        books.through += ONE_DAY
        for period in books.periods:
            if books.through > period.due_on:
                add_interest(period, books.through, books.circumstances)
                add_penalty_month(period, books.through, books.circumstances)


def add_interest(period: Period, on: date, circumstances: Circumstances) -> None:
    """A day's interest on tax, failure to file and interest as they stood before its payments (section 2)."""
    base = period.interest + (period.tax + period.failure_to_file)
    # A settled period is left alone only to save time: its interest would be zero times the rate.
    if base:
        percent = percent_on(on, circumstances.rates)
        period.interest = shortened(period.interest + base * daily_rate(percent, on.year))


def add_penalty_month(period: Period, on: date, circumstances: Circumstances) -> None:
    """The whole charge of the failure-to-pay month that begins on this day, if one does (section 4)."""
    begins_on = corresponding(period.due_on, period.months_begun) + ONE_DAY
    if on != begins_on:
        return
    period.months_begun += 1
    ends_on = corresponding(period.due_on, period.months_begun)
    charge = period.tax * month_rate(period, begins_on, ends_on, circumstances)
    # Exact charges are counted: whatever is assessed later, the tax is then zero and nothing more is charged.
    charge = min(charge, Fraction(period.tax_assessed, 4) - period.charged_to_pay)
    period.charged_to_pay += charge
    period.failure_to_pay += charge


def month_rate(period: Period, begins_on: date, ends_on: date, circumstances: Circumstances) -> Fraction:
    """1% after a levy notice; else 0.25% for a timely return under an agreement; else 0.5% (section 4)."""
    levy_notice_on, agreement = circumstances.levy_notice_on, circumstances.agreement
    if levy_notice_on is not None and (begins_on - levy_notice_on).days > 10:
        return Fraction(1, 100)
    timely = period.filed_on <= period.due_on
    if timely and agreement is not None and agreement[0] <= ends_on and begins_on <= agreement[1]:
        return Fraction(1, 400)
    return Fraction(1, 200)


def pay(books: Books, amount: int) -> None:
    """Apply one payment of the day reached: earliest collection date first, then year; the rest is credit."""
    for period in sorted(books.periods, key=lambda period: (period.collection_ends_on, period.tax_year)):
        if period.due_on <= books.through:
            amount = pay_period(period, amount)
    books.credit += amount


def pay_period(period: Period, amount: int) -> int:
    """Pay tax, failure to file, failure to pay, interest, in this order; the cents that are left over."""
    if amount == 0:
        return 0
    if amount >= period.tax:
        # Either the tax is brought to zero or the payment goes on to penalty and interest: assessed first.
        period.failure_to_pay = Fraction(rounded(period.failure_to_pay))
        period.interest = Fraction(rounded(period.interest))
    for part in ("tax", "failure_to_file", "failure_to_pay", "interest"):
        share = min(amount, getattr(period, part))
        if share:
            setattr(period, part, getattr(period, part) - share)
            amount -= int(share)
    return amount


def opened(period: dict[str, Any]) -> Period:
    """A period of the scenario as it stands on its due date: tax and failure to file, nothing accrued."""
    due_on, filed_on, tax = day(period["due_on"]), day(period["filed_on"]), cents(period["tax"])
    return Period(
        tax_year=period["tax_year"],
        due_on=due_on,
        filed_on=filed_on,
        collection_ends_on=ten_years_later(day(period["assessed_on"])),
        tax_assessed=tax,
        tax=tax,
        failure_to_file=failure_to_file(due_on, filed_on, tax),
    )


def failure_to_file(due_on: date, filed_on: date, tax: int) -> int:
    """4.5% a month or part of one, at most five; a floor after 60 days. Whole cents (section 3)."""
    months = 0
    while months < 5 and corresponding(due_on, months) < filed_on:
        months += 1
    penalty = Fraction(45, 1000) * months * tax
    if (filed_on - due_on).days > 60:
        penalty = max(penalty, Fraction(min(tax, FLOOR_BY_YEAR.get(due_on.year, 0))))
    return rounded(penalty)


def given_agreement(scenario: dict[str, Any]) -> tuple[date, date] | None:
    """The first and last day of the agreement in the scenario, `date.max` if it has not ended."""
    agreement = scenario.get("agreement")
    if not agreement or not agreement.get("accepted_on"):
        return None
    ended_on = agreement.get("ended_on")
    return day(agreement["accepted_on"]), day(ended_on) if ended_on else date.max


def projected_agreement(scenario: dict[str, Any]) -> tuple[date, date]:
    """The agreement a projection counts on: the given one, else one in effect from `as_of` (section 6)."""
    return given_agreement(scenario) or (day(scenario["as_of"]), date.max)


def levy_notice(scenario: dict[str, Any]) -> date | None:
    """The day of the notice of intent to levy, if there was one."""
    return day(scenario["levy_notice_on"]) if scenario.get("levy_notice_on") else None


def read_plan(plan: dict[str, Any]) -> Plan:
    """The plan of the scenario. `due_day` is the day of `first_due_on`, so it says nothing more."""
    monthly = plan.get("monthly")
    return Plan(day(plan["first_due_on"]), plan["term_months"], None if monthly is None else cents(monthly))


def shown_period(period: Period) -> dict[str, Any]:
    """A period of the result."""
    return {
        "tax_year": period.tax_year,
        **shown_figures([period]),
        "collection_ends_on": period.collection_ends_on.isoformat(),
    }


def shown_figures(periods: list[Period]) -> dict[str, str]:
    """Tax, penalty, interest and total: each the sum of rounded figures."""
    return {
        "tax": money(sum(period.tax for period in periods)),
        "penalty": money(sum(period.penalty for period in periods)),
        "interest": money(sum(rounded(period.interest) for period in periods)),
        "total": money(sum(period.owed for period in periods)),
    }


@cache
def corresponding(due_on: date, months: int) -> date:
    """The date that corresponds to `due_on` months later: month end to month end, else cut to the month."""
    year, month = divmod(due_on.year * 12 + due_on.month - 1 + months, 12)
    last = last_of_month(year, month + 1)
    ends_its_month = due_on == last_of_month(due_on.year, due_on.month)
    return last if ends_its_month else last.replace(day=min(due_on.day, last.day))


def last_of_month(year: int, month: int) -> date:
    """The last day of a month (1-12)."""
    return date(year + month // 12, month % 12 + 1, 1) - ONE_DAY


def due_dates(first_due_on: date) -> Iterator[date]:
    """`first_due_on` and the same day (1-28) of every later month."""
    on = first_due_on
    while True:
        yield on
        on = date(on.year + on.month // 12, on.month % 12 + 1, on.day)


def ten_years_later(assessed_on: date) -> date:
    """The last day of collection; 29 February becomes 28 February (no year ten after a leap year is one)."""
    if (assessed_on.month, assessed_on.day) == (2, 29):
        assessed_on = assessed_on.replace(day=28)
    return assessed_on.replace(year=assessed_on.year + 10)


def next_quarter(begins_on: date) -> date:
    """The first day of the quarter after the one that begins on this day."""
    return date(begins_on.year + begins_on.month // 10, (begins_on.month + 2) % 12 + 1, 1)


def percent_on(on: date, rates: Rates) -> int:
    """The underpayment rate of the day's quarter, percent a year; the last published one is held."""
    return next(percent for begins_on, percent in reversed(rates) if begins_on <= on)


@cache
def daily_rate(percent: int, year: int) -> Fraction:
    """A day's share of the yearly rate: by 366 in a leap year, else by 365."""
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return Fraction(percent, 100 * days)


def shortened(value: Fraction) -> Fraction:
    """The value itself, or at 60 decimals of a cent once its denominator is too long (see the top)."""
    if value.denominator.bit_length() <= LONGEST_DENOMINATOR_BITS:
        return value
    return Fraction(rounded(value * DECIMALS_KEPT), DECIMALS_KEPT)


def rounded(value: Fraction) -> int:
    """Half up to a whole number; no amount here is negative."""
    return floor(value + Fraction(1, 2))


def day(text: str) -> date:
    """A date of the scenario."""
    return date.fromisoformat(text)


def cents(text: str) -> int:
    """An amount of the scenario, two decimals, in whole cents."""
    return int(text.replace(".", ""))


def money(amount: int) -> str:
    """Whole cents as the result writes them: two decimals, no separators."""
    return f"{amount // 100}.{amount % 100:02d}"
