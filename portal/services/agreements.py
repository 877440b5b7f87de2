"""Agreements: accept, default, complete, and schedule the next debit."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.calendar import business_day_from
from portal.domain.change import ChangeKind
from portal.domain.installments import holding, installments_to_come
from portal.domain.lifecycle import IN_FORCE, AgreementState, agreement_move
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.penalties import Span
from portal.domain.period import Kind
from portal.domain.plan import Method, PlanKind
from portal.domain.policy import Fee
from portal.domain.projection import minimum_on, schedule_of
from portal.domain.refusal import Refusal
from portal.domain.standing import LONGEST_SCHEDULE_MONTHS
from portal.domain.waterfall import Account, Charge, replay
from portal.models import Agreement, Payment, Taxpayer
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import accounts, arrears
from portal.queries.standings import terms_of
from portal.services import ledger, notices, payments, promises, terms, trail
from portal.services.terms import Proposal


class AlreadyActive(Refusal):
    """You already have an active agreement. Change it instead of asking for another."""


class NothingOwed(Refusal):
    """Nothing is owed, so there is nothing to agree on."""


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
            fee_back=fee.amount if fee.is_given_back else Money(0), has_low_income=proposal.has_low_income,
        )  # fmt: skip
        db.session.add(agreement)
        db.session.flush()
        agreed = terms.add(agreement, proposal, when=when)
        if fee.amount:
            ledger.charge(taxpayer.id, Kind.FEE, fee.amount, tax_year=None, payment_id=None, when=when)
        account = _with(account, agreement, fee.amount)
        ledger.align(taxpayer.id, account, when=when)
        trail.note(
            "agreement.accepted", agreement, by=by, when=when, monthly=str(proposal.monthly),
            due_day=str(proposal.due_day), method=proposal.method,
        )  # fmt: skip
        kind = NoticeKind.REINSTATEMENT if proposal.is_reinstated else NoticeKind.ACCEPTANCE
        notices.issue(
            taxpayer.id, kind, when=when, agreement=agreement.reference,
            monthly=str(proposal.monthly), first_due_on=proposal.first_due_on.isoformat(), fee=str(fee.amount),
        )  # fmt: skip
        promises.promise(agreement, [agreed], account, by=by, when=when)
        return agreement


def spread(agreement: Agreement, payment: Payment, *, by: Actor, when: Moment) -> None:
    """An extra payment lowers what is asked for each month, to the least that ends the plan when it would have ended
    without that payment.
    """
    account = accounts.facts(agreement.taxpayer_id)
    without = replace(account, payments=tuple(p for p in account.payments if p.reference != str(payment.id)))
    law, history = office().policy.law_on(when.on), terms_of(terms.history(agreement))
    dues = list(installments_to_come(history, when.on, LONGEST_SCHEDULE_MONTHS, banking_days_off()))
    months = len(schedule_of(replay(without, law, when.on)[0], dues).installments)
    least = minimum_on(replay(account, law, when.on)[0], [due.on for due in dues[: max(1, months)]])
    if least and least < holding(history, when.on).monthly:
        terms.change_monthly(agreement, least, by=by, when=when)


def unspread(agreement: Agreement, payment: Payment, *, by: Actor, when: Moment) -> None:
    """The extra payment that had lowered what is asked for came back: it is asked for again, unless another amount
    was chosen since.
    """
    history = terms.history(agreement)
    before = [each.monthly for each in history if each.begins_on <= payment.pay_on]
    chosen = [each.change for each in history if each.change in (ChangeKind.SPREAD, ChangeKind.AMOUNT)]
    if before and before[-1] > holding(history, when.on).monthly and chosen[-1:] == [ChangeKind.SPREAD]:
        terms.change_monthly(agreement, before[-1], by=by, when=when)


def complete(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """Nothing is owed any more: the agreement has done its work. The fee of somebody with a low income who could not
    pay by debit is given back, as a credit (IRC 6159(f)(2)(B)).
    """
    with transaction():
        agreement.state = agreement_move(agreement.state, AgreementState.COMPLETED)
        agreement.ended_on, agreement.cure_by = when.on, None
        trail.note("agreement.completed", agreement, by=by, when=when)
        fee_back = _fee_to_give_back(agreement)
        if fee_back:
            taxpayer = db.session.get_one(Taxpayer, agreement.taxpayer_id)
            payments.receive(taxpayer, fee_back, channel=Channel.FEE_BACK, pay_on=when.on, by=by, when=when)
        notices.issue(
            agreement.taxpayer_id, NoticeKind.COMPLETION, when=when, agreement=agreement.reference,
            fee_back=str(fee_back) if fee_back else "",
        )  # fmt: skip
        payments.call_off(
            Payment.taxpayer_id == agreement.taxpayer_id, Payment.channel == Channel.ONLINE, by=by, when=when
        )
        promises.take_back(agreement, by=by, when=when)


def withdraw(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """The taxpayer gives the agreement up: nothing that it promised is taken any more, and everything is due at once.
    What was sent to the bank already still comes; so does what was signed apart from it.
    """
    with transaction():
        agreement.state = agreement_move(agreement.state, AgreementState.WITHDRAWN)
        agreement.ended_on, agreement.cure_by = when.on, None
        trail.note("agreement.withdrawn", agreement, by=by, when=when)
        promises.take_back(agreement, by=by, when=when)
        notices.issue(
            agreement.taxpayer_id, NoticeKind.WITHDRAWAL, when=when, agreement=agreement.reference,
            amount=str(arrears.owed(agreement, when.on)),
        )  # fmt: skip


def reopen(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """What had completed an agreement came back: it is in force again, unless another one is."""
    with transaction():
        if in_force(agreement.taxpayer_id) is None:
            agreement.state, agreement.ended_on = agreement_move(agreement.state, AgreementState.ACTIVE), None
            trail.note("agreement.reopened", agreement, by=by, when=when)


def freeze(agreement: Agreement, *, by: Actor, when: Moment, code: str) -> None:
    """No debit any more until somebody of the agency has looked: a bank says that one was not authorized."""
    with transaction():
        agreement.frozen_on = when.on
        trail.note("agreement.frozen", agreement, by=by, when=when, code=code)
        promises.take_back(agreement, by=by, when=when)


def freeze_changes(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """Neither a debit nor a change any more until somebody of the agency has looked: somebody of the account said
    that a change was not theirs.
    """
    with transaction():
        agreement.frozen_on = agreement.frozen_on or when.on
        agreement.changes_frozen_on = when.on
        trail.note("agreement.changes_frozen", agreement, by=by, when=when)
        promises.take_back(agreement, by=by, when=when)


def release(agreement: Agreement, *, by: Actor, when: Moment) -> None:
    """Somebody has looked: debits go on, from an account that can be used, and changes are possible again."""
    with transaction():
        agreement.frozen_on = agreement.changes_frozen_on = None
        if agreement.state is AgreementState.IN_DEFAULT:
            agreement.cure_by = last_day_to_cure(when.on)
        trail.note("agreement.released", agreement, by=by, when=when)
        promises.schedule_next(agreement, by=by, when=when)


def in_force(taxpayer_id: int) -> Agreement | None:
    """The agreement in force of a taxpayer, if there is one."""
    rows = select(Agreement).where(Agreement.taxpayer_id == taxpayer_id, Agreement.state.in_(IN_FORCE))
    return db.session.execute(rows).scalar_one_or_none()


def user_fee(proposal: Proposal, on: date) -> Fee:
    """What asking for this agreement online costs; a short-term plan costs nothing."""
    if proposal.kind is PlanKind.SHORT_TERM:
        return Fee(Money(0))
    fees = office().policy.fees.on(on)
    if proposal.is_reinstated:
        return Fee(fees.reinstate_online)
    is_debited = proposal.method is Method.DIRECT_DEBIT
    return fees.online(is_debited=is_debited, has_low_income=proposal.has_low_income)


def _fee_to_give_back(agreement: Agreement) -> Money:
    """What was promised at first, unless it was given back when this agreement was completed before."""
    given = select(Payment.id).where(
        Payment.taxpayer_id == agreement.taxpayer_id, Payment.channel == Channel.FEE_BACK,
        Payment.pay_on >= agreement.accepted_on,
    )  # fmt: skip
    return Money(0) if db.session.execute(given).first() else agreement.fee_back


def _require_free(taxpayer: Taxpayer) -> None:
    if in_force(taxpayer.id):
        raise AlreadyActive


def _with(account: Account, agreement: Agreement, fee: Money) -> Account:
    """The account once an agreement is in force, so that it need not be read again."""
    charges = (Charge(agreement.accepted_on, Kind.FEE, fee),) if fee else ()
    spans = (Span(agreement.accepted_on, None),) if agreement.kind is PlanKind.LONG_TERM else ()
    return replace(account, charges=account.charges + charges, in_effect=account.in_effect + spans)


def last_day_to_cure(on: date) -> date:
    """Of a default that is told today (IRC 6159(b)(5)); a day on which banks work, so that it can be used."""
    return business_day_from(on + timedelta(days=office().policy.days.on(on).cure), banking_days_off())
