"""Tasks as pages show them: the last one of each kind."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from portal.db import look
from portal.models import Task, User
from portal.models.task import TaskKind

tasks, users = Task.__table__, User.__table__
LATEST = (
    select(
        tasks.c.kind, tasks.c.day, users.c.name, tasks.c.asked_at, tasks.c.began_at, tasks.c.ended_at, tasks.c.done,
        tasks.c.whole, tasks.c.faults, tasks.c.found, tasks.c.error,
    )
    .join(users, users.c.id == tasks.c.user_id)
    .where(tasks.c.id.in_(select(func.max(tasks.c.id)).group_by(tasks.c.kind)))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task: who asked for it, how far it is, and what came of it."""

    kind: TaskKind
    day: date | None
    asked_by: str
    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    done: int
    whole: int
    faults: int
    found: list[str]
    error: str

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


def latest() -> dict[TaskKind, TaskView]:
    """The last task of each kind that was ever asked for."""
    return {row[0]: TaskView(*row) for row in look(LATEST)}
