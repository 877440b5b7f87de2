"""Who signs in to an account, as the agency knows them: the taxpayer or the spouse, and where they live."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, case, select

from portal.db import look
from portal.models import Spouse, Taxpayer, User

users, taxpayers, spouses = User.__table__, Taxpayer.__table__, Spouse.__table__


def _own(name: str) -> Any:
    """The spouse's own fact where the user is the spouse, else the taxpayer's."""
    return case((users.c.spouse_id.is_not(None), spouses.c[name]), else_=taxpayers.c[name])


PERSON = (
    select(
        users.c.id, users.c.email, users.c.language, users.c.wants_reminders, _own("first_name"), _own("last_name"),
        _own("ssn_index"), _own("born_on"), taxpayers.c.reference, taxpayers.c.filing_status, taxpayers.c.street,
        taxpayers.c.city, taxpayers.c.state, taxpayers.c.postal_code, taxpayers.c.phone,
    )
    .select_from(users)
    .join(taxpayers, taxpayers.c.id == users.c.taxpayer_id)
    .outerjoin(spouses, spouses.c.id == users.c.spouse_id)
    .where(users.c.id == bindparam("user_id"))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """The person behind a user, and the address that the account has."""

    user_id: int
    email: str
    language: str
    wants_reminders: bool
    first_name: str
    last_name: str
    ssn_index: str
    born_on: date
    account: str
    filing_status: str
    street: str
    city: str
    state: str
    postal_code: str
    phone: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def person(user_id: int) -> Person:
    """The person who signs in as this user, who belongs to an account."""
    return Person(*look(PERSON, user_id=user_id).one())
