"""Another way to pay an agreement: typed, checked, signed once. What it comes to is one value (`Handover`), which is
shown before the signature; what is signed has to be what was shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.change import ChangeKind
from portal.domain.eligibility import reasons_against_method
from portal.domain.handover import Handover
from portal.domain.lifecycle import MethodChangeState, method_change_move
from portal.domain.moment import Moment
from portal.domain.period import Kind
from portal.domain.plan import Method
from portal.domain.policy import MethodChanges
from portal.domain.refusal import Refusal
from portal.domain.waterfall import replay
from portal.models import Agreement, BankAccount, MethodChange
from portal.models.notice import NoticeKind
from portal.office import office
from portal.queries import accounts
from portal.queries.method_changes import coming_to
from portal.services import (
    agreements,
    authorizations,
    bank_accounts,
    ledger,
    notices,
    payroll,
    promises,
    terms,
)
from portal.services.authorizations import Signature
from portal.services.bank_accounts import NewAccount, UnusableAccount
from portal.services.changes import ChangedMeanwhile, ChangesFrozen, ShownAnew
from portal.services.links import new_token

FORGOTTEN_AFTER = timedelta(days=1)


class NoPlan(Refusal):
    """You have no plan that could be paid another way. Nothing was changed."""


class TooManyChanges(Refusal):
    """The way you pay was changed %(count)s times within 24 hours, which is the most there can be. Come back
    tomorrow, or call us. Nothing was changed."""


class SameAccount(Refusal):
    """This is the account from which we take your payments already. Enter another one."""

    about = "account_number"


class SameMethod(Refusal):
    """You pay like this already. Choose another way, or leave it as it is."""

    about = "method"


class ChangeIsOver(Refusal):
    """This was not signed in time, so nothing was changed. Begin again: it takes a minute."""


class NoSuchChange(Refusal):
    """There is no such change."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Another way to pay: from which account where it is debited, by which employer where it is deducted."""

    method: Method
    account: NewAccount | None = None
    employer: Mapping[str, str] | None = None


def draft(wish: Wish, *, by: Actor, when: Moment) -> MethodChange:
    """Keep what somebody wants until they sign it. Refuses what is not possible today, and an account that the bank
    does not know.
    """
    require_possible(own_agreement(by), when)
    if wish.account:
        bank_accounts.verify(wish.account.routing_number, wish.account.number, by=by, when=when)
    with transaction():
        agreement = own_agreement(by)
        account = bank_accounts.typed(agreement.taxpayer_id, wish.account, when=when) if wish.account else None
        _require_other(agreement, wish.method, account, when)
        change = MethodChange(
            taxpayer_id=agreement.taxpayer_id, agreement_id=agreement.id, user_id=by.user_id,
            state=MethodChangeState.DRAFTED, method=wish.method, bank_account_id=account.id if account else None,
            employer=dict(wish.employer) if wish.employer else None, drafted_at=when.at,
        )  # fmt: skip
        db.session.add(change)
        db.session.flush()
        return change


def make(reference: str, shown: Handover, signature: Signature, *, by: Actor, when: Moment) -> MethodChange:
    """Change the way to pay as it was shown and signed: all that belongs to it, or nothing. A change that was made
    already is left as it is. Refuses an agreement that has changed since (`ChangedMeanwhile`), and what comes to
    other dates or figures than were shown (`ShownAnew`).
    """
    with transaction():
        change = own(reference, by=by)
        if change.state is not MethodChangeState.DRAFTED:
            return change
        require_open(change, when)
        agreement = own_agreement(by)
        account = db.session.get(BankAccount, change.bank_account_id) if change.bank_account_id else None
        require_possible(agreement, when)
        _require_other(agreement, change.method, account, when)
        if agreement.version != shown.version:
            raise ChangedMeanwhile
        if coming_to(agreement.taxpayer_id, change.method, when) != shown:
            raise ShownAnew
        before = terms.current(agreement, shown.begins_on)
        change.state = method_change_move(change.state, MethodChangeState.MADE)
        change.before_id, change.begins_on = before.id, shown.begins_on
        change.made_at, change.fee = when.at, shown.fee.amount
        _charge(agreement, shown, when)
        if account and not bank_accounts.is_known(account):
            bank_accounts.note(account, by=by, when=when)
        authorizations.keep(agreement, signature, by=by, when=when)
        switch(agreement, change, change.method, account, by=by, when=when)
        if change.employer:
            payroll.ask(agreement, before.monthly, change.employer, by=by, when=when)
        _tell(change, agreement, before.bank_account_id, account, when)
        return change


def switch(
    agreement: Agreement,
    change: MethodChange,
    method: Method,
    account: BankAccount | None,
    *,
    by: Actor,
    when: Moment,
) -> None:
    """Terms with another way to pay, from the day of a change or from today; an employer who deducts is told to stop,
    and debits that are promised for later are promised anew, or not at all.
    """
    assert change.begins_on
    begins_on, kind = max(change.begins_on, when.on), ChangeKind.BANK if account else ChangeKind.METHOD
    if deduction := payroll.running(agreement):
        payroll.end(deduction, when=when)
    account_id = account.id if account else None
    terms.follow(agreement, kind, begins_on, when=when, method=method, bank_account_id=account_id)
    terms.note(
        agreement, kind, by=by, when=when, method=method, from_on=begins_on.isoformat(),
        bank_account=account.reference if account else "", method_change=change.reference, state=change.state,
    )  # fmt: skip
    promises.renew(agreement, begins_on, by=by, when=when)


def forget_drafts(when: Moment) -> int:
    """Delete what was not signed within a day, with the accounts that were typed for it. How many there were."""
    with transaction():
        is_old = (
            MethodChange.state == MethodChangeState.DRAFTED, MethodChange.drafted_at < when.at - FORGOTTEN_AFTER
        )  # fmt: skip
        rows = db.session.execute(select(MethodChange.id, MethodChange.bank_account_id).where(*is_old)).all()
        db.session.execute(delete(MethodChange).where(MethodChange.id.in_([row.id for row in rows])))
        bank_accounts.forget(row.bank_account_id for row in rows)
        return len(rows)


def own(reference: str, *, by: Actor) -> MethodChange:
    """The change, if it is theirs: of a draft, whoever made it; of what was signed, the account's."""
    rows = select(MethodChange).where(MethodChange.taxpayer_id == by.taxpayer_id, MethodChange.reference == reference)
    change = db.session.execute(rows).scalar_one_or_none()
    if change is None or (change.state is MethodChangeState.DRAFTED and change.user_id != by.user_id):
        raise NoSuchChange
    return change


def own_agreement(by: Actor) -> Agreement:
    """The agreement in force. Refuses (`NoPlan`) where there is none."""
    agreement = agreements.in_force(by.taxpayer_id) if by.taxpayer_id else None
    if agreement is None:
        raise NoPlan
    return agreement


def rules(when: Moment) -> MethodChanges:
    """How often, how long: the policy of today."""
    return office().policy.method_changes.on(when.on)


def require_possible(agreement: Agreement, when: Moment) -> None:
    """Refuses (`ChangesFrozen`) while somebody of the agency has to look, and (`TooManyChanges`) one too many."""
    if agreement.changes_frozen_on:
        raise ChangesFrozen
    lately = select(func.count()).where(
        MethodChange.agreement_id == agreement.id, MethodChange.made_at > when.at - timedelta(hours=24)
    )
    if db.session.execute(lately).scalar_one() >= rules(when).a_day:
        raise TooManyChanges(count=rules(when).a_day)


def require_open(change: MethodChange, when: Moment) -> None:
    """Refuses (`ChangeIsOver`) a draft that was not signed in time."""
    if when.at - change.drafted_at > timedelta(minutes=rules(when).draft_minutes):
        raise ChangeIsOver


def _require_other(agreement: Agreement, method: Method, account: BankAccount | None, when: Moment) -> None:
    """Not what holds already, no account that a bank refused, and no method that the debt is too large for."""
    newest = terms.history(agreement)[-1]
    if account is None:
        if newest.method is method:
            raise SameMethod
        law, limits = office().policy.law_on(when.on), office().policy.limits.on(when.on)
        owed = replay(accounts.facts(agreement.taxpayer_id), law, when.on)[0].owed(when.on).total
        for reason in reasons_against_method(method, agreement.kind, owed, limits, has_wages=True):
            raise reason
        return
    known = bank_accounts.same_number(account)
    if any(each.unusable_since for each in known):
        raise UnusableAccount
    if newest.bank_account_id in [each.id for each in known if each.type is account.type]:
        raise SameAccount


def _charge(agreement: Agreement, shown: Handover, when: Moment) -> None:
    if not shown.fee.amount:
        return
    ledger.charge(agreement.taxpayer_id, Kind.FEE, shown.fee.amount, tax_year=None, payment_id=None, when=when)
    ledger.align(agreement.taxpayer_id, accounts.facts(agreement.taxpayer_id), when=when)
    if shown.fee.is_given_back:
        agreement.fee_back += shown.fee.amount


def _tell(
    change: MethodChange, agreement: Agreement, old_id: int | None, account: BankAccount | None, when: Moment
) -> None:
    """Everybody of the account hears of it, with the link by which whoever did not ask for it stops it."""
    token, change.stop_hash = new_token()
    old = db.session.get(BankAccount, old_id) if old_id else None
    notices.issue(
        agreement.taxpayer_id, NoticeKind.BANK_CHANGED if account else NoticeKind.METHOD_CHANGED, when=when,
        agreement=agreement.reference, method=change.method, begins_on=(change.begins_on or when.on).isoformat(),
        old_last_four=bank_accounts.last_four_of(old) if old else "",
        new_last_four=bank_accounts.last_four_of(account) if account else "",
        stop_link=f"/agreement/changes/{token}",
    )  # fmt: skip
