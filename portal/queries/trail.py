"""The trail as pages need it: what happened last to an account, and what of it is new."""

from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from portal.db import look
from portal.models import Notice, TrailEvent

trail, notices = TrailEvent.__table__, Notice.__table__
LATEST_LINK = (
    select(trail.c.link)
    .where(trail.c.taxpayer_id == bindparam("taxpayer_id"))
    .order_by(trail.c.number.desc())
    .limit(1)
    .scalar_subquery()
)
NEW_NOTICES = (
    select(func.count())
    .select_from(notices)
    .where(notices.c.taxpayer_id == bindparam("taxpayer_id"), notices.c.read_at.is_(None))
    .scalar_subquery()
)
LATEST = select(LATEST_LINK, NEW_NOTICES)


class Latest(NamedTuple):
    """What happened last. `link` is a name for the account as it stands: every deed that touches it adds an event,
    and no two links are equal.
    """

    link: str
    new_notices: int


def latest(taxpayer_id: int) -> Latest:
    """The latest link of the trail of an account, and how many notices nobody has opened; one query."""
    link, new_notices = look(LATEST, taxpayer_id=taxpayer_id).one()
    return Latest(link or "", new_notices)
