"""The words for states, methods and kinds, and the tone in which each is said."""

from typing import Any

from portal.domain.ledger import EntryKind
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.models.agreement import Method
from portal.models.bank_account import AccountType
from portal.models.payment import Channel
from portal.queries.payments import PaymentLine
from portal.queries.standings import BankAccountView
from portal.web.language import gettext as _
from portal.web.language import money, short_day


def payment_state(state: PaymentState) -> tuple[str, str]:
    """What a payment's state is called, and its tone."""
    return {
        PaymentState.SCHEDULED: (_("Promised"), "neutral"),
        PaymentState.SUBMITTED: (_("Pending"), "wait"),
        PaymentState.SETTLED: (_("Posted"), "good"),
        PaymentState.RETURNED: (_("Returned"), "bad"),
        PaymentState.CANCELLED: (_("Cancelled"), "neutral"),
    }[state]


def agreement_state(state: AgreementState) -> tuple[str, str]:
    """What an agreement's state is called, and its tone."""
    return {
        AgreementState.ACTIVE: (_("On track"), "good"),
        AgreementState.IN_DEFAULT: (_("In default"), "bad"),
        AgreementState.COMPLETED: (_("Completed"), "good"),
        AgreementState.TERMINATED: (_("Ended by us"), "bad"),
        AgreementState.WITHDRAWN: (_("Withdrawn"), "neutral"),
    }[state]


def channel(value: Channel) -> str:
    """How money came."""
    return {
        Channel.DEBIT: _("Monthly debit"),
        Channel.PAYROLL: _("Payroll deduction"),
        Channel.MAIL: _("By mail"),
        Channel.ONLINE: _("Direct Pay"),
        Channel.EARLIER: _("Earlier payment"),
    }[value]


def method(value: Method) -> str:
    """How installments are paid."""
    return {
        Method.DIRECT_DEBIT: _("Automatic monthly debit"),
        Method.PAYROLL: _("Payroll deduction"),
        Method.MANUAL: _("Your own payments"),
    }[value]


def bank_account(view: BankAccountView | None) -> str:
    """An account as everybody sees it: its kind and its last four digits."""
    if view is None:
        return _("no account")
    kind = {AccountType.CHECKING: _("Checking"), AccountType.SAVINGS: _("Savings")}[view.type]
    return _("%(kind)s account ending %(last_four)s", kind=kind, last_four=view.last_four)


def ledger_account(account: str) -> str:
    """What an account of the ledger holds."""
    return {
        "owed:tax": _("Tax"),
        "owed:failure_to_file": _("Penalty for filing late"),
        "owed:failure_to_pay": _("Penalty for paying late"),
        "owed:dishonored": _("Penalty for a returned payment"),
        "owed:interest": _("Interest"),
        "owed:fee": _("User fee"),
        "credit": _("Credit"),
    }[account]


def entry_kind(kind: EntryKind) -> str:
    """Why the books were written in."""
    return {
        EntryKind.ASSESSMENT: _("Assessed"),
        EntryKind.CHARGE: _("Charged"),
        EntryKind.ACCRUAL: _("Added by a payment"),
        EntryKind.PAYMENT: _("Paid"),
        EntryKind.REVERSAL: _("Reversed"),
    }[kind]


def month_reason(reason: str) -> str:
    """Why a month's penalty rate is what it is."""
    return {
        "ordinary": _("the ordinary rate"),
        "agreement": _("half, because an agreement was in effect and the return was filed on time"),
        "levy": _("the higher rate after notice of intent to levy"),
    }[reason]


def return_reason(code: str) -> str:
    """What a bank's return code means, in plain words (domain.md 7.4)."""
    return {
        "R01": _("There was not enough money in the account."),
        "R02": _("The account is closed."),
        "R03": _("The bank could not find the account."),
        "R04": _("The account number is not valid."),
    }.get(code, _("The bank did not pay."))


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
