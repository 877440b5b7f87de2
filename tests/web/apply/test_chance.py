"""Ten thousand submissions by chance, over all questions: no failure of ours, and no agreement that is half made."""

import json
import random
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.answers import Step
from portal.domain.lifecycle import IN_FORCE, AgreementState, agreement_move
from portal.models import Agreement, Application, Authorization, Mail, Payment, Terms
from portal.models.mail import MailKind
from portal.office import office
from portal.services import applications, audit, identities, payments
from tests.applicant import ACCOUNT, ROUTING, actor_of, kept, ssn_of
from tests.browser import Browser
from tests.cast import TODAY, taxpayer, user
from tests.stopped_clock import NOW
from tests.test_access import inside
from tests.web.apply.test_journey import value_of

SUBMISSIONS = 5_000  # on each database
EVERY = 250
SIGNED_RIGHTLY = 0.2
EMPLOYER = {"name": "Prairie Mill", "email": "payroll@mill.example", "frequency": "weekly"}
NAMES = {
    Step.IDENTITY: ("first_name", "last_name", "ssn", "born_on"),
    Step.ADDRESS: ("street", "city", "state", "postal_code", "phone"),
    Step.FILING_STATUS: ("filing_status",),
    Step.BALANCE: (),
    Step.RETURNS: ("filed",),
    Step.CIRCUMSTANCES: ("true",),
    Step.PAYMENT_NOW: ("choice", "amount"),
    Step.PLAN: ("kind",),
    Step.AMOUNT: ("monthly", "show"),
    Step.DAY: ("day",),
    Step.HOUSEHOLD: ("people", "income"),
    Step.METHOD: ("method",),
    Step.BANK: ("type", "routing_number", "account_number"),
    Step.EMPLOYER: ("name", "email", "frequency"),
    Step.CONTACT: ("language", "reminders"),
}
AFTER = {
    "signature": ("agreed", "signature", "seen"),
    "spending": ("pay", "housing"),
    "refusal": (),
    "withdrawal": (),
}
PLAUSIBLE = (
    "yes", "no", "none", "part", "all", "nothing", "court", "bankruptcy", "short_term", "long_term", "direct_debit",
    "payroll", "manual", "checking", "savings", ROUTING, ACCOUNT, "1000000901", "1", "15", "28", "400", "4,000.00",
    "325", "322.35", "17000", "IL", "AK", "62701", "217-555-0142", "single", "weekly", "en_US", "es_US", "y",
    "Olivia", "Owens",
    "Olivia Owens", "3", "payroll@mill.example",
)  # fmt: skip
NONSENSE = (
    "", " ", "0", "-1", "29", "31", "1e5", "sNaN", "Infinity", "-0", "1_0", "１２３", "x" * 5_000, "9" * 400, "\0",
    "a\0b", "\u202e", "\u200b", "\ud800", "🙂" * 50, "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}", "%s%n",
    "../../etc", "=cmd()",
    "\r\nBcc: a@b.test", "18446744073709551616", "None", "true", "[]", "0x10", "1,2,3", "$", "−5", "٣",
)  # fmt: skip


@pytest.fixture
def chance() -> random.Random:
    return random.Random(20261124)


def test_no_submission_by_chance_fails_or_leaves_an_agreement_half_made(
    app: Flask, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole draft is there again whenever one was decided or deleted, so that every question is reached; the right
    signature is among the answers. An agreement that came of it is withdrawn, so that the next one is possible.
    """
    monkeypatch.setattr(identities, "MOST_TRIES", 10**9)
    browser = inside(app, "owing")
    token = value_of("csrf_token", browser.get("/apply").html)
    plausible = (*PLAUSIBLE, ssn_of("owing"))
    failed, reached = [], Counter[int]()
    for number in range(SUBMISSIONS):
        if number % EVERY == 0:
            renew(number)
        page, answers = submission(chance, plausible)
        if page == "signature" and chance.random() < SIGNED_RIGHTLY:
            answers = signed_rightly(browser)
        response = browser.client.post(f"/apply/{page}", data={"csrf_token": token, **answers})
        reached[response.status_code] += 1
        if response.status_code >= 500:
            failed.append((page, answers))
        if response.headers.get("Location") == "/apply" or agreement_in_force():
            renew(number)

    assert failed == []
    assert set(reached) <= {200, 303, 422}
    assert reached[422] > sum(reached.values()) / 4, "the questions were not reached"
    assert whole_or_nothing()
    assert [fault for found in audit.faults() for fault in found] == []


def signed_rightly(browser: Browser) -> dict[str, str]:
    """What signs the draft as it is, if it is whole."""
    page = browser.client.get("/apply/signature").text
    seen = value_of("seen", page) if 'name="seen"' in page else ""
    return {"agreed": "y", "signature": "Olivia Owens", "seen": seen}


def renew(number: int) -> None:
    """A whole draft, and no agreement."""
    for agreement in agreement_in_force():
        agreement.state = agreement_move(agreement.state, AgreementState.WITHDRAWN)
        agreement.ended_on = TODAY
        for payment in db.session.execute(select(Payment).where(Payment.state == "scheduled")).scalars().all():
            if payment.agreement_id == agreement.id:
                payments.cancel(payment, by=PORTAL, when=NOW)
        db.session.commit()
    answers = kept()
    if number % 2:
        answers |= {Step.METHOD: {"method": "payroll"}, Step.EMPLOYER: EMPLOYER}
        del answers[Step.BANK]
    draft = applications.begin(by=actor_of(user("owing")), when=NOW)
    draft.answers_sealed = office().vault.seal(json.dumps(answers), draft.answers_row)
    db.session.commit()


def submission(chance: random.Random, plausible: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """A page and answers to its questions: nonsense or what could be right, a question left out, several answers to
    one, or answers to what was not asked.
    """
    page, names = chance.choice([*NAMES.items(), *AFTER.items()])
    answers: dict[str, Any] = {}
    for name in names:
        if chance.random() < 0.9:
            answers[name] = some(chance, plausible)
        if chance.random() < 0.1:
            answers[name] = [some(chance, plausible) for _each in range(chance.randint(0, 4))]
    if chance.random() < 0.1:
        answers[chance.choice(("user.role", "taxpayer_id", "state", "fee", "a[]"))] = some(chance, plausible)
    return str(page), answers


def some(chance: random.Random, plausible: tuple[str, ...]) -> str:
    text = chance.choice(plausible if chance.random() < 0.5 else NONSENSE)
    return text.encode("utf-8", "replace").decode()


def agreement_in_force() -> list[Agreement]:
    rows = select(Agreement).where(Agreement.taxpayer_id == taxpayer("owing").id, Agreement.state.in_(IN_FORCE))
    return list(db.session.execute(rows).scalars())


def whole_or_nothing() -> bool:
    """Every agreement has one application, one row of terms, what was signed, and a mail; and nothing else has."""
    owner = taxpayer("owing").id
    made = db.session.execute(select(Agreement.id).where(Agreement.taxpayer_id == owner)).scalars().all()
    assert made, "nothing was ever accepted"
    accepted = select(Application.agreement_id).where(Application.state == "accepted")
    terms = select(Terms.agreement_id).where(Terms.agreement_id.in_(made))
    signed = select(Authorization.agreement_id).where(Authorization.taxpayer_id == owner)
    told = select(func.count()).select_from(Mail).where(Mail.kind == MailKind.ACCEPTANCE)
    return (
        sorted(db.session.execute(accepted).scalars()) == sorted(made) == sorted(db.session.execute(terms).scalars())
        and set(db.session.execute(signed).scalars()) == set(made)
        and db.session.execute(told).scalar_one() == len(made)
    )
