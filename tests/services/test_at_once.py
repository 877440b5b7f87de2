"""Two tabs, two spouses, two devices at one moment: one draft a person, one agreement an account."""

from collections import Counter
from itertools import count

from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL, Actor, Role
from portal.domain.answers import Step
from portal.domain.lifecycle import ApplicationState
from portal.domain.refusal import Refusal
from portal.models import Agreement, Application, Payment, User
from portal.services import applications, users
from tests.applicant import actor_of, kept, later, marry, signature, write_draft
from tests.cast import TODAY, taxpayer, user
from tests.ledger_text import owing
from tests.stopped_clock import NOW
from tests.test_db import faults_of, together, trail_is_whole

THREADS = 16
_roles = count(1)


def test_sixteen_beginnings_at_once_are_one_draft(committing: Flask) -> None:
    somebody = actor_of(member())
    found: list[str] = []

    together(committing, lambda _number: found.append(begun(somebody)), THREADS)

    assert len(found) == THREADS
    assert len(set(found)) == 1
    assert [each.reference for each in applications_of(somebody)] == [found[0]]


def test_sixteen_signatures_at_once_are_one_agreement(committing: Flask) -> None:
    role = member().email.removesuffix("@example.test")
    somebody = actor_of(user(role))
    write_draft(role)
    told: list[tuple[str, int]] = []

    def sign(_number: int) -> None:
        decision = applications.decide(signature(), by=somebody, when=later(minutes=1))
        told.append((decision.reference, decision.agreement_id))

    together(committing, sign, THREADS)

    [agreement] = agreements_of(somebody)
    [application] = applications_of(somebody)
    assert told == [(application.reference, agreement.id)] * THREADS
    payments = db.select(Payment).where(Payment.agreement_id == agreement.id)
    assert len(db.session.execute(payments).scalars().all()) == 1
    assert faults_of(somebody.taxpayer_id) == []
    assert trail_is_whole()


def test_two_spouses_who_sign_at_once_have_one_agreement(committing: Flask) -> None:
    role = member().email.removesuffix("@example.test")
    spouses = [actor_of(user(role)), actor_of(marry(role))]
    for each in spouses:
        write_draft(role, by=each)
    told: list[ApplicationState] = []

    def sign(number: int) -> None:
        told.append(applications.decide(signature(), by=spouses[number % 2], when=later(minutes=1)).state)

    together(committing, sign, THREADS)

    assert Counter(told) == {ApplicationState.ACCEPTED: 8, ApplicationState.REFUSED: 8}
    assert len(agreements_of(spouses[0])) == 1
    assert faults_of(taxpayer(role).id) == []


def test_an_answer_and_a_signature_at_once_make_no_half_of_an_agreement(committing: Flask) -> None:
    """Either the answer comes first and the signature is under what it changed, or it comes too late."""
    role = member().email.removesuffix("@example.test")
    somebody = actor_of(user(role))
    write_draft(role)
    refused: list[type[Refusal]] = []

    def work(number: int) -> None:
        try:
            if number % 2:
                applications.answer(Step.CONTACT, kept(role)[Step.CONTACT], by=somebody, when=NOW)
            else:
                applications.decide(signature(), by=somebody, when=later(minutes=1))
        except Refusal as refusal:
            refused.append(type(refusal))

    together(committing, work, THREADS)

    assert set(refused) <= {applications.NoDraft}
    assert len(agreements_of(somebody)) == 1
    assert [each.state for each in applications_of(somebody)] == [ApplicationState.ACCEPTED]


def begun(somebody: Actor) -> str:
    return applications.begin(by=somebody, when=NOW).reference


def member() -> User:
    """Somebody new who owes."""
    owner = owing("9000.00", year=2025, day=TODAY)
    email = f"member{next(_roles)}.{db.engine.dialect.name}@example.test"
    return users.add(
        email, "a password of many words", name=owner.name, role=Role.TAXPAYER, taxpayer=owner, by=PORTAL, when=NOW
    )


def applications_of(somebody: Actor) -> list[Application]:
    rows = db.select(Application).where(Application.user_id == somebody.user_id)
    return list(db.session.execute(rows).scalars())


def agreements_of(somebody: Actor) -> list[Agreement]:
    rows = db.select(Agreement).where(Agreement.taxpayer_id == somebody.taxpayer_id)
    return list(db.session.execute(rows).scalars())
