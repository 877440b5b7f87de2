"""Business days: closed once, in order, however late; a row for each says what it came to."""

from datetime import date, timedelta

import pytest
from flask import Flask

from portal.db import db
from portal.domain.moment import Moment
from portal.gateways.bank import SandboxBank
from portal.jobs import close, days
from portal.jobs.days import ClockWentBack
from portal.models import BusinessDay
from tests.conftest import rolled_back
from tests.jobs.test_close import AGREED_ON, every_step, everybody, faults, plan
from tests.ledger_text import books_of, moment


def closed_days(when: Moment) -> list[str]:
    """The days that a close at this moment closes."""
    return [day.day.isoformat() for day in days.close_through(when, SandboxBank())]


def rows() -> list[BusinessDay]:
    return list(db.session.execute(db.select(BusinessDay).order_by(BusinessDay.day)).scalars())


def test_the_first_close_is_that_of_its_day(empty: Flask) -> None:
    assert closed_days(moment(date(2026, 11, 9))) == ["2026-11-09"]


def test_days_that_were_left_out_are_closed_first(empty: Flask) -> None:
    closed_days(moment(date(2026, 11, 9)))

    assert closed_days(moment(date(2026, 11, 12))) == ["2026-11-10", "2026-11-11", "2026-11-12"]
    assert [row.day.day for row in rows()] == [9, 10, 11, 12]


def test_a_day_that_is_closed_again_does_only_what_is_new_and_keeps_one_row(empty: Flask) -> None:
    plan(first_due_on=date(2026, 11, 9))
    closed_days(moment(date(2026, 11, 9)))
    before = every_step()

    assert closed_days(moment(date(2026, 11, 9))) == ["2026-11-09"]

    assert every_step() == before
    assert len(rows()) == 1


def test_a_clock_that_went_back_closes_nothing(empty: Flask) -> None:
    closed_days(moment(date(2026, 11, 9)))

    with pytest.raises(ClockWentBack, match="closed through 2026-11-09"):
        closed_days(moment(date(2026, 11, 8)))


def test_a_day_says_what_it_came_to(empty: Flask) -> None:
    plan(first_due_on=date(2026, 11, 9))

    closed_days(moment(date(2026, 11, 9)))

    [day] = rows()
    assert day.summary == {
        "payments scheduled": "1, 100.00", "payments submitted": "1, 100.00", "trial balance": "0.00",
        "left undone": "0",
    }  # fmt: skip
    assert day.ended_at is not None


def test_a_close_that_was_killed_is_finished_by_the_next_one(empty: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(first_due_on=date(2026, 11, 9))
    with monkeypatch.context() as killed:
        killed.setitem(close.STEPS, "the next debits", power_cut)
        with pytest.raises(KeyboardInterrupt):
            closed_days(moment(date(2026, 11, 9)))
    assert [row.ended_at for row in rows()] == [None]

    assert closed_days(moment(date(2026, 11, 10))) == ["2026-11-09", "2026-11-10"]

    assert [step.split()[1] for step in every_step()] == ["scheduled", "submitted", "scheduled"]


def power_cut(*_facts: object) -> int:
    raise KeyboardInterrupt


def test_three_days_down_and_one_run_are_three_daily_runs_to_the_cent(empty_stage: Flask) -> None:
    """The machine is off from Saturday to Monday; on Tuesday one command closes each of those days."""
    friday, end = date(2026, 11, 20), date(2027, 1, 20)

    def outcome(off: int) -> object:
        with rolled_back(empty_stage):
            people = everybody()
            for number in range((end - AGREED_ON).days + 1):
                day = AGREED_ON + timedelta(days=number)
                if not friday < day <= friday + timedelta(days=off):
                    closed_days(moment(day))
            assert faults() == []
            assert [row.day for row in rows()] == [AGREED_ON + timedelta(days=n) for n in range(len(rows()))]
            return [(books_of(each), every_step(each)) for each in people]

    assert outcome(off=3) == outcome(off=0)
