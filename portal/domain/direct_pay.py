"""The days of Direct Pay: on which a payment can be made, until when it is changed, and from when it is certain."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from portal.domain.calendar import (
    ONE_DAY,
    DaysOff,
    business_day_from,
    business_days_after,
    business_days_before,
    is_business_day,
)
from portal.domain.moment import Moment
from portal.domain.policy import Days, DirectPay
from portal.domain.refusal import Refusal


class Choice(StrEnum):
    """Which amount somebody means."""

    INSTALLMENT = "installment"
    PAST_DUE = "past_due"
    EVERYTHING = "everything"
    OTHER = "other"


class BanksClosed(Refusal):
    """Banks are closed on %(day)s. Choose %(before)s or %(after)s."""

    about = "pay_on"


class BanksClosedUntil(Refusal):
    """Banks are closed on %(day)s. The first day that you can choose is %(after)s."""

    about = "pay_on"


class TooEarly(Refusal):
    """The first day that you can choose is %(first)s."""

    about = "pay_on"


class TooFarAhead(Refusal):
    """A payment can be at most %(days)s days ahead. The last day that you can choose is %(last)s."""

    about = "pay_on"


@dataclass(frozen=True, slots=True)
class Timetable:
    """The days of Direct Pay as they are seen from a moment, in the agency's time zone."""

    when: Moment
    rules: DirectPay
    days: Days
    days_off: DaysOff
    zone: tzinfo

    @property
    def first(self) -> date:
        """The first day on which a payment can be made: today until the cut-off time, if banks are open."""
        is_over = self.when.at.astimezone(self.zone).time() >= self.rules.cut_off_time
        return business_day_from(self.when.on + timedelta(days=int(is_over)), self.days_off)

    @property
    def last(self) -> date:
        """The last day, a banking day."""
        return business_days_before(self._limit + ONE_DAY, 1, self.days_off)

    def require(self, day: date) -> None:
        """Refuses a day that is over (`TooEarly`), too far away (`TooFarAhead`), or one on which banks are closed
        (`BanksClosed`, with its neighbors; `BanksClosedUntil` where only a later one is left).
        """
        if day > self._limit:
            raise TooFarAhead(days=self.rules.days_ahead, last=self.last)
        if day < self.when.on or (day < self.first and is_business_day(day, self.days_off)):
            raise TooEarly(first=self.first)
        if not is_business_day(day, self.days_off):
            raise self._closed(day)

    def cut_off(self, pay_on: date) -> datetime:
        """The instant from which a payment of this day is neither changed nor cancelled."""
        day = business_days_before(pay_on, self.rules.cut_off_days, self.days_off)
        return datetime.combine(day, self.rules.cut_off_time, self.zone)

    def is_changeable(self, pay_on: date) -> bool:
        return self.when.at < self.cut_off(pay_on)

    def settles_on(self, pay_on: date) -> date:
        """When the bank will have paid."""
        return business_days_after(pay_on, self.days.debit_settles, self.days_off)

    def provisional_through(self, pay_on: date) -> date:
        """Through which day the bank can still take the money back (Nacha: unauthorized debits)."""
        return self.settles_on(pay_on) + timedelta(days=self.days.return_window)

    @property
    def _limit(self) -> date:
        return self.when.on + timedelta(days=self.rules.days_ahead)

    def _closed(self, day: date) -> Refusal:
        before, after = business_days_before(day, 1, self.days_off), business_day_from(day, self.days_off)
        if before < self.first:
            return BanksClosedUntil(day=day, after=after)
        if after > self.last:
            return TooFarAhead(days=self.rules.days_ahead, last=self.last)
        return BanksClosed(day=day, before=before, after=after)
