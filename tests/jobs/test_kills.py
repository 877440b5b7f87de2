"""The daily close and a signature, killed at each write and commit in turn: the next try makes it whole."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from portal.db import db
from portal.domain.actor import Actor
from portal.domain.money import Money
from portal.domain.plan import Method
from portal.gateways.bank import SandboxBank
from portal.jobs import days
from portal.models import Agreement, BankAccount, BusinessDay, Mail, Notice, Payment, Taxpayer
from portal.models.payment import Reason
from portal.office import office
from portal.services import audit, direct_pay, trail
from portal.services.direct_pay import Signature
from portal.services.direct_pay_rules import Payer, Wish
from tests.conftest import ENGINES, new_app, new_database
from tests.jobs.test_close import every_step
from tests.ledger_text import agreed, books_of, moment, owing

BEGAN = date(2026, 11, 2)
DAY = date(2026, 12, 18)
# Whom something happens to on that day: how they pay, from which account, and when the first installment was due.
PLANS = [
    (Method.DIRECT_DEBIT, "5550001234", date(2026, 11, 18)),  # a debit is taken
    (Method.DIRECT_DEBIT, "5550001235", date(2026, 11, 16)),  # one settles
    (Method.DIRECT_DEBIT, "1000000208", date(2026, 12, 16)),  # one comes back: a default opens
    (Method.DIRECT_DEBIT, "1000000201", date(2026, 12, 16)),  # one comes back and is tried again
    (Method.DIRECT_DEBIT, "1000000202", date(2026, 11, 13)),  # a default is over: the plan ends
    (Method.MANUAL, None, date(2026, 11, 8)),  # an installment was missed
]
EVE = moment(DAY - timedelta(days=1))
PAYER = Payer(1, "Pat Payer", Actor(None, None, 1))
Again = Callable[[], None]


@pytest.fixture(params=ENGINES)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Again]:
    """People with plans on the eve of the day; what is given puts everything back as it was then."""
    with ExitStack() as opened:
        address = opened.enter_context(new_database(request.param, tmp_path.name))
        app = new_app(tmp_path, address)
        with app.app_context():
            live_until_the_eve()
            let_go()
            again = on_postgresql(address) if address else on_sqlite(tmp_path)
            again()
            yield again
            let_go()


def live_until_the_eve() -> None:
    for method, number, first_due_on in PLANS:
        taxpayer = owing("1000.00", year=2024, day=date(2025, 6, 2))
        agreed(taxpayer, "100.00", first_due_on, day=BEGAN, number=number, method=method)
    for number in range((DAY - BEGAN).days):
        close(BEGAN + timedelta(days=number))
    [account] = db.session.execute(db.select(BankAccount.reference).where(BankAccount.taxpayer_id == 1)).scalars()
    wish = Wish(Reason.EXTRA, Money(50_00), date(2026, 12, 22), lowers_monthly=True)
    direct_pay.draft(PAYER, wish, account, when=EVE)


def close(day: date) -> None:
    for _day in days.close_through(moment(day), SandboxBank()):
        pass


def on_sqlite(folder: Path) -> Again:
    kept = folder / "eve.sqlite3"
    shutil.copy(folder / "portal.sqlite3", kept)

    def again() -> None:
        let_go()
        for rest in folder.glob("portal.sqlite3-*"):
            rest.unlink()
        shutil.copy(kept, folder / "portal.sqlite3")
        (folder / "trail-head").unlink(missing_ok=True)

    return again


def on_postgresql(address: str) -> Again:
    name = db.engine.url.database
    server = create_engine(db.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")

    def run(*statements: str) -> None:
        with server.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))

    run(f'CREATE DATABASE "{name}_eve" TEMPLATE "{name}"')

    def again() -> None:
        let_go()
        run(f'DROP DATABASE "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE "{name}_eve"')

    return again


def let_go() -> None:
    db.session.remove()
    db.engine.dispose()


def killed_at(number: int, deed: Callable[[], object]) -> bool:
    """Do a deed in a process of its own, which ends without a word before its so-manieth write or commit; False if it
    came through before.
    """
    let_go()
    child = os.fork()
    if child == 0:
        try:
            _kill_before(number)
            deed()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _kill_before(number: int) -> None:
    so_far = count(1)

    def write(*_facts: Any) -> None:
        if next(so_far) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def sent(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            write()

    event.listen(db.engine, "before_cursor_execute", sent)
    event.listen(Session, "before_commit", write)
    event.listen(Session, "after_commit", write)


def outcome() -> dict[str, object]:
    """Everything that a day leaves, without what is drawn by chance."""
    people = db.session.execute(db.select(Taxpayer).order_by(Taxpayer.id)).scalars().all()
    notices = db.select(Notice.taxpayer_id, Notice.kind, Notice.issued_on).order_by(Notice.taxpayer_id, Notice.id)
    agreements = db.select(Agreement.id, Agreement.state, Agreement.in_default_since, Agreement.ended_on)
    closed = db.select(BusinessDay.day, BusinessDay.summary).where(BusinessDay.ended_at.is_not(None))
    return {
        "books": [books_of(each) for each in people],
        "steps": [every_step(each) for each in people],
        "notices": [tuple(row) for row in db.session.execute(notices)],
        "agreements": [tuple(row) for row in db.session.execute(agreements.order_by(Agreement.id))],
        "mails": db.session.execute(db.select(db.func.count()).select_from(Mail)).scalar_one(),
        "days": [tuple(row) for row in db.session.execute(closed.order_by(BusinessDay.day))],
        "faults": [fault for found in audit.faults() for fault in found if fault.startswith("account ")],
    }


def test_a_close_killed_anywhere_is_made_whole_by_the_next_one(stage: Again) -> None:
    close(DAY)
    whole = outcome()
    assert whole["faults"] == []

    for number in count(1):
        stage()
        if not killed_at(number, lambda: close(DAY)):
            break
        close(DAY)
        assert outcome() == whole, f"killed before write {number}"
        assert list(trail.faults(office().vault, "")) == [], f"killed before write {number}"

    assert number > 60


def test_a_signature_killed_anywhere_is_made_by_the_next_post_of_the_form(stage: Again) -> None:
    [reference] = db.session.execute(db.select(Payment.reference).where(Payment.state == "drafted")).scalars()

    def sign() -> None:
        direct_pay.sign(PAYER, reference, Signature("Pat Payer", "I allow it.", wants_another=False), when=EVE)

    sign()
    whole = outcome()
    for number in count(1):
        stage()
        if not killed_at(number, sign):
            break
        sign()
        assert outcome() == whole, f"killed before write {number}"
        assert list(trail.faults(office().vault, "")) == [], f"killed before write {number}"

    assert number > 6
