"""Calendar feeds as their pages need them: whose a token is, since when there is one, and what was changed last."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from portal.db import look
from portal.models import CalendarFeed, TrailEvent, User

feeds, users, trail = CalendarFeed.__table__, User.__table__, TrailEvent.__table__
SUBSCRIBER = (
    select(users.c.taxpayer_id, users.c.language)
    .select_from(feeds)
    .join(users, users.c.id == feeds.c.user_id)
    .where(
        feeds.c.token_hash == bindparam("token_hash"), feeds.c.ended_at.is_(None), users.c.disabled_at.is_(None),
        users.c.taxpayer_id.is_not(None),
    )
)  # fmt: skip
MADE = select(feeds.c.made_at).where(feeds.c.user_id == bindparam("user_id"), feeds.c.ended_at.is_(None))
# Whoever only looks changes no date and no amount.
LOOKING = ("sign_in.%", "notice.%", "calendar.%", "data.%")
CHANGES = trail.c.taxpayer_id == bindparam("taxpayer_id"), *(trail.c.event.not_like(each) for each in LOOKING)
LAST = select(trail.c.link).where(*CHANGES).order_by(trail.c.number.desc()).limit(1).scalar_subquery()
LATEST = select(func.count(), func.max(trail.c.at), LAST).where(*CHANGES)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Whose payments a feed shows, and in which language."""

    taxpayer_id: int
    language: str


@dataclass(frozen=True, slots=True)
class Change:
    """How many deeds have touched an account, when the last one did, and its link, which no other deed has."""

    count: int
    at: datetime
    link: str


def subscriber(token_hash: str) -> Subscriber | None:
    """Who is shown by an open feed; None if there is no such feed."""
    row = look(SUBSCRIBER, token_hash=token_hash).one_or_none()
    return Subscriber(*row) if row else None


def made_at(user_id: int) -> datetime | None:
    """Since when a user has a feed, if there is one."""
    found: datetime | None = look(MADE, user_id=user_id).scalar_one_or_none()
    return found


def latest_change(taxpayer_id: int) -> Change:
    """The latest deed that may have changed a date or an amount: every one has its event in the trail."""
    return Change(*look(LATEST, taxpayer_id=taxpayer_id).one())
