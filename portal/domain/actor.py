"""Who does something: a person who signed in, or the portal itself."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a user is here for."""

    TAXPAYER = "taxpayer"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Actor:
    """The user at work and the taxpayer whose account they may reach; the portal itself is nobody (None)."""

    user_id: int | None = None
    role: Role | None = None
    taxpayer_id: int | None = None


PORTAL = Actor()
