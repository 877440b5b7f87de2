"""Support sessions: for a quarter of an hour an agent sees an account as the taxpayer does, and changes nothing."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select

from portal.db import db, transaction
from portal.domain.actor import Actor, Role
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import Conflict, SignIn, SupportSession, Taxpayer, User
from portal.models.columns import new_reference
from portal.models.notice import NoticeKind
from portal.models.support import ConflictKind, SupportEnd, SupportReason
from portal.queries.sign_ins import SignedIn
from portal.queries.support import SupportView, session_of
from portal.services import notices, trail, users
from portal.services.links import new_token
from portal.services.sign_ins import token_hash

LASTS = timedelta(minutes=15)
HELPERS = frozenset({Role.AGENT, Role.SUPERVISOR})


class MayNotHelp(Refusal):
    """Only agents and supervisors can see an account as the taxpayer sees it. Nothing was opened."""


class AlreadyOpen(Refusal):
    """You have a support session that is still open. End it first, then begin another one."""


class InConflict(Refusal):
    """This account is on the list of conflicts for you: it is your own, of somebody of the staff, or of somebody whom
    you know. Nothing was opened. Ask a colleague to help."""


class OwnName(Refusal):
    """Somebody of this account has your name. If it is you or your family, a colleague has to help. If it is only the
    same name, ask a colleague, too: nobody opens an account that could be their own."""


class NobodyRegistered(Refusal):
    """Nobody signs in to this account yet, so there are no pages to see. Help with what this page shows, or help to
    register."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Why an agent asks for a session, and the number of the ticket; empty if there is none yet."""

    reason: SupportReason
    ticket: str


def begin(taxpayer_id: int, wish: Wish, *, sign_in_id: int, by: Actor, when: Moment) -> str:
    """Open a support session: the token for its cookie.

    First what begins is written down: the row, the event of the trail, and the notice to the taxpayer. Only once that
    is durable does the session count. Refuses whoever may not help (`MayNotHelp`), a second session (`AlreadyOpen`),
    an account in conflict (`InConflict`, `OwnName`), and one without pages (`NobodyRegistered`).
    """
    token, kept = new_token()
    session = SupportSession(
        reference=new_reference("SU"), token_hash=kept, sign_in_id=sign_in_id, user_id=by.user_id,
        taxpayer_id=taxpayer_id, reason=wish.reason, ticket=wish.ticket, began_at=when.at, ends_at=when.at + LASTS,
    )  # fmt: skip
    reference = session.reference
    with transaction():
        _write_down(session, by, when)
    with transaction():
        _running(reference).opened_at = when.at
    return token


def find(token: str, who: SignedIn, *, when: Moment) -> SupportView | None:
    """The support session of a token, if it is of this very sign-in; what is found to be over stays over."""
    found = session_of(who, token_hash(token), when.at)
    if found and found.ended_at is None and not (found.is_open(when.at) and who.role in HELPERS):
        with transaction():
            why = SupportEnd.TIME if who.role in HELPERS else SupportEnd.ROLE
            _end(_running(found.reference), why, by=Actor(who.user_id, who.role), when=when)
        return session_of(who, token_hash(token), when.at)
    return found


def end(*, by: Actor, when: Moment) -> Taxpayer | None:
    """End the running session of who asks, whoever it is about: the taxpayer of it, if there was one."""
    with transaction():
        session = _running_of(by.user_id or 0)
        if session is None:
            return None
        _end(session, SupportEnd.AGENT, by=by, when=when)
        return db.session.get_one(Taxpayer, session.taxpayer_id)


def end_about(taxpayer_id: int, why: SupportEnd, *, by: Actor, when: Moment, agent_id: int | None = None) -> None:
    """End what is running about an account, of one agent or of all; part of the deed that makes it necessary."""
    running = select(SupportSession).where(
        SupportSession.taxpayer_id == taxpayer_id, SupportSession.ended_at.is_(None),
        *([SupportSession.user_id == agent_id] if agent_id else []),
    )  # fmt: skip
    for session in db.session.execute(running).scalars():
        _end(session, why, by=by, when=when)


def _write_down(session: SupportSession, by: Actor, when: Moment) -> None:
    """The session with its event and its notice, if it may begin."""
    agent = users.at_work(by)
    _require_free(agent, by, when)
    session.subject_id = _require_open_to(agent, session.taxpayer_id).id
    db.session.add(session)
    about = session.taxpayer_id
    trail.append(
        "support.begun", session.reference, by=by, when=when, taxpayer_id=about, reason=session.reason,
        ticket=session.ticket,
    )  # fmt: skip
    notices.issue(
        about, NoticeKind.SUPPORT_SESSION, when=when, agent=agent.name, support_reason=session.reason,
        ticket=session.ticket,
    )  # fmt: skip


def _require_free(agent: User, by: Actor, when: Moment) -> None:
    """Nobody helps twice at once, or while acting for somebody already; what ran out is over."""
    if agent.role not in HELPERS or agent.disabled_at:
        raise MayNotHelp
    running = _running_of(agent.id)
    if by.acting or (running and when.at < running.ends_at and _is_signed_in(running)):
        raise AlreadyOpen
    if running:
        _end(running, SupportEnd.TIME, by=by, when=when)
        db.session.flush()


def _is_signed_in(session: SupportSession) -> bool:
    return db.session.get_one(SignIn, session.sign_in_id).ended_at is None


def _require_open_to(agent: User, taxpayer_id: int) -> User:
    """The user through whose eyes the agent looks: the taxpayer, else the spouse."""
    listed = select(Conflict.id).where(
        Conflict.taxpayer_id == taxpayer_id, or_(Conflict.user_id == agent.id, Conflict.kind == ConflictKind.OWN)
    )
    if db.session.execute(listed).first():
        raise InConflict
    registered = select(User).where(User.taxpayer_id == taxpayer_id, User.disabled_at.is_(None))
    people = list(db.session.execute(registered.order_by(User.spouse_id.is_not(None), User.id)).scalars())
    names = {db.session.get_one(Taxpayer, taxpayer_id).name, *(user.name for user in people)}
    if agent.name.casefold() in {name.casefold() for name in names}:
        raise OwnName
    if not people:
        raise NobodyRegistered
    return people[0]


def _end(session: SupportSession, why: SupportEnd, *, by: Actor, when: Moment) -> None:
    session.ended_at, session.why_ended = min(when.at, session.ends_at), why
    trail.append("support.ended", session.reference, by=by, when=when, taxpayer_id=session.taxpayer_id, why=why)


def _running(reference: str) -> SupportSession:
    rows = select(SupportSession).where(SupportSession.reference == reference)
    return db.session.execute(rows).scalar_one()


def _running_of(user_id: int) -> SupportSession | None:
    rows = select(SupportSession).where(SupportSession.user_id == user_id, SupportSession.ended_at.is_(None))
    return db.session.execute(rows).scalar_one_or_none()
