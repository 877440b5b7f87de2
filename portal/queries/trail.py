"""The trail as pages need it: what happened last to an account."""

from sqlalchemy import bindparam, select

from portal.db import look
from portal.models import TrailEvent

trail = TrailEvent.__table__
LATEST_LINK = (
    select(trail.c.link)
    .where(trail.c.taxpayer_id == bindparam("taxpayer_id"))
    .order_by(trail.c.number.desc())
    .limit(1)
)


def latest_link(taxpayer_id: int) -> str:
    """A name for the account as it stands: every deed that touches it adds an event, and no two links are equal."""
    return str(look(LATEST_LINK, taxpayer_id=taxpayer_id).scalar_one_or_none() or "")
