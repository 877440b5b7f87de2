"""Money that came, money that went back, and what either means for the agreement in force."""

from datetime import date, timedelta

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.calendar import business_days_after
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import Method
from portal.domain.refusal import Refusal
from portal.domain.returns import Remedy, remedy
from portal.domain.waterfall import replay
from portal.models import Agreement, BankAccount, Payment, Taxpayer
from portal.models.notice import Cause, NoticeKind
from portal.models.payment import Channel
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import accounts, arrears
from portal.services import agreements, bank_accounts, credits, defaults, notices, payments, promises, terms

# After these no debit from the account is ever paid.
USELESS = (Remedy.NEW_ACCOUNT, Remedy.OWN_PAYMENTS, Remedy.LOOK_INTO_IT)
# What somebody of the agency, or an import, has entered.
ENTERED = (Channel.MAIL, Channel.PHONE, Channel.PAYROLL, Channel.EARLIER)


class OnlyTheBankTakesItBack(Refusal):
    """This payment came from a bank account. Only the bank takes it back; what was too much is refunded. Nothing was
    changed."""


def receive(taxpayer: Taxpayer, amount: Money, *, channel: Channel, pay_on: date, by: Actor, when: Moment) -> Payment:
    """Book money that is already here, by mail, by telephone or from an employer, and do what follows from it."""
    with transaction():
        payment = payments.receive(taxpayer, amount, channel=channel, pay_on=pay_on, by=by, when=when)
        follow(taxpayer.id, by=by, when=when)
        return payment


def settle(payment: Payment, *, by: Actor, when: Moment) -> None:
    """Money that was on its way is here: book it, and do what follows from it."""
    with transaction():
        payments.settle(payment, by=by, when=when)
        agreement = agreements.in_force(payment.taxpayer_id)
        if agreement and payment.lowers_monthly:
            agreements.spread(agreement, payment, by=by, when=when)
        follow(payment.taxpayer_id, by=by, when=when)


def take_return(payment: Payment, code: str, *, by: Actor, when: Moment) -> None:
    """A bank sent a debit back: it never counted, and what follows depends on why (`domain.returns`)."""
    with transaction():
        had_settled, retry_on = payment.state is PaymentState.SETTLED, _retry_on(payment, code, when)
        payments.give_back(payment, code, retry_on=retry_on, by=by, when=when)
        if retry_on:
            payments.try_again(payment, pay_on=retry_on, by=by, when=when)
        if remedy(code) in USELESS:
            account = db.session.get_one(BankAccount, payment.bank_account_id)
            bank_accounts.mark_unusable(account, code=code, by=by, when=when)
        credits.use(payment.taxpayer_id, by=by, when=when)
        _reopen(payment, by=by, when=when)
        if agreement := agreements.in_force(payment.taxpayer_id):
            _stop_debits(agreement, payment, code, by=by, when=when)
            if had_settled and payment.lowers_monthly:
                agreements.unspread(agreement, payment, by=by, when=when)
            due_by = max(payment.installment_on or date.min, _grace_ends(when.on))
            defaults.review(agreement, Cause.RETURNED, due_by, by=by, when=when)
        follow(payment.taxpayer_id, by=by, when=when)


def reverse(payment: Payment, *, by: Actor, when: Moment, **details: str) -> None:
    """Take back what was posted to the wrong account or with a wrong amount, and do what follows from it. Refuses
    (`OnlyTheBankTakesItBack`) a debit, and (`NotAllowed`) a payment that does not count.
    """
    with transaction():
        if payment.channel not in ENTERED:
            raise OnlyTheBankTakesItBack
        payments.reverse(payment, by=by, when=when, **details)
        if agreement := _completed_since(payment):
            agreements.reopen(agreement, by=by, when=when)
        reconsider(payment.taxpayer_id, by=by, when=when)


def reconsider(taxpayer_id: int, *, by: Actor, when: Moment) -> None:
    """A promised payment will not come: what was due before the days of grace may be missing now."""
    with transaction():
        if agreement := agreements.in_force(taxpayer_id):
            defaults.review(agreement, Cause.INSTALLMENT, _grace_ends(when.on), by=by, when=when)
        follow(taxpayer_id, by=by, when=when)


def follow(taxpayer_id: int, *, by: Actor, when: Moment) -> None:
    """After money came or went: an agreement is completed or cured, and its next debit is what will be owed."""
    with transaction():
        agreement = agreements.in_force(taxpayer_id)
        if agreement is None:
            return
        account = accounts.facts(taxpayer_id)
        # A day that is closed late knows of payments that came after it.
        on = max([when.on, *(each.on for each in account.payments)])
        if replay(account, office().policy.law_on(when.on), on)[0].is_clear:
            agreements.complete(agreement, by=by, when=when)
            return
        defaults.cure(agreement, by=by, when=when)
        promises.replan(agreement, account, by=by, when=when)


def _retry_on(payment: Payment, code: str, when: Moment) -> date | None:
    """When a plan's debit is tried again: some banking days later, so often and so long as the Nacha rules allow, and
    only while the agreement it is for is in force and not frozen.
    """
    days = office().policy.days.on(when.on)
    if remedy(code) is not Remedy.TRY_AGAIN or payment.channel is not Channel.DEBIT:
        return None
    agreement = db.session.get_one(Agreement, payment.agreement_id)
    account = db.session.get_one(BankAccount, payment.bank_account_id)
    if account.unusable_since or terms.current(agreement, when.on).bank_account_id != account.id:
        return None
    if payment.attempt >= days.debit_attempts or agreement.state is not AgreementState.ACTIVE or agreement.frozen_on:
        return None
    retry_on = business_days_after(when.on, days.retry_after, banking_days_off())
    first_taken_on = payment.installment_on or payment.pay_on
    return retry_on if (retry_on - first_taken_on).days <= days.retry_within else None


def _grace_ends(on: date) -> date:
    """What was due by this day is missing today, if it is not here."""
    return on - timedelta(days=office().policy.days.on(on).grace)


def _reopen(payment: Payment, *, by: Actor, when: Moment) -> None:
    """What an agreement had been completed with came back, and no credit stands in for it."""
    agreement = db.session.get(Agreement, payment.agreement_id) if payment.agreement_id else None
    if agreement and agreement.state is AgreementState.COMPLETED and arrears.owed(agreement, when.on):
        agreements.reopen(agreement, by=by, when=when)


def _completed_since(payment: Payment) -> Agreement | None:
    """The agreement that was completed with it, unless another one is in force."""
    if agreements.in_force(payment.taxpayer_id):
        return None
    rows = select(Agreement).where(
        Agreement.taxpayer_id == payment.taxpayer_id, Agreement.state == AgreementState.COMPLETED,
        Agreement.ended_on >= payment.pay_on,
    )  # fmt: skip
    return db.session.execute(rows.order_by(Agreement.id.desc()).limit(1)).scalar_one_or_none()


def _stop_debits(agreement: Agreement, payment: Payment, code: str, *, by: Actor, when: Moment) -> None:
    """Where the plan's own account cannot be debited any more, it is not; and the taxpayer is told what to do."""
    what, asked = remedy(code), terms.current(agreement, when.on)
    account = db.session.get_one(BankAccount, payment.bank_account_id)
    if what not in USELESS or asked.bank_account_id not in [each.id for each in bank_accounts.same_number(account)]:
        return
    if what is Remedy.LOOK_INTO_IT:
        agreements.freeze(agreement, by=by, when=when, code=code)
    elif what is Remedy.OWN_PAYMENTS and _may_pay_alone(agreement, when):
        terms.change_method(agreement, Method.MANUAL, by=by, when=when)
    promises.take_back(agreement, by=by, when=when)
    notices.issue(
        agreement.taxpayer_id, NoticeKind.DEBITS_STOPPED, when=when, agreement=agreement.reference, code=code
    )


def _may_pay_alone(agreement: Agreement, when: Moment) -> bool:
    """Above a limit a plan needs debit or payroll deduction."""
    account, law = accounts.facts(agreement.taxpayer_id), office().policy.law_on(when.on)
    owed = replay(account, law, when.on)[0].owed(when.on).total
    return office().policy.limits.on(when.on).own_payments.admits(owed)
