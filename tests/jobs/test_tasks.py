"""Tasks: asked for once, done in the background, begun anew if cut off, and what was found stands in the end."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from portal.db import db
from portal.domain.actor import Actor, Role
from portal.gateways.bank import SandboxBank
from portal.jobs import close, days, tasks
from portal.models import Task, TrailEvent
from portal.models.task import TaskKind
from portal.services import tasks as orders
from portal.services import trail, users
from tests.jobs.test_close import every_step, everybody, faults, plan
from tests.jobs.test_days import rows as closed_rows
from tests.ledger_text import books_of, moment
from tests.services.test_trail import TRIGGERS
from tests.stopped_clock import StoppedClock

DAY = date(2026, 11, 9)


@pytest.fixture
def admin(empty: Flask) -> Actor:
    user = users.add(
        "boss@example.test", "a long enough password", name="Bo Boss", role=Role.ADMINISTRATOR, by=Actor(),
        when=moment(DAY),
    )  # fmt: skip
    return Actor(user.id, user.role)


def done(kind: TaskKind, by: Actor, day: date | None = None, on: date = DAY) -> Task:
    orders.ask(kind, day=day, by=by, when=moment(on))
    assert tasks.run_next(lambda: moment(on), SandboxBank())
    return latest()


def latest() -> Task:
    db.session.expire_all()
    return db.session.execute(db.select(Task).order_by(Task.id.desc()).limit(1)).scalar_one()


def test_a_whole_trail_is_found_whole_and_the_trail_says_who_asked(admin: Actor) -> None:
    everybody()

    task = done(TaskKind.TRAIL, admin)

    assert (task.faults, task.found, task.error) == (0, [], "")
    assert task.done == task.whole > 20
    assert task.ended_at is not None
    noted = db.select(TrailEvent.event, TrailEvent.user_id).where(TrailEvent.event.startswith("task."))
    found = [tuple(row) for row in db.session.execute(noted.order_by(TrailEvent.number))]
    assert found == [("task.asked_for", admin.user_id), ("task.done", None)]


def test_a_trail_longer_than_a_page_is_followed_across_pages(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody()
    monkeypatch.setattr(trail, "PAGE", 7)

    assert done(TaskKind.TRAIL, admin).faults == 0


def test_deeds_done_while_the_trail_is_followed_are_no_fault(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """On each page that is told about, somebody does something."""
    monkeypatch.setattr(trail, "PAGE", 2)
    tell, deeds = orders.tell, iter(range(3))

    def told(*facts: object, **named: object) -> None:
        tell(*facts, **named)  # type: ignore[arg-type]
        if next(deeds, None) is not None:
            plan(first_due_on=date(2026, 11, 17))

    monkeypatch.setattr(orders, "tell", told)

    assert done(TaskKind.TRAIL, admin).faults == 0


def test_what_is_wrong_with_the_trail_is_named(admin: Actor) -> None:
    everybody()
    for statement in (*TRIGGERS[db.engine.dialect.name], "UPDATE trail SET event = 'nothing' WHERE number = 3"):
        db.session.execute(text(statement))

    task = done(TaskKind.TRAIL, admin)

    assert (task.faults, task.found) == (1, ["trail 3: changed, swapped or inserted"])


def test_books_that_hold_are_said_to_hold_and_others_are_named(admin: Actor) -> None:
    taxpayer, _ = plan(first_due_on=DAY)
    whole = done(TaskKind.BOOKS, admin)
    db.session.execute(text("UPDATE assessments SET tax = tax + 100"))
    broken = done(TaskKind.BOOKS, admin)

    assert (whole.faults, whole.done, whole.whole) == (0, 1, 1)
    assert broken.faults == len(broken.found) == 1
    assert taxpayer.reference in broken.found[0]
    assert "the books say otherwise" in broken.found[0]


def test_a_close_that_is_asked_for_closes_what_is_open(admin: Actor) -> None:
    plan(first_due_on=DAY)

    task = done(TaskKind.CLOSE, admin)

    assert (task.done, task.faults) == (1, 0)
    assert [row.day for row in closed_rows()] == [DAY]


def test_while_one_is_open_another_one_of_its_kind_is_not_asked_for(admin: Actor) -> None:
    for _press in range(2):
        orders.ask(TaskKind.CLOSE, by=admin, when=moment(DAY))

    assert tasks.run_next(lambda: moment(DAY), SandboxBank())
    assert not tasks.run_next(lambda: moment(DAY), SandboxBank())


def test_what_is_being_done_is_not_taken_by_another_one_until_nothing_was_heard_of_it_for_a_while(
    admin: Actor,
) -> None:
    clock = StoppedClock(moment(DAY))
    orders.ask(TaskKind.TRAIL, by=admin, when=clock.now())
    first = orders.claim(when=clock.now())
    assert first
    clock.wait(minutes=4)
    assert orders.claim(when=clock.now()) is None
    orders.tell(first, 1, 2, when=clock.now())
    clock.wait(minutes=4)
    assert orders.claim(when=clock.now()) is None
    clock.wait(minutes=2)

    again = orders.claim(when=clock.now())

    assert again == first


def test_what_goes_wrong_is_said_and_can_be_asked_for_again(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setitem(close.STEPS, "defaults", breaks)
        failed = done(TaskKind.CLOSE, admin)

    assert (failed.error, failed.ended_at is not None) == ("ZeroDivisionError", True)
    assert done(TaskKind.CLOSE, admin).error == ""


def test_a_clock_that_went_back_is_said_in_words(admin: Actor) -> None:
    done(TaskKind.CLOSE, admin)

    assert "closed through 2026-11-09" in done(TaskKind.CLOSE, admin, on=DAY - timedelta(days=1)).error


def test_a_database_that_is_away_leaves_the_task_to_be_begun_anew(
    admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders.ask(TaskKind.CLOSE, by=admin, when=moment(DAY))
    with monkeypatch.context() as away:
        away.setitem(close.STEPS, "defaults", gone)
        with pytest.raises(OperationalError):
            tasks.run_next(lambda: moment(DAY), SandboxBank())

    assert latest().ended_at is None


def test_what_a_close_leaves_undone_is_named_and_done_when_its_day_is_closed_again(
    admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    taxpayer, _ = plan(first_due_on=DAY)
    with monkeypatch.context() as broken:
        broken.setattr("portal.jobs.bank_files.submit", breaks)
        left = done(TaskKind.CLOSE, admin)
    [day] = closed_rows()
    payment = next(iter(name for name in day.summary if name.startswith("left undone: payments PY-")))

    assert left.found == [f"{DAY} {payment}: ZeroDivisionError"]
    assert day.summary["left undone"] == "1"

    mended = done(TaskKind.CLOSE, admin, day=DAY, on=DAY + timedelta(days=1))

    assert (mended.faults, mended.done) == (0, 1)
    assert f"{DAY} submitted 100.00" in every_step(taxpayer)[1]
    assert "left undone: " not in str(closed_rows()[0].summary)


def test_only_the_last_day_that_was_closed_is_closed_again(admin: Actor) -> None:
    done(TaskKind.CLOSE, admin)
    done(TaskKind.CLOSE, admin, on=DAY + timedelta(days=1))

    for day in (DAY, DAY + timedelta(days=2)):
        assert "Only the last day" in done(TaskKind.CLOSE, admin, day=day).error


def test_each_day_closed_again_on_the_next_morning_changes_nothing(empty: Flask) -> None:
    people = everybody()
    for day in each_day(date(2026, 11, 2), date(2026, 12, 20)):
        list(days.close_through(moment(day), SandboxBank()))
        before = [(books_of(each), every_step(each)) for each in people]
        days.close_again(day, moment(day + timedelta(days=1)), SandboxBank())

        assert [(books_of(each), every_step(each)) for each in people] == before, day
    assert faults() == []


def each_day(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def breaks(*_facts: object) -> int:
    raise ZeroDivisionError


def gone(*_facts: object) -> int:
    raise OperationalError("select", {}, Exception("away"))
