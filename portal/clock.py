"""The only reading of the wall clock. The demonstration may run ahead of it by whole days."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from portal.domain.moment import Moment


class Clock:
    """Now, and today in the agency's time zone.

    `shift_file`, where given, holds by how many days this clock is ahead (demonstration only): a file, so that
    every process of a demonstration reads the same day.
    """

    def __init__(self, zone: ZoneInfo, shift_file: Path | None = None) -> None:
        self._zone = zone
        self._shift_file = shift_file

    def now(self) -> Moment:
        instant = datetime.now(UTC) + timedelta(days=self._days_ahead())
        return Moment(instant, instant.astimezone(self._zone).date())

    def today(self) -> date:
        return self.now().on

    def outside(self) -> datetime:
        """The instant that phones show, too, whatever day it is in the demonstration."""
        return datetime.now(UTC)

    def move_to(self, day: date) -> None:
        """Run ahead so that today is `day` (demonstration only)."""
        if self._shift_file is None:
            raise RuntimeError("only the demonstration may move its clock")
        days = self._days_ahead() + (day - self.today()).days
        self._shift_file.write_text(str(days), encoding="ascii")

    def _days_ahead(self) -> int:
        if self._shift_file is None or not self._shift_file.exists():
            return 0
        return int(self._shift_file.read_text(encoding="ascii"))
