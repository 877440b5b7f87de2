"""The worker: a day is closed when it is time, made up for if it was left out, and mail goes out whatever happens."""

from datetime import UTC, date, datetime, time

import pytest
from flask import Flask

from portal import worker
from portal.db import db
from portal.domain.moment import Moment
from portal.jobs import days
from portal.models import BusinessDay, Mail
from portal.models.mail import MailKind
from portal.office import office
from portal.services import mails
from tests.stopped_clock import StoppedClock

SIX = time(6, 0)
TODAY = date(2026, 11, 23)


def at(hour: int, minute: int = 0) -> Moment:
    """A moment of the day in the agency's time zone, which is five hours behind UTC in November."""
    return Moment(datetime(2026, 11, 23, hour + 5, minute, tzinfo=UTC), TODAY)


@pytest.mark.parametrize(
    ("now", "closed", "is_due"),
    [
        (at(5, 59), date(2026, 11, 22), False),
        (at(6), date(2026, 11, 22), True),
        (at(18), TODAY, False),
        (at(5), date(2026, 11, 21), True),  # yesterday was left out
        (at(5), None, False),
        (at(6), None, True),
    ],
)
def test_a_day_is_closed_when_it_is_time_and_made_up_for_at_once(
    app: Flask, now: Moment, closed: date | None, is_due: bool
) -> None:
    assert worker.is_due(now, SIX, closed) is is_due


def test_a_look_around_closes_the_day_once_and_delivers_the_mail(fresh_app: Flask) -> None:
    clock = evening()
    mails.write(MailKind.PASSWORD_CHANGED, "robin@example.test", language="en_US", when=clock.now())

    db.session.commit()

    for _look in range(3):
        worker.look_around(fresh_app)

    [day] = db.session.execute(db.select(BusinessDay)).scalars()
    assert day.day == clock.today()
    assert days.latest() == clock.today()
    assert [mail.state for mail in db.session.execute(db.select(Mail)).scalars()] == ["sent"]


def test_a_close_that_fails_is_logged_and_keeps_no_mail_back(
    fresh_app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:

    mails.write(MailKind.PASSWORD_CHANGED, "robin@example.test", language="en_US", when=evening().now())
    db.session.commit()
    monkeypatch.setattr(days, "close_through", no_database)

    worker.look_around(fresh_app)

    assert [record.fields for record in caplog.records] == [{"message": "not done", "job": "close"}]  # type: ignore[attr-defined]
    assert [mail.state for mail in db.session.execute(db.select(Mail)).scalars()] == ["sent"]


def no_database(*_facts: object) -> None:
    raise RuntimeError("the database is away")


def evening() -> StoppedClock:
    """Late enough for the day to be closed."""
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(hours=7)
    return clock
