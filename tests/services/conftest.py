"""The stage of the deeds: an empty, migrated database on SQLite and on PostgreSQL, put back after each test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from portal.db import db
from tests.conftest import ENGINES, new_app, new_database
from tests.ledger_text import Told
from tests.ledger_text import told as play


@pytest.fixture(scope="session", params=ENGINES)
def empty_stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application with nobody in its database, once per database and test process."""
    folder = tmp_path_factory.mktemp(f"empty_{request.param}")
    with new_database(request.param, folder.name) as address:
        app = new_app(folder, address)
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def empty(empty_stage: Flask) -> Iterator[Flask]:
    """The application with nobody in it; whatever the test commits is rolled back after it."""
    with rolled_back(empty_stage):
        yield empty_stage


@pytest.fixture
def told(empty: Flask, request: pytest.FixtureRequest) -> Told:
    """The test's own docstring, played through the services."""
    return play(request.function.__doc__ or "")


@contextmanager
def rolled_back(app: Flask) -> Iterator[Flask]:
    """The application inside a transaction that is rolled back at the end, whatever is committed in it."""
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
