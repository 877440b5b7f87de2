"""A year of days with returns, extra payments, changed plans and people who stop paying: the books hold, and are the
same again.
"""

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.change import Change, ChangeKind
from portal.domain.lifecycle import AgreementState
from portal.domain.money import Money
from portal.domain.plan import Method
from portal.domain.refusal import Refusal
from portal.domain.simulator import simulate
from portal.gateways.bank import SandboxBank
from portal.jobs import chunks, days
from portal.models import Agreement, BusinessDay, Notice, Taxpayer
from portal.models.payment import Channel
from portal.queries import changes as queries
from portal.services import agreements, changes, receipts
from portal.services.changes import Seen
from tests.conftest import rolled_back
from tests.jobs.test_close import every_step, faults
from tests.ledger_text import agreed, books_of, moment, owing

BEGAN = date(2026, 1, 5)
PEOPLE, DAYS = 24, 365
CHANGED: Counter[ChangeKind] = Counter()
NUMBERS = (
    *(["5550001234"] * 8),
    *("1000000101", "1000000201", "1000000202", "1000000207", "1000000208", "1000000210", "1000000229", "1000000301"),
)


def lived(seed: int, chunk: int) -> dict[str, object]:
    """A year of some people, drawn by chance, closed in chunks of this size: all that is left of it."""
    chance, size = random.Random(seed), chunks.SIZE
    chunks.SIZE = chunk
    try:
        people = [settled_in(chance) for _ in range(PEOPLE)]
        for number in range(DAYS):
            day = BEGAN + timedelta(days=number)
            for taxpayer in people:
                something_happens(taxpayer, day, chance)
            [_] = days.close_through(moment(day), SandboxBank())
    finally:
        chunks.SIZE = size
    balances = {row.summary["trial balance"] for row in db.session.execute(select(BusinessDay)).scalars()}
    states = select(Agreement.state, func.count()).group_by(Agreement.state).order_by(Agreement.state)
    kinds = select(Notice.kind, func.count()).group_by(Notice.kind).order_by(Notice.kind)
    return {
        "trial balances": balances,
        "faults": faults(),
        "books": [books_of(each) for each in people],
        "steps": [sorted(every_step(each)) for each in people],
        "agreements": [tuple(row) for row in db.session.execute(states)],
        "notices": [tuple(row) for row in db.session.execute(kinds)],
    }


def settled_in(chance: random.Random) -> Taxpayer:
    taxpayer = owing(f"{chance.randrange(600, 6000)}.00", year=2024, day=date(2025, 6, 2))
    method = chance.choice((Method.DIRECT_DEBIT, Method.DIRECT_DEBIT, Method.DIRECT_DEBIT, Method.MANUAL))
    first_due_on = BEGAN + timedelta(days=chance.randrange(4, 24))
    monthly = f"{chance.randrange(60, 900)}.00"
    agreed(taxpayer, monthly, first_due_on, day=BEGAN, number=chance.choice(NUMBERS), method=method)
    return taxpayer


def something_happens(taxpayer: Taxpayer, day: date, chance: random.Random) -> None:
    """Money by mail or by telephone now and then; somebody of the agency looks at what is frozen."""
    fate = chance.random()
    if fate < 0.01:
        channel = chance.choice((Channel.MAIL, Channel.PHONE))
        amount = Money(chance.randrange(1_00, 400_00))
        receipts.receive(taxpayer, amount, channel=channel, pay_on=day, by=PORTAL, when=moment(day))
    elif fate < 0.012:
        agreement = agreements.in_force(taxpayer.id)
        if agreement and agreement.frozen_on:
            agreements.release(agreement, by=PORTAL, when=moment(day))
    elif fate < 0.022:
        life_changes(taxpayer, day, chance)


def life_changes(taxpayer: Taxpayer, day: date, chance: random.Random) -> None:
    """Another amount or day, a payment skipped or moved, or the plan given up, as far as it is allowed."""
    kind = chance.choice((ChangeKind.AMOUNT, ChangeKind.DAY, ChangeKind.SKIP, ChangeKind.SLIDE, None))
    amount, due_day, days = Money(chance.randrange(60_00, 900_00)), chance.randint(1, 28), chance.randint(1, 10)
    plan, when = queries.agreed(taxpayer.id, moment(day)), moment(day)
    assert plan is not None
    try:
        if kind is None and chance.random() < 0.1:
            changes.withdraw(taxpayer.id, Seen(plan.version), by=PORTAL, when=when)
        elif kind:
            change = Change(kind, monthly=amount, due_day=due_day, days=days)
            changes.make(taxpayer.id, change, Seen(plan.version, simulate(plan, change).shown), by=PORTAL, when=when)
            CHANGED[kind] += 1
    except Refusal:
        pass


@pytest.mark.parametrize("seed", [2026])
def test_a_year_by_chance_leaves_books_that_hold_and_are_the_same_whatever_the_order_of_work(
    empty_stage: Flask, seed: int
) -> None:
    with rolled_back(empty_stage):
        first = lived(seed, chunk=100)
    with rolled_back(empty_stage):
        again = lived(seed, chunk=3)

    assert first == again
    assert first["trial balances"] == {"0.00"}
    assert first["faults"] == []
    assert set(CHANGED) == {ChangeKind.AMOUNT, ChangeKind.DAY, ChangeKind.SKIP, ChangeKind.SLIDE}
    ended = {state for state, _count in first["agreements"]}  # type: ignore[attr-defined]
    assert {AgreementState.ACTIVE, AgreementState.COMPLETED, AgreementState.TERMINATED} <= ended
