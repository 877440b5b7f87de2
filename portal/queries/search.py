"""Looking a taxpayer up by whatever the caller says. Each kind of question is answered by an index."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from portal.db import db
from portal.models import Agreement, Payment, Taxpayer, User
from portal.models.columns import read_reference

MOST = 20


class Sought(StrEnum):
    """What kind of thing was typed."""

    ACCOUNT = "account"
    AGREEMENT = "agreement"
    PAYMENT = "payment"
    EMAIL = "email"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Found:
    """A taxpayer in a list of those who may be meant."""

    reference: str
    first_name: str
    last_name: str
    city: str
    state: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


FOUND = select(
    Taxpayer.reference, Taxpayer.first_name, Taxpayer.last_name, Taxpayer.city, Taxpayer.state
).order_by(Taxpayer.id)  # fmt: skip


def taxpayers(text: str) -> tuple[Sought, tuple[Found, ...]]:
    """What was typed, and the first who fit it."""
    kind, condition = _read(text.strip())
    if condition is None:
        return kind, ()
    return kind, tuple(Found(*row) for row in db.session.execute(FOUND.where(condition).limit(MOST)))


def _read(text: str) -> tuple[Sought, Any]:
    if "@" in text:
        wanted = select(User.taxpayer_id).where(User.email == text.lower())
        return Sought.EMAIL, Taxpayer.id.in_(wanted)
    if reference := read_reference(text, "TP"):
        return Sought.ACCOUNT, Taxpayer.reference == reference
    if reference := read_reference(text, "IA"):
        return Sought.AGREEMENT, Taxpayer.id.in_(
            select(Agreement.taxpayer_id).where(Agreement.reference == reference)
        )
    if reference := read_reference(text, "PY", 3, 5):
        return Sought.PAYMENT, Taxpayer.id.in_(select(Payment.taxpayer_id).where(Payment.reference == reference))
    return Sought.NOTHING, None
