"""Users, counted."""

from sqlalchemy import func, select

from portal.db import db
from portal.domain.actor import Role
from portal.models import User


def count(role: Role) -> int:
    """How many users of a role can sign in."""
    rows = select(func.count()).select_from(User).where(User.role == role, User.disabled_at.is_(None))
    return db.session.execute(rows).scalar_one()
