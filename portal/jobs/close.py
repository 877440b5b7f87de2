"""The daily close: take the bank's answers, submit what is due, end and open what follows from them."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import exists, func, or_, select

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.calendar import business_days_after, business_days_before, is_business_day
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.domain.moment import Moment
from portal.domain.plan import Method
from portal.gateways.bank import Answer, Bank
from portal.jobs import approvals, bank_files, chunks, drafts, guests, payroll, reminders, statements
from portal.models import Agreement, BankAccount, NewBalance, Payment, PaymentStep, Terms
from portal.models.notice import Cause
from portal.models.payment import Channel
from portal.office import office
from portal.policies import banking_days_off
from portal.services import bank_accounts, defaults, new_balances, promises, receipts, terms

DEBITED = (Channel.DEBIT, Channel.ONLINE)


def run(when: Moment, bank: Bank, told: Callable[[str], object] = lambda _step: None) -> int:
    """Do one business day: how many pieces of work could not be done. Each is a deed of its own and leaves the data
    so that it is not found again. `told` hears what is begun.
    """
    failed = 0
    for name, step in STEPS.items():
        told(name)
        failed += step(when, bank)
    return failed


def _take_answers(when: Moment, bank: Bank) -> int:
    """Debits taken long enough ago that the bank has paid or returned them."""
    if not is_business_day(when.on, banking_days_off()):
        return 0
    settling = office().policy.days.on(when.on).debit_settles
    taken_by = business_days_before(when.on, settling, banking_days_off())
    taken = exists().where(
        PaymentStep.payment_id == Payment.id, PaymentStep.state == PaymentState.SUBMITTED,
        PaymentStep.happened_on <= taken_by,
    )  # fmt: skip
    waiting = select(Payment).where(
        Payment.state == PaymentState.SUBMITTED, Payment.channel.in_(DEBITED), Payment.pay_on <= taken_by, taken,
        or_(Payment.bank_file_id.is_(None), bank_files.is_with_the_bank(taken_by)),
    )  # fmt: skip
    return chunks.each(Payment, waiting, lambda each: _book(each, _answer_to(each, bank), when))


def _take_late_answers(when: Moment, bank: Bank) -> int:
    """Debits that were paid, and of which somebody says since that they were not authorized."""
    if bank.late_days is None:
        return 0
    taken = exists().where(
        PaymentStep.payment_id == Payment.id, PaymentStep.state == PaymentState.SUBMITTED,
        PaymentStep.happened_on == when.on - timedelta(days=bank.late_days),
    )  # fmt: skip
    paid = select(Payment).where(Payment.state == PaymentState.SETTLED, Payment.channel.in_(DEBITED), taken)
    return chunks.each(Payment, paid, lambda each: _book(each, bank.late_answer(_number_of(each)), when))


def _submit(when: Moment, bank: Bank) -> int:
    """What is due is handed to the bank, as many banking days before as it wants."""
    last = business_days_after(when.on, bank.lead_days, banking_days_off())
    due = select(Payment).where(Payment.state == PaymentState.SCHEDULED, Payment.pay_on <= last)
    return chunks.each(Payment, due, lambda each: bank_files.submit(each, bank, when))


def _promise(when: Moment, _bank: Bank) -> int:
    """Active agreements paid by debit for which no debit is promised."""
    promised = exists().where(
        Payment.agreement_id == Agreement.id, Payment.state == PaymentState.SCHEDULED,
        Payment.channel == Channel.DEBIT, Payment.attempt == 1,
    )  # fmt: skip
    debited = exists().where(Terms.agreement_id == Agreement.id, Terms.method == Method.DIRECT_DEBIT)
    wanted = select(Agreement).where(
        Agreement.state == AgreementState.ACTIVE, Agreement.frozen_on.is_(None), debited, ~promised
    )
    return chunks.each(Agreement, wanted, lambda each: promises.schedule_next(each, by=PORTAL, when=when))


def _find_missed(when: Moment, _bank: Bank) -> int:
    """An installment was due some days of grace ago; is it here?"""
    due_by = when.on - timedelta(days=office().policy.days.on(when.on).grace)
    is_due = or_(Terms.due_day == due_by.day, Terms.first_due_on == due_by)
    asked = exists().where(Terms.agreement_id == Agreement.id, is_due)
    wanted = select(Agreement).where(Agreement.state == AgreementState.ACTIVE, Agreement.accepted_on < due_by, asked)
    return chunks.each(
        Agreement, wanted, lambda each: defaults.review(each, Cause.INSTALLMENT, due_by, by=PORTAL, when=when)
    )


def _find_without_first_payment(when: Moment, _bank: Bank) -> int:
    """The days for the first payment are over (our own rule: 30 after approval), and it is not here."""
    accepted_on = when.on - timedelta(days=office().policy.days.on(when.on).first_payment + 1)
    wanted = select(Agreement).where(Agreement.state == AgreementState.ACTIVE, Agreement.accepted_on == accepted_on)

    def review(agreement: Agreement) -> None:
        first_due_on = terms.history(agreement)[0].first_due_on
        defaults.review(agreement, Cause.FIRST_PAYMENT, first_due_on, by=PORTAL, when=when)

    return chunks.each(Agreement, wanted, review)


def _review_new_balances(when: Moment, _bank: Bank) -> int:
    """Years that were assessed during a plan, and that nobody has added to it in time."""
    over = exists().where(
        NewBalance.agreement_id == Agreement.id, NewBalance.joined_on.is_(None), NewBalance.answer_by < when.on
    )
    wanted = select(Agreement).where(Agreement.state == AgreementState.ACTIVE, Agreement.frozen_on.is_(None), over)
    return chunks.each(Agreement, wanted, lambda each: new_balances.review(each, by=PORTAL, when=when))


def _end_defaults(when: Moment, _bank: Bank) -> int:
    """Agreements in default: made up for by now, or out of time. A frozen one waits for whoever looks."""
    in_default = select(Agreement).where(Agreement.state == AgreementState.IN_DEFAULT)
    over = in_default.where(Agreement.cure_by < when.on, Agreement.frozen_on.is_(None))
    return chunks.each(Agreement, in_default, lambda each: defaults.cure(each, by=PORTAL, when=when)) + chunks.each(
        Agreement, over, lambda each: defaults.terminate(each, by=PORTAL, when=when)
    )


STEPS: dict[str, Callable[[Moment, Bank], int]] = {
    "files from the bank": bank_files.take,
    "the bank's answers": _take_answers,
    "late returns": _take_late_answers,
    "debits due today": _submit,
    "files for the bank": bank_files.write,
    "the next debits": _promise,
    "missed installments": _find_missed,
    "missed first payments": _find_without_first_payment,
    "new balances": _review_new_balances,
    "defaults": _end_defaults,
    "reminders": lambda when, _bank: reminders.run(when),
    "employers": lambda when, _bank: payroll.run(when),
    "statements": lambda when, _bank: statements.run(when),
    "locks": lambda when, _bank: guests.run(when),
    "drafts": lambda when, _bank: drafts.run(when),
    "approvals": lambda when, _bank: approvals.run(when),
}


def _answer_to(payment: Payment, bank: Bank) -> Answer | None:
    earlier = select(func.count()).where(
        Payment.bank_account_id == payment.bank_account_id, Payment.id <= payment.id,
        Payment.state.not_in((PaymentState.CANCELLED, PaymentState.DRAFTED)),
    )  # fmt: skip
    return bank.answer(_number_of(payment), db.session.execute(earlier).scalar_one())


def _number_of(payment: Payment) -> str:
    return bank_accounts.number_of(db.session.get_one(BankAccount, payment.bank_account_id))


def _book(payment: Payment, answer: Answer | None, when: Moment) -> None:
    """Book what the bank says, with all that follows, in one deed; as long as it says nothing, we wait."""
    if answer is None:
        return
    if answer.is_return:
        receipts.take_return(payment, answer.code, by=PORTAL, when=when)
        return
    if answer.correction:
        account = db.session.get_one(BankAccount, payment.bank_account_id)
        bank_accounts.correct(account, answer.correction, by=PORTAL, when=when)
    receipts.settle(payment, by=PORTAL, when=when)
