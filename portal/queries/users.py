"""Users: counted, listed by their addresses, found, and one of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from portal.db import db, look
from portal.domain.actor import Role
from portal.models import SecondFactor, SignIn, Taxpayer, User

PAGE_ROWS = 50
# Addresses are ASCII, and this comes after all that stands in one.
LAST = "\x7f"

users, taxpayers, factors, sign_ins = (
    User.__table__, Taxpayer.__table__, SecondFactor.__table__, SignIn.__table__,
)  # fmt: skip
LAST_SEEN = select(func.max(sign_ins.c.seen_at)).where(sign_ins.c.user_id == users.c.id).scalar_subquery()
LINES = (
    select(
        users.c.id, users.c.reference, users.c.name, users.c.email, users.c.role, users.c.disabled_at,
        factors.c.since, LAST_SEEN, taxpayers.c.reference,
    )
    .select_from(users)
    .outerjoin(factors, factors.c.user_id == users.c.id)
    .outerjoin(taxpayers, taxpayers.c.id == users.c.taxpayer_id)
)  # fmt: skip
BY_ADDRESS = LINES.order_by(users.c.email).limit(PAGE_ROWS + 1)


@dataclass(frozen=True, slots=True)
class UserView:
    """Somebody who can sign in, unless disabled; since when with a second factor, and when last seen."""

    id: int
    reference: str
    name: str
    email: str
    role: Role
    disabled_at: datetime | None
    second_factor_since: datetime | None
    last_seen_at: datetime | None
    taxpayer: str | None


def count(role: Role) -> int:
    """How many users of a role can sign in."""
    rows = select(func.count()).select_from(User).where(User.role == role, User.disabled_at.is_(None))
    return db.session.execute(rows).scalar_one()


def page(roles: tuple[Role, ...], after: str | None = None) -> tuple[tuple[UserView, ...], str | None]:
    """Users of these roles by their addresses, and after which of them the next page begins."""
    wanted = BY_ADDRESS.where(users.c.role.in_(roles))
    if after:
        wanted = wanted.where(users.c.email > _address_of(after))
    found = tuple(UserView(*row) for row in look(wanted))
    return found[:PAGE_ROWS], found[PAGE_ROWS - 1].reference if len(found) > PAGE_ROWS else None


def find(text: str, staff: tuple[Role, ...]) -> tuple[UserView, ...]:
    """Whose address begins like this, and those of the staff whose name has it in it: the first fifty."""
    text = text.strip().lower()
    begins: ColumnElement[bool] = users.c.email.between(text, text + LAST)
    # `instr` and `strpos` read no sign of what was typed as anything but itself.
    place = func.strpos if db.engine.dialect.name == "postgresql" else func.instr
    named = users.c.role.in_(staff) & (place(func.lower(users.c.name), text) > 0)
    return tuple(UserView(*row) for row in look(BY_ADDRESS.where(or_(begins, named))))[:PAGE_ROWS]


def one(reference: str) -> UserView | None:
    """The user of this public name."""
    row = look(LINES.where(users.c.reference == reference)).one_or_none()
    return UserView(*row) if row else None


def _address_of(reference: str) -> ColumnElement[str]:
    return select(users.c.email).where(users.c.reference == reference).scalar_subquery()
