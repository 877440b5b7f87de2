"""The worker: closes the business day by its timetable, delivers mail, and does what administrators ask for, beside
`portal serve`.
"""

import logging
import signal
from datetime import date, time
from threading import Event, Thread
from types import FrameType

from flask import Flask

from portal.domain.calendar import ONE_DAY
from portal.domain.moment import Moment
from portal.jobs import days, post, tasks
from portal.office import office
from portal.web import log, mail

logger = logging.getLogger("portal.worker")
EVERY_SECONDS = 3


def work(app: Flask) -> None:
    """Work until told to stop: what is under way is finished first, or left whole for the next time."""
    log.to_standard_error()
    stop = Event()

    def told_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, told_to_stop)
    # What takes hours must keep neither the close nor the mail waiting.
    Thread(target=do_tasks, args=(app, stop), name="tasks", daemon=True).start()
    while not stop.is_set():
        look_around(app)
        stop.wait(EVERY_SECONDS)


def do_tasks(app: Flask, stop: Event) -> None:
    """Do one task after the other, whatever happens, until told to stop; one that is cut off is begun anew."""
    while not stop.is_set():
        was_one = False
        try:
            with app.app_context():
                was_one = tasks.run_next(office().clock.now, office().bank)
        except Exception as error:
            logger.exception("not done", exc_info=error, extra={"fields": {"message": "not done", "job": "tasks"}})
        if not was_one:
            stop.wait(EVERY_SECONDS)


def look_around(app: Flask) -> None:
    """Do what is due now; what goes wrong is logged and tried again."""
    with app.app_context():
        now = office().clock.now
        for name, job in (("close", _close), ("post", _post)):
            try:
                job(now())
            except Exception as error:
                fields = {"message": "not done", "job": name}
                logger.exception("not done", exc_info=error, extra={"fields": fields})


def is_due(now: Moment, close_at: time, closed: date | None) -> bool:
    """Today is not closed yet, and it is time; a day before it that was left out is made up for at once."""
    if closed and closed < now.on - ONE_DAY:
        return True
    return closed != now.on and now.at.astimezone(office().settings.time_zone).time() >= close_at


def _close(now: Moment) -> None:
    if is_due(now, office().settings.close_at, days.latest()):
        for day in days.close_through(now, office().bank):
            fields = {"message": "closed", "day": day.day.isoformat(), **day.summary}
            logger.info("closed", extra={"fields": fields})


def _post(_now: Moment) -> None:
    post.deliver(office().clock.now, office().post, mail.render)
