"""Work through the rows of a query: a chunk is one transaction, and a row that cannot be worked on stops no other."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.exc import OperationalError

from portal.db import db, is_writing, transaction

logger = logging.getLogger("portal.close")
SIZE = 100
Row = TypeVar("Row", bound=Any)
# What was left undone since somebody listens, by its name, with the kind of error.
_left: ContextVar[dict[str, str] | None] = ContextVar("left", default=None)


@contextmanager
def noting() -> Iterator[dict[str, str]]:
    """Hear of the pieces of work that are left undone meanwhile: what of which one, and the kind of error."""
    left: dict[str, str] = {}
    before = _left.set(left)
    try:
        yield left
    finally:
        _left.reset(before)


def each(kind: type[Row], wanted: Select[Row], deed: Callable[[Row], object]) -> int:
    """Do a deed for every row of a kind that the query finds, in order of its id: how many could not be done.

    Rows are claimed in the database, so that of several machines each does its share, and one that was stopped leaves
    nothing half done. A deed leaves its row so that the query does not find it again. Inside a transaction all of it
    is part of that one.
    """
    failed, last = 0, 0
    while rows := _ids(kind, wanted, last):
        last = rows[-1]
        if is_writing():
            _work(kind, wanted, rows, deed)
            continue
        try:
            with transaction():
                _work(kind, wanted, rows, deed)
        except OperationalError:
            raise
        except Exception:
            failed += sum(not _alone(kind, wanted, row, deed) for row in rows)
    return failed


def _ids(kind: type[Row], wanted: Select[Row], last: int) -> list[int]:
    found = wanted.with_only_columns(kind.id).where(kind.id > last).order_by(kind.id).limit(SIZE)
    return list(db.session.execute(found).scalars())


def _work(kind: type[Row], wanted: Select[Row], ids: list[int], deed: Callable[[Row], object]) -> None:
    """The rows are asked for again under the lock: another machine may have been there."""
    claimed = wanted.where(kind.id.in_(ids)).order_by(kind.id).with_for_update(skip_locked=True, of=kind)
    for row in db.session.execute(claimed).scalars().all():
        deed(row)


def _alone(kind: type[Row], wanted: Select[Row], row: int, deed: Callable[[Row], object]) -> bool:
    """One row in a transaction of its own."""

    def work() -> None:
        with transaction():
            _work(kind, wanted, [row], deed)

    return is_done(work, of=kind.__tablename__, which=_name(kind, row))


def _name(kind: type[Row], row: int) -> str:
    """The public name of a row, where it has one."""
    if not hasattr(kind, "reference"):
        return str(row)
    return str(db.session.execute(select(kind.reference).where(kind.id == row)).scalar_one())


def is_done(work: Callable[[], object], *, of: str, which: str) -> bool:
    """Whether a piece of work could be done; if not, the log and the day say which one it is, and why. A database
    that is away stops all of them.
    """
    try:
        work()
    except OperationalError:
        raise
    except Exception as error:
        fields = {"message": "left undone", "of": of, "which": which, "error": type(error).__name__}
        logger.exception("left undone", exc_info=error, extra={"fields": fields})
        if (left := _left.get()) is not None:
            left[f"{of} {which}"] = type(error).__name__
        return False
    return True
