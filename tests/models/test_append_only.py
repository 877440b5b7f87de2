"""The books and the trail are only ever added to: the mapper refuses first, a trigger in the database behind it."""

from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.db import db
from portal.domain.money import Money
from portal.models import Entry, Posting, TrailEvent
from portal.models.ledger import AppendOnly

KEPT = (Entry, Posting, TrailEvent)
CHANGES: dict[type[Any], tuple[str, object]] = {
    Entry: ("payment_id", None),
    Posting: ("amount", Money(1)),
    TrailEvent: ("subject", "somebody else"),
}
STATEMENTS = (
    "UPDATE entries SET effective_on = '2020-01-01'",
    "UPDATE entries SET payment_id = NULL",
    "UPDATE entries SET reverses_id = NULL WHERE reverses_id IS NULL",
    "UPDATE entries SET id = id",
    "DELETE FROM entries",
    "UPDATE postings SET amount = amount + 1",
    "UPDATE postings SET tax_year = NULL",
    "UPDATE postings SET tax_year = tax_year WHERE tax_year IS NULL",
    "DELETE FROM postings WHERE tax_year IS NULL",
    "UPDATE trail SET user_id = NULL",
    "UPDATE trail SET taxpayer_id = NULL WHERE user_id IS NULL",
    "UPDATE trail SET link = ''",
    "DELETE FROM trail WHERE user_id IS NULL",
)


@pytest.mark.parametrize("table", KEPT)
def test_the_mapper_refuses_to_change_a_row(app: Flask, table: type[Any]) -> None:
    row = db.session.execute(db.select(table).limit(1)).scalar_one()
    name, value = CHANGES[table]
    assert getattr(row, name) != value or value is None
    setattr(row, name, value if getattr(row, name) != value else 1)

    with pytest.raises(AppendOnly):
        db.session.flush()


@pytest.mark.parametrize("table", KEPT)
def test_the_mapper_refuses_to_delete_a_row(app: Flask, table: type[Any]) -> None:
    db.session.delete(db.session.execute(db.select(table).limit(1)).scalar_one())

    with pytest.raises(AppendOnly):
        db.session.flush()


@pytest.mark.parametrize("table", KEPT)
def test_a_change_of_many_rows_at_once_reaches_the_trigger(app: Flask, table: type[Any]) -> None:
    name, value = CHANGES[table]

    with pytest.raises(DBAPIError, match="is only ever added to"):
        db.session.execute(db.update(table).values({name: value}))


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_database_refuses_what_goes_around_the_mapper(app: Flask, statement: str) -> None:
    with pytest.raises(DBAPIError, match="is only ever added to"):
        db.session.execute(text(statement))


@pytest.mark.parametrize("table", [each.__tablename__ for each in KEPT])
def test_no_table_is_emptied_at_once(app: Flask, table: str) -> None:
    statement = f"TRUNCATE {table} CASCADE" if db.engine.dialect.name == "postgresql" else f"DELETE FROM {table}"

    with pytest.raises(DBAPIError, match="is only ever added to"):
        db.session.execute(text(statement))


@pytest.mark.parametrize("table", [each.__tablename__ for each in KEPT])
def test_a_row_is_not_replaced_by_inserting_over_it(app: Flask, table: str) -> None:
    """SQLite's REPLACE deletes without asking a trigger unless it is told to; PostgreSQL has no such statement."""
    key = "number" if table == "trail" else "id"
    over = {"sqlite": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"}
    column = {"entries": "kind", "postings": "account", "trail": "event"}[table]
    statement = over.get(
        db.engine.dialect.name,
        f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {column} = 'x'",
    )
    with pytest.raises(DBAPIError, match="is only ever added to"):
        db.session.execute(text(statement))


def test_adding_is_what_is_left(app: Flask) -> None:
    with suppress(DBAPIError):
        db.session.execute(text("DELETE FROM postings"))
    db.session.rollback()
    entry_id = db.session.execute(db.select(db.func.max(Entry.id))).scalar_one()

    db.session.add(Posting(entry_id=entry_id, account="cash", tax_year=None, amount=Money(1)))
    db.session.flush()


def test_a_posting_of_nothing_is_refused(app: Flask) -> None:
    entry_id = db.session.execute(db.select(db.func.max(Entry.id))).scalar_one()
    db.session.add(Posting(entry_id=entry_id, account="cash", tax_year=None, amount=Money(0)))

    with pytest.raises(DBAPIError):
        db.session.flush()


def test_an_entry_is_reversed_once(app: Flask) -> None:
    original = db.session.execute(db.select(Entry).limit(1)).scalar_one()
    facts = {
        "taxpayer_id": original.taxpayer_id, "kind": "reversal", "effective_on": original.effective_on,
        "recorded_at": original.recorded_at, "reverses_id": original.id,
    }  # fmt: skip
    db.session.execute(db.insert(Entry).values(**facts))

    with pytest.raises(DBAPIError):
        db.session.execute(db.insert(Entry).values(**facts))
