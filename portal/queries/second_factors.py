"""What somebody has beside the password."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from portal.db import look
from portal.models import RecoveryCode, SecondFactor

factors, codes = SecondFactor.__table__, RecoveryCode.__table__
CODES_LEFT = (
    select(func.count())
    .select_from(codes)
    .where(codes.c.user_id == factors.c.user_id, codes.c.used_at.is_(None))
    .scalar_subquery()
)
KEPT = select(factors.c.since, CODES_LEFT).where(factors.c.user_id == bindparam("user_id"))


@dataclass(frozen=True, slots=True)
class Kept:
    """Since when a user's app shows codes, and how many codes on paper are left."""

    since: datetime
    codes_left: int


def second_factor(user_id: int) -> Kept | None:
    """The second factor of a user, if there is one."""
    row = look(KEPT, user_id=user_id).one_or_none()
    return Kept(*row) if row else None
