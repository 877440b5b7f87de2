"""Long work in the background: asked for once, taken by whoever comes first, with what was found in the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select, update

from portal.db import db, transaction
from portal.domain.actor import PORTAL, Actor
from portal.domain.moment import Moment
from portal.models import Task
from portal.models.task import TaskKind
from portal.services import trail

# Who works on a task tells more often than that, or has died; then another one begins it anew.
LEASE = timedelta(minutes=5)
MOST_FOUND = 100


@dataclass(frozen=True, slots=True)
class Order:
    """A task that the caller alone has to do now."""

    id: int
    kind: TaskKind
    day: date | None


def ask(kind: TaskKind, *, day: date | None = None, by: Actor, when: Moment) -> None:
    """Ask for work to be done. While one of its kind is open, that one is enough."""
    with transaction():
        still_open = select(Task.id).where(Task.kind == kind, Task.ended_at.is_(None))
        if not db.session.execute(still_open).first():
            db.session.add(Task(kind=kind, day=day, user_id=by.user_id, asked_at=when.at))
            trail.append("task.asked_for", f"{kind} {day or ''}".strip(), by=by, when=when)


def claim(*, when: Moment) -> Order | None:
    """The task that waited longest, or of whose worker nothing was heard for a while; None if there is none."""
    is_free = Task.ended_at.is_(None), or_(Task.seen_at.is_(None), Task.seen_at < when.at - LEASE)
    waiting = select(Task).where(*is_free).order_by(Task.id).limit(1)
    if db.session.execute(waiting).first() is None:
        return None
    with transaction():
        task = db.session.execute(waiting).scalar_one_or_none()
        if task is None:
            return None
        task.began_at, task.seen_at, task.done = when.at, when.at, 0
        return Order(task.id, task.kind, task.day)


def tell(order: Order, done: int, whole: int, *, when: Moment) -> None:
    """So much of it is done: the page shows it, and nobody else takes it up."""
    with transaction():
        db.session.execute(update(Task).where(Task.id == order.id).values(done=done, whole=whole, seen_at=when.at))


def finish(order: Order, found: Sequence[str], *, when: Moment, error: str = "") -> None:
    """It is done, and so many faults were found; or it was stopped by an error."""
    with transaction():
        task = db.session.get_one(Task, order.id)
        if task.ended_at is None:
            task.ended_at, task.faults, task.found, task.error = when.at, len(found), list(found[:MOST_FOUND]), error
            trail.append("task.done", task.kind, by=PORTAL, when=when, faults=str(len(found)), error=error)
