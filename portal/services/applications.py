"""Applications for a plan: begin, answer, drop, decide and expire."""

import json
from datetime import date, timedelta

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.answers import Answer, Answers, Step, due_day_of, kind_of, method_of, monthly_of
from portal.domain.application import next_step, settled
from portal.domain.case import Case, has_low_income, pays_in_time, reasons
from portal.domain.eligibility import Reason, TooLate
from portal.domain.language import Language
from portal.domain.lifecycle import ApplicationState, application_move
from portal.domain.moment import Moment
from portal.domain.plan import Method, PlanKind
from portal.domain.refusal import Refusal
from portal.models import Application, Taxpayer
from portal.models.bank_account import AccountType
from portal.models.columns import new_reference
from portal.models.notice import NoticeKind
from portal.office import office
from portal.queries.applications import opened
from portal.queries.cases import case_of
from portal.services import agreements, authorizations, bank_accounts, notices, payroll, taxpayers, trail, users
from portal.services.authorizations import Signature
from portal.services.terms import Proposal


class NoDraft(Refusal):
    """This application is not open any more. Nothing was changed."""


class AnswersMissing(Refusal):
    """Something changed since you answered, so one question has to be asked again. Nothing was sent."""


def begin(*, by: Actor, when: Moment) -> Application:
    """The applicant's draft: the one that is open, or a new one."""
    with transaction():
        if (draft := _draft(by)) and draft.ends_on >= when.on:
            return draft
        if draft:
            _close(draft, ApplicationState.EXPIRED, by=by, when=when)
        application = Application(
            reference=new_reference("AP"), taxpayer_id=by.taxpayer_id, user_id=by.user_id,
            state=ApplicationState.DRAFTED, begun_on=when.on, ends_on=_kept_through(when.on), reasons=[],
        )  # fmt: skip
        _write(application, {})
        db.session.add(application)
        db.session.flush()
        trail.note("application.begun", application, by=by, when=when)
        return application


def answer(step: Step, given: Answer, *, by: Actor, when: Moment) -> tuple[Answers, dict[Step, Refusal]]:
    """Write one answer into the applicant's draft, and keep it for another month. What of the other answers does not
    hold any more is deleted: what is kept, and why others are not. Refuses an answer that does not hold itself.
    """
    with transaction():
        draft = _open_draft(by, when)
        answers = {**opened(draft.answers_sealed, draft.reference), step: given}
        kept, dropped = settled(case_of(draft.taxpayer_id, when.on), answers)
        if step in dropped:
            raise dropped[step]
        _write(draft, kept)
        draft.ends_on = _kept_through(when.on)
        trail.note("application.answered", draft, by=by, when=when, question=step)
        return kept, dropped


def drop(*, by: Actor, when: Moment) -> None:
    """Delete the draft at the applicant's wish."""
    with transaction():
        _close(_open_draft(by, when), ApplicationState.DROPPED, by=by, when=when)


def decide(signature: Signature | None, *, by: Actor, when: Moment) -> Application:
    """Decide at once, by the rules alone: an agreement with all that belongs to it, or every reason against it; all
    of it or nothing. Who asks again, in another tab or by going back, is told what was decided.

    Refuses (`AnswersMissing`) a draft in which a question is open or an answer does not hold any more, unless there
    is a reason against both kinds of plan, and (`NoDraft`) where nothing was asked for.
    """
    with transaction():
        draft = _draft(by)
        if draft is None or draft.ends_on < when.on:
            return _latest_decision(by)
        case = case_of(draft.taxpayer_id, when.on)
        answers, _dropped = settled(case, opened(draft.answers_sealed, draft.reference))
        if signature is None or Step.PLAN not in answers:
            return _refuse_all(draft, case, answers, by=by, when=when)
        if next_step(answers) is not None:
            raise AnswersMissing
        if not pays_in_time(case, answers):
            return _refuse(draft, (TooLate(),), by=by, when=when)
        return _accept(draft, case, answers, signature, by=by, when=when)


def expire(application: Application, *, by: Actor, when: Moment) -> None:
    """Delete a draft that nobody went on with."""
    with transaction():
        _close(application, ApplicationState.EXPIRED, by=by, when=when)


def _accept(
    draft: Application, case: Case, answers: Answers, signature: Signature, *, by: Actor, when: Moment
) -> Application:
    """The agreement, its terms, bank account, authorizations, first payment and notice."""
    taxpayer = db.session.get_one(Taxpayer, draft.taxpayer_id)
    taxpayers.move(taxpayer, answers[Step.ADDRESS], by=by, when=when)
    wishes = answers[Step.CONTACT]
    user = users.at_work(by)
    users.speak(user, Language(wishes["language"]), by=by, when=when)
    users.remind(user, wanted=wishes["reminders"] == "yes", by=by, when=when)
    agreement = agreements.accept(taxpayer, _proposal(taxpayer, case, answers, by, when), by=by, when=when)
    authorizations.keep(agreement, signature, by=by, when=when)
    if method_of(answers) is Method.PAYROLL:
        payroll.ask(agreement, monthly_of(answers), answers[Step.EMPLOYER], by=by, when=when)
    draft.agreement_id = agreement.id
    _close(draft, ApplicationState.ACCEPTED, by=by, when=when, agreement=agreement.reference)
    return draft


def _proposal(taxpayer: Taxpayer, case: Case, answers: Answers, by: Actor, when: Moment) -> Proposal:
    bank_account, method = None, method_of(answers)
    if method is Method.DIRECT_DEBIT:
        bank = answers[Step.BANK]
        bank_account = bank_accounts.add(
            taxpayer, routing_number=bank["routing_number"], number=bank["account_number"],
            type=AccountType(bank["type"]), by=by, when=when,
        )  # fmt: skip
    return Proposal(
        monthly=monthly_of(answers),
        due_day=due_day_of(answers),
        first_due_on=date.fromisoformat(answers[Step.DAY]["first_due_on"]),
        method=method,
        bank_account=bank_account,
        kind=kind_of(answers),
        has_low_income=has_low_income(case, answers),
    )


def _refuse_all(draft: Application, case: Case, answers: Answers, *, by: Actor, when: Moment) -> Application:
    """Refuse for every reason against a plan; where one kind is possible, nothing is refused."""
    found = reasons(case, answers)
    if not all(found.values()):
        raise AnswersMissing
    every = {type(reason): reason for kind in PlanKind for reason in found[kind]}
    return _refuse(draft, tuple(every.values()), by=by, when=when)


def _refuse(draft: Application, found: tuple[Reason, ...], *, by: Actor, when: Moment) -> Application:
    """What was refused, why, and the way back in, in writing."""
    draft.reasons = [reason.recorded() for reason in found]
    names = " ".join(record["reason"] for record in draft.reasons)
    _close(draft, ApplicationState.REFUSED, by=by, when=when, reasons=names)
    notices.issue(draft.taxpayer_id, NoticeKind.REFUSAL, when=when, application=draft.reference, reasons=names)
    return draft


def _draft(by: Actor) -> Application | None:
    rows = select(Application).where(Application.user_id == by.user_id, Application.state == ApplicationState.DRAFTED)
    return db.session.execute(rows).scalar_one_or_none()


def _open_draft(by: Actor, when: Moment) -> Application:
    draft = _draft(by)
    if draft is None or draft.ends_on < when.on:
        raise NoDraft
    return draft


def _latest_decision(by: Actor) -> Application:
    rows = select(Application).where(Application.user_id == by.user_id, Application.decided_on.is_not(None))
    decided = db.session.execute(rows.order_by(Application.id.desc()).limit(1)).scalar_one_or_none()
    if decided is None:
        raise NoDraft
    return decided


def _write(application: Application, answers: Answers) -> None:
    application.answers_sealed = office().vault.seal(json.dumps(answers), application.answers_row)


def _close(application: Application, state: ApplicationState, *, by: Actor, when: Moment, **details: str) -> None:
    """A draft ends, and its answers are deleted: what is to last was written where it belongs."""
    application.state = application_move(application.state, state)
    if state in (ApplicationState.ACCEPTED, ApplicationState.REFUSED):
        application.decided_on, application.decided_at = when.on, when.at
    _write(application, {})
    db.session.flush()
    trail.note(f"application.{state}", application, by=by, when=when, **details)


def _kept_through(on: date) -> date:
    return on + timedelta(days=office().policy.days.on(on).draft)
