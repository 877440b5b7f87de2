"""Every change in every state of an agreement: when it first holds, or why it is refused."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL, Actor
from portal.domain.change import Change, ChangeKind
from portal.domain.plan import Method, PlanKind
from portal.domain.refusal import Refusal
from portal.domain.simulator import simulate
from portal.models import Agreement, Taxpayer
from portal.models.authorization import AuthorizationKind
from portal.models.bank_account import AccountType
from portal.models.notice import Cause
from portal.queries import changes as queries
from portal.queries.method_changes import coming_to
from portal.services import agreements, changes, defaults, method_changes, payroll
from portal.services.authorizations import Signature
from portal.services.bank_accounts import NewAccount
from portal.services.changes import Seen
from portal.services.method_changes import Wish
from tests.ledger_text import ROUTING_NUMBER, agreed, closed, dollars, moment, owing, paid

AGREED_ON, FIRST = date(2026, 10, 30), date(2026, 11, 15)
IN_TIME, TOO_NEAR, SENT = date(2026, 11, 20), date(2026, 11, 25), date(2026, 12, 15)
EMPLOYER = {"name": "Prairie Mill", "email": "payroll@mill.example", "frequency": "biweekly"}
WITHDRAWN = "withdrawn"


class State:
    """An agreement of 150.00 a month, due on the 15th by debit, brought into a state on a day."""

    def __init__(
        self, on: date, bring: Callable[[Agreement], object] = lambda _agreement: None, *,
        method: Method = Method.DIRECT_DEBIT,
    ) -> None:  # fmt: skip
        self.on, self.bring, self.method = on, bring, method

    def begin(self) -> Taxpayer:
        taxpayer = owing("4000.00", year=2024, day=date(2025, 6, 2))
        agreement = agreed(taxpayer, "150.00", FIRST, day=AGREED_ON, method=self.method)
        if self.method is not Method.DIRECT_DEBIT:
            paid(taxpayer, "150.00", FIRST)
        closed(AGREED_ON, self.on)
        self.bring(agreement)
        return taxpayer


def default(agreement: Agreement) -> None:
    defaults.declare(agreement, dollars("150.00"), Cause.INSTALLMENT, IN_TIME, by=PORTAL, when=moment(IN_TIME))


def terminate(agreement: Agreement) -> None:
    default(agreement)
    defaults.terminate(agreement, by=PORTAL, when=moment(IN_TIME))


def shorten(agreement: Agreement) -> None:
    agreement.kind = PlanKind.SHORT_TERM
    db.session.commit()


def ask_the_employer(agreement: Agreement) -> None:
    payroll.ask(agreement, dollars("150.00"), EMPLOYER, by=PORTAL, when=moment(IN_TIME))


STATES = {
    "active": State(IN_TIME),
    "within the cut-off": State(TOO_NEAR),
    "debit submitted": State(SENT),
    "by own payments": State(IN_TIME, method=Method.MANUAL),
    "payroll": State(IN_TIME, ask_the_employer, method=Method.PAYROLL),
    "short-term": State(IN_TIME, shorten),
    "in default": State(IN_TIME, default),
    "frozen": State(IN_TIME, lambda each: agreements.freeze(each, code="R10", by=PORTAL, when=moment(IN_TIME))),
    "completed": State(IN_TIME, lambda each: agreements.complete(each, by=PORTAL, when=moment(IN_TIME))),
    "withdrawn": State(IN_TIME, lambda each: agreements.withdraw(each, by=PORTAL, when=moment(IN_TIME))),
    "terminated": State(IN_TIME, terminate),
}


def of_terms(change: Change) -> Callable[[Taxpayer, date], str]:
    """When a change first holds: the day of the first payment under it."""

    def outcome(taxpayer: Taxpayer, on: date) -> str:
        when = moment(on)
        plan = queries.agreed(taxpayer.id, when)
        assert plan is not None
        result = simulate(plan, change)
        changes.make(taxpayer.id, change, Seen(plan.version, result.shown), by=PORTAL, when=when)
        return result.first.on.isoformat()

    return outcome


def of_the_whole(taxpayer: Taxpayer, on: date) -> str:
    plan = queries.agreed(taxpayer.id, moment(on))
    assert plan is not None
    changes.withdraw(taxpayer.id, Seen(plan.version), by=PORTAL, when=moment(on))
    return WITHDRAWN


def of_paying(wish: Wish) -> Callable[[Taxpayer, date], str]:
    """When another way to pay first holds."""

    def outcome(taxpayer: Taxpayer, on: date) -> str:
        by, when = Actor(None, None, taxpayer.id), moment(on)
        change = method_changes.draft(wish, by=by, when=when)
        found = coming_to(taxpayer.id, wish.method, when)
        assert found is not None
        signature = Signature(taxpayer.name, "2026-11", "en_US", {AuthorizationKind.CHANGE: "The text."})
        method_changes.make(change.reference, found, signature, by=by, when=when)
        return found.first_on.isoformat()

    return outcome


ANOTHER_ACCOUNT = NewAccount(AccountType.CHECKING, ROUTING_NUMBER, "5550004418")
CHANGES = {
    "amount": of_terms(Change(ChangeKind.AMOUNT, monthly=dollars("1500.00"))),
    "day": of_terms(Change(ChangeKind.DAY, due_day=22)),
    "skip": of_terms(Change(ChangeKind.SKIP)),
    "slide": of_terms(Change(ChangeKind.SLIDE, days=3)),
    "withdrawal": of_the_whole,
    "bank": of_paying(Wish(Method.DIRECT_DEBIT, ANOTHER_ACCOUNT)),
    "by oneself": of_paying(Wish(Method.MANUAL)),
    "by the employer": of_paying(Wish(Method.PAYROLL, employer=EMPLOYER)),
}
# A day of a payment, or the name of the refusal. January 18 and 22, 2027: the 18th is a holiday, so it is the 19th.
TABLE = {
    #                      amount        day           skip               slide              withdrawal
    #                      bank          by oneself    by the employer
    "active":             ("2026-12-15", "2026-12-22", "2027-01-15",      "2026-12-18",      WITHDRAWN,
                           "2026-12-15", "2026-12-15", "2026-12-15"),
    "within the cut-off": ("2027-01-15", "2027-01-22", "2027-02-16",      "2027-01-19",      WITHDRAWN,
                           "2027-01-15", "2027-01-15", "2027-01-15"),
    "debit submitted":    ("2027-01-15", "2027-01-22", "2027-02-16",      "2027-01-19",      WITHDRAWN,
                           "2027-01-15", "2027-01-15", "2027-01-15"),
    "by own payments":    ("2026-12-15", "2026-12-22", "2027-01-15",      "2026-12-18",      WITHDRAWN,
                           "2026-12-15", "SameMethod", "2026-12-15"),
    "payroll":            ("Deducted",   "2026-12-22", "2027-01-15",      "2026-12-18",      WITHDRAWN,
                           "2026-12-15", "2026-12-15", "SameMethod"),
    "short-term":         ("2026-12-15", "2026-12-22", "NotForShortTerm", "NotForShortTerm", WITHDRAWN,
                           "2026-12-15", "2026-12-15", "TooShortForPayroll"),
    "in default":         ("InDefault",  "InDefault",  "InDefault",       "InDefault",       WITHDRAWN,
                           "2026-12-15", "2026-12-15", "2026-12-15"),
    "frozen":             ("Frozen",     "Frozen",     "Frozen",          "Frozen",          WITHDRAWN,
                           "2026-12-15", "2026-12-15", "2026-12-15"),
    "completed":          (*("NotInForce",) * 5, *("NoPlan",) * 3),
    "withdrawn":          (*("NotInForce",) * 5, *("NoPlan",) * 3),
    "terminated":         (*("NotInForce",) * 5, *("NoPlan",) * 3),
}  # fmt: skip


def test_every_state_and_every_change_stand_in_the_table() -> None:
    assert TABLE.keys() == STATES.keys()
    assert {len(row) for row in TABLE.values()} == {len(CHANGES)}


@pytest.mark.parametrize(
    ("state", "change", "expected"),
    [(state, change, row) for state, of in TABLE.items() for change, row in zip(CHANGES, of, strict=True)],
)
def test_a_change_holds_from_a_day_or_is_refused(empty: Flask, state: str, change: str, expected: str) -> None:
    taxpayer, on = STATES[state].begin(), STATES[state].on

    try:
        outcome = CHANGES[change](taxpayer, on)
    except Refusal as refusal:
        outcome = type(refusal).__name__

    assert outcome == expected
