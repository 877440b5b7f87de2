"""One tax period: its facts, and what of it is owed on a day."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from portal.domain.calendar import ONE_DAY, month_begins, year_later
from portal.domain.money import Money, half_up
from portal.domain.penalties import WHOLE, MonthRate, PenaltyRules, Span, failure_to_file, month_rate
from portal.domain.rates import BITS, RateTable, rounded

COLLECTION_YEARS = 10


class Kind(StrEnum):
    """What can be owed, in the order in which payments reach it; within a period tax comes first."""

    FEE = "fee"
    TAX = "tax"
    FAILURE_TO_FILE = "failure_to_file"
    FAILURE_TO_PAY = "failure_to_pay"
    DISHONORED = "dishonored"
    INTEREST = "interest"


PENALTIES = (Kind.FAILURE_TO_FILE, Kind.FAILURE_TO_PAY, Kind.DISHONORED)
ORDER = (Kind.TAX, *PENALTIES, Kind.INTEREST)


@dataclass(frozen=True, slots=True)
class TaxPeriod:
    """One taxpayer, one form, one year: when it was due, filed and assessed, and the tax assessed."""

    tax_year: int
    due_on: date
    filed_on: date
    assessed_on: date
    tax: Money

    @property
    def collection_ends_on(self) -> date:
        """Ten years after the assessment (IRC 6502(a)(1))."""
        return year_later(self.assessed_on, COLLECTION_YEARS)


@dataclass(frozen=True, slots=True)
class Abatement:
    """A part of a tax, penalty or interest that is given up (IRC 6404): from `on` it counts as if it had never been
    charged, for interest with what grew on it since.
    """

    on: date
    kind: Kind
    amount: Money
    tax_year: int


class Relief(NamedTuple):
    """What is given up of one period, in cents by kind, and from when interest on given-up interest is, too."""

    tax: int = 0
    failure_to_file: int = 0
    failure_to_pay: int = 0
    dishonored: int = 0
    interest: int = 0
    since: date = date.min


NO_RELIEF = Relief()


@dataclass(frozen=True, slots=True)
class Law:
    """What the computation of a debt needs beside its facts: published rates and penalty rules."""

    rates: RateTable
    penalties: PenaltyRules


class MonthCharge(NamedTuple):
    """One month's failure-to-pay charge: `units` are ten-thousandths of a cent, exact."""

    number: int
    begins_on: date
    tax_cents: int
    rate: MonthRate
    units: int


class Owed(NamedTuple):
    """What is owed of one period or of all, rounded half up to cents once."""

    tax: Money
    penalty: Money
    interest: Money

    @property
    def total(self) -> Money:
        return Money(self.tax.cents + self.penalty.cents + self.interest.cents)


class Trace(NamedTuple):
    """What payments do, as they do it: accruals assessed and shares paid, each (tax year, kind, cents)."""

    assessed: list[tuple[int | None, Kind, int]]
    shares: list[tuple[int | None, Kind, int]]


class PenaltyMonths:
    """The penalty months of one period: when each begins and at what rate. Shared by copies of the period."""

    def __init__(
        self, facts: TaxPeriod, rules: PenaltyRules, in_effect: tuple[Span, ...], levy_notice_on: date | None
    ) -> None:
        self._facts = facts
        self._rules = rules
        self._in_effect = in_effect
        self._levy_notice_on = levy_notice_on
        self._known: list[tuple[date, MonthRate]] = []

    def __getitem__(self, number: int) -> tuple[date, MonthRate]:
        """The first day and the rate of the month `number`, counted from 1."""
        while len(self._known) < number:
            self._known.append(self._work_out(len(self._known) + 1))
        return self._known[number - 1]

    def _work_out(self, number: int) -> tuple[date, MonthRate]:
        due_on = self._facts.due_on
        first, following = month_begins(due_on, number), month_begins(due_on, number + 1)
        rate = month_rate(
            first, following - ONE_DAY, filed_timely=self._facts.filed_on <= due_on,
            in_effect=self._in_effect, levy_notice_on=self._levy_notice_on, rules=self._rules,
        )  # fmt: skip
        return first, rate


class RunningPeriod:
    """A tax period in motion: whole cents on the books, accruals exact beside them.

    `_worth` is unpaid tax, failure to file and interest together, divided by the growth of a dollar since
    the rate table began: between two events it does not change, however many days lie between them.
    `_accrued` and `_charged` are failure-to-pay charges in ten-thousandths of a cent: those not yet
    assessed, and all that were ever made, which the cap limits. `relief` is what is given up and has not met its
    charge yet.
    """

    __slots__ = (
        "_accrued", "_charged", "_growth", "_months", "_next_month", "_next_month_on", "_worth", "cap", "charges",
        "dishonored", "ends_on", "facts", "failure_to_file", "failure_to_pay", "interest", "relief", "tax",
    )  # fmt: skip

    def __init__(
        self, facts: TaxPeriod, law: Law, in_effect: tuple[Span, ...] = (), levy_notice_on: date | None = None,
        relief: Relief = NO_RELIEF,
    ) -> None:  # fmt: skip
        rules = law.penalties
        self.facts = facts
        self.ends_on = facts.collection_ends_on
        self.tax = max(0, facts.tax.cents - relief.tax)
        filing = failure_to_file(facts.tax, facts.due_on, facts.filed_on, rules).cents
        self.failure_to_file = max(0, filing - relief.failure_to_file)
        self.relief = relief
        self.failure_to_pay = self.dishonored = self.interest = 0
        self.cap = self.tax * rules.paying_cap
        self.charges: list[MonthCharge] = []
        self._accrued = self._charged = 0
        self._growth = law.rates.growth
        self._months = PenaltyMonths(facts, rules, in_effect, levy_notice_on)
        self._next_month = 1
        self._next_month_on = self._months[1][0]
        self._set_base(facts.due_on)

    def copy(self) -> "RunningPeriod":
        """A period that goes its own way from here."""
        twin = RunningPeriod.__new__(RunningPeriod)
        for name in RunningPeriod.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.charges = self.charges.copy()
        return twin

    def charge_months(self, through: date) -> None:
        """Make the failure-to-pay charges of the months that begin on or before the day (docs/engine.md 4)."""
        while self._next_month_on <= through:
            if not self.tax or self._charged == self.cap:
                self._next_month_on = date.max
                return
            if charge := self.next_charge():
                self._charged += charge.units
                self._accrued += charge.units
                self.charges.append(charge)
            self._next_month += 1
            self._next_month_on = self._months[self._next_month][0]

    def next_charge(self) -> MonthCharge | None:
        """The charge that the next month to begin will make, if any is left to make."""
        begins_on, rate = self._months[self._next_month]
        units = min(self.tax * rate.basis_points, self.cap - self._charged)
        return MonthCharge(self._next_month, begins_on, self.tax, rate, units) if units else None

    def exact_base(self, day: date) -> int:
        """Unpaid tax, failure to file and interest at the end of the day: fixed-point cents. Before the due date
        nothing grows.
        """
        grown = self._growth(day if day > self.facts.due_on else self.facts.due_on)
        return self._worth * grown >> BITS

    def exact_interest(self, day: date) -> int:
        """Interest unpaid at the end of the day: fixed-point cents."""
        return self.exact_base(day) - (self.tax + self.failure_to_file << BITS)

    def owed(self, day: date) -> Owed:
        """What is owed at the end of the day, which is not before the last event."""
        tax, penalty, interest = self.owed_cents(day)
        return Owed(Money(tax), Money(penalty), Money(interest))

    def owed_cents(self, day: date) -> tuple[int, int, int]:
        """Tax, penalty and interest owed at the end of the day, which is not before the last event, in cents."""
        if self.is_clear:
            return 0, 0, 0
        self.charge_months(day)
        penalty = self.failure_to_file + self.failure_to_pay + self.dishonored + self._paying_accrued()
        return self.tax, penalty, self.interest + self._interest_accrued(day)

    @property
    def is_clear(self) -> bool:
        return not (self._worth or self._accrued or self.failure_to_pay or self.dishonored)

    def charge(self, kind: Kind, cents: int) -> None:
        """Put a charge that bears no interest on the books: the penalty on a dishonored payment."""
        if kind is Kind.DISHONORED and self.relief.dishonored:
            given_up = min(cents, self.relief.dishonored)
            self.relief = self.relief._replace(dishonored=self.relief.dishonored - given_up)
            cents -= given_up
        setattr(self, kind, getattr(self, kind) + cents)

    def take(self, day: date, cents: int, trace: Trace) -> int:
        """Apply up to `cents` of a payment and say how much is left of it.

        A payment that leaves tax unpaid reaches nothing else, and nothing is rounded. One that brings the tax
        to zero or comes later has the accruals assessed first (docs/engine.md 5).
        """
        self.charge_months(day)
        year = self.facts.tax_year
        if cents < self.tax:
            self.tax -= cents
            self._worth -= (cents << 2 * BITS) // self._growth(day)
            trace.shares.append((year, Kind.TAX, cents))
            return 0
        self._assess(day, trace)
        for kind in ORDER:
            owed = getattr(self, kind)
            if share := min(cents, owed):
                setattr(self, kind, owed - share)
                cents -= share
                trace.shares.append((year, kind, share))
        self._set_base(day)
        return cents

    def _assess(self, day: date, trace: Trace) -> None:
        paying, interest = self._paying_accrued(), self._interest_accrued(day)
        if self.relief is not NO_RELIEF:
            self._use_relief(day, paying, interest)
        self._accrued = 0
        self.failure_to_pay += paying
        self.interest += interest
        for kind, cents in ((Kind.FAILURE_TO_PAY, paying), (Kind.INTEREST, interest)):
            if cents:
                trace.assessed.append((self.facts.tax_year, kind, cents))

    def _paying_accrued(self) -> int:
        """Failure to pay that is not assessed yet, less what of it is given up, in cents."""
        return max(0, half_up(self._accrued, WHOLE) - self.relief.failure_to_pay)

    def _interest_accrued(self, day: date) -> int:
        """Interest that is not assessed yet, less what of it is given up, in cents."""
        accrued = rounded(self.exact_interest(day)) - self.interest
        return max(0, accrued - self._interest_given_up(day)) if self.relief.interest else accrued

    def _interest_given_up(self, day: date) -> int:
        """Given-up interest takes along what would have grown on it since."""
        since = self.relief.since
        if day <= since:
            return self.relief.interest
        return half_up(self.relief.interest * self._growth(day), self._growth(max(since, self.facts.due_on)))

    def _use_relief(self, day: date, paying: int, interest: int) -> None:
        """What is assessed meets what is given up of it; the rest of that waits for later charges."""
        gross = half_up(self._accrued, WHOLE), rounded(self.exact_interest(day)) - self.interest
        self.relief = self.relief._replace(
            failure_to_pay=self.relief.failure_to_pay - (gross[0] - paying),
            interest=self._interest_given_up(day) - (gross[1] - interest),
            since=max(day, self.relief.since),
        )

    def _set_base(self, day: date) -> None:
        bearing = self.tax + self.failure_to_file + self.interest
        self._worth = (bearing << 2 * BITS) // self._growth(day)
