"""The words for states, methods and kinds, and the tone in which each is said."""

from typing import Any

from portal.domain.ledger import EntryKind
from portal.domain.lifecycle import AgreementState, DeductionState, PaymentState
from portal.domain.plan import Method, PayFrequency, PlanKind
from portal.models.authorization import AuthorizationKind
from portal.models.bank_account import AccountType
from portal.models.payment import Channel
from portal.queries.payments import PaymentLine
from portal.queries.standings import BankAccountView
from portal.web.language import gettext as _
from portal.web.language import marked as N_
from portal.web.language import money, short_day

PAYMENT_STATES = {
    PaymentState.SCHEDULED: (N_("Promised"), "neutral"),
    PaymentState.SUBMITTED: (N_("Pending"), "wait"),
    PaymentState.SETTLED: (N_("Posted"), "good"),
    PaymentState.RETURNED: (N_("Returned"), "bad"),
    PaymentState.CANCELLED: (N_("Cancelled"), "neutral"),
    PaymentState.REVERSED: (N_("Taken off"), "bad"),
}
AGREEMENT_STATES = {
    AgreementState.ACTIVE: (N_("On track"), "good"),
    AgreementState.IN_DEFAULT: (N_("In default"), "bad"),
    AgreementState.COMPLETED: (N_("Completed"), "good"),
    AgreementState.TERMINATED: (N_("Ended by us"), "bad"),
    AgreementState.WITHDRAWN: (N_("Withdrawn"), "neutral"),
}
CHANNELS = {
    Channel.DEBIT: N_("Monthly debit"),
    Channel.PAYROLL: N_("Payroll deduction"),
    Channel.MAIL: N_("By mail"),
    Channel.PHONE: N_("By telephone"),
    Channel.ONLINE: N_("Direct Pay"),
    Channel.EARLIER: N_("Earlier payment"),
    Channel.FEE_BACK: N_("User fee given back"),
    Channel.OFFSET: N_("Tax refund that we kept"),
    Channel.CREDIT: N_("From your credit"),
}
PLANS = {
    PlanKind.SHORT_TERM: N_("Short-term plan"),
    PlanKind.LONG_TERM: N_("Long-term plan"),
}
FREQUENCIES = {
    PayFrequency.WEEKLY: N_("Every week"),
    PayFrequency.BIWEEKLY: N_("Every two weeks"),
    PayFrequency.SEMIMONTHLY: N_("Twice a month"),
    PayFrequency.MONTHLY: N_("Once a month"),
}
METHODS = {
    Method.DIRECT_DEBIT: N_("Automatic monthly debit"),
    Method.PAYROLL: N_("Payroll deduction"),
    Method.MANUAL: N_("Your own payments"),
}
LEDGER_ACCOUNTS = {
    "owed:tax": N_("Tax"),
    "owed:failure_to_file": N_("Penalty for filing late"),
    "owed:failure_to_pay": N_("Penalty for paying late"),
    "owed:dishonored": N_("Penalty for a returned payment"),
    "owed:interest": N_("Interest"),
    "owed:fee": N_("User fee"),
    "credit": N_("Credit"),
}
ENTRY_KINDS = {
    EntryKind.ASSESSMENT: N_("Assessed"),
    EntryKind.CHARGE: N_("Charged"),
    EntryKind.ACCRUAL: N_("Added by a payment"),
    EntryKind.PAYMENT: N_("Paid"),
    EntryKind.ABATEMENT: N_("Given up by us"),
    EntryKind.REFUND: N_("Taken from a credit"),
    EntryKind.REVERSAL: N_("Reversed"),
}
AUTHORIZATIONS = {
    AuthorizationKind.TERMS: N_("Terms of your plan"),
    AuthorizationKind.DEBIT: N_("Authorization to debit your account"),
    AuthorizationKind.PAYROLL: N_("Authorization to deduct from your pay"),
    AuthorizationKind.CHANGE: N_("Change of the way you pay"),
}
DEDUCTION_STATES = {
    DeductionState.ASKED: (N_("Waiting for the employer"), "wait"),
    DeductionState.CONFIRMED: (N_("The employer deducts"), "good"),
    DeductionState.DECLINED: (N_("The employer declined"), "bad"),
    DeductionState.EXPIRED: (N_("The employer did not answer"), "bad"),
    DeductionState.ENDED: (N_("Ended"), "neutral"),
}
DEDUCTIONS_TOLD = {
    DeductionState.ASKED: N_("Pay yourself until the first deduction has arrived."),
    DeductionState.CONFIRMED: N_("What your employer sends shows up among your payments."),
    DeductionState.DECLINED: N_("You pay yourself from now on: the same amount on the same day."),
    DeductionState.EXPIRED: N_("You pay yourself from now on: the same amount on the same day."),
    DeductionState.ENDED: N_("Nothing is deducted any more."),
}
MONTH_REASONS = {
    "ordinary": N_("ordinary rate"),
    "agreement": N_("half rate: agreement in effect"),
    "levy": N_("higher rate after notice of intent to levy"),
}
RETURN_REASONS = {
    "R01": N_("There was not enough money in the account."),
    "R02": N_("The account is closed."),
    "R03": N_("The bank could not find the account."),
    "R04": N_("The account number is not valid."),
    "R07": N_("You took back the permission to debit the account."),
    "R08": N_("The payment was stopped."),
    "R09": N_("The money in the account could not be used yet."),
    "R10": N_("The debit was not authorized."),
    "R16": N_("The account is frozen."),
    "R20": N_("The account does not allow debits."),
    "R29": N_("The debit was not authorized."),
}


def payment_state(state: PaymentState) -> tuple[str, str]:
    """What a payment's state is called, and its tone."""
    name, tone = PAYMENT_STATES[state]
    return _(name), tone


def agreement_state(state: AgreementState) -> tuple[str, str]:
    """What an agreement's state is called, and its tone."""
    name, tone = AGREEMENT_STATES[state]
    return _(name), tone


def channel(value: Channel) -> str:
    """How money came."""
    return _(CHANNELS[value])


def method(value: Method) -> str:
    """How installments are paid."""
    return _(METHODS[value])


def plan(kind: PlanKind) -> str:
    """What a kind of plan is called."""
    return _(PLANS[kind])


def frequency(value: PayFrequency) -> str:
    """How often an employer pays."""
    return _(FREQUENCIES[value])


def bank_account(view: BankAccountView | None) -> str:
    """An account as everybody sees it: its kind and its last four digits."""
    if view is None:
        return _("no account")
    kind = {AccountType.CHECKING: _("Checking"), AccountType.SAVINGS: _("Savings")}[view.type]
    return _("%(kind)s account ending %(last_four)s", kind=kind, last_four=view.last_four)


def ledger_account(account: str) -> str:
    """What an account of the ledger holds."""
    return _(LEDGER_ACCOUNTS[account])


def entry_kind(kind: EntryKind) -> str:
    """Why the books were written in."""
    return _(ENTRY_KINDS[kind])


def authorization(kind: AuthorizationKind) -> str:
    """What a text that is signed is called."""
    return _(AUTHORIZATIONS[kind])


def deduction_state(state: DeductionState) -> tuple[str, str]:
    """Where an employer's part stands, and its tone."""
    name, tone = DEDUCTION_STATES[state]
    return _(name), tone


def deduction_told(state: DeductionState) -> str:
    """What an employer's answer means for the taxpayer."""
    return _(DEDUCTIONS_TOLD[state])


def month_reason(reason: str) -> str:
    """Why a month's penalty rate is what it is."""
    return _(MONTH_REASONS[reason])


def return_reason(code: str) -> str:
    """What a bank's return code means, in plain words."""
    return _(RETURN_REASONS.get(code, N_("The bank did not pay.")))


def payment_row(line: PaymentLine) -> dict[str, Any]:
    """A payment as a row of a table."""
    return {
        "on": short_day(line.pay_on),
        "reference": (line.reference, f"/account/payments/{line.reference}"),
        "channel": channel(line.channel),
        "amount": money(line.amount),
        "state": payment_state(line.state),
    }


def ordinal_day(day: int) -> str:
    """The 15th of each month."""
    return _("Day %(day)s of each month", day=day)
