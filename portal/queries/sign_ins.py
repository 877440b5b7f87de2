"""Who a sign-in belongs to."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, select

from portal.db import look
from portal.domain.actor import Acting, Role
from portal.models import SecondFactor, SignIn, Taxpayer, User

sign_ins, users, taxpayers = SignIn.__table__, User.__table__, Taxpayer.__table__
factors = SecondFactor.__table__
OPEN_SIGN_IN = (
    select(
        sign_ins.c.id, users.c.id, users.c.name, users.c.role, users.c.taxpayer_id, taxpayers.c.reference,
        users.c.language, sign_ins.c.seen_at, sign_ins.c.proved_at,
        factors.c.id.is_not(None),
    )
    .select_from(sign_ins)
    .join(users, users.c.id == sign_ins.c.user_id)
    .outerjoin(taxpayers, taxpayers.c.id == users.c.taxpayer_id)
    .outerjoin(factors, factors.c.user_id == users.c.id)
    .where(
        sign_ins.c.token_hash == bindparam("token_hash"), sign_ins.c.ended_at.is_(None),
        sign_ins.c.ends_at > bindparam("now"), sign_ins.c.seen_at > bindparam("seen_since"),
        users.c.disabled_at.is_(None), sign_ins.c.code_by.is_(None),
    )
)  # fmt: skip

OF_TOKEN = select(sign_ins.c.user_id).where(sign_ins.c.token_hash == bindparam("token_hash"))
OPEN_STAYS = (
    select(
        sign_ins.c.reference, sign_ins.c.began_at, sign_ins.c.seen_at, sign_ins.c.browser,
        sign_ins.c.id == bindparam("sign_in_id"),
    )
    .where(
        sign_ins.c.user_id == bindparam("user_id"), sign_ins.c.ended_at.is_(None),
        sign_ins.c.ends_at > bindparam("now"), sign_ins.c.seen_at > bindparam("seen_since"),
        sign_ins.c.code_by.is_(None), sign_ins.c.reference.is_not(None),
    )
    .order_by(sign_ins.c.seen_at.desc(), sign_ins.c.id.desc())
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """The taxpayer for whom somebody acts, and the user of the account through whose eyes they look."""

    user_id: int
    name: str
    taxpayer_id: int
    taxpayer_reference: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person behind a request; `acting` says who it really is, where somebody acts for that person. What
    Flask-Login asks for stands below.
    """

    token: str
    sign_in_id: int
    user_id: int
    name: str
    role: Role
    taxpayer_id: int | None
    taxpayer_reference: str | None
    language: str
    seen_at: datetime
    proved_at: datetime | None
    has_second_factor: bool
    acting: Acting | None = None

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def as_subject(self, subject: Subject, acting: Acting) -> "SignedIn":
        """The same sign-in, with the eyes of the taxpayer for whom its user acts; the language stays the user's."""
        return replace(
            self, user_id=subject.user_id, name=subject.name, role=Role.TAXPAYER, acting=acting,
            taxpayer_id=subject.taxpayer_id, taxpayer_reference=subject.taxpayer_reference,
        )  # fmt: skip

    def get_id(self) -> str:
        return self.token


def open_sign_in(token: str, token_hash: str, now: datetime, seen_since: datetime) -> SignedIn | None:
    """The sign-in of a token that has neither ended, nor run out, nor idled too long, of a user not disabled."""
    row = look(OPEN_SIGN_IN, token_hash=token_hash, now=now, seen_since=seen_since).one_or_none()
    return SignedIn(token, *row) if row else None


def whose(token_hash: str) -> int | None:
    """The user of a sign-in, be it open or ended."""
    user_id: int | None = look(OF_TOKEN, token_hash=token_hash).scalar_one_or_none()
    return user_id


@dataclass(frozen=True, slots=True)
class Stay:
    """An open sign-in, as its owner sees it."""

    reference: str
    began_at: datetime
    seen_at: datetime
    browser: str
    is_this_one: bool


def stays(who: SignedIn, now: datetime, seen_since: datetime) -> list[Stay]:
    """Every open sign-in of the user, the one that was seen last first."""
    ids = {"user_id": who.user_id, "sign_in_id": who.sign_in_id}
    rows = look(OPEN_STAYS, **ids, now=now, seen_since=seen_since).all()
    return [Stay(*row) for row in rows]
