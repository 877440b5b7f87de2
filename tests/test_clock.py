"""The clock: the agency's date is not UTC's, and a demonstration runs ahead by whole days."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal import clock
from portal.clock import Clock

NEW_YORK = ZoneInfo("America/New_York")


class At(datetime):
    """A wall clock that shows what a test says."""

    shown: datetime

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return cls.shown.astimezone(tz)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> type[At]:
    monkeypatch.setattr(clock, "datetime", At)
    return At


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-11-23T04:59:59", "2026-11-22"),
        ("2026-11-23T05:00:00", "2026-11-23"),
        ("2026-07-01T03:59:59", "2026-06-30"),
        ("2026-07-01T04:00:00", "2026-07-01"),
        ("2027-01-01T04:59:59", "2026-12-31"),
        ("2028-02-29T04:59:59", "2028-02-28"),
        ("2028-03-01T04:59:59", "2028-02-29"),
        # The clocks go back on 2026-11-01: 01:30 is there twice, and both belong to the day.
        ("2026-11-01T03:59:59", "2026-10-31"),
        ("2026-11-01T05:30:00", "2026-11-01"),
        ("2026-11-01T06:30:00", "2026-11-01"),
        ("2026-11-02T04:59:59", "2026-11-01"),
        # They go forward on 2027-03-14: 02:30 is never there.
        ("2027-03-14T04:59:59", "2027-03-13"),
        ("2027-03-14T06:59:59", "2027-03-14"),
        ("2027-03-14T07:00:00", "2027-03-14"),
        ("2027-03-15T03:59:59", "2027-03-14"),
        ("2027-03-15T04:00:00", "2027-03-15"),
    ],
)
def test_today_is_the_agency_s_date(wall: type[At], instant: str, day: str) -> None:
    wall.shown = datetime.fromisoformat(instant).replace(tzinfo=UTC)

    now = Clock(NEW_YORK).now()

    assert now.at == wall.shown
    assert now.at.tzinfo is UTC
    assert now.on == Clock(NEW_YORK).today() == date.fromisoformat(day)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "Pacific/Apia"])
def test_the_machine_s_own_time_zone_does_not_matter(
    wall: type[At], monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    wall.shown = datetime(2026, 11, 23, 4, 59, 59, tzinfo=UTC)

    assert Clock(NEW_YORK).today() == date(2026, 11, 22)


def test_a_demonstration_runs_ahead_and_every_process_of_it_reads_the_same_day(
    wall: type[At], tmp_path: Path
) -> None:
    wall.shown = datetime(2026, 11, 23, 17, tzinfo=UTC)
    ahead = Clock(NEW_YORK, tmp_path / "days")
    assert ahead.today() == date(2026, 11, 23)

    ahead.move_to(date(2026, 12, 1))
    ahead.move_to(date(2026, 12, 2))

    beside = Clock(NEW_YORK, tmp_path / "days")
    assert beside.today() == ahead.today() == date(2026, 12, 2)
    assert beside.now().at == datetime(2026, 12, 2, 17, tzinfo=UTC)


def test_a_demonstration_that_ran_ahead_goes_on_with_the_wall_clock(wall: type[At], tmp_path: Path) -> None:
    wall.shown = datetime(2026, 11, 23, 17, tzinfo=UTC)
    Clock(NEW_YORK, tmp_path / "days").move_to(date(2026, 12, 1))

    wall.shown = datetime(2026, 11, 24, 17, tzinfo=UTC)

    assert Clock(NEW_YORK, tmp_path / "days").today() == date(2026, 12, 2)


def test_only_a_demonstration_moves_its_clock() -> None:
    with pytest.raises(RuntimeError, match="only the demonstration"):
        Clock(NEW_YORK).move_to(date(2027, 1, 1))
