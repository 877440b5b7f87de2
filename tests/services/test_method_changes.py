"""Another way to pay: what leaves which account, what is refused, what is undone, and stopped by a mailed link."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.lifecycle import AgreementState, DeductionState, MethodChangeState, PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.period import TaxPeriod
from portal.domain.plan import Method
from portal.domain.refusal import Refusal
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import Agreement, Authorization, BankAccount, MethodChange, Notice, Payment, TrailEvent
from portal.models.authorization import AuthorizationKind
from portal.models.bank_account import AccountType
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.queries.accounts import facts
from portal.queries.method_changes import coming_to
from portal.services import (
    agreements,
    bank_accounts,
    method_changes,
    method_reversals,
    payroll,
    promises,
    receipts,
    taxpayers,
    terms,
)
from portal.services.authorizations import Signature
from portal.services.bank_accounts import NewAccount, NoSuchAccount, UnusableAccount
from portal.services.changes import ChangedMeanwhile, ChangesFrozen, ShownAnew
from portal.services.links import LinkIsOver, NoSuchLink
from portal.services.method_changes import (
    ChangeIsOver,
    NoPlan,
    NoSuchChange,
    SameAccount,
    SameMethod,
    TooManyChanges,
    Wish,
)
from portal.services.method_reversals import TooLateToUndo
from tests.applicant import ACCOUNT, EMPLOYER, ROUTING, actor_of, later, mails
from tests.cast import TODAY, taxpayer, user
from tests.stopped_clock import NOW
from tests.test_db import faults_of

OLD, NEW = "4417", "4418"
BANK = Wish(Method.DIRECT_DEBIT, NewAccount(AccountType.CHECKING, ROUTING, ACCOUNT))
OTHER = Wish(Method.DIRECT_DEBIT, NewAccount(AccountType.SAVINGS, ROUTING, "5550004420"))
MANUAL, PAYROLL = Wish(Method.MANUAL), Wish(Method.PAYROLL, employer=EMPLOYER)
# The last day on which the debit of December 15 can still be taken from another account.
LAST_DAY = date(2026, 11, 24)


def test_a_debit_that_is_far_enough_leaves_the_new_account(app: Flask) -> None:
    change = made(BANK)

    assert (change.state, change.begins_on, change.fee) == (MethodChangeState.MADE, TODAY, Money(0))
    assert leaving() == [(date(2026, 12, 15), "310.00", NEW)]
    assert faults_of(taxpayer("ontime").id) == []


def test_a_debit_that_is_near_still_leaves_the_old_account(app: Flask) -> None:
    """Fourteen banking days before it, the first payment of the new account is the following one."""
    when = later(days=2)

    change = made(BANK, when=when)
    assert leaving() == [(date(2026, 12, 15), "310.00", OLD)]
    assert change.begins_on == date(2026, 12, 16)

    live_through(when.on, date(2026, 12, 16))
    assert leaving() == [(date(2026, 12, 15), "310.00", OLD), (date(2027, 1, 15), "310.00", NEW)]


def test_the_last_moment_counts_to_the_minute(app: Flask) -> None:
    """Until 11:45 PM of the day, where the agency is."""
    in_time = Moment(NOW.at.replace(day=25, hour=4, minute=44), LAST_DAY)

    too_late = Moment(in_time.at + timedelta(minutes=1), LAST_DAY)

    found = [came_to(Method.DIRECT_DEBIT, each) for each in (in_time, too_late)]

    assert [each.begins_on for each in found] == [LAST_DAY, date(2026, 12, 16)]
    assert [len(each.staying) for each in found] == [0, 1]


def test_a_payment_that_is_sent_stays_where_it_is(app: Flask) -> None:
    live_through(TODAY, date(2026, 12, 15))

    made(BANK, when=later(days=22))

    assert leaving() == [(date(2026, 12, 15), "310.00", OLD), (date(2027, 1, 15), "310.00", NEW)]


def test_what_was_signed_is_kept_and_everybody_is_told_with_a_way_to_stop_it(app: Flask) -> None:
    made(BANK)

    kinds = set(db.session.execute(db.select(Authorization.kind)).scalars())
    assert {AuthorizationKind.CHANGE, AuthorizationKind.DEBIT} <= kinds
    notice = db.session.execute(db.select(Notice).where(Notice.kind == NoticeKind.BANK_CHANGED)).scalar_one()
    assert (notice.facts["old_last_four"], notice.facts["new_last_four"]) == (OLD, NEW)
    assert "stop_link" not in notice.facts
    told = mails(MailKind.BANK_CHANGED)
    assert sorted(recipient for recipient, _facts in told) == ["ontime@example.test", "spouse@example.test"]
    assert all(facts["stop_link"].startswith("/agreement/changes/") for _recipient, facts in told)
    assert not any(OLD in str(facts) or NEW in str(facts) for _recipient, facts in told)
    event = trail()[-1]
    assert (event.event, event.user_id, event.details["change"]) == ("agreement.changed", user("ontime").id, "bank")
    assert event.details["from_on"] == TODAY.isoformat()


def test_signing_twice_is_one_change(app: Flask) -> None:
    change = draft(BANK)
    sign(change)

    assert sign(change).id == change.id
    assert len(mails(MailKind.BANK_CHANGED)) == 2


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish(Method.DIRECT_DEBIT, NewAccount(AccountType.CHECKING, ROUTING, "1000000901")), NoSuchAccount),
        (MANUAL, None),
        (Wish(Method.DIRECT_DEBIT, NewAccount(AccountType.CHECKING, "231380104", "5550004417")), SameAccount),
    ],
)
def test_what_is_asked_for_has_to_be_another_account_that_exists(
    app: Flask, wish: Wish, why: type[Refusal] | None
) -> None:
    if wish.account and why is SameAccount:
        old = db.session.get_one(BankAccount, newest().bank_account_id)
        wish = Wish(Method.DIRECT_DEBIT, NewAccount(old.type, old.routing_number, bank_accounts.number_of(old)))

    assert refused(lambda: draft(wish)) is why


def test_nobody_changes_it_without_a_plan_or_sees_the_draft_of_somebody_else(app: Flask) -> None:
    assert refused(lambda: draft(BANK, role="owing")) is NoPlan
    change = draft(BANK)
    for role in ("spouse", "stranger"):
        with pytest.raises(NoSuchChange):
            method_changes.own(change.reference, by=actor_of(user(role)))


def test_three_changes_a_day_and_no_fourth(app: Flask) -> None:
    for number, wish in enumerate((BANK, OTHER, BANK)):
        made(wish, when=later(minutes=number))

    assert refused(lambda: draft(OTHER, when=later(minutes=4))) is TooManyChanges
    assert refused(lambda: draft(OTHER, when=later(days=1))) is None


def test_what_was_not_signed_in_time_is_over_and_forgotten_with_its_account(app: Flask) -> None:
    change = draft(BANK)
    assert refused(lambda: sign(change, when=later(minutes=91))) is ChangeIsOver
    before = db.session.execute(db.select(db.func.count(BankAccount.id))).scalar_one()

    assert method_changes.forget_drafts(later(days=1, minutes=1)) == 1

    assert db.session.execute(db.select(MethodChange)).all() == []
    assert db.session.execute(db.select(db.func.count(BankAccount.id))).scalar_one() == before - 1


def test_who_has_not_seen_what_somebody_else_changed_is_asked_again(app: Flask) -> None:
    """The draft stays, so nothing that was typed is lost."""
    mine, theirs = draft(BANK), draft(OTHER, role="spouse")
    shown = came_to(Method.DIRECT_DEBIT)
    sign(theirs, role="spouse")

    assert refused(lambda: sign(mine, shown=shown)) is ChangedMeanwhile
    assert sign(mine, when=later(minutes=1)).state is MethodChangeState.MADE


def test_who_has_not_seen_that_a_payment_was_sent_is_asked_again(app: Flask) -> None:
    """The close of the day came between the page and the signature."""
    when = Moment(NOW.at + timedelta(days=22), date(2026, 12, 15))
    change, shown = draft(BANK, when=when), came_to(Method.DIRECT_DEBIT, when)
    close.run(when, SandboxBank())

    assert refused(lambda: sign(change, when=when, shown=shown)) in (ShownAnew, ChangedMeanwhile)
    assert leaving()[0] == (date(2026, 12, 15), "310.00", OLD)


# Undone.


def test_within_a_day_a_button_brings_back_what_was(app: Flask) -> None:
    change = made(BANK)

    method_reversals.undo(change.reference, by=actor_of(user("spouse")), when=later(hours=23))
    method_reversals.undo(change.reference, by=actor_of(user("ontime")), when=later(hours=23))

    assert leaving() == [(date(2026, 12, 15), "310.00", OLD)]
    assert change.state is MethodChangeState.UNDONE
    assert len(mails(MailKind.BANK_CHANGED)) == 4
    assert [each.details["state"] for each in trail()] == ["made", "undone"]


@pytest.mark.parametrize("wish", [MANUAL, PAYROLL])
def test_another_method_is_undone_as_well(app: Flask, wish: Wish) -> None:
    change = made(wish)
    assert leaving() == []

    method_reversals.undo(change.reference, by=actor_of(user("ontime")), when=later(hours=1))

    assert leaving() == [(date(2026, 12, 15), "310.00", OLD)]
    assert payroll.running(plan()) is None


def test_after_a_day_or_another_change_it_is_changed_again_instead(app: Flask) -> None:
    first = made(BANK)
    second = made(OTHER, when=later(minutes=1))

    def undo(change: MethodChange, when: Moment) -> type[Refusal] | None:
        return refused(lambda: method_reversals.undo(change.reference, by=actor_of(user("ontime")), when=when))

    assert undo(first, later(minutes=2)) is TooLateToUndo
    assert undo(second, later(days=1, minutes=2)) is TooLateToUndo
    assert undo(second, later(hours=1)) is None
    assert leaving() == [(date(2026, 12, 15), "310.00", NEW)]


# Stopped.


def test_who_did_not_ask_for_it_stops_it_and_everything_until_somebody_looks(app: Flask) -> None:
    change = made(BANK)

    method_reversals.stop(token(), when=later(days=3))

    assert change.state is MethodChangeState.STOPPED
    assert (plan().frozen_on, plan().changes_frozen_on) == (later(days=3).on, later(days=3).on)
    assert (leaving(), newest().bank_account_id) == ([], account_ending(OLD).id)
    assert len(mails(MailKind.CHANGES_FROZEN)) == 2
    assert refused(lambda: draft(OTHER, when=later(days=4))) is ChangesFrozen

    agreements.release(plan(), by=PORTAL, when=later(days=5))

    assert [each[2] for each in leaving()] == [OLD]
    assert refused(lambda: draft(OTHER, when=later(days=5))) is None


def test_the_link_works_once_and_not_for_ever(app: Flask) -> None:
    made(BANK)
    link = token()

    with pytest.raises(LinkIsOver):
        method_reversals.by_token(link, when=later(days=61))
    method_reversals.stop(link, when=later(days=60))
    with pytest.raises(NoSuchLink):
        method_reversals.stop(link, when=later(days=60))


def test_stopping_the_first_of_two_brings_back_what_was_before_both(app: Flask) -> None:
    made(BANK)
    first = token()
    made(OTHER, when=later(minutes=1))

    method_reversals.stop(first, when=later(minutes=2))

    assert newest().bank_account_id == account_ending(OLD).id
    with pytest.raises(NoSuchLink):
        method_reversals.by_token(token(), when=later(minutes=3))


def test_a_fee_is_given_up_with_the_change_that_was_stopped(app: Flask) -> None:
    made(BANK, role="payroll")
    assert fees("payroll") == [Money(6_00)]

    method_reversals.stop(token(), when=later(hours=1))

    assert fees("payroll") == []
    assert newest("payroll").method is Method.MANUAL
    assert faults_of(taxpayer("payroll").id) == []


# Freezes and accounts that cannot be used.


def test_a_freeze_after_a_return_survives_the_change(app: Flask) -> None:
    agreements.freeze(plan(), by=PORTAL, when=NOW, code="R10")

    made(BANK)

    assert (plan().frozen_on, plan().changes_frozen_on, leaving()) == (TODAY, None, [])
    agreements.release(plan(), by=PORTAL, when=later(days=1))
    assert leaving() == [(date(2026, 12, 15), "310.00", NEW)]


@pytest.mark.parametrize("code", ["R02", "R03", "R04", "R16", "R20"])
def test_an_account_that_was_stopped_is_replaced_and_debits_go_on(app: Flask, code: str) -> None:
    """No debit is promised from it, so nothing has to be waited for."""
    bank_accounts.mark_unusable(account_ending(OLD), code=code, by=PORTAL, when=NOW)
    promises.take_back(plan(), by=PORTAL, when=NOW)
    when = later(days=8)

    change = made(BANK, when=when)

    assert (change.begins_on, leaving()) == (when.on, [(date(2026, 12, 15), "310.00", NEW)])
    old = Wish(Method.DIRECT_DEBIT, NewAccount(AccountType.CHECKING, *numbers(OLD)))
    assert refused(lambda: draft(old, when=when)) is UnusableAccount


def test_in_default_the_account_is_changed_and_debited_once_the_plan_is_put_right(app: Flask) -> None:
    made(BANK, role="indefault")
    agreement = plan("indefault")
    assert (agreement.state, leaving("indefault")) == (AgreementState.IN_DEFAULT, [])

    receipts.receive(
        taxpayer("indefault"), Money(500_00), channel=Channel.MAIL, pay_on=TODAY, by=PORTAL, when=later(minutes=1)
    )

    assert agreement.state is AgreementState.ACTIVE
    assert [each[2] for each in leaving("indefault")] == [NEW]


# Other methods.


def test_own_payments_begin_after_the_debit_that_is_too_near(app: Flask) -> None:
    when = later(days=2)

    change = made(MANUAL, when=when)

    assert (change.begins_on, change.fee) == (date(2026, 12, 16), Money(0))
    live_through(when.on, date(2026, 12, 18))
    assert leaving() == [(date(2026, 12, 15), "310.00", OLD)]
    assert terms.current(plan(), date(2026, 12, 18)).method is Method.MANUAL


def test_an_employer_is_asked_and_without_it_one_pays_oneself(app: Flask) -> None:
    made(PAYROLL)
    deduction = payroll.running(plan())
    assert deduction is not None
    assert (deduction.state, deduction.employer) == (DeductionState.ASKED, "Prairie Mill")
    assert [recipient for recipient, _facts in mails(MailKind.EMPLOYER_REQUEST)] == ["payroll@mill.example"]

    payroll.decline(deduction, name="Pat", when=later(days=1))

    assert newest().method is Method.MANUAL


def test_payroll_deduction_is_left_for_debits(app: Flask) -> None:
    """The employer of the cast was never asked by a link, so one is asked now."""
    agreement = plan("payroll")
    asked = payroll.ask(agreement, Money(260_00), EMPLOYER, by=PORTAL, when=NOW)

    change = made(BANK, role="payroll", when=later(minutes=1))

    assert asked.state is DeductionState.ENDED
    assert [recipient for recipient, _facts in mails(MailKind.EMPLOYER_ENDED)] == ["payroll@mill.example"]
    assert (change.fee, fees("payroll")) == (Money(6_00), [Money(6_00)])
    promised = leaving("payroll")
    assert [(each[1], each[2]) for each in promised] == [("260.00", NEW)]
    assert faults_of(taxpayer("payroll").id) == []


def test_a_first_debit_is_not_before_two_banking_days(app: Flask) -> None:
    """What is due before is paid the way it was."""
    when = Moment(NOW.at + timedelta(days=4), date(2026, 11, 27))

    found = came_to(Method.DIRECT_DEBIT, when, "payroll")

    assert (found.begins_on, found.first_due_on) == (date(2026, 11, 29), date(2026, 12, 28))


def test_who_has_a_low_income_pays_nothing_for_debits_and_gets_other_fees_back(app: Flask) -> None:
    agreement = plan("payroll")
    agreement.has_low_income = True
    db.session.commit()

    assert came_to(Method.DIRECT_DEBIT, role="payroll").fee.amount == Money(0)
    made(MANUAL, role="payroll")
    assert (agreement.fee_back, fees("payroll")) == (Money(6_00), [Money(6_00)])


def test_above_the_limit_own_payments_are_refused(app: Flask) -> None:
    period = TaxPeriod(2025, date(2026, 4, 15), date(2026, 4, 15), date(2026, 6, 1), Money(30_000_00))
    taxpayers.assess(taxpayer("ontime"), period, by=PORTAL, when=NOW)

    assert refused(lambda: draft(MANUAL)) not in (None, SameMethod)
    assert refused(lambda: draft(BANK)) is None


# What the tests read.


def draft(wish: Wish, *, role: str = "ontime", when: Moment = NOW) -> MethodChange:
    return method_changes.draft(wish, by=actor_of(user(role)), when=when)


def sign(change: MethodChange, *, role: str = "ontime", when: Moment = NOW, shown: Any = None) -> MethodChange:
    found = shown or came_to(change.method, when, role)
    kinds = [AuthorizationKind.CHANGE, AuthorizationKind.DEBIT]
    signature = Signature(taxpayer(role).name, "2026-11", "en_US", {kind: f"Text of {kind}." for kind in kinds})
    return method_changes.make(change.reference, found, signature, by=actor_of(user(role)), when=when)


def made(wish: Wish, *, role: str = "ontime", when: Moment = NOW) -> MethodChange:
    return sign(draft(wish, role=role, when=when), role=role, when=when)


def came_to(method: Method, when: Moment = NOW, role: str = "ontime") -> Any:
    found = coming_to(taxpayer(role).id, method, when)
    assert found is not None
    return found


def refused(deed: Any) -> type[Refusal] | None:
    try:
        deed()
    except Refusal as refusal:
        return type(refusal)
    return None


def plan(role: str = "ontime") -> Agreement:
    found = agreements.in_force(taxpayer(role).id)
    assert found is not None
    return found


def newest(role: str = "ontime") -> terms.Terms:
    return terms.history(plan(role))[-1]


def numbers(last_four: str) -> tuple[str, str]:
    account = account_ending(last_four)
    return account.routing_number, bank_accounts.number_of(account)


def account_ending(last_four: str, role: str = "ontime") -> BankAccount:
    rows = db.session.execute(db.select(BankAccount).where(BankAccount.taxpayer_id == taxpayer(role).id)).scalars()
    return next(each for each in rows if bank_accounts.last_four_of(each) == last_four)


def leaving(role: str = "ontime") -> list[tuple[date, str, str]]:
    """The debits from today on that stand: on which day, how much, and from which account."""
    rows = db.select(Payment).where(
        Payment.taxpayer_id == taxpayer(role).id, Payment.channel == Channel.DEBIT, Payment.pay_on > TODAY,
        Payment.state != PaymentState.CANCELLED,
    ).order_by(Payment.pay_on)  # fmt: skip
    found = db.session.execute(rows).scalars().all()
    accounts = [db.session.get_one(BankAccount, each.bank_account_id) for each in found]
    last_fours = map(bank_accounts.last_four_of, accounts)
    return [(each.pay_on, str(each.amount), digits) for each, digits in zip(found, last_fours, strict=True)]


def live_through(first: date, last: date) -> None:
    """The close of each day after the first one, through the last."""
    for number in range(1, (last - first).days + 1):
        on = first + timedelta(days=number)
        close.run(Moment(NOW.at + (on - NOW.on), on), SandboxBank())


def token() -> str:
    """The token of the newest mail that tells of a change."""
    found = [*mails(MailKind.BANK_CHANGED), *mails(MailKind.METHOD_CHANGED)]
    return next(facts["stop_link"] for _to, facts in reversed(found) if "stop_link" in facts).rpartition("/")[2]


def fees(role: str) -> list[Money]:
    """User fees charged today that stand."""
    return [each.amount for each in facts(taxpayer(role).id).charges if each.on >= TODAY]


def trail() -> list[TrailEvent]:
    """What is written about the way to pay, in order."""
    rows = db.select(TrailEvent).where(TrailEvent.event == "agreement.changed", TrailEvent.at >= NOW.at)
    return list(db.session.execute(rows.order_by(TrailEvent.number)).scalars())
