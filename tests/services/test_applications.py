"""Drafts of applications: one a person, sealed, kept for a month, and held to the rules with every answer."""

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL, Actor, Role
from portal.domain.answers import Answer, Step
from portal.domain.application import NotNeeded, NotPossible
from portal.domain.eligibility import NeedsDebit
from portal.domain.lifecycle import ApplicationState, NotAllowed
from portal.domain.moment import Moment
from portal.domain.offer import TooLittleAMonth, TooMuchAMonth
from portal.domain.period import TaxPeriod
from portal.domain.refusal import Refusal
from portal.gateways.vault import Unreadable
from portal.models import Application, TrailEvent
from portal.office import office
from portal.queries.applications import draft_of, opened
from portal.queries.cases import case_of
from portal.services import applications, taxpayers, users
from portal.services.applications import NoDraft
from tests.applicant import ACCOUNT, actor_of, decide, kept, later, marry, write_draft
from tests.cast import TODAY, taxpayer, user
from tests.ledger_text import dollars, owing
from tests.services.test_deeds import everything
from tests.stopped_clock import NOW

STREET = "4711 Canary Wharf Lane"


def begun(when: Moment = NOW) -> Application:
    return applications.begin(by=olivia(), when=when)


def olivia() -> Actor:
    """Who owes and has no plan."""
    return actor_of(user("owing"))


def answered(step: Step, **answer: str) -> dict[Step, type[Refusal]]:
    """Why other answers do not hold after this one."""
    _kept, dropped = applications.answer(step, answer, by=olivia(), when=NOW)
    return {each: type(why) for each, why in dropped.items()}


# Beginning.


def test_a_draft_is_begun_once_and_found_again(app: Flask) -> None:
    first = begun()

    again = begun(later(days=3))

    assert again is first
    assert (first.state, first.taxpayer_id, first.user_id) == (
        ApplicationState.DRAFTED, taxpayer("owing").id, user("owing").id,
    )  # fmt: skip
    assert (first.begun_on, first.ends_on) == (TODAY, TODAY + timedelta(days=30))
    assert events(first) == ["application.begun"]


def test_each_spouse_has_a_draft_of_their_own(app: Flask) -> None:
    spouse = actor_of(marry())

    mine, theirs = begun(), applications.begin(by=spouse, when=NOW)

    assert mine.reference != theirs.reference
    assert mine.taxpayer_id == theirs.taxpayer_id


def test_a_draft_whose_time_is_over_makes_room_for_a_new_one(app: Flask) -> None:
    """The thirtieth day still counts."""
    old = begun()
    answered(Step.RETURNS, filed="yes")
    assert begun(later(days=30)) is old

    new = begun(later(days=31))

    assert new is not old
    assert (old.state, answers_of(old)) == (ApplicationState.EXPIRED, {})
    assert answers_of(new) == {}
    assert draft_of(user("owing").id, later(days=31).on).reference == new.reference


def test_a_new_application_can_be_begun_after_a_decision(app: Flask) -> None:
    write_draft("owing", returns={"filed": "yes"})
    applications.answer(Step.RETURNS, {"filed": "no"}, by=olivia(), when=NOW)
    refused = applications.decide(None, by=olivia(), when=NOW)

    assert begun().reference != refused.reference


# Answering.


def test_an_answer_is_kept_and_can_be_read_again(app: Flask) -> None:
    begun()

    assert answered(Step.RETURNS, filed="yes") == {}
    assert answered(Step.PAYMENT_NOW, choice="nothing", amount="") == {}

    draft = draft_of(user("owing").id, TODAY)
    assert draft is not None
    assert draft.answers == {Step.RETURNS: {"filed": "yes"}, Step.PAYMENT_NOW: {"choice": "nothing", "amount": ""}}


def test_answers_are_read_in_the_order_of_the_questions(app: Flask) -> None:
    begun()
    answered(Step.CONTACT, language="en_US", reminders="yes")
    answered(Step.RETURNS, filed="yes")

    assert list(draft_of(user("owing").id, TODAY).answers) == [Step.RETURNS, Step.CONTACT]


def test_an_answer_keeps_the_draft_for_another_thirty_days(app: Flask) -> None:
    draft = begun()

    applications.answer(Step.RETURNS, {"filed": "yes"}, by=olivia(), when=later(days=29))

    assert draft.ends_on == TODAY + timedelta(days=59)
    assert draft_of(user("owing").id, TODAY + timedelta(days=59)) is not None
    assert draft_of(user("owing").id, TODAY + timedelta(days=60)) is None


def test_the_trail_tells_which_question_was_answered_and_not_how(app: Flask) -> None:
    draft = begun()
    applications.answer(Step.ADDRESS, {**kept()[Step.ADDRESS], "street": STREET}, by=olivia(), when=NOW)

    row = db.session.execute(db.select(TrailEvent).order_by(TrailEvent.number.desc()).limit(1)).scalar_one()
    assert (row.event, row.subject, row.user_id) == ("application.answered", draft.reference, user("owing").id)
    assert row.details == {"question": "address"}


def test_what_is_answered_is_nowhere_in_clear(app: Flask) -> None:
    """Not in any row, in any column."""
    write_draft(address={**kept()[Step.ADDRESS], "street": STREET}, household={"people": "3", "income": "31337.42"})

    rows = repr(everything())
    for canary in (ACCOUNT, STREET, "31337.42"):
        assert canary not in rows


def test_what_is_answered_is_not_in_the_file_of_the_database_either(fresh_app: Flask) -> None:
    somebody = somebody_who_owes()
    applications.begin(by=somebody, when=NOW)
    applications.answer(Step.ADDRESS, {"street": STREET, "state": "OR"}, by=somebody, when=NOW)
    applications.answer(Step.BANK, {"account_number": "9988776655443"}, by=somebody, when=NOW)

    db.session.remove()
    files = [path.read_bytes() for path in office().settings.instance.rglob("*") if path.is_file()]

    assert any(b"application.answered" in content for content in files)
    assert not any(canary in content for content in files for canary in (STREET.encode(), b"9988776655443"))


def test_a_sealed_answer_opens_in_its_own_application_only(app: Flask) -> None:
    draft = begun()
    answered(Step.RETURNS, filed="yes")

    with pytest.raises(Unreadable):
        opened(draft.answers_sealed, "AP-0000-0000")


REFUSED: list[tuple[Step, dict[str, str], type[Refusal]]] = [
    (Step.AMOUNT, {"monthly": "10.00"}, TooLittleAMonth),
    (Step.AMOUNT, {"monthly": "99999.00"}, TooMuchAMonth),
    (Step.EMPLOYER, {"name": "Prairie Mill"}, NotNeeded),
]


@pytest.mark.parametrize(("step", "answer", "refusal"), REFUSED)
def test_an_answer_that_does_not_hold_is_refused_and_changes_nothing(
    app: Flask, step: Step, answer: dict[str, str], refusal: type[Refusal]
) -> None:
    write_draft()
    before = everything()

    with pytest.raises(refusal):
        applications.answer(step, answer, by=olivia(), when=NOW)

    assert everything() == before


def test_a_plan_that_is_not_possible_is_refused(app: Flask) -> None:
    """More than 50,000.00 is owed."""
    oscar = actor_of(user("overlimit"))
    applications.begin(by=oscar, when=NOW)

    with pytest.raises(NotPossible):
        applications.answer(Step.PLAN, {"kind": "long_term"}, by=oscar, when=NOW)

    assert applications.answer(Step.PLAN, {"kind": "short_term"}, by=oscar, when=NOW)[1] == {}


def test_own_payments_above_the_limit_are_refused_with_the_figures(app: Flask) -> None:
    """Another year was assessed since: more than 25,000.00 is owed now."""
    write_draft(amount={"monthly": "900.00"})
    facts = TaxPeriod(2023, date(2024, 4, 15), date(2024, 4, 15), TODAY, dollars("9000.00"))
    taxpayers.assess(taxpayer("owing"), facts, by=PORTAL, when=NOW)

    with pytest.raises(NeedsDebit) as refused:
        applications.answer(Step.METHOD, {"method": "manual"}, by=olivia(), when=NOW)

    owed = case_of(taxpayer("owing").id, TODAY).owed
    assert refused.value.facts == {
        "owed": owed, "most": dollars("25000.00"), "pay_now": owed - dollars("25000.00"),
    }  # fmt: skip


def test_an_answer_drops_the_later_ones_that_do_not_hold_any_more_and_says_why(app: Flask) -> None:
    write_draft()

    dropped = answered(Step.PLAN, kind="short_term")

    assert dropped == {Step.AMOUNT: TooLittleAMonth, Step.DAY: NotPossible, Step.HOUSEHOLD: NotNeeded}
    left = draft_of(user("owing").id, TODAY).answers
    assert set(kept()) - set(left) == {Step.AMOUNT, Step.DAY, Step.HOUSEHOLD}
    assert left[Step.PLAN] == {"kind": "short_term"}


def test_another_method_deletes_the_account_number(app: Flask) -> None:
    write_draft()

    assert answered(Step.METHOD, method="manual") == {Step.BANK: NotNeeded}

    assert ACCOUNT not in json.dumps(draft_of(user("owing").id, TODAY).answers)


# Who may answer, and until when.


def test_nobody_answers_in_somebody_else_s_draft(app: Flask) -> None:
    """Not even the spouse: each has a draft of their own."""
    write_draft()
    before = answers_of(begun())

    for foreign in (actor_of(user("stranger")), actor_of(marry())):
        with pytest.raises(NoDraft):
            applications.answer(Step.RETURNS, {"filed": "no"}, by=foreign, when=NOW)
        with pytest.raises(NoDraft):
            applications.drop(by=foreign, when=NOW)
        with pytest.raises(NoDraft):
            decide(by=foreign)

    assert answers_of(begun()) == before


def test_a_draft_whose_time_is_over_takes_no_answer(app: Flask) -> None:
    begun()

    with pytest.raises(NoDraft):
        applications.answer(Step.RETURNS, {"filed": "yes"}, by=olivia(), when=later(days=31))


def test_a_draft_whose_time_is_over_is_not_decided(app: Flask) -> None:
    write_draft()

    with pytest.raises(NoDraft):
        decide(when=later(days=31))

    assert decide(when=later(days=1)).state is ApplicationState.ACCEPTED


def test_without_a_draft_there_is_nothing_to_answer_to_drop_or_to_decide(app: Flask) -> None:
    before = everything()
    deeds: list[Callable[[], object]] = [
        lambda: applications.answer(Step.RETURNS, {"filed": "yes"}, by=olivia(), when=NOW),
        lambda: applications.drop(by=olivia(), when=NOW),
        lambda: decide(by=olivia()),
        lambda: applications.decide(None, by=olivia(), when=NOW),
    ]

    for deed in deeds:
        with pytest.raises(NoDraft):
            deed()

    assert everything() == before


# The end of a draft.


def test_a_dropped_draft_is_wiped_and_another_can_be_begun(app: Flask) -> None:
    write_draft()
    draft = begun()

    applications.drop(by=olivia(), when=NOW)

    assert (draft.state, answers_of(draft), draft.decided_on) == (ApplicationState.DROPPED, {}, None)
    assert draft_of(user("owing").id, TODAY) is None
    assert events(draft)[-1] == "application.dropped"
    assert answers_of(begun()) == {}


def test_an_expired_draft_is_wiped(app: Flask) -> None:
    write_draft()
    draft = begun()

    applications.expire(draft, by=PORTAL, when=later(days=31))

    assert (draft.state, answers_of(draft), draft.decided_on) == (ApplicationState.EXPIRED, {}, None)
    assert events(draft)[-1] == "application.expired"


def test_what_has_ended_does_not_end_again(app: Flask) -> None:
    draft = begun()
    applications.drop(by=olivia(), when=NOW)

    with pytest.raises(NotAllowed):
        applications.expire(draft, by=PORTAL, when=NOW)


def answers_of(application: Application) -> dict[Step, Answer]:
    return opened(application.answers_sealed, application.reference)


def events(application: Application) -> list[str]:
    rows = db.select(TrailEvent.event).where(TrailEvent.subject == application.reference)
    return list(db.session.execute(rows.order_by(TrailEvent.number)).scalars())


def somebody_who_owes() -> Actor:
    """Somebody who has just been enrolled on an empty database."""
    member = users.add(
        "robin@example.test", "a password of many words", name="Robin Ledger", role=Role.TAXPAYER,
        taxpayer=owing("9000.00", year=2025, day=TODAY), by=PORTAL, when=NOW,
    )  # fmt: skip
    return actor_of(member)
