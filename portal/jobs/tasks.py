"""Doing what somebody of the agency asked for: one task after the other, each told about while it is done."""

import logging
from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal.db import db
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.gateways.bank import Bank
from portal.jobs import days
from portal.models import TrailHead
from portal.models.task import TaskKind
from portal.office import office
from portal.services import audit, tasks, trail
from portal.services.tasks import Order

logger = logging.getLogger("portal.tasks")
# A page that looks on is told at every so many accounts.
TOLD_EVERY = 100
Now = Callable[[], Moment]


def run_next(now: Now, bank: Bank) -> bool:
    """Do the task that waited longest, to its end: whether there was one. A database that is away stops it; it is
    begun anew once nothing was heard of it for a while.
    """
    order = tasks.claim(when=now())
    if order is None:
        return False
    found: list[str] = []
    error = ""
    try:
        found.extend(WORK[order.kind](order, now, bank))
    except OperationalError:
        raise
    except Refusal as refusal:
        error = str(refusal)
    except Exception as failure:
        error = type(failure).__name__
        logger.exception("not done", exc_info=failure, extra={"fields": {"message": "not done", "task": order.kind}})
    tasks.finish(order, found, when=now(), error=error[:200])
    return True


def _close(order: Order, now: Now, bank: Bank) -> Iterator[str]:
    """Close what is open, or one day again; what was left undone is what was found."""
    done = 0

    def told(_step: str) -> None:
        tasks.tell(order, done, done, when=now())

    closed = [days.close_again(order.day, now(), bank, told)] if order.day else days.close_through(now(), bank, told)
    for day in closed:
        done += 1
        told("")
        yield from (f"{day.day} {name}: {value}" for name, value in day.summary.items() if name.startswith(NAMED))


def _follow_trail(order: Order, now: Now, _bank: Bank) -> Iterator[str]:
    whole = db.session.execute(select(TrailHead.number)).scalar_one_or_none() or 0
    kept = trail.head_file(office().settings.instance)
    head = kept.read_text(encoding="ascii") if kept.exists() else ""

    def told(number: int) -> None:
        tasks.tell(order, number, max(whole, number), when=now())

    return trail.faults(office().vault, head, told)


def _check_books(order: Order, now: Now, _bank: Bank) -> Iterator[str]:
    whole = audit.count()
    for number, found in enumerate(audit.faults(), start=1):
        if number % TOLD_EVERY == 0 or number >= whole:
            tasks.tell(order, number, max(whole, number), when=now())
        yield from found


NAMED = f"{days.LEFT}: "
WORK: Mapping[TaskKind, Callable[[Order, Now, Bank], Iterator[str]]] = {
    TaskKind.CLOSE: _close,
    TaskKind.TRAIL: _follow_trail,
    TaskKind.BOOKS: _check_books,
}
