"""What a supervisor looks at: support sessions, who had how many, looks at people of one's own name or address, and
what taxpayers object to.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, case, func, or_, select

from portal.db import look
from portal.models import Conflict, Objection, SupportSession, Taxpayer, TrailEvent, User
from portal.models.support import ConflictKind, SupportReason
from portal.queries.looks import OPENED

PAGE_ROWS = 20
MOST_LOOKS = 50

sessions, objections, conflicts = SupportSession.__table__, Objection.__table__, Conflict.__table__
trail, users, taxpayers = TrailEvent.__table__, User.__table__, Taxpayer.__table__
own = taxpayers.alias("own")
staff = users.alias("staff")


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A support session, and the number of requests to which the taxpayer said yes."""

    reference: str
    agent: str
    taxpayer: str
    taxpayer_reference: str
    reason: SupportReason
    ticket: str
    began_at: datetime
    ends_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionPage:
    """One page of sessions, newest first."""

    lines: tuple[SessionLine, ...]
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class AgentLine:
    """How many sessions somebody had since a day, and how many of them without a ticket."""

    agent: str
    sessions: int
    without_ticket: int


@dataclass(frozen=True, slots=True)
class CloseLook:
    """Somebody of the staff opened an account whose owner has their name, lives where they live, or is themselves."""

    agent: str
    taxpayer: str
    taxpayer_reference: str
    at: datetime
    is_same_name: bool


@dataclass(frozen=True, slots=True)
class ObjectionLine:
    """What a taxpayer objected to."""

    reference: str
    taxpayer: str
    taxpayer_reference: str
    agent: str
    about: str
    at: datetime
    reviewed_at: datetime | None
    finding: str


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """Whom of the staff an account is closed to."""

    reference: str
    taxpayer: str
    taxpayer_reference: str
    agent: str
    kind: ConflictKind
    noted_at: datetime


NAME = taxpayers.c.first_name + " " + taxpayers.c.last_name
SESSIONS = (
    select(
        sessions.c.reference, users.c.name, NAME, taxpayers.c.reference, sessions.c.reason, sessions.c.ticket,
        sessions.c.began_at, sessions.c.ends_at, sessions.c.ended_at,
    )
    .select_from(sessions)
    .join(users, users.c.id == sessions.c.user_id)
    .join(taxpayers, taxpayers.c.id == sessions.c.taxpayer_id)
    .order_by(sessions.c.began_at.desc(), sessions.c.id.desc())
    .limit(PAGE_ROWS + 1)
    .offset(bindparam("skipped"))
)  # fmt: skip
WITHOUT_TICKET = SESSIONS.where(sessions.c.ticket == "")
PER_AGENT = (
    select(users.c.name, func.count(), func.sum(case((sessions.c.ticket == "", 1), else_=0)))
    .select_from(sessions)
    .join(users, users.c.id == sessions.c.user_id)
    .where(sessions.c.began_at >= bindparam("since"))
    .group_by(users.c.id, users.c.name)
    .order_by(func.count().desc(), users.c.name)
)  # fmt: skip
IS_SAME_NAME = func.lower(users.c.name).like(func.concat("% ", func.lower(taxpayers.c.last_name)))
IS_SAME_ADDRESS = and_(
    func.lower(own.c.street) == func.lower(taxpayers.c.street), own.c.postal_code == taxpayers.c.postal_code
)
CLOSE_LOOKS = (
    select(users.c.name, NAME, taxpayers.c.reference, func.max(trail.c.at), IS_SAME_NAME)
    .select_from(trail)
    .join(users, users.c.id == trail.c.user_id)
    .join(taxpayers, taxpayers.c.id == trail.c.taxpayer_id)
    .outerjoin(conflicts, and_(conflicts.c.user_id == users.c.id, conflicts.c.kind == ConflictKind.OWN))
    .outerjoin(own, own.c.id == conflicts.c.taxpayer_id)
    .where(trail.c.event == OPENED, trail.c.at >= bindparam("since"), or_(IS_SAME_NAME, IS_SAME_ADDRESS))
    .group_by(users.c.id, users.c.name, taxpayers.c.id, taxpayers.c.reference)
    .order_by(func.max(trail.c.at).desc())
    .limit(MOST_LOOKS)
)  # fmt: skip
OBJECTIONS = (
    select(
        objections.c.reference, NAME, taxpayers.c.reference, staff.c.name, objections.c.about, objections.c.at,
        objections.c.reviewed_at, objections.c.finding,
    )
    .select_from(objections)
    .join(taxpayers, taxpayers.c.id == objections.c.taxpayer_id)
    .join(staff, staff.c.id == objections.c.agent_id)
)  # fmt: skip
TO_REVIEW = OBJECTIONS.where(objections.c.reviewed_at.is_(None)).order_by(objections.c.at)
ONE_OBJECTION = OBJECTIONS.where(objections.c.reference == bindparam("reference"))
CONFLICTS = (
    select(conflicts.c.reference, NAME, taxpayers.c.reference, staff.c.name, conflicts.c.kind, conflicts.c.noted_at)
    .select_from(conflicts)
    .join(taxpayers, taxpayers.c.id == conflicts.c.taxpayer_id)
    .join(staff, staff.c.id == conflicts.c.user_id)
    .order_by(staff.c.name, conflicts.c.id)
)  # fmt: skip


def sessions_page(number: int, *, is_without_ticket: bool) -> SessionPage:
    """A page of support sessions: of all, or of those without a ticket."""
    rows = look(WITHOUT_TICKET if is_without_ticket else SESSIONS, skipped=(number - 1) * PAGE_ROWS).all()
    return SessionPage(tuple(SessionLine(*row) for row in rows[:PAGE_ROWS]), number, len(rows) > PAGE_ROWS)


def per_agent(since: datetime) -> tuple[AgentLine, ...]:
    """Sessions per agent since an instant, the most first."""
    return tuple(AgentLine(*row) for row in look(PER_AGENT, since=since))


def close_looks(since: datetime) -> tuple[CloseLook, ...]:
    """Looks at people of one's own name or address since an instant, newest first. The address of somebody of the
    staff is known where their own account is on the list of conflicts.
    """
    return tuple(CloseLook(*row) for row in look(CLOSE_LOOKS, since=since))


def to_review() -> tuple[ObjectionLine, ...]:
    """Objections that nobody has looked into yet, the oldest first."""
    return tuple(ObjectionLine(*row) for row in look(TO_REVIEW))


def objection(reference: str) -> ObjectionLine | None:
    """One objection."""
    row = look(ONE_OBJECTION, reference=reference).one_or_none()
    return ObjectionLine(*row) if row else None


def conflicts_noted() -> tuple[ConflictLine, ...]:
    """The list of conflicts, by member of the staff."""
    return tuple(ConflictLine(*row) for row in look(CONFLICTS))
