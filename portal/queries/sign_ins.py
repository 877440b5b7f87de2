"""Who a sign-in belongs to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.db import db
from portal.domain.actor import Role
from portal.models import SignIn, Taxpayer, User


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person behind a request. What Flask-Login asks for stands below."""

    token: str
    sign_in_id: int
    user_id: int
    name: str
    role: Role
    taxpayer_id: int | None
    taxpayer_reference: str | None
    language: str
    seen_at: datetime

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.token


def open_sign_in(token: str, token_hash: str, now: datetime, seen_since: datetime) -> SignedIn | None:
    """The sign-in of a token that has neither ended, nor run out, nor idled too long, of a user not disabled."""
    row = db.session.execute(
        select(
            SignIn.id, User.id, User.name, User.role, User.taxpayer_id, Taxpayer.reference, User.language,
            SignIn.seen_at,
        )
        .join(User, User.id == SignIn.user_id)
        .outerjoin(Taxpayer, Taxpayer.id == User.taxpayer_id)
        .where(
            SignIn.token_hash == token_hash, SignIn.ended_at.is_(None), SignIn.ends_at > now,
            SignIn.seen_at > seen_since, User.disabled_at.is_(None),
        )
    ).one_or_none()  # fmt: skip
    return SignedIn(token, *row) if row else None
