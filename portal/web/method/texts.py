"""What is signed under another way to pay, in the language in which it is read."""

from typing import Any

from portal.domain.handover import Handover
from portal.domain.installments import holding
from portal.domain.plan import Method, PayFrequency, per_paycheck
from portal.models.authorization import AuthorizationKind
from portal.models.bank_account import AccountType
from portal.office import office
from portal.queries.method_changes import MethodChangeView
from portal.web import words
from portal.web.access import now
from portal.web.apply.paying import bank_name
from portal.web.apply.texts import written
from portal.web.language import day, money
from portal.web.language import gettext as _
from portal.web.method.desk import Desk

OF_METHOD = {Method.DIRECT_DEBIT: AuthorizationKind.DEBIT, Method.PAYROLL: AuthorizationKind.PAYROLL}


def texts_of(desk: Desk, change: MethodChangeView, found: Handover, name: str) -> dict[AuthorizationKind, str]:
    """The change itself, and the permission that the method needs."""
    kinds = [AuthorizationKind.CHANGE, *([OF_METHOD[change.method]] if change.method in OF_METHOD else [])]
    facts = _facts(desk, change, found) | {"name": name}
    return {kind: written(kind, facts) for kind in kinds}


def _facts(desk: Desk, change: MethodChangeView, found: Handover) -> dict[str, Any]:
    asked = holding(desk.plan.history, found.begins_on)
    return {
        "agency": office().settings.agency_name,
        "begins_on": day(found.begins_on),
        "due_day": asked.due_day,
        "fee": money(found.fee.amount) if found.fee.amount else "",
        "fee_comes_back": found.fee.is_given_back,
        "first_due_on": day(found.first_due_on),
        "is_debited": change.method is Method.DIRECT_DEBIT,
        "was_debited": desk.agreement.method is Method.DIRECT_DEBIT,
        "method": words.method(change.method),
        "monthly": money(asked.monthly),
        "notice_days": office().policy.days.on(now().on).revocation_notice,
        "on": day(now().on),
        "reference": desk.agreement.reference,
        "staying": [
            _("%(amount)s on %(day)s from the account ending %(last_four)s", amount=money(each.amount),
              day=day(each.pay_on), last_four=each.last_four)
            for each in found.staying
        ],
        **_of_the_bank(change),
        **_of_the_employer(change, asked.monthly),
    }  # fmt: skip


def _of_the_bank(change: MethodChangeView) -> dict[str, Any]:
    if change.bank_account is None:
        return {}
    kinds = {AccountType.CHECKING: _("checking account"), AccountType.SAVINGS: _("savings account")}
    return {
        "account_type": kinds[change.bank_account.type],
        "last_four": change.bank_account.last_four,
        "routing_number": change.routing_number,
        "bank": bank_name(change.routing_number),
    }


def _of_the_employer(change: MethodChangeView, monthly: Any) -> dict[str, Any]:
    if not change.employer:
        return {}
    frequency = PayFrequency(change.employer["frequency"])
    return {
        "employer": change.employer["name"],
        "per_paycheck": money(per_paycheck(monthly, frequency)),
        "often": words.frequency(frequency).lower(),
    }
