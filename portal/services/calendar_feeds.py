"""Calendar feeds: make the secret address of one, and make it worth nothing."""

from sqlalchemy import update

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.models import CalendarFeed
from portal.services import trail
from portal.services.links import new_token


def make(*, by: Actor, when: Moment) -> str:
    """A new address for the payments to come: its token, which is told this once. One that there was is worth nothing
    from here on.
    """
    token, kept = new_token()
    with transaction():
        _end(by, when)
        db.session.add(CalendarFeed(token_hash=kept, user_id=by.user_id, made_at=when.at))
        trail.append("calendar.made", str(by.user_id), by=by, when=when, taxpayer_id=by.taxpayer_id)
    return token


def end(*, by: Actor, when: Moment) -> None:
    """Take the address back; nothing happens if there is none."""
    with transaction():
        if _end(by, when):
            trail.append("calendar.ended", str(by.user_id), by=by, when=when, taxpayer_id=by.taxpayer_id)


def _end(by: Actor, when: Moment) -> int:
    open_one = update(CalendarFeed).where(CalendarFeed.user_id == by.user_id, CalendarFeed.ended_at.is_(None))
    ended = db.session.execute(open_one.values(ended_at=when.at))
    return int(ended.rowcount)  # type: ignore[attr-defined]
