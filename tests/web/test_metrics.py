"""Figures for a monitoring system: for who has the token, and true."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal.jobs import days
from portal.models.mail import MailKind
from portal.office import office
from portal.queries import health
from portal.services import mails
from portal.web.counts import ROWS, Counts
from tests.stopped_clock import NOW, StoppedClock

TOKEN = "a token for the tests"


@pytest.fixture
def watched(app: Flask) -> Iterator[Flask]:
    """A portal whose token is set."""
    before = app.extensions["office"]
    app.extensions["office"] = replace(before, settings=replace(before.settings, metrics_token=TOKEN))
    yield app
    app.extensions["office"] = before


def figures(app: Flask) -> dict[str, float]:
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", TOKEN[:-1], "Bearer ü"]
)
def test_a_stranger_finds_no_figures(watched: Flask, given: str) -> None:
    headers = {"Authorization": given} if given else {}

    assert watched.test_client().get("/metrics", headers=headers).status_code == 404


def test_where_no_token_is_set_nobody_finds_them(app: Flask) -> None:
    for given in ("", "Bearer", "Bearer "):
        assert app.test_client().get("/metrics", headers={"Authorization": given}).status_code == 404


def test_requests_are_counted_by_whom_they_are_for_and_how_they_ended(watched: Flask) -> None:
    before = figures(watched)
    client = watched.test_client()
    for address in ("/help", "/no-such-page", "/account", "/account", "/healthz"):
        client.get(address)
    after = figures(watched)

    def more(audience: str, status: str) -> float:
        name = f'portal_requests_total{{audience="{audience}",status="{status}"}}'
        return after[name] - before[name]

    assert (more("public", "2xx"), more("public", "4xx"), more("taxpayer", "3xx")) == (1, 1, 2)
    assert more("machine", "2xx") == 2  # the look at the health, and the first look at the figures
    assert sum(value for name, value in after.items() if name.startswith("portal_request_seconds_total")) > 0


def test_mail_that_waits_and_the_last_close_are_told(watched: Flask) -> None:
    mails.write(MailKind.REGISTRATION, "new@example.test", language="en_US", when=NOW, link="/")
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    list(days.close_through(NOW, office().bank))
    clock.wait(days=2)

    found = figures(watched)

    assert found["portal_mail_waiting"] >= 1
    assert found["portal_mail_oldest_seconds"] == timedelta(days=2).total_seconds()
    assert found["portal_close_days_behind"] == 2
    assert found["portal_close_timestamp_seconds"] == NOW.at.timestamp()
    assert (found["portal_close_undone"], found["portal_ledger_imbalance_cents"]) == (0, 0)
    assert found['portal_payments{state="scheduled"}'] == health.payments_under_way()["scheduled"] > 0


def test_the_figures_name_nobody(watched: Flask) -> None:
    answer = watched.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text

    assert "@" not in answer
    assert "TP-" not in answer


def test_processes_count_into_one_sum_and_a_new_one_goes_on_from_an_old_row() -> None:
    counts = Counts()
    for number in (1, 2, 1 + ROWS):
        counts.begin(number)
        counts.add("public", 200, 5)
    counts.add("public", 101, 0)

    [found] = [each for each in counts.all() if each.requests]

    assert (found.room, found.status, found.requests, found.microseconds) == ("public", "2xx", 4, 15)
