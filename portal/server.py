"""gunicorn, started from inside: one process per worker, threads in each, an orderly stop. Each delivers mail too."""

import logging
from threading import Event, Thread
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from portal import worker as timetable
from portal.db import db
from portal.jobs import post
from portal.office import office
from portal.web import log, mail

logger = logging.getLogger("portal.post")
MAIL_EVERY_SECONDS = 3


class Server(BaseApplication):  # type: ignore[misc]
    """The portal under gunicorn."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        super().__init__()

    def load_config(self) -> None:
        settings = self._app.extensions["office"].settings
        options = {
            "bind": f"{settings.bind}:{settings.port}",
            "workers": settings.workers,
            "threads": settings.threads,
            "worker_class": "gthread",
            "timeout": 30,
            "graceful_timeout": 10,
            "limit_request_fields": 64,
            "limit_request_line": 4094,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_fork": _forget_connections,
            "post_worker_init": _work_beside,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def _forget_connections(server: Any, worker: Any) -> None:
    """A connection opened before the fork must not be used on both sides of it. Each process counts for itself."""
    app = server.app.load()
    app.extensions["counts"].begin(worker.age)
    with app.app_context():
        db.engine.dispose(close=False)


def _work_beside(worker: Any) -> None:
    """Begin to deliver, in a thread that ends with its worker. It is started after the fork, which copies none. The
    demonstration has no worker of its own (`portal worker`), so it does the tasks, too.
    """
    app = worker.app.load()
    Thread(target=deliver_mail, args=(app, Event()), name="mail", daemon=True).start()
    if app.extensions["office"].is_demo:
        Thread(target=timetable.do_tasks, args=(app, Event()), name="tasks", daemon=True).start()


def deliver_mail(app: Flask, stop: Event) -> None:
    """Deliver what is due every few seconds, whatever happens, until told to stop."""
    while not stop.wait(MAIL_EVERY_SECONDS):
        try:
            with app.app_context():
                post.deliver(office().clock.now, office().post, mail.render)
        except Exception as error:
            logger.exception("mail is not delivered", exc_info=error)


def serve(app: Flask) -> None:
    """Answer requests until told to stop."""
    log.to_standard_error()
    with app.app_context():
        db.engine.dispose()
    Server(app).run()
