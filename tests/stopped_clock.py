"""A clock that stands still until a test moves it."""

from datetime import UTC, date, datetime, timedelta

from portal.domain.moment import Moment

NOW = Moment(datetime(2026, 11, 23, 17, 0, tzinfo=UTC), date(2026, 11, 23))


class StoppedClock:
    """What `portal.clock.Clock` offers, at one moment."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment

    def now(self) -> Moment:
        return self._moment

    def today(self) -> date:
        return self._moment.on

    def outside(self) -> datetime:
        return self._moment.at

    def move_to(self, day: date) -> None:
        days = (day - self._moment.on).days
        self._moment = Moment(self._moment.at + timedelta(days=days), day)

    def wait(self, **duration: float) -> None:
        """Let some time pass: seconds, minutes, hours."""
        at = self._moment.at + timedelta(**duration)
        self._moment = Moment(at, at.date())
