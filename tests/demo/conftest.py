"""Small towns for the tests of the demonstration."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from portal.db import db
from portal.demo import world
from portal.demo.cast import Household, Year
from portal.demo.households import R01_ONCE
from portal.domain.money import Money
from portal.domain.plan import Method
from tests.conftest import new_app, rolled_back


def hamlet(first_day: date) -> list[Household]:
    """Three households of one short year: who owes, who pays by debit and is returned once, who pays by payroll."""
    year = (Year(0, 0, Money(4_000_00)),)
    return [
        Household("Olivia", "Owens", year, email="owing@example.test", mailed=((1, Money(150_00)),)),
        Household(
            "Dana", "Fault", year, email="indefault@example.test", plan_months_ago=3, monthly=Money(240_00),
            account=R01_ONCE,
        ),
        Household(
            "Paula", "Rollins", year, email="payroll@example.test", plan_months_ago=2, monthly=Money(260_00),
            method=Method.PAYROLL,
        ),
    ]  # fmt: skip


def live_through() -> None:
    """Let the hamlet live to today."""
    for _day in world.live(world.days_to_live(hamlet), hamlet):
        pass


@contextmanager
def app_in(folder: Path) -> Iterator[Flask]:
    """An application in a folder of its own, with nobody in it; nothing reaches the disk for good."""
    folder.mkdir(exist_ok=True)
    app = new_app(folder, f"sqlite:///{folder / 'town.sqlite3'}")
    with rolled_back(app):
        yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Flask]:
    """An empty town."""
    with app_in(tmp_path) as app:
        yield app


@pytest.fixture
def village(town: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The hamlet as it is today, which the clock of the demonstration goes on living."""
    live_through()
    days_to_live, live = world.days_to_live, world.live
    monkeypatch.setattr(world, "days_to_live", lambda: days_to_live(hamlet))
    monkeypatch.setattr(world, "live", lambda days: live(days, hamlet))
    return town
