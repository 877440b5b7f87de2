"""Agreements: accept, default, complete, and schedule the next debit."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.calendar import business_day_from, next_on_day
from portal.domain.lifecycle import IN_FORCE, AgreementState, PaymentState, agreement_move
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.period import Kind
from portal.domain.plan import Method, PlanKind
from portal.domain.policy import Fee
from portal.domain.refusal import Refusal
from portal.domain.waterfall import Payment as Received
from portal.domain.waterfall import replay
from portal.models import Agreement, BankAccount, Payment, Taxpayer, Terms
from portal.models.notice import NoticeKind
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
    """Put an agreement in force: terms, user fee, notice and first debit, all or nothing."""
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
        _add_terms(agreement, proposal, when=when)
        if fee.amount:
            ledger.charge(taxpayer.id, Kind.FEE, fee.amount, tax_year=None, payment_id=None, when=when)
        ledger.align(taxpayer.id, accounts.facts(taxpayer.id), when=when)
        trail.append(
            "agreement.accepted", agreement.reference, by=by, when=when, taxpayer_id=taxpayer.id,
            monthly=str(proposal.monthly), due_day=str(proposal.due_day), method=proposal.method,
        )  # fmt: skip
        notices.issue(
            taxpayer.id, NoticeKind.ACCEPTANCE, when=when, agreement=agreement.reference,
            monthly=str(proposal.monthly), first_due_on=proposal.first_due_on.isoformat(), fee=str(fee.amount),
        )  # fmt: skip
        schedule_next(agreement, by=by, when=when)
        return agreement


def schedule_next(agreement: Agreement, *, by: Actor, when: Moment) -> Payment | None:
    """Promise the next debit, if the agreement is paid by debit and none is promised: at most what will be owed."""
    with transaction():
        terms = current_terms(agreement, when.on)
        if agreement.state != AgreementState.ACTIVE or terms.bank_account_id is None or _is_promised(agreement):
            return None
        due_on = _next_due(agreement, terms, when.on)
        pay_on = business_day_from(due_on, banking_days_off())
        amount = min(terms.monthly, _owed_then(agreement.taxpayer_id, pay_on, when.on))
        if not amount:
            return None
        bank_account = db.session.get_one(BankAccount, terms.bank_account_id)
        return payments.schedule(
            agreement, bank_account, amount, installment_on=due_on, pay_on=pay_on, by=by, when=when
        )


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


def _add_terms(agreement: Agreement, proposal: Proposal, *, when: Moment) -> None:
    bank_account = proposal.bank_account
    db.session.add(
        Terms(
            agreement_id=agreement.id, begins_on=when.on, recorded_at=when.at, monthly=proposal.monthly,
            due_day=proposal.due_day, first_due_on=proposal.first_due_on, method=proposal.method,
            bank_account_id=bank_account.id if bank_account else None,
        )
    )  # fmt: skip


def _promised(agreement: Agreement) -> list[Payment]:
    rows = select(Payment).where(Payment.agreement_id == agreement.id, Payment.state == PaymentState.SCHEDULED)
    return list(db.session.execute(rows).scalars())


def _is_promised(agreement: Agreement) -> bool:
    return bool(_promised(agreement))


def _next_due(agreement: Agreement, terms: Terms, on: date) -> date:
    """The first due date after today that no debit was made for, and not before the first one agreed."""
    rows = select(Payment.installment_on).where(Payment.agreement_id == agreement.id)
    taken = set(db.session.execute(rows).scalars())
    due_on = terms.first_due_on if terms.first_due_on > on else next_on_day(on, terms.due_day)
    while due_on in taken:
        due_on = next_on_day(due_on, terms.due_day)
    return due_on


def _owed_then(taxpayer_id: int, pay_on: date, on: date) -> Money:
    """What will be owed on the day of a debit, the fee included, once what is on its way has arrived."""
    rows = select(Payment.pay_on, Payment.amount, Payment.id).order_by(Payment.id)
    rows = rows.where(Payment.taxpayer_id == taxpayer_id, Payment.state == PaymentState.SUBMITTED)
    on_its_way = (Received(day, amount, str(payment_id)) for day, amount, payment_id in db.session.execute(rows))
    account = accounts.facts(taxpayer_id)
    account = replace(account, payments=(*account.payments, *on_its_way))
    books = replay(account, office().policy.law_on(on), pay_on)[0]
    return books.owed(pay_on).total + Money(books.fee)
