"""Who does something: a person who signed in, somebody who acts for a taxpayer, or the portal itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a user is here for."""

    TAXPAYER = "taxpayer"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What somebody who acts for a taxpayer may do for them; everything else they may only look at."""

    CANCEL_PAYMENT = "cancel_payment"
    CHANGE_AMOUNT = "change_amount"
    CHANGE_DAY = "change_day"
    SKIP = "skip"
    SLIDE = "slide"


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody acts for a taxpayer: by which session or code (its reference), who it is, what they may do beside
    looking, and until when; `is_once` if each permission is for one deed. The taxpayer is the subject; rights come
    from here alone, never from who acts.
    """

    reference: str
    user_id: int | None
    role: Role | None
    name: str
    permissions: frozenset[Permission]
    ends_at: datetime
    is_once: bool


@dataclass(frozen=True, slots=True)
class Actor:
    """The user at work and the taxpayer whose account they may reach; the portal itself is nobody (None). Who acts
    for a taxpayer does so by `acting`, a reference, with the eyes of the user `subject_id`.
    """

    user_id: int | None = None
    role: Role | None = None
    taxpayer_id: int | None = None
    acting: str | None = None
    subject_id: int | None = None

    @property
    def looks_as(self) -> int | None:
        """The user whose drafts are seen."""
        return self.subject_id or self.user_id


PORTAL = Actor()
