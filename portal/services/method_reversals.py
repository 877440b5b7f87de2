"""Another way to pay, taken back: by a button within a day, or by whoever did not ask for it."""

from datetime import timedelta

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import PORTAL, Actor
from portal.domain.lifecycle import MethodChangeState, method_change_move
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import Method
from portal.domain.refusal import Refusal
from portal.models import Agreement, BankAccount, MethodChange, Terms
from portal.models.notice import NoticeKind
from portal.queries.method_changes import MethodChangeView
from portal.services import agreements, bank_accounts, ledger, notices, terms
from portal.services.links import LinkIsOver, NoSuchLink
from portal.services.method_changes import own, own_agreement, rules, switch
from portal.services.sign_ins import token_hash


class TooLateToUndo(Refusal):
    """This can be undone within %(hours)s hours only, and as long as nothing else was changed. Nothing was undone.
    Change it again instead."""


def undo(reference: str, *, by: Actor, when: Moment) -> None:
    """Take a change back within a day: payments are debited as before. One that was undone already stays it. Refuses
    (`TooLateToUndo`) one that is older, was followed by another, or cannot be undone by a button.
    """
    with transaction():
        change = own(reference, by=by)
        if change.state is MethodChangeState.UNDONE:
            return
        agreement, old = own_agreement(by), _before(change)
        if agreement.changes_frozen_on or not _holds(change, agreement) or not may_undo(change, old.method, when):
            raise TooLateToUndo(hours=rules(when).undo_hours)
        account, undone = db.session.get_one(BankAccount, old.bank_account_id), change.bank_account_id
        change.state = method_change_move(change.state, MethodChangeState.UNDONE)
        change.stop_hash = None
        switch(agreement, change, old.method, account, by=by, when=when)
        notices.issue(
            agreement.taxpayer_id, NoticeKind.BANK_CHANGED, when=when, agreement=agreement.reference,
            new_last_four=bank_accounts.last_four_of(account),
            old_last_four=bank_accounts.last_four_of(db.session.get_one(BankAccount, undone)) if undone else "",
        )  # fmt: skip


def may_undo(change: MethodChange | MethodChangeView, was: Method | None, when: Moment) -> bool:
    """Within some hours, and where payments were debited before: an employer who was told to stop, and a fee that was
    charged, are not called back by a button.
    """
    if change.state is not MethodChangeState.MADE or was is not Method.DIRECT_DEBIT or change.made_at is None:
        return False
    return when.at - change.made_at <= timedelta(hours=rules(when).undo_hours)


def by_token(token: str, *, when: Moment) -> MethodChange:
    """The change that the link of a mail stops. Refuses (`NoSuchLink`) a link that opens nothing any more, and
    (`LinkIsOver`) one that is too old.
    """
    rows = select(MethodChange).where(MethodChange.stop_hash == token_hash(token))
    change = db.session.execute(rows).scalar_one_or_none()
    if change is None:
        raise NoSuchLink
    if change.made_at is None or when.at - change.made_at > timedelta(days=rules(when).stop_days):
        raise LinkIsOver
    return change


def stop(token: str, *, when: Moment) -> None:
    """Somebody of the account says that a change was not theirs: it is taken back, with all that followed it, and
    neither a debit nor a change is made until somebody of the agency has looked.
    """
    with transaction():
        change = by_token(token, when=when)
        agreement = db.session.get_one(Agreement, change.agreement_id)
        for each in _from(change):
            each.state = method_change_move(each.state, MethodChangeState.STOPPED)
            each.stop_hash = None
            _give_up_fee(each, agreement, when)
        if agreement.is_in_force:
            _restore(change, agreement, when)
            agreements.freeze_changes(agreement, by=PORTAL, when=when)
            notices.issue(agreement.taxpayer_id, NoticeKind.CHANGES_FROZEN, when=when, agreement=agreement.reference)


def _from(change: MethodChange) -> list[MethodChange]:
    """A change and those that were made after it."""
    rows = select(MethodChange).where(
        MethodChange.agreement_id == change.agreement_id, MethodChange.id >= change.id,
        MethodChange.state == MethodChangeState.MADE,
    )  # fmt: skip
    return list(db.session.execute(rows.order_by(MethodChange.id)).scalars())


def _give_up_fee(change: MethodChange, agreement: Agreement, when: Moment) -> None:
    if change.fee and change.made_at:
        ledger.give_up_fee(agreement.taxpayer_id, change.made_at, when=when)
        agreement.fee_back = Money(max(0, agreement.fee_back.cents - change.fee.cents))


def _restore(change: MethodChange, agreement: Agreement, when: Moment) -> None:
    """As before. An employer who was told to stop is not asked again: until somebody has looked, one pays oneself."""
    old = _before(change)
    account = db.session.get(BankAccount, old.bank_account_id) if old.bank_account_id else None
    method = Method.MANUAL if old.method is Method.PAYROLL else old.method
    switch(agreement, change, method, account, by=PORTAL, when=when)


def _holds(change: MethodChange, agreement: Agreement) -> bool:
    """Whether payments are made as this change says, and by no later one."""
    newest = terms.history(agreement)[-1]
    is_as_changed = (newest.method, newest.bank_account_id) == (change.method, change.bank_account_id)
    return change.agreement_id == agreement.id and is_as_changed and _from(change) == [change]


def _before(change: MethodChange) -> Terms:
    return db.session.get_one(Terms, change.before_id)
