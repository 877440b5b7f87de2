"""A default put right in one sitting; a plan that was ended taken up again, decided at once."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.lifecycle import AgreementState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.period import TaxPeriod
from portal.domain.plan import Method
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import Agreement, Authorization, BankAccount, Entry, Notice, Posting
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.office import office
from portal.queries.standings import account_view
from portal.services import bank_accounts, receipts, taxpayers
from portal.web import words
from portal.web.language import day, money
from tests.browser import Browser, filled_in
from tests.cast import taxpayer
from tests.stopped_clock import StoppedClock
from tests.test_access import inside


@pytest.fixture
def defaulter(app: Flask) -> Browser:
    return inside(app, "indefault")


def now() -> Moment:
    return office().clock.now()


def latest() -> Agreement:
    rows = select(Agreement).where(Agreement.taxpayer_id == taxpayer("indefault").id).order_by(Agreement.id.desc())
    return db.session.execute(rows.limit(1)).scalar_one()


@pytest.fixture
def ended(app: Flask) -> Browser:
    """Nobody does anything until the time to cure is over; then the taxpayer signs in."""
    let_it_end()
    return inside(app, "indefault")


def let_it_end() -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    last = latest().cure_by
    assert last is not None
    clock.wait(days=(last - clock.today()).days + 1)
    close.run(clock.now(), SandboxBank())


def test_the_dashboard_leads_to_the_exact_amount_and_the_last_day(defaulter: Browser) -> None:
    standing = account_view(taxpayer("indefault").id, now().on).standing

    page = defaulter.get("/agreement/cure")

    assert "/agreement/cure" in defaulter.get("/account").links()
    last = latest().cure_by
    assert last is not None
    assert f"Pay {money(standing.arrears.amount)} by {day(last)}" in page.text
    assert "/pay?reason=cure&choice=past_due" in page.links()
    for word in ("levy", "lien"):
        assert word in page.text


def test_who_is_not_in_default_has_nothing_to_put_right(app: Flask) -> None:
    assert inside(app, "ontime").get("/agreement/cure").response.request.path == "/agreement"


def test_once_it_is_paid_the_plan_goes_on_and_the_page_has_nothing_to_say(defaulter: Browser) -> None:
    person = taxpayer("indefault")
    amount = account_view(person.id, now().on).standing.arrears.amount

    receipts.receive(person, amount, channel=Channel.PHONE, pay_on=now().on, by=PORTAL, when=now())

    assert latest().state is AgreementState.ACTIVE
    assert defaulter.get("/agreement/cure").response.request.path == "/agreement"
    assert "On track" in defaulter.get("/agreement").text


def test_after_its_time_the_plan_is_ended_and_what_follows_is_said_plainly(ended: Browser) -> None:

    page = ended.get("/account")

    assert latest().state is AgreementState.TERMINATED
    for word in ("Your plan has ended", "levy", "lien", "appeal"):
        assert word in page.text
    assert "/agreement/reinstatement" in page.links()


def test_a_plan_is_taken_up_again_on_a_signature_and_decided_at_once(ended: Browser) -> None:
    before = latest()

    page = ended.fill_in("/agreement/reinstatement", agreed="y", signature="Dana Fault")

    again = latest()
    assert page.response.request.path == "/agreement"
    assert again.id != before.id
    assert (again.state, before.state) == (AgreementState.ACTIVE, AgreementState.TERMINATED)
    assert "On track" in page.text
    signed = db.session.execute(select(Authorization).where(Authorization.agreement_id == again.id)).scalar_one()
    assert (signed.signature, before.reference in signed.text) == ("Dana Fault", True)
    told = db.session.execute(select(Notice).where(Notice.kind == NoticeKind.REINSTATEMENT)).scalar_one()
    assert told.facts["fee"] == "6.00"
    fees = select(Posting.amount).join(Entry).where(Posting.account == "owed:fee", Entry.effective_on == now().on)
    assert list(db.session.execute(fees).scalars()) == [Money(6_00)]
    promised = account_view(taxpayer("indefault").id, now().on).scheduled
    assert promised is not None
    assert now().on < promised.pay_on <= now().on + timedelta(days=32)


def test_taking_it_up_twice_makes_one_plan(ended: Browser) -> None:
    form = {**filled_in(ended.get("/agreement/reinstatement").form()), "agreed": "y", "signature": "Dana Fault"}
    ended.post("/agreement/reinstatement", form)

    page = ended.post("/agreement/reinstatement", form)

    assert page.response.request.path == "/agreement"
    rows = select(Agreement).where(Agreement.taxpayer_id == taxpayer("indefault").id)
    assert len(db.session.execute(rows).all()) == 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"signature": "Dana Fault"}, "Tick the box if you agree."),
        ({"agreed": "y", "signature": ""}, "Type your full name to sign."),
        ({"agreed": "y", "signature": "Somebody Else"}, "Type your name as we have it: Dana Fault."),
        (
            {"agreed": "y", "signature": "Dana Fault", "seen": "another text"},
            "Something in these texts changed",
        ),
    ],
)
def test_without_a_signature_under_what_was_shown_nothing_is_taken_up(
    ended: Browser, typed: dict[str, str], told: str
) -> None:

    page = ended.fill_in("/agreement/reinstatement", **typed)

    assert page.status == 422
    assert told in page.text
    assert latest().state is AgreementState.TERMINATED


def test_who_owes_too_much_by_now_reads_every_reason(ended: Browser) -> None:
    limits, due_on = office().policy.limits.on(now().on), now().on - timedelta(days=300)
    period = TaxPeriod(2016, due_on, due_on, now().on, limits.long_term.most)
    taxpayers.assess(taxpayer("indefault"), period, by=PORTAL, when=now())

    page = ended.get("/agreement/reinstatement")

    assert "Your plan cannot be taken up again yet" in page.text
    assert f"{money(limits.long_term.most)}" in page.text


def test_an_account_that_cannot_be_debited_any_more_gives_way_to_own_payments(ended: Browser) -> None:
    assert words.method(Method.DIRECT_DEBIT) in ended.get("/agreement/reinstatement").text
    account = db.session.execute(
        select(BankAccount).where(BankAccount.taxpayer_id == taxpayer("indefault").id)
    ).scalar_one()
    bank_accounts.mark_unusable(account, code="R02", by=PORTAL, when=now())

    page = ended.fill_in("/agreement/reinstatement", agreed="y", signature="Dana Fault")

    assert page.status == 200
    assert account_view(taxpayer("indefault").id, now().on).scheduled is None
