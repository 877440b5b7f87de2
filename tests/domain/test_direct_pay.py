"""The days of Direct Pay: which can be chosen, until when a payment is changed, and when it is certain."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import policies
from portal.domain.direct_pay import BanksClosed, BanksClosedUntil, Timetable, TooEarly, TooFarAhead
from portal.domain.moment import Moment

ZONE = ZoneInfo("America/New_York")
MONDAY = date(2026, 11, 23)


def at(day: date = MONDAY, clock: time = time(12, 0)) -> Timetable:
    """The days as they are seen at a time on the clock where the agency is."""
    policy, instant = policies.load(), datetime.combine(day, clock, ZONE).astimezone(UTC)
    return Timetable(
        Moment(instant, day), policy.direct_pay.on(day), policy.days.on(day), policies.banking_days_off(), ZONE
    )


@pytest.mark.parametrize(
    ("day", "clock", "first"),
    [
        (MONDAY, time(0, 0), MONDAY),
        (MONDAY, time(23, 44, 59), MONDAY),
        (MONDAY, time(23, 45), date(2026, 11, 24)),
        (date(2026, 11, 26), time(12, 0), date(2026, 11, 27)),  # Thanksgiving
        (date(2026, 11, 27), time(23, 50), date(2026, 11, 30)),
        (date(2026, 11, 28), time(12, 0), date(2026, 11, 30)),
        (date(2027, 7, 3), time(12, 0), date(2027, 7, 6)),  # Independence Day on a Sunday
    ],
)
def test_the_first_day_is_today_or_the_next_banking_day(day: date, clock: time, first: date) -> None:
    assert at(day, clock).first == first


@pytest.mark.parametrize("day", [MONDAY, date(2026, 11, 24), date(2027, 11, 23), date(2026, 7, 3)])
def test_a_banking_day_within_a_year_can_be_chosen(day: date) -> None:
    """A Saturday holiday does not close the banks on the Friday before it."""
    at(min(day, MONDAY)).require(day)


def test_the_last_day_is_a_banking_day() -> None:
    assert (at().last, at(date(2026, 11, 25)).last) == (date(2027, 11, 23), date(2027, 11, 24))
    assert at(date(2026, 11, 27)).last == date(2027, 11, 26)
    assert at(date(2026, 11, 28)).last == date(2027, 11, 26)


@pytest.mark.parametrize(
    ("day", "refusal", "facts"),
    [
        (date(2026, 11, 22), TooEarly, {"first": MONDAY}),
        (date(1, 1, 1), TooEarly, {"first": MONDAY}),
        (date(2027, 11, 24), TooFarAhead, {"days": 365, "last": date(2027, 11, 23)}),
        (date(9999, 12, 31), TooFarAhead, {"days": 365, "last": date(2027, 11, 23)}),
        (date(2026, 12, 5), BanksClosed, {"before": date(2026, 12, 4), "after": date(2026, 12, 7)}),
        (date(2026, 11, 26), BanksClosed, {"before": date(2026, 11, 25), "after": date(2026, 11, 27)}),
        (date(2026, 12, 25), BanksClosed, {"before": date(2026, 12, 24), "after": date(2026, 12, 28)}),
        (date(2027, 1, 18), BanksClosed, {"before": date(2027, 1, 15), "after": date(2027, 1, 19)}),
    ],
)
def test_another_day_is_refused_with_what_can_be_chosen(day: date, refusal: type, facts: dict[str, object]) -> None:
    with pytest.raises(refusal) as refused:
        at().require(day)

    assert refused.value.facts.items() >= facts.items()


def test_after_the_cut_off_time_today_is_over() -> None:
    with pytest.raises(TooEarly) as refused:
        at(MONDAY, time(23, 45)).require(MONDAY)

    assert refused.value.facts == {"first": date(2026, 11, 24)}


def test_on_a_weekend_only_later_days_are_named() -> None:
    with pytest.raises(BanksClosedUntil) as refused:
        at(date(2026, 11, 28)).require(date(2026, 11, 29))

    assert refused.value.facts["after"] == date(2026, 11, 30)


def test_a_closed_day_at_the_end_of_the_year_names_the_last_day() -> None:
    with pytest.raises(TooFarAhead):
        at(date(2026, 11, 28)).require(date(2027, 11, 28))


@pytest.mark.parametrize(
    ("pay_on", "through"),
    [
        (date(2026, 12, 7), date(2026, 12, 3)),  # a Monday payment until Thursday
        (date(2026, 12, 4), date(2026, 12, 2)),
        (date(2026, 11, 30), date(2026, 11, 25)),  # across Thanksgiving and the weekend
        (date(2026, 12, 29), date(2026, 12, 24)),
    ],
)
def test_a_payment_is_changed_until_two_banking_days_before(pay_on: date, through: date) -> None:
    cut_off = at().cut_off(pay_on)

    assert cut_off == datetime.combine(through, time(23, 45), ZONE)
    assert at(through, time(23, 44, 59)).is_changeable(pay_on)
    assert not at(through, time(23, 45)).is_changeable(pay_on)


def test_the_cut_off_keeps_the_agency_s_clock_when_clocks_change() -> None:
    """8 November 2026 is the first day of standard time; the cut-off lies before it."""
    cut_off = at(date(2026, 11, 2)).cut_off(date(2026, 11, 9))

    assert cut_off.astimezone(UTC) == datetime(2026, 11, 6, 4, 45, tzinfo=UTC) - timedelta(days=0)


def test_it_settles_two_banking_days_later_and_stays_provisional_for_sixty_days() -> None:
    assert at().settles_on(date(2026, 12, 24)) == date(2026, 12, 29)
    assert at().provisional_through(date(2026, 12, 24)) == date(2027, 2, 27)
