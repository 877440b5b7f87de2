"""What is signed under a payment, and what its page says of it before."""

from typing import Any

from portal.models.bank_account import AccountType
from portal.models.payment import Reason
from portal.office import office
from portal.queries.direct_pay import OnlinePayment
from portal.web import words as field_words
from portal.web.apply.paying import bank_name
from portal.web.apply.texts import written
from portal.web.language import day, instant, money
from portal.web.language import gettext as _
from portal.web.pay import words
from portal.web.pay.desk import Desk

# Goes up with every change of templates/authorizations/payment.txt.
VERSION = "2026-11"


def text_of(desk: Desk, draft: OnlinePayment) -> str:
    """The permission to take one payment, in the language in which it is read."""
    days = desk.days
    return written("payment", {
        "agency": office().settings.agency_name,
        "account_type": {
            AccountType.CHECKING: _("checking account"), AccountType.SAVINGS: _("savings account"),
        }[draft.bank_account.type],
        "amount": money(draft.amount),
        "bank": bank_name(draft.routing_number),
        "changed": desk.instead,
        "cut_off": instant(days.cut_off(draft.pay_on)) if days.is_changeable(draft.pay_on) else "",
        "last_four": draft.bank_account.last_four,
        "lowers_monthly": draft.lowers_monthly,
        "instead_of": _debit_day(desk, draft),
        "pay_on": day(draft.pay_on),
        "reason": words.reason(draft.reason),
        "routing_number": draft.routing_number,
        "version": VERSION,
    })  # fmt: skip


def rows_of(desk: Desk, draft: OnlinePayment) -> list[tuple[str, str]]:
    """Everything that was chosen, and what follows from it."""
    rows: list[tuple[str, Any]] = [
        (_("For"), words.reason(draft.reason)),
        (_("Amount"), money(draft.amount)),
        (_("Taken on"), day(draft.pay_on)),
        (_("Settles on"), day(desk.days.settles_on(draft.pay_on))),
        (_("From"), field_words.bank_account(draft.bank_account)),
    ]
    if desk.position and (period := desk.position.period):
        rows.append((_("Tax year that it reaches first"), str(period.tax_year)))
    if instead_of := _debit_day(desk, draft):
        rows.append((_("Debit that it replaces"), instead_of))
    if draft.reason is Reason.EXTRA:
        rows.append((_("What it does"), _("I pay less each month") if draft.lowers_monthly
                     else _("The plan ends sooner")))  # fmt: skip
    if desk.changed:
        rows.append((_("Payment that it changes"), desk.changed.reference))
    return rows


def _debit_day(desk: Desk, draft: OnlinePayment) -> str:
    """When the debit would be taken whose place the payment takes."""
    if draft.installment_on is None:
        return ""
    debit = desk.position.debit if desk.position else None
    return day(debit.pay_on if debit and debit.installment_on == draft.installment_on else draft.installment_on)
