"""Somebody who applies for a plan: answers that are right, question by question, and how they are given."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from portal.db import db
from portal.domain.actor import PORTAL, Actor, Role
from portal.domain.answers import Answer, Step
from portal.domain.application import asked, settled
from portal.domain.moment import Moment
from portal.models import Application, Mail, PayrollDeduction, Spouse, User
from portal.models.authorization import AuthorizationKind
from portal.models.mail import MailKind
from portal.office import office
from portal.queries.cases import case_of
from portal.services import applications, users
from portal.services.authorizations import Signature
from portal.services.taxpayers import SSN
from tests.browser import Browser, Page
from tests.cast import TODAY, taxpayer, user
from tests.stopped_clock import NOW

ROUTING, ACCOUNT = "121042882", "5550004418"
EMPLOYER = {"name": "Prairie Mill", "email": "payroll@mill.example", "frequency": "biweekly"}
BY_PAYROLL: dict[str, dict[str, str]] = {"method": {"method": "payroll"}, "employer": EMPLOYER}
Typed = dict[str, Any]


def ssn_of(role: str) -> str:
    """The number that only its owner knows."""
    owner = taxpayer(role)
    return office().vault.open(owner.ssn_sealed, owner.ssn_row)


def typed(role: str = "owing") -> dict[Step, Typed]:
    """What is typed on each page of an application that is accepted, beside what stands there already."""
    born_on = taxpayer(role).born_on
    return {
        Step.IDENTITY: {"ssn": ssn_of(role), "born_on": [str(born_on.month), str(born_on.day), str(born_on.year)]},
        Step.ADDRESS: {"phone": "(217) 555-0142"},
        Step.FILING_STATUS: {},
        Step.BALANCE: {},
        Step.RETURNS: {"filed": "yes"},
        Step.CIRCUMSTANCES: {"true": "none"},
        Step.PAYMENT_NOW: {"choice": "nothing", "amount": ""},
        Step.PLAN: {"kind": "long_term"},
        Step.AMOUNT: {"monthly": "400.00"},
        Step.DAY: {"day": "15"},
        Step.HOUSEHOLD: {},
        Step.METHOD: {"method": "direct_debit"},
        Step.BANK: {"type": "checking", "routing_number": ROUTING, "account_number": ACCOUNT},
        Step.EMPLOYER: dict(EMPLOYER),
        Step.CONTACT: {"language": "en_US", "reminders": "yes"},
    }


def begin(browser: Browser) -> Page:
    """Open an application."""
    return browser.fill_in("/apply")


def go_through(browser: Browser, role: str = "owing", *, until: Step | None = None, **changes: Typed) -> Page:
    """Answer every question that is asked, in order, and stop before one; `changes` by the name of the question."""
    page = begin(browser)
    answers = typed(role) | {Step[name.upper()]: change for name, change in changes.items()}
    for _number in Step:
        step = page.response.request.path.removeprefix("/apply/")
        if step not in list(Step) or step == until:
            break
        page = browser.fill_in(f"/apply/{step}", **answers[Step(step)])
        assert page.status == 200, f"{step}: {page.text}"
    return page


def sign(browser: Browser, name: str = "Olivia Owens") -> Page:
    """Agree and sign: the page with the decision."""
    return browser.fill_in("/apply/signature", agreed="y", signature=name)


def kept(role: str = "owing") -> dict[Step, Answer]:
    """The same answers as an application keeps them."""
    first_name, last_name = taxpayer(role).name.split()
    return {
        Step.IDENTITY: {"first_name": first_name, "last_name": last_name},
        Step.ADDRESS: {
            "street": "100 Maple Street", "city": "Springfield", "state": "IL", "postal_code": "62701",
            "phone": "217-555-0142",
        },
        Step.FILING_STATUS: {"filing_status": "single"},
        Step.BALANCE: {"seen_on": TODAY.isoformat()},
        Step.RETURNS: {"filed": "yes"},
        Step.CIRCUMSTANCES: {"true": ""},
        Step.PAYMENT_NOW: {"choice": "nothing", "amount": ""},
        Step.PLAN: {"kind": "long_term"},
        Step.AMOUNT: {"monthly": "400.00"},
        Step.DAY: {"day": "15", "first_due_on": "2026-12-15"},
        Step.HOUSEHOLD: {"people": "", "income": ""},
        Step.METHOD: {"method": "direct_debit"},
        Step.BANK: {"type": "checking", "routing_number": ROUTING, "account_number": ACCOUNT},
        Step.CONTACT: {"language": "en_US", "reminders": "yes"},
    }  # fmt: skip


def actor_of(member: User) -> Actor:
    """Who acts when a member of the cast is signed in."""
    return Actor(member.id, member.role, member.taxpayer_id)


def later(days: int = 0, **more: int) -> Moment:
    """So long after the moment at which the cast stands still: days, hours, minutes."""
    return Moment(NOW.at + timedelta(days=days, **more), NOW.on + timedelta(days=days))


def marry(role: str = "owing") -> User:
    """Somebody with whom a member of the cast filed jointly, and who signs in to the same account."""
    owner = taxpayer(role)
    spouse = Spouse(
        reference="SP-0000-0001", taxpayer_id=owner.id, first_name="José", last_name="O’Brien-Nuñez",
        ssn_index=office().vault.index("900990001", SSN), born_on=date(1980, 2, 29),
    )  # fmt: skip
    spouse.ssn_sealed = office().vault.seal("900990001", spouse.ssn_row)
    db.session.add(spouse)
    db.session.flush()
    member = User(
        email="jose@example.test", password_hash="none", name=spouse.name, role=Role.TAXPAYER,
        taxpayer_id=owner.id, spouse_id=spouse.id, language="en_US",
    )  # fmt: skip
    return users.enter(member, by=PORTAL, when=NOW)


def signature(name: str = "Olivia Owens", *also: AuthorizationKind) -> Signature:
    """A name typed under the terms, and under what else is to be allowed."""
    kinds = (AuthorizationKind.TERMS, *also)
    return Signature(name, "2026-11", "en_US", {kind: f"The text of {kind}." for kind in kinds})


def decide(by: Actor | None = None, when: Moment = NOW) -> Application:
    """Sign what was answered, and be told what was decided."""
    return applications.decide(signature(), by=by or actor_of(user("owing")), when=when)


def ask_employer() -> PayrollDeduction:
    """What the employer of somebody is asked for whose application is accepted."""
    write_draft(**BY_PAYROLL)
    decision = decide()
    asked_for = db.select(PayrollDeduction).where(PayrollDeduction.agreement_id == decision.agreement_id)
    return db.session.execute(asked_for).scalar_one()


def mails(kind: MailKind) -> list[tuple[str, dict[str, str]]]:
    """To whom mails of a kind were written, and with which facts."""
    rows = db.session.execute(db.select(Mail).where(Mail.kind == kind).order_by(Mail.id)).scalars()
    vault = office().vault
    return [(mail.recipient, json.loads(vault.open(mail.facts_sealed, mail.facts_row))) for mail in rows]


def write_draft(role: str = "owing", *, by: Actor | None = None, **changes: Mapping[str, str]) -> dict[Step, Answer]:
    """A draft with all answers given, by the services alone; `changes` by the name of the question."""
    by = by or actor_of(user(role))
    answers = kept(role) | {Step[name.upper()]: dict(change) for name, change in changes.items()}
    applications.begin(by=by, when=NOW)
    for step in Step:
        if step in answers and step in asked(answers):
            applications.answer(step, answers[step], by=by, when=NOW)
    held, _dropped = settled(case_of(taxpayer(role).id, TODAY), answers)
    return held
