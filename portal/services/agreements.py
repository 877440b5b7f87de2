"""Agreements: accept, default, complete, and schedule the next debit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.calendar import business_day_from, next_on_day
from portal.domain.lifecycle import IN_FORCE, AgreementState, PaymentState, agreement_move
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.penalties import Span
from portal.domain.period import Kind
from portal.domain.plan import Method, PlanKind
from portal.domain.policy import Fee
from portal.domain.refusal import Refusal
from portal.domain.waterfall import Account, Charge, replay
from portal.domain.waterfall import Payment as Received
from portal.models import Agreement, BankAccount, Payment, Taxpayer, Terms
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import accounts
from portal.services import ledger, notices, payments, trail


class AlreadyActive(Refusal):
    """You already have an active agreement. Change it instead of asking for another."""


class NothingOwed(Refusal):
    """Nothing is owed, so there is nothing to agree on."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a taxpayer offers: so much a month, on a day from 1 to 28, by a method, from an account if debited, as a
    short-term or a long-term plan.
    """

    monthly: Money
    due_day: int
    first_due_on: date
    method: Method
    bank_account: BankAccount | None = None
    kind: PlanKind = PlanKind.LONG_TERM
    has_low_income: bool = False


def accept(taxpayer: Taxpayer, proposal: Proposal, *, by: Actor, when: Moment) -> Agreement:
    """Put an agreement in force: terms, user fee, notice and first debit, all or nothing. Refuses (`AlreadyActive`) a
    second agreement, and (`NothingOwed`) one about nothing.
    """
    with transaction():
        _require_free(taxpayer)
        account = accounts.facts(taxpayer.id)
        owed = replay(account, office().policy.law_on(when.on), when.on)[0].owed(when.on).total
        if not owed:
            raise NothingOwed
        fee = user_fee(proposal, when.on)
        agreement = Agreement(
            taxpayer_id=taxpayer.id, kind=proposal.kind, state=AgreementState.ACTIVE, accepted_on=when.on,
            fee_back=fee.amount if fee.is_given_back else Money(0),
        )  # fmt: skip
        db.session.add(agreement)
        db.session.flush()
        terms = _add_terms(agreement, proposal, when=when)
        if fee.amount:
            ledger.charge(taxpayer.id, Kind.FEE, fee.amount, tax_year=None, payment_id=None, when=when)
        account = _with(account, agreement, fee.amount)
        ledger.align(taxpayer.id, account, when=when)
        trail.append(
            "agreement.accepted", agreement.reference, by=by, when=when, taxpayer_id=taxpayer.id,
            monthly=str(proposal.monthly), due_day=str(proposal.due_day), method=proposal.method,
        )  # fmt: skip
        notices.issue(
            taxpayer.id, NoticeKind.ACCEPTANCE, when=when, agreement=agreement.reference,
            monthly=str(proposal.monthly), first_due_on=proposal.first_due_on.isoformat(), fee=str(fee.amount),
        )  # fmt: skip
        _promise(agreement, terms, account, by=by, when=when)
        return agreement


def schedule_next(agreement: Agreement, *, by: Actor, when: Moment) -> Payment | None:
    """Promise the next debit, if the agreement is paid by debit and none is promised: at most what will be owed."""
    with transaction():
        if agreement.state != AgreementState.ACTIVE:
            return None
        account = accounts.facts(agreement.taxpayer_id)
        return _promise(agreement, current_terms(agreement, when.on), account, by=by, when=when)


def default(agreement: Agreement, payment: Payment, *, by: Actor, when: Moment) -> None:
    """An installment was missed: the agreement is in default, and there are so many days to cure it."""
    with transaction():
        agreement.state = agreement_move(agreement.state, AgreementState.IN_DEFAULT)
        agreement.in_default_since = when.on
        trail.append(
            "agreement.in_default", agreement.reference, by=by, when=when, taxpayer_id=agreement.taxpayer_id,
            payment=payment.reference,
        )  # fmt: skip
        notices.issue(
            agreement.taxpayer_id, NoticeKind.INTENT_TO_TERMINATE, when=when, agreement=agreement.reference,
            amount=str(payment.amount), missed_on=str(payment.installment_on or payment.pay_on),
        )  # fmt: skip
        for promised in _promised(agreement):
            payments.cancel(promised, by=by, when=when)


def complete(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """Nothing is owed any more: the agreement has done its work."""
    with transaction():
        agreement.state = agreement_move(agreement.state, AgreementState.COMPLETED)
        agreement.ended_on = when.on
        trail.append("agreement.completed", agreement.reference, by=by, when=when, taxpayer_id=agreement.taxpayer_id)
        notices.issue(agreement.taxpayer_id, NoticeKind.COMPLETION, when=when, agreement=agreement.reference)
        for promised in _promised(agreement):
            payments.cancel(promised, by=by, when=when)


def change_method(agreement: Agreement, method: Method, *, by: Actor, when: Moment) -> None:
    """Pay another way from today on: the same amount on the same day, from no account. No fee is charged for it."""
    with transaction():
        terms = current_terms(agreement, when.on)
        proposal = Proposal(terms.monthly, terms.due_day, terms.first_due_on, method)
        _add_terms(agreement, proposal, when=when)
        db.session.flush()
        trail.append(
            "agreement.changed", agreement.reference, by=by, when=when, taxpayer_id=agreement.taxpayer_id,
            method=method,
        )  # fmt: skip


def current_terms(agreement: Agreement, on: date) -> Terms:
    """The terms in force on the day: the latest that had begun, or the first ones."""
    rows = select(Terms).where(Terms.agreement_id == agreement.id).order_by(Terms.begins_on, Terms.id)
    history = list(db.session.execute(rows).scalars())
    return [terms for terms in history if terms.begins_on <= on or terms is history[0]][-1]


def user_fee(proposal: Proposal, on: date) -> Fee:
    """What asking for this agreement online costs; a short-term plan costs nothing."""
    if proposal.kind is PlanKind.SHORT_TERM:
        return Fee(Money(0))
    is_debited = proposal.method is Method.DIRECT_DEBIT
    return office().policy.fees.on(on).online(is_debited=is_debited, has_low_income=proposal.has_low_income)


def _require_free(taxpayer: Taxpayer) -> None:
    active = select(Agreement.id).where(Agreement.taxpayer_id == taxpayer.id, Agreement.state.in_(IN_FORCE))
    if db.session.execute(active).first():
        raise AlreadyActive


def _add_terms(agreement: Agreement, proposal: Proposal, *, when: Moment) -> Terms:
    bank_account = proposal.bank_account
    terms = Terms(
        agreement_id=agreement.id, begins_on=when.on, recorded_at=when.at, monthly=proposal.monthly,
        due_day=proposal.due_day, first_due_on=proposal.first_due_on, method=proposal.method,
        bank_account_id=bank_account.id if bank_account else None,
    )  # fmt: skip
    db.session.add(terms)
    return terms


def _with(account: Account, agreement: Agreement, fee: Money) -> Account:
    """The account once an agreement is in force, so that it need not be read again."""
    charges = (Charge(agreement.accepted_on, Kind.FEE, fee),) if fee else ()
    spans = (Span(agreement.accepted_on, None),) if agreement.kind is PlanKind.LONG_TERM else ()
    return replace(account, charges=account.charges + charges, in_effect=account.in_effect + spans)


def _promise(agreement: Agreement, terms: Terms, account: Account, *, by: Actor, when: Moment) -> Payment | None:
    """The next debit, unless one is promised or none is needed."""
    if terms.bank_account_id is None:
        return None
    rows = select(
        Payment.agreement_id, Payment.channel, Payment.state, Payment.installment_on, Payment.pay_on, Payment.amount
    )
    is_on_its_way = and_(Payment.taxpayer_id == agreement.taxpayer_id, Payment.state == PaymentState.SUBMITTED)
    found = db.session.execute(rows.where(or_(Payment.agreement_id == agreement.id, is_on_its_way))).all()
    own = [row for row in found if row.agreement_id == agreement.id]
    if any(row.state is PaymentState.SCHEDULED and row.channel is Channel.DEBIT for row in own):
        return None
    due_on = _next_due(terms, {row.installment_on for row in own}, when.on)
    pay_on = business_day_from(due_on, banking_days_off())
    on_its_way = [row for row in found if row.state is PaymentState.SUBMITTED]
    amount = min(terms.monthly, _owed_then(account, on_its_way, pay_on, when.on))
    if not amount:
        return None
    bank_account = db.session.get_one(BankAccount, terms.bank_account_id)
    return payments.schedule(agreement, bank_account, amount, installment_on=due_on, pay_on=pay_on, by=by, when=when)


def _promised(agreement: Agreement) -> list[Payment]:
    rows = select(Payment).where(Payment.agreement_id == agreement.id, Payment.state == PaymentState.SCHEDULED)
    return list(db.session.execute(rows).scalars())


def _next_due(terms: Terms, taken: set[date | None], on: date) -> date:
    """The first due date after today that no debit was made for, and not before the first one agreed."""
    due_on = terms.first_due_on if terms.first_due_on > on else next_on_day(on, terms.due_day)
    while due_on in taken:
        due_on = next_on_day(due_on, terms.due_day)
    return due_on


def _owed_then(account: Account, on_its_way: Sequence[Any], pay_on: date, on: date) -> Money:
    """What will be owed on the day of a debit, the fee included, once what is on its way has arrived."""
    arriving = (Received(row.pay_on, row.amount, f"on its way {each}") for each, row in enumerate(on_its_way))
    account = replace(account, payments=(*account.payments, *arriving))
    books = replay(account, office().policy.law_on(on), pay_on)[0]
    return books.owed(pay_on).total + Money(books.fee)
