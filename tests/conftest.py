"""The stage of every test: an application on both databases, with the cast on it, put back after each test."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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
    """All tests on one database run in one process, so that its cast is built once; and all those in Chromium."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("chromium"))
        elif isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            for engine in set(ENGINES) & set(map(str, item.callspec.params.values())):
                item.add_marker(pytest.mark.xdist_group(engine))


Stages = Callable[[str, Callable[[], None]], Flask]


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """Applications by database and by who is on stage, each built when first asked for and kept to the end."""
    with ExitStack() as opened:

        @cache
        def stage_on(engine: str, people: Callable[[], None]) -> Flask:
            folder = tmp_path_factory.mktemp(engine)
            app = new_app(folder, opened.enter_context(new_database(engine, folder.name)))
            opened.callback(_dispose, app)
            with app.app_context():
                people()
            return app

        yield stage_on


def nobody() -> None:
    """An empty stage."""


def _dispose(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(params=ENGINES)
def stage(request: pytest.FixtureRequest, stages: Stages) -> Flask:
    """The cast on one of the databases."""
    return stages(request.param, build_cast)


@pytest.fixture(params=ENGINES)
def empty_stage(request: pytest.FixtureRequest, stages: Stages) -> Flask:
    """Nobody, on one of the databases."""
    return stages(request.param, nobody)


@contextmanager
def rolled_back(app: Flask) -> Iterator[Flask]:
    """The application inside a transaction that is rolled back at the end, whatever is committed in it."""
    app.extensions["office"] = replace(app.extensions["office"], clock=StoppedClock(NOW))
    with app.app_context():
        engine = db.engine
        with engine.connect().execution_options(writes=True) as connection:
            outer = connection.begin()
            connection.begin_nested()
            db.engines[None] = connection  # type: ignore[assignment]
            try:
                yield app
            finally:
                db.session.remove()
                outer.rollback()
                db.engines[None] = engine


@pytest.fixture
def app(stage: Flask) -> Iterator[Flask]:
    """The application with the cast; whatever the test commits is rolled back after it."""
    with rolled_back(stage):
        yield stage


@pytest.fixture
def empty(empty_stage: Flask) -> Iterator[Flask]:
    """The application with nobody in it; whatever the test commits is rolled back after it."""
    with rolled_back(empty_stage):
        yield empty_stage


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


@pytest.fixture(scope="module", params=ENGINES)
def committing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application whose deeds are really committed, on a database of one module alone."""
    folder = tmp_path_factory.mktemp(f"committing_{request.param}")
    with new_database(request.param, folder.name) as address:
        app = new_app(folder, address)
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
