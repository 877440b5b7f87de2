"""The database: engine, column types, and the one way to change something, `transaction()`."""

import sqlite3
import types
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Connection, DateTime, Dialect, Engine, MetaData, Result, event, text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from portal.domain.money import Money
from portal.domain.refusal import Refusal


class Base(DeclarativeBase):
    """The base of every table; constraints get names, so that migrations can speak of them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)

# With recursive triggers, INSERT OR REPLACE asks the triggers that refuse a delete.
PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "recursive_triggers=ON")


class Cents(TypeDecorator[Money]):
    """Money as a whole number of cents."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        return None if value is None else value.cents

    def process_result_value(self, value: int | None, dialect: Dialect) -> Money | None:
        # PostgreSQL sums whole numbers into a numeric.
        return None if value is None else Money(int(value))


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, aware of it on both databases. Refuses a naive datetime."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def sqlite_module() -> types.ModuleType:
    """The newer SQLite where its wheel is installed, else Python's own."""
    try:
        import pysqlite3.dbapi2

        return pysqlite3.dbapi2  # type: ignore[no-any-return]
    except ImportError:
        return sqlite3


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """SQLite 3.7.0 to 3.51.2 can lose a commit when the WAL restarts; fixed in 3.51.3, 3.50.7 and 3.44.6."""
    if version[:2] in ((3, 50), (3, 44)):
        return version >= ((3, 50, 7) if version[:2] == (3, 50) else (3, 44, 6))
    return version >= (3, 51, 3)


def engine_options(url: str) -> dict[str, Any]:
    """What `create_engine` needs beside the address. Values stay out of error messages, and so of the log."""
    if url.startswith("sqlite"):
        return {"module": sqlite_module(), "connect_args": {"timeout": 5}, "hide_parameters": True}
    return {"pool_pre_ping": True, "pool_timeout": 5, "pool_size": 10, "hide_parameters": True}


def prepare_engine(engine: Engine) -> None:
    """SQLite: pragmas for durability and foreign keys, and transactions that SQLAlchemy begins itself."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        version = sqlite_module().sqlite_version_info
        journal = "WAL" if wal_is_safe(version) else "TRUNCATE"
        for pragma in (f"journal_mode={journal}", *PRAGMAS):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # A deed takes the write lock before it reads: a read that turned into a write could fail half-way.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def begin(app: Flask) -> None:
    """Tie the database to the application, on the embedded SQLite or the PostgreSQL of its settings."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(url))
    db.init_app(app)
    Migrate(app, db, directory=str(Path(__file__).parent / "migrations"), render_as_batch=True)
    with app.app_context():
        prepare_engine(db.engine)


def look(statement: Any, **parameters: Any) -> Result[*tuple[Any, ...]]:
    """Run a prepared `select()` of columns: a third of the cost of a select built for each request."""
    return db.session.connection().execute(statement, parameters)


class OnlyLooking(Refusal):
    """You act for somebody else here, and may only look. Nothing was changed. If something has to be changed, ask the
    taxpayer first."""


_writers = RLock()
# PostgreSQL's BEGIN IMMEDIATE: what a deed decides on cannot be changed by another one before it is written.
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(1040)")


@contextmanager
def transaction() -> Iterator[None]:
    """All of what happens inside, or nothing. A deed inside another deed joins it.

    Rows loaded before are read again inside, under the lock: `expire_all` comes with ending the read. Refuses
    (`OnlyLooking`) every deed of who may only look.
    """
    session = db.session
    if session.info.get("only_looking"):
        raise OnlyLooking
    if is_writing():
        yield
        return
    with _writers if db.engine.dialect.name == "sqlite" else _free():
        session.commit()
        session.info["writing"] = True
        try:
            connection = session.connection(execution_options={"writes": True})
            if connection.dialect.name == "postgresql":
                connection.execute(ONE_AT_A_TIME)
            yield
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writing"] = False


def only_look() -> None:
    """From here on nothing can be changed in this session: for who looks on behalf of somebody else."""
    db.session.info["only_looking"] = True


def is_writing() -> bool:
    """Whether a deed is under way that another one would join."""
    return bool(db.session.info.get("writing"))


@contextmanager
def _free() -> Iterator[None]:
    yield
