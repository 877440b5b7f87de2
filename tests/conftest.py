"""The stage of every test: an application on both databases, with the cast on it, put back after each test."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from contextvars import Context
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import create_engine, text
from werkzeug.test import TestResponse

from portal import config, create_app
from portal.db import db
from tests.browser import Browser
from tests.cast import build_cast
from tests.stopped_clock import NOW, StoppedClock

ENGINES = ("sqlite", "postgresql")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests on one database run in one process, so that its cast is built once."""
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            engine = item.callspec.params.get("stage")
            if engine in ENGINES:
                item.add_marker(pytest.mark.xdist_group(engine))


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Flask]]:
    """An application with the cast in its database, built when the first test asks for it and kept to the end."""
    with ExitStack() as opened:

        @cache
        def stage_on(engine: str) -> Flask:
            folder = tmp_path_factory.mktemp(engine)
            app = new_app(folder, opened.enter_context(new_database(engine, folder.name)))
            opened.callback(_dispose, app)
            with app.app_context():
                build_cast()
            return app

        yield stage_on


def _dispose(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(params=ENGINES)
def stage(request: pytest.FixtureRequest, stages: Callable[[str], Flask]) -> Flask:
    """The stage on one of the databases."""
    return stages(request.param)


@pytest.fixture
def app(stage: Flask) -> Iterator[Flask]:
    """The application inside a transaction that is rolled back after the test, whatever the test commits."""
    stage.extensions["office"] = replace(stage.extensions["office"], clock=StoppedClock(NOW))
    with stage.app_context():
        engine = db.engine
        with engine.connect().execution_options(writes=True) as connection:
            outer = connection.begin()
            connection.begin_nested()
            db.engines[None] = connection  # type: ignore[assignment]
            try:
                yield stage
            finally:
                db.session.remove()
                outer.rollback()
                db.engines[None] = engine


class OneRequestAtATime(FlaskClient):
    """A browser whose requests begin with nothing of the test around them, as they do in a server."""

    def open(self, *where: Any, **options: Any) -> TestResponse:
        return Context().run(super().open, *where, **options)


@pytest.fixture(autouse=True)
def each_request_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test's application context, and who signed in within it, would be shared by all browsers of a test."""
    monkeypatch.setattr(Flask, "test_client_class", OneRequestAtATime)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Somebody who has not signed in; each page that is fetched is linted."""
    return Browser(app)


@pytest.fixture
def fresh_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on an empty, migrated SQLite database of its own, for tests that really commit."""
    app = new_app(tmp_path, f"sqlite:///{tmp_path / 'portal.sqlite3'}")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def new_app(folder: Path, address: str) -> Flask:
    """A migrated application with its instance in the folder and its clock stopped."""
    app = create_app(config.load({}, {"instance": str(folder), "database_url": address}))
    app.testing = True
    app.extensions["office"] = replace(app.extensions["office"], clock=StoppedClock(NOW))
    with app.app_context():
        upgrade()
    return app


class new_database:
    """A database of one test process, dropped afterwards. Skips the test if there is no PostgreSQL."""

    def __init__(self, engine: str, name: str) -> None:
        self.engine, self.name = engine, f"{name}_{os.getpid()}".replace("-", "_")

    def __enter__(self) -> str:
        if self.engine == "sqlite":
            return ""
        server = os.environ.get("PORTAL_TEST_POSTGRESQL")
        if not server:
            pytest.skip("no PostgreSQL on this machine")
        self._run(server, f"CREATE DATABASE {self.name}")
        return server.replace("/postgres?", f"/{self.name}?")

    def __exit__(self, *_error: object) -> None:
        if self.engine == "postgresql":
            self._run(os.environ["PORTAL_TEST_POSTGRESQL"], f"DROP DATABASE {self.name} WITH (FORCE)")

    @staticmethod
    def _run(server: str, statement: str) -> None:
        engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(statement))
        engine.dispose()
