"""The database: durable, locked before a deed reads it, the same on both engines, and whole under many threads."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from portal import db as database
from portal.db import Base, Cents, db, transaction, wal_is_safe
from portal.domain.actor import PORTAL
from portal.domain.lifecycle import AgreementState, NotAllowed, PaymentState
from portal.domain.refusal import Refusal
from portal.models import Agreement, BankAccount, Payment, Taxpayer, TrailEvent
from portal.office import office
from portal.services import agreements, audit, payments, trail
from portal.services.agreements import AlreadyActive, Proposal
from tests.ledger_text import agreed, bank_account, books_of, dollars, moment, owing, paid

THREADS, DEEDS = 8, 25
DAY, FIRST_DUE = date(2024, 9, 2), date(2024, 10, 15)


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ("3.6.23", False),
        ("3.7.0", False),
        ("3.37.2", False),
        ("3.40.1", False),
        ("3.44.5", False),
        ("3.44.6", True),
        ("3.45.0", False),
        ("3.46.1", False),
        ("3.49.2", False),
        ("3.50.6", False),
        ("3.50.7", True),
        ("3.51.0", False),
        ("3.51.2", False),
        ("3.51.3", True),
        ("3.53.0", True),
        ("3.53.4", True),
        ("4.0.0", True),
    ],
)
def test_the_write_ahead_log_is_used_only_where_it_cannot_lose_a_commit(version: str, is_safe: bool) -> None:
    major, minor, patch = map(int, version.split("."))

    assert wal_is_safe((major, minor, patch)) is is_safe


@pytest.mark.parametrize(("is_safe", "journal"), [(True, "wal"), (False, "truncate")])
def test_every_connection_is_durable_and_keeps_foreign_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_safe: bool, journal: str
) -> None:
    monkeypatch.setattr(database, "wal_is_safe", lambda _version: is_safe)
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    engine = create_engine(url, **database.engine_options(url))
    database.prepare_engine(engine)

    expected = {"journal_mode": journal, "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected}
            assert found == expected
    engine.dispose()


def test_a_row_that_points_to_nothing_is_refused(committing: Flask) -> None:
    db.session.add(Agreement(taxpayer_id=999_999, state=AgreementState.ACTIVE, accepted_on=DAY))
    with pytest.raises(DBAPIError):
        db.session.flush()
    db.session.rollback()


def test_a_deed_takes_the_write_lock_before_it_reads_and_a_look_does_not(fresh_app: Flask) -> None:
    taxpayer = owing()
    db.session.commit()
    with sent() as statements:
        assert db.session.get(Taxpayer, taxpayer.id)
    assert statements[0] == "BEGIN"

    db.session.commit()
    with sent() as statements:
        paid(taxpayer, "10.00", DAY)
    begun = [each for each in statements if each.startswith("BEGIN")]
    assert begun[-1] == "BEGIN IMMEDIATE"
    assert not [each for each in statements[: statements.index("BEGIN IMMEDIATE")] if is_write(each)]


def test_a_deed_inside_a_deed_begins_nothing_of_its_own(fresh_app: Flask) -> None:
    taxpayer = owing()
    with sent() as statements, transaction():
        paid(taxpayer, "10.00", DAY)
        paid(taxpayer, "20.00", DAY)

    assert statements.count("BEGIN IMMEDIATE") == 1


def test_a_deed_that_fails_rolls_back_whole_and_the_next_one_works(committing: Flask) -> None:
    taxpayer = owing()
    with pytest.raises(ZeroDivisionError), transaction():
        paid(taxpayer, "10.00", DAY)
        raise ZeroDivisionError
    assert books_of(taxpayer) == ["tax 2023 1000.00"]

    paid(taxpayer, "20.00", DAY)

    assert books_of(taxpayer) == ["tax 2023 980.00"]
    assert trail_is_whole()


def test_an_interruption_rolls_back_like_any_failure(committing: Flask) -> None:
    taxpayer = owing()
    with pytest.raises(KeyboardInterrupt), transaction():
        paid(taxpayer, "10.00", DAY)
        raise KeyboardInterrupt

    assert books_of(taxpayer) == ["tax 2023 1000.00"]


def test_many_threads_leave_no_gap_and_no_double_in_the_trail(committing: Flask) -> None:
    taxpayer_id = owing().id
    db.session.commit()
    before = count(TrailEvent)

    def work(number: int) -> None:
        taxpayer = db.session.get_one(Taxpayer, taxpayer_id)
        for deed in range(DEEDS):
            bank_account(taxpayer, DAY, f"7{number:03d}{deed:03d}")

    together(committing, work)

    numbers = list(db.session.execute(db.select(TrailEvent.number).order_by(TrailEvent.number)).scalars())
    assert numbers == list(range(1, before + THREADS * DEEDS + 1))
    owned = db.select(db.func.count()).where(BankAccount.taxpayer_id == taxpayer_id)
    assert db.session.execute(owned).scalar_one() == THREADS * DEEDS
    assert trail_is_whole()


def test_money_that_comes_to_one_account_at_once_is_booked_once_each(committing: Flask) -> None:
    taxpayer_id = owing("1000.00").id
    db.session.commit()

    def work(number: int) -> None:
        for _ in range(3):
            paid(db.session.get_one(Taxpayer, taxpayer_id), "60.00", date(2024, 6, 10 + number))

    together(committing, work)

    assert count(Payment, Payment.taxpayer_id == taxpayer_id) == 24
    assert faults_of(taxpayer_id) == []


def test_of_agreements_accepted_at_once_one_is_in_force(committing: Flask) -> None:
    taxpayer_id = owing("5000.00").id
    db.session.commit()
    refused: list[type[Refusal]] = []

    def work(_number: int) -> None:
        taxpayer = db.session.get_one(Taxpayer, taxpayer_id)
        proposal = Proposal(dollars("100.00"), 15, FIRST_DUE, agreements.Method.PAYROLL)
        try:
            agreements.accept(taxpayer, proposal, by=PORTAL, when=moment(DAY))
        except AlreadyActive as refusal:
            refused.append(type(refusal))

    together(committing, work)

    assert count(Agreement, Agreement.taxpayer_id == taxpayer_id) == 1
    assert refused == [AlreadyActive] * (THREADS - 1)
    assert faults_of(taxpayer_id) == []


def test_an_agreement_and_money_at_once_leave_books_that_agree(committing: Flask) -> None:
    """The fee comes before the money, or the money before the fee; the entries say which."""
    ids = [owing("5000.00").id for _ in range(4)]
    db.session.commit()

    def work(number: int) -> None:
        taxpayer = db.session.get_one(Taxpayer, ids[number // 2])
        if number % 2:
            paid(taxpayer, "100.00", DAY)
        else:
            agreed(taxpayer, "100.00", FIRST_DUE, day=DAY)

    together(committing, work)

    assert [faults_of(each) for each in ids] == [[]] * 4


def test_of_a_cancellation_and_a_submission_at_once_one_wins(committing: Flask) -> None:
    verbs = (payments.submit, payments.cancel)
    for _ in range(4):
        payment_id = promised().id
        db.session.commit()
        lost: list[str] = []

        def work(number: int, payment_id: int = payment_id, lost: list[str] = lost) -> None:
            try:
                verbs[number % 2](db.session.get_one(Payment, payment_id), by=PORTAL, when=moment(FIRST_DUE))
            except NotAllowed as refusal:
                lost.append(refusal.facts["new"])

        together(committing, work, threads=2)

        payment = db.session.get_one(Payment, payment_id)
        assert {payment.state, *lost} == {PaymentState.SUBMITTED, PaymentState.CANCELLED}


@pytest.mark.parametrize("kind", [Payment, Agreement])
def test_a_row_that_somebody_else_changed_in_between_is_not_overwritten(
    committing: Flask, kind: type[Payment] | type[Agreement]
) -> None:
    payment = promised()
    key = payment.id if kind is Payment else payment.agreement_id
    db.session.commit()
    with Session(db.engine, expire_on_commit=False) as mine, Session(db.engine) as theirs:
        seen = mine.get_one(kind, key)
        mine.commit()
        changed: Any = theirs.get_one(kind, key)
        changed.state = PaymentState.SUBMITTED if kind is Payment else AgreementState.IN_DEFAULT
        theirs.commit()

        seen.state = PaymentState.CANCELLED if kind is Payment else AgreementState.WITHDRAWN
        with pytest.raises(StaleDataError):
            mine.commit()
        mine.rollback()


def test_a_deed_sees_what_was_changed_since_its_row_was_loaded(committing: Flask) -> None:
    payment = promised()
    assert payment.state is PaymentState.SCHEDULED
    with Session(db.engine) as theirs:
        theirs.get_one(Payment, payment.id).state = PaymentState.CANCELLED
        db.session.commit()
        theirs.commit()

    with pytest.raises(NotAllowed):
        payments.submit(payment, by=PORTAL, when=moment(FIRST_DUE))


def test_the_migrations_make_the_tables_that_the_models_describe(committing: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


UNIQUE = {
    "agreements": [("reference",), ("taxpayer_id",)],  # of those in force
    "applications": [("reference",), ("agreement_id",)],
    "assessments": [("tax_period_id",)],
    "authorizations": [("reference",)],
    "bank_accounts": [("reference",)],
    "bank_files": [("name",), ("digest",)],
    "business_days": [("day",)],
    "entries": [("reverses_id",)],
    "mails": [("reference",)],
    "notices": [("reference",)],
    "password_resets": [("token_hash",)],
    "payments": [("reference",), ("agreement_id", "installment_on", "attempt"), ("trace",)],
    "payroll_deductions": [("reference",), ("answer_hash",), ("report_hash",)],
    "quarantined_lines": [("reference",)],
    "registrations": [("token_hash",)],
    "remittances": [("payment_id",), ("deduction_id", "paid_on")],
    "sign_ins": [("token_hash",)],
    "spouses": [("taxpayer_id",), ("reference",), ("ssn_index",)],
    "tax_periods": [("taxpayer_id", "tax_year")],
    "taxpayers": [("reference",), ("ssn_index",)],
    "trail": [("number",)],
    "tasks": [("kind",)],  # of those that are open
    "users": [("email",), ("reference",)],
}
# What is not of an installment has no due date, and what is no reversal reverses nothing.
MAY_BE_EMPTY = {
    ("payments", "agreement_id"),
    ("payments", "installment_on"),
    ("payments", "trace"),
    ("bank_files", "digest"),
    ("entries", "reverses_id"),
    ("applications", "agreement_id"),
    ("payroll_deductions", "report_hash"),
}


@pytest.mark.parametrize("table", UNIQUE)
def test_what_money_depends_on_is_unique_and_never_empty(committing: Flask, table: str) -> None:
    found = inspect(db.engine)
    unique = {tuple(each["column_names"]) for each in found.get_unique_constraints(table)}
    unique |= {tuple(each["column_names"]) for each in found.get_indexes(table) if each["unique"]}
    unique.add(tuple(found.get_pk_constraint(table)["constrained_columns"]))
    nullable = {each["name"] for each in found.get_columns(table) if each["nullable"]}

    for columns in UNIQUE[table]:
        assert columns in unique
        assert {column for column in columns if (table, column) not in MAY_BE_EMPTY} & nullable == set()


def test_every_amount_is_a_whole_number_of_cents_and_never_empty(committing: Flask) -> None:
    found = inspect(db.engine)
    amounts = [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Cents)
    ]

    assert len(amounts) >= 4
    for table, name in amounts:
        column = next(each for each in found.get_columns(table) if each["name"] == name)
        assert not column["nullable"], f"{table}.{name} may be empty"
        assert str(column["type"]) == "BIGINT"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments SET amount = 0",
        "UPDATE payments SET amount = -1",
        "UPDATE terms SET due_day = 29",
        "UPDATE terms SET due_day = 0",
        "UPDATE payments SET pay_on = NULL",
        "UPDATE agreements SET accepted_on = NULL",
    ],
)
def test_the_database_itself_refuses_nonsense(committing: Flask, statement: str) -> None:
    promised()
    with pytest.raises(DBAPIError):
        db.session.execute(text(statement))
    db.session.rollback()


def test_a_due_date_is_debited_once_even_by_two_who_both_believe_they_are_first(committing: Flask) -> None:
    payment = promised()
    twin = Payment(
        taxpayer_id=payment.taxpayer_id, agreement_id=payment.agreement_id, bank_account_id=payment.bank_account_id,
        channel=payment.channel, state=PaymentState.SCHEDULED, amount=payment.amount, pay_on=payment.pay_on,
        installment_on=payment.installment_on,
    )  # fmt: skip
    db.session.add(twin)
    with pytest.raises(DBAPIError):
        db.session.flush()
    db.session.rollback()


def test_an_instant_without_a_time_zone_is_refused(committing: Flask) -> None:
    naive = datetime(2024, 1, 1)  # noqa: DTZ001  (that is the point)
    with pytest.raises(StatementError, match="an instant needs a time zone"):
        db.session.execute(db.select(TrailEvent).where(TrailEvent.at == naive))
    db.session.rollback()


def promised() -> Payment:
    """The first debit of a new agreement."""
    agreement = agreed(owing("5000.00"), "100.00", FIRST_DUE, day=DAY)
    return db.session.execute(db.select(Payment).where(Payment.agreement_id == agreement.id)).scalar_one()


def together(app: Flask, work: Callable[[int], None], threads: int = THREADS) -> None:
    """Do the same work in many threads that start at one moment, each in a context of its own."""
    start = Barrier(threads)

    def run(number: int) -> None:
        with app.app_context():
            start.wait()
            work(number)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(run, number) for number in range(threads)]:
            done.result()
    db.session.expire_all()
    db.session.commit()


@contextmanager
def sent() -> Iterator[list[str]]:
    """Every statement on its way to the database."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def is_write(statement: str) -> bool:
    return statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE"))


def count(table: type[Any], *conditions: Any) -> int:
    return int(db.session.execute(db.select(db.func.count()).select_from(table).where(*conditions)).scalar_one())


def trail_is_whole() -> bool:
    kept = trail.head_file(office().settings.instance).read_text(encoding="ascii")
    return list(trail.faults(office().vault, kept)) == []


def faults_of(taxpayer_id: int) -> list[str]:
    """What is wrong with one account; others of this module are of other days."""
    reference = db.session.get_one(Taxpayer, taxpayer_id).reference
    return [each for found in audit.faults() for each in found if each.startswith(f"account {reference}")]
