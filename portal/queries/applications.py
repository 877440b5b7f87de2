"""Applications as their pages need them: the draft with its answers, and what was decided."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from portal.db import look
from portal.domain.answers import Answer, Step
from portal.domain.lifecycle import ApplicationState
from portal.models import Agreement, Application
from portal.models.application import answers_row
from portal.office import office

applications, agreements = Application.__table__, Agreement.__table__
DRAFT = select(
    applications.c.reference, applications.c.ends_on, applications.c.answers_sealed, applications.c.begun_on
).where(
    applications.c.user_id == bindparam("user_id"),
    applications.c.state == ApplicationState.DRAFTED,
    applications.c.ends_on >= bindparam("on"),
)
DECISIONS = (
    select(
        applications.c.reference, applications.c.state, applications.c.decided_on, applications.c.decided_at,
        applications.c.reasons, agreements.c.reference.label("agreement"),
    )
    .select_from(applications)
    .outerjoin(agreements, agreements.c.id == applications.c.agreement_id)
    .where(
        applications.c.taxpayer_id == bindparam("taxpayer_id"), applications.c.decided_on.is_not(None),
    )
    .order_by(applications.c.id.desc())
)  # fmt: skip
DECISION = DECISIONS.where(applications.c.reference == bindparam("reference"))
DECISION_ON = DECISIONS.where(agreements.c.reference == bindparam("agreement"))
LATEST_DECISION = DECISIONS.limit(1)


@dataclass(frozen=True, slots=True)
class Draft:
    """An application that is not decided yet, and until when it is kept."""

    reference: str
    ends_on: date
    begun_on: date
    answers: dict[Step, Answer]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What was decided: an agreement's reference, or the reasons against it."""

    reference: str
    state: ApplicationState
    decided_on: date
    decided_at: datetime
    reasons: list[dict[str, Any]]
    agreement: str | None

    @property
    def is_accepted(self) -> bool:
        return self.state is ApplicationState.ACCEPTED


def draft_of(user_id: int, on: date) -> Draft | None:
    """The draft of a person, if there is one that is still kept."""
    row = look(DRAFT, user_id=user_id, on=on).one_or_none()
    if row is None:
        return None
    return Draft(row.reference, row.ends_on, row.begun_on, opened(row.answers_sealed, row.reference))


def opened(sealed: str, reference: str) -> dict[Step, Answer]:
    """The answers of an application, in the order of the questions."""
    answers = json.loads(office().vault.open(sealed, answers_row(reference)))
    return {step: answers[step] for step in Step if step in answers}


def decision(taxpayer_id: int, reference: str) -> DecisionView | None:
    """The decision on an application of this account, whichever of the spouses asked; None for anybody else's."""
    row = look(DECISION, taxpayer_id=taxpayer_id, reference=reference).one_or_none()
    return DecisionView(*row) if row else None


def latest_decision(taxpayer_id: int) -> DecisionView | None:
    """The newest decision on an application of this account, if there is one."""
    row = look(LATEST_DECISION, taxpayer_id=taxpayer_id).one_or_none()
    return DecisionView(*row) if row else None


def decision_on(taxpayer_id: int, agreement: str) -> DecisionView | None:
    """The decision from which an agreement came, if it was asked for on these pages."""
    row = look(DECISION_ON, taxpayer_id=taxpayer_id, agreement=agreement).one_or_none()
    return DecisionView(*row) if row else None
