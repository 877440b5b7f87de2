"""Requests for what two people have to do, as they are looked at."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from portal.db import db
from portal.domain.lifecycle import ApprovalState
from portal.models import Approval, Taxpayer, User
from portal.models.approval import ApprovalKind

NEWEST = 50


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """A request: what, about whom, by whom, when and why, and what was decided."""

    reference: str
    kind: ApprovalKind
    state: ApprovalState
    subject: str
    facts: dict[str, str]
    reason: str
    asked_by: int
    asked_by_name: str
    asked_at: datetime
    ends_on: date
    decided_by_name: str | None
    answer: str
    taxpayer_id: int
    taxpayer: str
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_open(self) -> bool:
        return self.state is ApprovalState.ASKED


def waiting() -> list[ApprovalView]:
    """What waits for a decision, the oldest first."""
    return _found(_views().where(Approval.state == ApprovalState.ASKED).order_by(Approval.id).limit(NEWEST))


def asked_by(user_id: int) -> list[ApprovalView]:
    """What somebody asked for, newest first."""
    return _found(_views().where(Approval.asked_by == user_id).order_by(Approval.id.desc()).limit(NEWEST))


def about(taxpayer_id: int) -> list[ApprovalView]:
    """What waits for a decision about an account."""
    rows = _views().where(Approval.taxpayer_id == taxpayer_id, Approval.state == ApprovalState.ASKED)
    return _found(rows.order_by(Approval.id))


def one(reference: str) -> ApprovalView | None:
    """The request with this reference, if there is one."""
    found = _found(_views().where(Approval.reference == reference))
    return found[0] if found else None


def _found(rows: Select[*tuple[Any, ...]]) -> list[ApprovalView]:
    return [ApprovalView(*row) for row in db.session.execute(rows)]


def _views() -> Select[*tuple[Any, ...]]:
    asker, decider = aliased(User), aliased(User)
    return (
        select(
            Approval.reference, Approval.kind, Approval.state, Approval.subject, Approval.facts, Approval.reason,
            Approval.asked_by, asker.name, Approval.asked_at, Approval.ends_on, decider.name, Approval.answer,
            Approval.taxpayer_id, Taxpayer.reference, Taxpayer.first_name, Taxpayer.last_name,
        )
        .join(asker, asker.id == Approval.asked_by)
        .outerjoin(decider, decider.id == Approval.decided_by)
        .join(Taxpayer, Taxpayer.id == Approval.taxpayer_id)
    )  # fmt: skip
