"""Drafts day by day: what nobody went on with for a month is deleted."""

from flask import Flask

from portal.db import db
from portal.domain.answers import Step
from portal.domain.lifecycle import ApplicationState
from portal.gateways.bank import SandboxBank
from portal.jobs import close, drafts
from portal.models import Application, TrailEvent
from portal.queries.applications import draft_of, opened
from portal.services import applications
from tests.applicant import actor_of, decide, later, write_draft
from tests.cast import user
from tests.services.test_deeds import everything


def test_a_draft_is_deleted_on_the_day_after_its_last_one(app: Flask) -> None:
    write_draft()

    drafts.run(later(days=30))
    assert draft_of(user("owing").id, later(days=30).on) is not None

    drafts.run(later(days=31))
    draft = application()
    assert (draft.state, opened(draft.answers_sealed, draft.reference)) == (ApplicationState.EXPIRED, {})
    last = db.session.execute(db.select(TrailEvent).order_by(TrailEvent.number.desc()).limit(1)).scalar_one()
    assert (last.event, last.subject, last.user_id) == ("application.expired", draft.reference, None)


def test_a_draft_that_somebody_goes_on_with_is_kept(app: Flask) -> None:
    write_draft()
    applications.answer(Step.RETURNS, {"filed": "yes"}, by=actor_of(user("owing")), when=later(days=20))

    drafts.run(later(days=50))

    assert application().state is ApplicationState.DRAFTED


def test_what_was_decided_is_left_alone(app: Flask) -> None:
    write_draft()
    decide()
    before = everything()

    drafts.run(later(days=100))

    assert everything() == before


def test_a_day_that_is_done_twice_deletes_once(app: Flask) -> None:
    write_draft()
    drafts.run(later(days=31))
    before = everything()

    drafts.run(later(days=31))

    assert everything() == before


def test_the_daily_close_deletes_drafts_too(app: Flask) -> None:
    write_draft()

    close.run(later(days=31), SandboxBank())

    assert application().state is ApplicationState.EXPIRED


def application() -> Application:
    return db.session.execute(db.select(Application)).scalar_one()
