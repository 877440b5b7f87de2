"""The daily close of an agency, against the same rows written by plain `executemany` in one transaction.

Run it from the project's folder:

    python -m bench.close                          100,000 agreements on SQLite, a 28th of them due
    python -m bench.close --agreements 20000       a smaller agency
    python -m bench.close --database postgresql://USER@HOST/NAME     an empty database of a server
    python -m bench.close --json                   the same as JSON

On the day a 28th of the agreements have a debit to be taken, another 28th one that settles. What the close writes is
listened to, and written again into a copy of the same agency, statement by statement, each once with all of its rows.
Figures: agreements per second, the ratio of both times, and peak memory. The goal is a ratio of 0.15.
"""

import argparse
import json
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event, insert, text

from bench.timing import timed
from portal import config, create_app
from portal.db import db
from portal.domain.calendar import business_day_from, business_days_before
from portal.domain.ledger import EntryKind
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import Method, PlanKind
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import (
    Agreement,
    Assessment,
    BankAccount,
    Entry,
    Payment,
    PaymentStep,
    Posting,
    Taxpayer,
    TaxPeriod,
    Terms,
)
from portal.models.bank_account import AccountType
from portal.models.payment import Channel
from portal.office import office
from portal.policies import banking_days_off

DAY = date(2026, 11, 17)
ASSESSED_ON = date(2025, 6, 2)
ACCEPTED_ON = date(2026, 10, 5)
TAX, MONTHLY = Money(8_000_00), Money(200_00)
CHUNK = 2_000
DUE_DAYS = 28
GOAL = 0.15


@dataclass(frozen=True)
class Figures:
    """One run."""

    database: str
    agreements: int
    worked_on: int
    close_seconds: float
    per_second: float
    plain_seconds: float
    ratio: float
    goal: float
    peak_mb: int


def main() -> None:
    """Measure, and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--agreements", type=int, default=100_000)
    asked.add_argument("--database", default="", help="an empty PostgreSQL database; SQLite if left out")
    asked.add_argument("--json", action="store_true", help="print JSON instead of lines")
    arguments = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(folder, arguments.database, arguments.agreements)
    if arguments.json:
        print(json.dumps(asdict(figures), indent=2))
    else:
        for name, value in asdict(figures).items():
            print(f"{name:16}{value}")


def measured(folder: str, address: str, agreements: int) -> Figures:
    """Build the agency, close the day, and write the same rows again."""
    app = create_app(config.load({}, {"instance": folder, "database_url": address}))
    with app.app_context():
        upgrade()
        build(agreements)
        again = kept(app, Path(folder))
        with written() as statements:
            seconds = timed(lambda: close.run(moment(DAY), SandboxBank())) / 1000
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        worked_on = sum(number % DUE_DAYS in (0, 1) for number in range(agreements))
        again()
        plain = timed(lambda: write_plainly(statements)) / 1000
        return Figures(
            database=db.engine.dialect.name, agreements=agreements, worked_on=worked_on,
            close_seconds=round(seconds, 2), per_second=round(worked_on / seconds, 1), plain_seconds=round(plain, 2),
            ratio=round(plain / seconds, 3), goal=GOAL, peak_mb=peak,
        )  # fmt: skip


def moment(day: date) -> Moment:
    return Moment(datetime(day.year, day.month, day.day, 17, tzinfo=UTC), day)


def build(agreements: int) -> None:
    """People with one year and one plan, straight into the tables."""
    for first in range(0, agreements, CHUNK):
        rows: dict[Any, list[dict[str, Any]]] = {
            table: []
            for table in (
                *(Taxpayer, TaxPeriod, Assessment, BankAccount, Agreement, Terms, Payment, PaymentStep),
                *(Entry, Posting),
            )
        }
        for number in range(first, min(first + CHUNK, agreements)):
            person(number, rows)
        for table, values in rows.items():
            if values:
                db.session.execute(insert(table), values)
        db.session.commit()
    if db.engine.dialect.name == "postgresql":
        # Rows with numbers of our own leave PostgreSQL's counters behind.
        for name in ("taxpayers", "tax_periods", "assessments", "bank_accounts", "agreements", "payments", "entries"):
            counter = f"pg_get_serial_sequence('{name}', 'id')"
            db.session.execute(text(f"SELECT setval({counter}, (SELECT max(id) FROM {name}))"))
        db.session.commit()


def person(number: int, rows: dict[Any, list[dict[str, Any]]]) -> None:
    """One of them, with a debit that is due, on its way, or to come."""
    key, vault = number + 1, office().vault
    at = datetime(2026, 10, 5, 17, tzinfo=UTC)
    taken_on = business_days_before(DAY, 2, banking_days_off())
    days = {0: DAY, 1: taken_on}
    due_on = days.get(number % DUE_DAYS) or DAY + timedelta(days=1 + number % 20)
    state = PaymentState.SUBMITTED if number % DUE_DAYS == 1 else PaymentState.SCHEDULED
    account = f"BA-{key:08d}"
    account_number = f"55{key:08d}"
    rows[Taxpayer].append(
        {
            "id": key, "reference": f"TP-{key:08d}", "first_name": "Pat", "last_name": f"Number {key}",
            "ssn_sealed": "none", "ssn_index": f"{key:064d}", "born_on": date(1980, 1, 1), "filing_status": "single",
            "street": "1 Main Street", "city": "Springfield", "state": "IL", "postal_code": "62701", "phone": "",
        }
    )  # fmt: skip
    year = {"tax_year": 2024, "due_on": date(2025, 4, 15), "filed_on": date(2025, 4, 15)}
    rows[TaxPeriod].append({"id": key, "taxpayer_id": key, **year})
    rows[Assessment].append({"id": key, "tax_period_id": key, "assessed_on": ASSESSED_ON, "tax": TAX})
    rows[BankAccount].append(
        {
            "id": key, "reference": account, "taxpayer_id": key, "routing_number": "121042882",
            "number_sealed": vault.seal(account_number, f"bank_accounts:number:{account}"),
            "number_index": f"{key:064d}", "last_four_sealed": "none", "type": AccountType.CHECKING,
            "added_on": ACCEPTED_ON,
        }
    )  # fmt: skip
    rows[Agreement].append(
        {
            "id": key, "reference": f"IA-{key:08d}", "taxpayer_id": key, "kind": PlanKind.LONG_TERM,
            "state": AgreementState.ACTIVE, "accepted_on": ACCEPTED_ON, "fee_back": Money(0), "version": 1,
        }
    )  # fmt: skip
    rows[Terms].append(
        {
            "agreement_id": key, "begins_on": ACCEPTED_ON, "recorded_at": at, "monthly": MONTHLY,
            "due_day": min(due_on.day, 28), "first_due_on": due_on, "method": Method.DIRECT_DEBIT,
            "bank_account_id": key,
        }
    )  # fmt: skip
    rows[Payment].append(
        {
            "id": key, "reference": f"PY-{key:015d}", "taxpayer_id": key, "agreement_id": key, "bank_account_id": key,
            "channel": Channel.DEBIT, "state": state, "amount": MONTHLY,
            "pay_on": business_day_from(due_on, banking_days_off()), "installment_on": due_on, "attempt": 1,
            "reminded_on": ACCEPTED_ON, "lowers_monthly": False, "version": 1,
        }
    )  # fmt: skip
    steps = [(PaymentState.SCHEDULED, ACCEPTED_ON)]
    if state is PaymentState.SUBMITTED:
        steps.append((state, taken_on))
    rows[PaymentStep] += [
        {"payment_id": key, "state": each, "happened_on": on, "recorded_at": at} for each, on in steps
    ]
    rows[Entry].append(
        {
            "id": key, "taxpayer_id": key, "kind": EntryKind.ASSESSMENT, "effective_on": ASSESSED_ON,
            "recorded_at": at,
        }
    )  # fmt: skip
    rows[Posting] += [
        {"entry_id": key, "account": "owed:tax", "tax_year": 2024, "amount": TAX},
        {"entry_id": key, "account": "charged:tax", "tax_year": 2024, "amount": -TAX},
    ]


@contextmanager
def written() -> Iterator[dict[str, list[Any]]]:
    """Every insert and update, with all the rows that it was given."""
    statements: dict[str, list[Any]] = {}

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, executemany: bool) -> None:
        if statement.startswith(("INSERT", "UPDATE")):
            plain = statement.partition(" RETURNING")[0]
            statements.setdefault(plain, []).extend(parameters if executemany else [parameters])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def write_plainly(statements: dict[str, list[Any]]) -> None:
    """The same rows: each statement once, everything in one transaction, what others point to first."""
    order = {table.name: number for number, table in enumerate(db.metadata.sorted_tables)}
    connection = db.engine.raw_connection()
    cursor = connection.cursor()
    if db.engine.dialect.name == "sqlite":
        cursor.execute("BEGIN IMMEDIATE")
    for statement, rows in sorted(statements.items(), key=lambda each: order[table_of(each[0])]):
        cursor.executemany(statement, rows)
    cursor.execute("COMMIT")
    connection.close()


def table_of(statement: str) -> str:
    """The table that a statement writes: INSERT INTO it, or UPDATE it."""
    return statement.removeprefix("INSERT INTO ").removeprefix("UPDATE ").split()[0]


def kept(app: Flask, folder: Path) -> Any:
    """What puts the agency back as it is now."""
    db.session.remove()
    db.engine.dispose()
    if db.engine.dialect.name == "sqlite":
        copy = folder / "before.sqlite3"
        shutil.copy(folder / "portal.sqlite3", copy)
        return lambda: (db.session.remove(), db.engine.dispose(), shutil.copy(copy, folder / "portal.sqlite3"))
    name = db.engine.url.database
    server = db.engine.url.set(database="postgres")
    from sqlalchemy import create_engine

    admin = create_engine(server, isolation_level="AUTOCOMMIT")

    def run(*lines: str) -> None:
        with admin.connect() as connection:
            for line in lines:
                connection.execute(text(line))

    run(f'CREATE DATABASE "{name}_before" TEMPLATE "{name}"')

    def again() -> None:
        db.session.remove()
        db.engine.dispose()
        run(f'DROP DATABASE "{name}" WITH (FORCE)', f'ALTER DATABASE "{name}_before" RENAME TO "{name}"')

    return again


if __name__ == "__main__":
    main()
