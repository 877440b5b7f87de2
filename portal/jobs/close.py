"""The daily close: submit what is due, take the bank's answers, end and open what follows from them."""

from sqlalchemy import and_, func, select

from portal.db import db, transaction
from portal.domain.actor import PORTAL
from portal.domain.calendar import business_days_before, is_business_day
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.domain.moment import Moment
from portal.domain.plan import Method
from portal.domain.waterfall import replay
from portal.gateways.bank import Bank
from portal.jobs import drafts, payroll
from portal.models import Agreement, BankAccount, Payment, PaymentStep, Terms
from portal.models.payment import Channel
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import accounts
from portal.services import agreements, bank_accounts, payments


def run(when: Moment, bank: Bank) -> None:
    """Do one business day. Each piece of work is a deed of its own and leaves the data so that it is not found
    again.
    """
    for payment in _awaiting_answer(when):
        _answer(payment, bank, when)
    for payment in _due(when):
        payments.submit(payment, by=PORTAL, when=when)
    for agreement in _without_promise():
        agreements.schedule_next(agreement, by=PORTAL, when=when)
    payroll.run(when)
    drafts.run(when)


def _due(when: Moment) -> list[Payment]:
    return _payments_in(PaymentState.SCHEDULED, Payment.pay_on <= when.on)


def _awaiting_answer(when: Moment) -> list[Payment]:
    """Debits taken long enough ago that the bank has paid or returned them."""
    if not is_business_day(when.on, banking_days_off()):
        return []
    settling = office().policy.days.on(when.on).debit_settles
    taken_by = business_days_before(when.on, settling, banking_days_off())
    taken = select(PaymentStep.id).where(
        PaymentStep.payment_id == Payment.id, PaymentStep.state == PaymentState.SUBMITTED,
        PaymentStep.happened_on <= taken_by,
    )  # fmt: skip
    return _payments_in(PaymentState.SUBMITTED, and_(Payment.channel == Channel.DEBIT, taken.exists()))


def _payments_in(state: PaymentState, condition: object) -> list[Payment]:
    rows = select(Payment).where(Payment.state == state, condition).order_by(Payment.id)  # type: ignore[arg-type]
    return list(db.session.execute(rows).scalars())


def _answer(payment: Payment, bank: Bank, when: Moment) -> None:
    """Book the bank's answer and what it means for the agreement, in one deed."""
    account = db.session.get_one(BankAccount, payment.bank_account_id)
    earlier = select(func.count()).where(
        Payment.bank_account_id == account.id, Payment.id <= payment.id, Payment.state != PaymentState.CANCELLED
    )
    attempt = db.session.execute(earlier).scalar_one()
    code = bank.outcome(bank_accounts.number_of(account), attempt)
    with transaction():
        if code:
            payments.give_back(payment, code, by=PORTAL, when=when)
        else:
            payments.settle(payment, by=PORTAL, when=when)
        _follow_up(payment, when)


def _follow_up(payment: Payment, when: Moment) -> None:
    """What a settled or returned installment means for its agreement."""
    if payment.agreement_id is None:
        return
    agreement = db.session.get_one(Agreement, payment.agreement_id)
    if payment.state == PaymentState.RETURNED and agreement.state == AgreementState.ACTIVE:
        agreements.default(agreement, payment, by=PORTAL, when=when)
    elif payment.state == PaymentState.SETTLED and agreement.is_in_force:
        account = accounts.facts(agreement.taxpayer_id)
        if replay(account, office().policy.law_on(when.on), when.on)[0].is_clear:
            agreements.complete(agreement, by=PORTAL, when=when)


def _without_promise() -> list[Agreement]:
    """Active agreements paid by debit for which no debit is promised."""
    promised = select(Payment.id).where(Payment.agreement_id == Agreement.id, Payment.state == PaymentState.SCHEDULED)
    debited = select(Terms.id).where(Terms.agreement_id == Agreement.id, Terms.method == Method.DIRECT_DEBIT)
    rows = (
        select(Agreement)
        .where(Agreement.state == AgreementState.ACTIVE, debited.exists(), ~promised.exists())
        .order_by(Agreement.id)
    )
    return list(db.session.execute(rows).scalars())
