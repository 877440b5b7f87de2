"""gunicorn, started from inside: one process per worker, threads in each, an orderly stop."""

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from portal.db import db
from portal.web import log


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
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def _forget_connections(server: Any, _worker: Any) -> None:
    """A connection opened before the fork must not be used on both sides of it."""
    app = server.app.load()
    with app.app_context():
        db.engine.dispose(close=False)


def serve(app: Flask) -> None:
    """Answer requests until told to stop."""
    log.to_standard_error()
    with app.app_context():
        db.engine.dispose()
    Server(app).run()
