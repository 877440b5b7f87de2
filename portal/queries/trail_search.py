"""Searching the trail: by what happened, to what, to whose account, by whom and when; newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, tuple_

from portal.db import look
from portal.domain.actor import Role
from portal.models import Taxpayer, TrailEvent, User

PAGE_ROWS = 50

trail, users, taxpayers = TrailEvent.__table__, User.__table__, Taxpayer.__table__
FOUND = (
    select(
        trail.c.number, trail.c.at, trail.c.event, trail.c.subject, trail.c.details, users.c.reference, users.c.name,
        users.c.role, trail.c.acting, taxpayers.c.reference,
    )
    .select_from(trail)
    .outerjoin(users, users.c.id == trail.c.user_id)
    .outerjoin(taxpayers, taxpayers.c.id == trail.c.taxpayer_id)
    .order_by(trail.c.at.desc(), trail.c.number.desc())
    .limit(PAGE_ROWS + 1)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for: an event (`payment.settled`), the public name of what it was about, of an account, of a user;
    from an instant and before another one. What is empty narrows nothing.
    """

    event: str = ""
    subject: str = ""
    taxpayer: str = ""
    user: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrailLine:
    """A row of the trail. Who did it has a name, unless it was the portal; whose account it is, a reference.
    `acting` is the support session in which the one acted for the other.
    """

    number: int
    at: datetime
    event: str
    subject: str
    details: dict[str, str]
    user: str | None
    user_name: str | None
    role: Role | None
    acting: str | None
    taxpayer: str | None


def search(wanted: Wanted, before: int | None = None) -> tuple[tuple[TrailLine, ...], int | None]:
    """A page of rows, and before which number the next one begins. Each narrowing has its index, and the next page is
    found by the instant of the last row, so that none costs more than the first.
    """
    found = FOUND.where(*_conditions(wanted))
    if before is not None:
        at = select(trail.c.at).where(trail.c.number == before).scalar_subquery()
        found = found.where(tuple_(trail.c.at, trail.c.number) < tuple_(at, before))
    lines = tuple(TrailLine(*row) for row in look(found))
    return lines[:PAGE_ROWS], lines[PAGE_ROWS - 1].number if len(lines) > PAGE_ROWS else None


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """A name that nobody has finds nothing."""
    if wanted.event:
        yield trail.c.event == wanted.event
    if wanted.subject:
        yield trail.c.subject == wanted.subject
    if wanted.taxpayer:
        yield trail.c.taxpayer_id == _id_of(taxpayers, wanted.taxpayer)
    if wanted.user:
        yield trail.c.user_id == _id_of(users, wanted.user)
    if wanted.since:
        yield trail.c.at >= wanted.since
    if wanted.until:
        yield trail.c.at < wanted.until


def _id_of(table: Any, reference: str) -> Any:
    return select(table.c.id).where(table.c.reference == reference).scalar_subquery()
