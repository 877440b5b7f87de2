"""Who of the agency looked at which account, when and why: for the taxpayer, and for the supervisors."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, or_, select

from portal.db import look
from portal.domain.actor import Permission
from portal.domain.lifecycle import RequestState
from portal.models import Conflict, Objection, SupportRequest, SupportSession, Taxpayer, TrailEvent, User

OPENED = "taxpayer.opened"
LINK = 16  # So much of a link names an event of the trail: nobody can guess it, and it counts nothing.
PAGE_ROWS = 20

sessions, requests, objections = SupportSession.__table__, SupportRequest.__table__, Objection.__table__
trail, users, taxpayers, conflicts = (
    TrailEvent.__table__, User.__table__, Taxpayer.__table__, Conflict.__table__,
)  # fmt: skip
ABOUT = func.substr(trail.c.link, 1, LINK)
NOTHING: ColumnElement[Any] = literal_column("NULL")


@dataclass(frozen=True, slots=True)
class Look:
    """One time that somebody of the agency looked: in a support session, which has a reason, or at the desk, which
    has none. `about` names it; `objected_at` is when somebody of the account said that it was not asked for.
    """

    about: str
    began_at: datetime
    agent: str
    reason: str | None
    ticket: str | None
    ends_at: datetime | None
    ended_at: datetime | None
    objected_at: datetime | None
    reviewed_at: datetime | None
    finding: str | None

    @property
    def is_session(self) -> bool:
        return self.reason is not None

    def is_running(self, at: datetime) -> bool:
        return self.ends_at is not None and self.ended_at is None and at < self.ends_at


@dataclass(frozen=True, slots=True)
class Looks:
    """One page of them, newest first."""

    lines: tuple[Look, ...]
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What an agent asks the taxpayer for, and has not got or done yet."""

    reference: str
    permission: Permission
    state: RequestState
    code_sealed: str
    agent: str


IN_SESSIONS = (
    select(
        sessions.c.reference.label("about"), sessions.c.began_at.label("at"), sessions.c.user_id,
        sessions.c.reason, sessions.c.ticket, sessions.c.ends_at, sessions.c.ended_at,
    )
    .where(sessions.c.taxpayer_id == bindparam("taxpayer_id"))
)  # fmt: skip
AT_THE_DESK = (
    select(ABOUT.label("about"), trail.c.at, trail.c.user_id, NOTHING, NOTHING, NOTHING, NOTHING)
    .where(trail.c.taxpayer_id == bindparam("taxpayer_id"), trail.c.event == OPENED)
)  # fmt: skip
BOTH = IN_SESSIONS.union_all(AT_THE_DESK).subquery()
LOOKS = (
    select(
        BOTH.c.about, BOTH.c.at, users.c.name, BOTH.c.reason, BOTH.c.ticket, BOTH.c.ends_at, BOTH.c.ended_at,
        objections.c.at, objections.c.reviewed_at, objections.c.finding,
    )
    .select_from(BOTH)
    .join(users, users.c.id == BOTH.c.user_id)
    .outerjoin(
        objections, and_(objections.c.taxpayer_id == bindparam("taxpayer_id"), objections.c.about == BOTH.c.about)
    )
    .order_by(BOTH.c.at.desc(), BOTH.c.reason.is_(None), BOTH.c.about)
    .limit(PAGE_ROWS + 1)
    .offset(bindparam("skipped"))
)  # fmt: skip
ASKED = (
    select(requests.c.reference, requests.c.permission, requests.c.state, requests.c.code_sealed, users.c.name)
    .select_from(requests)
    .join(sessions, sessions.c.id == requests.c.session_id)
    .join(users, users.c.id == sessions.c.user_id)
    .where(
        sessions.c.taxpayer_id == bindparam("taxpayer_id"), sessions.c.ended_at.is_(None),
        sessions.c.ends_at > bindparam("now"),
        or_(
            and_(requests.c.state == RequestState.ASKED, requests.c.ends_at > bindparam("now")),
            and_(requests.c.state == RequestState.ALLOWED, requests.c.open_through > bindparam("now")),
        ),
    )
    .order_by(requests.c.id)
)  # fmt: skip


def at_account(taxpayer_id: int, number: int) -> Looks:
    """A page of who looked at an account."""
    rows = look(LOOKS, taxpayer_id=taxpayer_id, skipped=(number - 1) * PAGE_ROWS).all()
    return Looks(tuple(Look(*row) for row in rows[:PAGE_ROWS]), number, len(rows) > PAGE_ROWS)


def asked(taxpayer_id: int, now: datetime) -> tuple[Asked, ...]:
    """What agents ask this taxpayer for at the moment."""
    return tuple(Asked(*row) for row in look(ASKED, taxpayer_id=taxpayer_id, now=now))
