"""The demonstration: figures that hold on every first day, one town for one seed, and a clock that moves it."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from portal import policies
from portal.db import db
from portal.demo import clock, world
from portal.demo.cast import CAST
from portal.demo.households import cast, households, neighbors
from portal.domain.money import Money
from portal.domain.waterfall import Account, replay
from portal.models import Agreement, Entry, Notice, Payment, PaymentStep, Posting, Taxpayer, TaxPeriod, User
from portal.office import office
from portal.queries.standings import account_view
from portal.services import audit, trail
from tests.cast import taxpayer
from tests.demo.conftest import app_in, hamlet, live_through
from tests.stopped_clock import NOW

FIRST_DAYS = sorted(
    {
        *(date(2026, 1, 1) + timedelta(days=number) for number in range(0, 365, 15)),
        *(date(year, month, 1) for year in (2025, 2026, 2027) for month in range(1, 13)),
        date(2026, 1, 31), date(2026, 4, 15), date(2026, 5, 28), date(2026, 5, 29), date(2026, 12, 31),
        date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2028, 12, 31),
    }
)  # fmt: skip
FIGURES = {"Owens": Money(18_240_00), "Limitz": Money(61_000_00)}


@pytest.fixture
def lives(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], list[world.Life]]:
    """The cast's lives as a first day makes them, without a database."""
    policy = policies.load()
    monkeypatch.setattr(world, "office", lambda: SimpleNamespace(policy=policy))
    return lambda day: [world._life(number, each, day) for number, each in enumerate(cast(day))]


def off_by(life: world.Life, day: date) -> Money:
    """How far a household is from the figure of the tour."""
    law = policies.load().law_on(day)
    return FIGURES[life.household.last_name] - replay(Account(life.periods), law, day)[0].owed(day).total


@pytest.mark.parametrize("first_day", FIRST_DAYS, ids=str)
def test_on_whatever_day_it_begins_everybody_s_dates_make_sense(
    lives: Callable[[date], list[world.Life]], first_day: date
) -> None:
    for life in lives(first_day):
        begins_on = min(period.assessed_on for period in life.periods)
        assert all(period.assessed_on < first_day for period in life.periods), life.household
        assert all(begins_on <= on < first_day for on, _ in life.mailed), life.household
        assert life.accepted_on is None or begins_on < life.accepted_on < first_day, life.household
        if life.household.last_name in FIGURES:
            assert Money(0) <= off_by(life, first_day) <= Money(3)


def test_on_whatever_day_it_begins_who_owes_owes_the_figure_of_the_tour_to_the_cent(
    lives: Callable[[date], list[world.Life]],
) -> None:
    off = [
        (day, life.household.last_name)
        for day in FIRST_DAYS
        for life in lives(day)
        if life.household.last_name in FIGURES and off_by(life, day)
    ]
    assert off == []


def test_the_same_seed_draws_the_same_neighbors() -> None:
    assert neighbors() == neighbors()
    assert len(households(date(2026, 11, 23))) == 50


def test_nobody_has_a_number_that_somebody_could_have() -> None:
    """The Social Security Administration issues none that begins with 9."""
    everybody = enumerate(households(date(2026, 11, 23)))
    numbers = [world.Life(number, each, (), (), None).ssn for number, each in everybody]

    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("900") and len(number) == 9 for number in numbers)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The hamlet, made in one go."""
    return made(tmp_path_factory.mktemp("whole"))


def test_the_same_people_on_the_same_day_make_the_same_town(tmp_path: Path, whole: list[str]) -> None:
    assert made(tmp_path) == whole


def test_a_making_that_is_interrupted_is_continued_on_the_next_start(tmp_path: Path, whole: list[str]) -> None:
    with app_in(tmp_path):
        days = world.days_to_live(hamlet)
        for number, _day in enumerate(world.live(days, hamlet)):
            if number == len(days) // 2:
                break
        assert 0 < len(world.days_to_live(hamlet)) < len(days)
        live_through()
        assert town_in_words() == whole
        assert world.days_to_live(hamlet) == []


@pytest.mark.parametrize(("module", "deed"), [(world.users, "add"), (world.close, "run")])
def test_a_making_that_is_killed_within_a_day_is_continued_on_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: list[str], module: Any, deed: str
) -> None:
    with app_in(tmp_path):
        with monkeypatch.context() as killed:
            killed.setattr(module, deed, power_cut)
            with pytest.raises(PowerCut):
                live_through()
        live_through()
        assert town_in_words() == whole


def test_the_clock_moves_a_day_and_the_day_is_lived(village: Flask) -> None:
    before = steps()

    assert clock.to_next_day() == NOW.on + timedelta(days=1)

    assert office().clock.today() == NOW.on + timedelta(days=1)
    assert steps()[: len(before)] == before
    assert world.days_to_live() == []


def test_the_clock_moves_to_the_next_thing_that_happens(village: Flask) -> None:
    before = len(steps()), count(Notice)

    day = clock.to_next_event()

    assert NOW.on < day < NOW.on + timedelta(days=clock.LONGEST_WAIT_DAYS)
    assert (len(steps()), count(Notice)) != before
    assert {on for on, _state in steps()[before[0] :]} <= {day}


def test_where_nothing_happens_the_clock_stops_after_two_months(
    village: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "live", lambda days: days)

    assert clock.to_next_event() == NOW.on + timedelta(days=clock.LONGEST_WAIT_DAYS)


def test_the_whole_town_is_without_faults_on_its_first_day_and_after_twenty_more(town: Flask) -> None:
    for _day in world.live(world.days_to_live()):
        pass

    found = db.session.execute(db.select(User.email, User.role)).all()
    assert {each.email: each.role for each in CAST} == {each.email: each.role for each in found}
    assert count(Taxpayer) == 50
    assert balance("owing") == Money(18_240_00)
    assert balance("overlimit") == Money(61_000_00)
    assert account_view(taxpayer("indefault").id, NOW.on).agreement.state == "in_default"  # type: ignore[union-attr]
    assert faults() == []

    for _ in range(20):
        clock.to_next_day()

    assert faults() == []
    kept = trail.head_file(office().settings.instance).read_text(encoding="ascii")
    assert list(trail.faults(office().vault, kept)) == []
    assert count(Entry) > 400


class PowerCut(Exception):
    """The machine stops here."""


def power_cut(*_facts: object, **_more: object) -> None:
    raise PowerCut


def made(folder: Path) -> list[str]:
    with app_in(folder):
        live_through()
        return town_in_words()


def town_in_words() -> list[str]:
    """Everything in town except references and instants."""
    what = (Taxpayer.last_name, Entry.kind, Entry.effective_on, Posting.account, Posting.tax_year, Posting.amount)
    postings = db.select(*what).join(Entry, Entry.id == Posting.entry_id)
    postings = postings.join(Taxpayer, Taxpayer.id == Entry.taxpayer_id)
    rows = [
        postings.order_by(Posting.id),
        db.select(User.email, User.role, User.name).order_by(User.email),
        db.select(Taxpayer.last_name, TaxPeriod.tax_year, TaxPeriod.due_on, TaxPeriod.filed_on).join(
            TaxPeriod, TaxPeriod.taxpayer_id == Taxpayer.id
        ).order_by(TaxPeriod.id),
        db.select(Taxpayer.last_name, Agreement.state, Agreement.accepted_on, Agreement.in_default_since).join(
            Agreement, Agreement.taxpayer_id == Taxpayer.id
        ).order_by(Agreement.id),
        db.select(Payment.amount, Payment.pay_on, PaymentStep.state, PaymentStep.happened_on).join(
            PaymentStep, PaymentStep.payment_id == Payment.id
        ).order_by(PaymentStep.id),
        db.select(Notice.kind, Notice.issued_on).order_by(Notice.id),
    ]  # fmt: skip
    return [str(tuple(row)) for each in rows for row in db.session.execute(each)]


def steps() -> list[tuple[date, str]]:
    """What became of payments, promises left out."""
    rows = db.select(PaymentStep.happened_on, PaymentStep.state).where(PaymentStep.state != "scheduled")
    return [(day, str(state)) for day, state in db.session.execute(rows.order_by(PaymentStep.id))]


def count(table: type[Any]) -> int:
    return int(db.session.execute(db.select(db.func.count()).select_from(table)).scalar_one())


def balance(role: str) -> Money:
    return account_view(taxpayer(role).id, NOW.on).standing.balance


def faults() -> list[str]:
    return [fault for found in audit.faults() for fault in found]
