"""Support sessions, as the requests within them need them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select

from portal.db import look
from portal.domain.actor import Acting, Permission
from portal.domain.lifecycle import RequestState
from portal.models import SupportRequest, SupportSession, Taxpayer, User
from portal.queries.sign_ins import SignedIn, Subject

sessions, requests = SupportSession.__table__, SupportRequest.__table__
users, taxpayers = User.__table__, Taxpayer.__table__
# What the taxpayer has allowed, as long as it is open and was not done.
IS_ALLOWED = and_(
    requests.c.session_id == sessions.c.id,
    requests.c.state == RequestState.ALLOWED,
    requests.c.open_through > bindparam("now"),
)
BY_TOKEN = (
    select(
        sessions.c.reference, sessions.c.ends_at, sessions.c.opened_at, sessions.c.ended_at,
        users.c.id, users.c.name, taxpayers.c.id, taxpayers.c.reference, requests.c.permission,
    )
    .select_from(sessions)
    .join(users, users.c.id == sessions.c.subject_id)
    .join(taxpayers, taxpayers.c.id == sessions.c.taxpayer_id)
    .outerjoin(requests, IS_ALLOWED)
    .where(
        sessions.c.token_hash == bindparam("token_hash"),
        sessions.c.sign_in_id == bindparam("sign_in_id"),
        sessions.c.user_id == bindparam("user_id"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SupportView:
    """A support session of the person signed in: whose eyes it lends, until when, and whether it still counts."""

    reference: str
    ends_at: datetime
    opened_at: datetime | None
    ended_at: datetime | None
    subject: Subject
    permissions: frozenset[Permission]

    def is_open(self, at: datetime) -> bool:
        return self.opened_at is not None and self.ended_at is None and at < self.ends_at

    def acting(self, who: SignedIn) -> Acting:
        """Who acts in it, and what they may do."""
        return Acting(self.reference, who.user_id, who.role, who.name, self.permissions, self.ends_at, is_once=True)


def session_of(who: SignedIn, token_hash: str, now: datetime) -> SupportView | None:
    """The support session of a token, running or over, if it is of this very sign-in."""
    found = look(BY_TOKEN, token_hash=token_hash, sign_in_id=who.sign_in_id, user_id=who.user_id, now=now).all()
    if not found:
        return None
    reference, ends_at, opened_at, ended_at, *subject, _permission = found[0]
    permissions = frozenset(Permission(row[-1]) for row in found if row[-1])
    return SupportView(reference, ends_at, opened_at, ended_at, Subject(*subject), permissions)
