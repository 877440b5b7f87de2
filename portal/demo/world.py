"""The demonstration's town: enrolled, assessed, and lived through day by day by the real services."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count

from sqlalchemy import select

from portal.db import db, transaction
from portal.demo.cast import CAST, PASSWORD, SECRET, Household, Member, Year
from portal.demo.households import households
from portal.domain.actor import PORTAL, Role
from portal.domain.calendar import (
    ONE_DAY,
    business_day_from,
    business_days_before,
    corresponding_day,
    is_business_day,
    next_on_day,
)  # fmt: skip
from portal.domain.lifecycle import PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.period import TaxPeriod
from portal.domain.plan import Method
from portal.domain.waterfall import Account, replay
from portal.jobs import close
from portal.jobs import days as business_days
from portal.models import Payment, Taxpayer, TrailEvent, User
from portal.models.bank_account import AccountType
from portal.models.payment import Channel
from portal.office import office
from portal.policies import banking_days_off, legal_days_off
from portal.queries import accounts
from portal.services import agreements, bank_accounts, receipts, second_factors, taxpayers, trail, users
from portal.services.taxpayers import Partner, Person
from portal.services.terms import Proposal

ASSESSED_AFTER_DAYS = 40
PAYDAY_EVERY_DAYS = 14
CLOSES_ARE_KEPT = timedelta(days=62)
LIVED = "demonstration.lived"
ROUTING_NUMBERS = ("231380104", "071000013", "121042882")
STREETS = ("Maple Street", "Oak Avenue", "River Road", "Mill Lane", "Hill Street", "Park Avenue", "Lake Drive")
People = Callable[[date], list[Household]]
TOWNS = (("Springfield", "IL", "62701"), ("Dayton", "OH", "45402"), ("Salem", "OR", "97301"))


@dataclass(frozen=True, slots=True)
class Life:
    """A household's own dates: its years, what it mails, and when its plan was accepted."""

    number: int
    household: Household
    periods: tuple[TaxPeriod, ...]
    mailed: tuple[tuple[date, Money], ...]
    accepted_on: date | None

    @property
    def ssn(self) -> str:
        """A number that the Social Security Administration never issues: it begins with 900."""
        return f"90070{self.number:04d}"

    def is_payday(self, day: date) -> bool:
        """The plan has begun, and on this day a check is mailed or an employer remits."""
        if self.accepted_on is None or day <= self.accepted_on:
            return False
        if self.household.method is Method.PAYROLL:
            return (day - self.accepted_on).days % PAYDAY_EVERY_DAYS == 0
        return self.household.method is Method.MANUAL and day.day == self.household.due_day


def days_to_live(people: People = households) -> Sequence[date]:
    """The days up to today that this town has not lived through: from its first assessment on, in a new one."""
    today = office().clock.today()
    first_day, lived_through = _diary()
    if lived_through is None:
        lived_through = (
            min(period.assessed_on for life in _town(people, first_day) for period in life.periods) - ONE_DAY
        )
    return [lived_through + timedelta(days=number) for number in range(1, (today - lived_through).days + 1)]


def live(days: Sequence[date], people: People = households) -> Iterator[date]:
    """Live through the days, each of them whole or not at all: what people do, then the daily close. The staff comes
    on the first day.
    """
    for day in days:
        when = moment(day)
        first_day, _lived_through = _diary()
        with transaction():
            for life in _town(people, first_day):
                _live_household(life, when)
            _post_remittances(when)
            _close(when)
            if day == first_day:
                _bring_staff()
            trail.append(LIVED, day.isoformat(), by=PORTAL, when=when, first_day=first_day.isoformat())
        yield day


def _close(when: Moment) -> None:
    """What is long past was closed before there were rows of it."""
    is_past = office().clock.today() - when.on > CLOSES_ARE_KEPT
    close.run(when, office().bank) if is_past else list(business_days.close_through(when, office().bank))


def _post_remittances(when: Moment) -> None:
    """The agency's clerk: what employers say they sent is here after some banking days."""
    if not is_business_day(when.on, banking_days_off()):
        return
    sent_by = business_days_before(when.on, office().policy.days.on(when.on).debit_settles, banking_days_off())
    rows = select(Payment).where(
        Payment.channel == Channel.PAYROLL, Payment.state == PaymentState.SUBMITTED, Payment.pay_on <= sent_by
    )
    for payment in db.session.execute(rows.order_by(Payment.id)).scalars().all():
        receipts.settle(payment, by=PORTAL, when=when)


def exists() -> bool:
    """A town has lived in this database."""
    return _diary()[1] is not None


def is_unwelcome() -> bool:
    """The database belongs to somebody: people are in it, and no town has lived there."""
    return not exists() and db.session.execute(select(User.id).limit(1)).first() is not None


def _diary() -> tuple[date, date | None]:
    """The demonstration's first day, and the day through which the town has lived; the trail remembers both."""
    rows = select(TrailEvent.subject, TrailEvent.details).where(TrailEvent.event == LIVED)
    row = db.session.execute(rows.order_by(TrailEvent.number.desc()).limit(1)).one_or_none()
    if row is None:
        return office().clock.today(), None
    return date.fromisoformat(row.details["first_day"]), date.fromisoformat(row.subject)


def _bring_staff() -> None:
    for member in CAST:
        if member.role is not Role.TAXPAYER:
            user = _add_user(member.email, member.name, member.role, None)
            second_factors.take_over(user, SECRET, by=PORTAL, when=moment(office().clock.today()))


def moment(day: date) -> Moment:
    """Noon of a day in the agency's time zone."""
    return Moment(datetime.combine(day, time(12), office().settings.time_zone).astimezone(UTC), day)


@cache
def _town(people: People, first_day: date) -> list[Life]:
    """Every household's life, as the demonstration's first day makes it."""
    return [_life(number, household, first_day) for number, household in enumerate(people(first_day))]


def _life(number: int, household: Household, first_day: date) -> Life:
    return Life(
        number=number,
        household=household,
        periods=tuple(_periods(household, first_day)),
        mailed=tuple((corresponding_day(first_day, -months), amount) for months, amount in household.mailed),
        accepted_on=None
        if household.plan_months_ago is None
        else corresponding_day(first_day, -household.plan_months_ago),
    )


def _live_household(life: Life, when: Moment) -> None:
    for period in life.periods:
        if period.assessed_on == when.on:
            taxpayer = taxpayers.by_ssn(life.ssn) or _enrol(life, when)
            taxpayers.assess(taxpayer, period, by=PORTAL, when=when)
    for on, amount in life.mailed:
        if on == when.on:
            _receive(life, amount, Channel.MAIL, when)
    if life.accepted_on == when.on:
        _accept(life, when)
    if life.is_payday(when.on) and _owes(life, when):
        _pay_installment(life, when)


def _pay_installment(life: Life, when: Moment) -> None:
    """What a person mails or an employer remits; debits are the daily close's own work."""
    monthly = life.household.monthly
    if life.household.method is Method.PAYROLL:
        a_payday = Money((monthly.cents * 12 // 26 // 100 + 1) * 100)
        _receive(life, a_payday, Channel.PAYROLL, when)
    else:
        _receive(life, monthly, Channel.MAIL, when)


def _accept(life: Life, when: Moment) -> None:
    household, number = life.household, life.number
    taxpayer = _known(life)
    bank_account = None
    if household.account:
        bank_account = bank_accounts.add(
            taxpayer, routing_number=ROUTING_NUMBERS[number % 3], number=household.account,
            type=AccountType.CHECKING if number % 2 else AccountType.SAVINGS, by=PORTAL, when=when,
        )  # fmt: skip
    first_due_on = household.first_due_on or next_on_day(when.on + timedelta(days=9), household.due_day)
    first_due_on = first_due_on.replace(day=household.due_day)
    proposal = Proposal(household.monthly, household.due_day, first_due_on, household.method, bank_account)
    agreements.accept(taxpayer, proposal, by=PORTAL, when=when)


def _receive(life: Life, amount: Money, channel: Channel, when: Moment) -> None:
    receipts.receive(_known(life), amount, channel=channel, pay_on=when.on, by=PORTAL, when=when)


def _owes(life: Life, when: Moment) -> bool:
    account = accounts.facts(_known(life).id)
    return not replay(account, office().policy.law_on(when.on), when.on)[0].is_clear


def _enrol(life: Life, when: Moment) -> Taxpayer:
    household, number = life.household, life.number
    town, state, postal_code = TOWNS[number % 3]
    person = Person(
        first_name=household.first_name, last_name=household.last_name, ssn=life.ssn,
        born_on=date(1955 + number % 45, 1 + number % 12, 1 + number % 28),
        filing_status="married filing jointly" if number % 3 == 0 or household.spouse else "single",
        street=f"{100 + number * 7} {STREETS[number % 7]}", city=town, state=state, postal_code=postal_code,
    )  # fmt: skip
    taxpayer = taxpayers.enrol(person, by=PORTAL, when=when)
    if household.email:
        _add_user(household.email, taxpayer.name, Role.TAXPAYER, taxpayer)
    if household.spouse:
        _add_spouse(life, household.spouse, taxpayer, when)
    return taxpayer


def _add_spouse(life: Life, member: Member, taxpayer: Taxpayer, when: Moment) -> None:
    first_name, last_name = member.name.split()
    partner = Partner(first_name, last_name, ssn=f"90071{5000 + life.number}", born_on=date(1980, 5, 17))
    spouse = taxpayers.add_spouse(taxpayer, partner, by=PORTAL, when=when)
    user = _add_user(member.email, member.name, member.role, taxpayer)
    user.spouse_id = spouse.id


def _add_user(email: str, name: str, role: Role, taxpayer: Taxpayer | None) -> User:
    when = moment(office().clock.today())
    return users.add(email, PASSWORD, name=name, role=role, taxpayer=taxpayer, by=PORTAL, when=when)


def _periods(household: Household, first_day: date) -> list[TaxPeriod]:
    """The years of a household, as the agency will have assessed them by the first day."""
    periods = [_period(year, first_day) for year in household.years]
    return _fitted(periods, household.owes_now, first_day) if household.owes_now else periods


def _period(year: Year, first_day: date) -> TaxPeriod:
    tax_year = _latest_year(first_day) - year.ago
    due_on = business_day_from(date(tax_year + 1, 4, 15), legal_days_off())
    filed_on = due_on + timedelta(days=year.days_late)
    assessed_on = filed_on + timedelta(days=ASSESSED_AFTER_DAYS)
    return TaxPeriod(tax_year, due_on, filed_on, assessed_on, year.tax)


def _latest_year(first_day: date) -> int:
    """The latest tax year that is assessed for everybody who filed on time."""
    settled_by = date(first_day.year, 4, 18) + timedelta(days=ASSESSED_AFTER_DAYS + 1)
    return first_day.year - 1 if first_day >= settled_by else first_day.year - 2


def _fitted(periods: list[TaxPeriod], owed: Money, day: date) -> list[TaxPeriod]:
    """The years with the tax at which all together owe exactly this much on the day: the last one is fitted, and as a
    cent of tax can be two of what is owed, the first gives way by a few cents.
    """
    first, last = periods
    for cents in count():
        nudged = replace(first, tax=Money(first.tax.cents + cents))
        fitted = replace(last, tax=_most_within(nudged, last, owed, day))
        if _owed((nudged, fitted), day) == owed:
            return [nudged, fitted]
    raise AssertionError("there is no end to the cents")


def _most_within(first: TaxPeriod, last: TaxPeriod, owed: Money, day: date) -> Money:
    """The largest tax of the last year with which no more than this is owed."""
    low, high = 0, owed.cents
    while high - low > 1:
        middle = (low + high) // 2
        within = _owed((first, replace(last, tax=Money(middle))), day) <= owed
        low, high = (middle, high) if within else (low, middle)
    return Money(low)


def _owed(periods: tuple[TaxPeriod, ...], day: date) -> Money:
    return replay(Account(periods), office().policy.law_on(day), day)[0].owed(day).total


def _known(life: Life) -> Taxpayer:
    taxpayer = taxpayers.by_ssn(life.ssn)
    assert taxpayer is not None, f"{life.household.last_name} pays before being assessed"
    return taxpayer
