"""What is signed: the terms of a plan and the permission to take money, in the language in which it is read."""

from typing import Any

from flask import current_app

from portal.domain.answers import Step, due_day_of, frequency_of, kind_of, method_of, monthly_of
from portal.domain.case import fee_of
from portal.domain.money import Money
from portal.domain.plan import Method, PlanKind, per_paycheck
from portal.models.authorization import AuthorizationKind
from portal.office import office
from portal.web import words as field_words
from portal.web.apply import words
from portal.web.apply.desk import Desk
from portal.web.apply.paying import bank_name
from portal.web.language import day, money
from portal.web.language import gettext as _

# Goes up with every change of a text in templates/authorizations/.
VERSION = "2026-11"


def texts(desk: Desk) -> dict[AuthorizationKind, str]:
    """What the applicant signs with these answers: the terms, and what the method needs."""
    kinds = [AuthorizationKind.TERMS]
    if method_of(desk.answers) is Method.DIRECT_DEBIT:
        kinds.append(AuthorizationKind.DEBIT)
    if method_of(desk.answers) is Method.PAYROLL:
        kinds.append(AuthorizationKind.PAYROLL)
    facts = _facts(desk)
    return {kind: written(kind, facts) for kind in kinds}


def written(kind: str, facts: dict[str, Any]) -> str:
    """A text without white space that means nothing: paragraphs, with an empty line between them."""
    text = current_app.jinja_env.get_template(f"authorizations/{kind}.txt").render(facts)
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _facts(desk: Desk) -> dict[str, Any]:
    answers, case = desk.answers, desk.case
    fee = fee_of(case, answers, method_of(answers))
    return {
        "agency": office().settings.agency_name,
        "balance": money(case.balance),
        "cure_days": case.days.cure,
        "due_day": due_day_of(answers),
        "fee": money(fee.amount) if fee.amount else "",
        "fee_comes_back": fee.is_given_back,
        "first_due_on": day(words.first_due_on(answers)),
        "is_long": kind_of(answers) is PlanKind.LONG_TERM,
        "monthly": money(monthly_of(answers)),
        "name": "{first_name} {last_name}".format(**answers[Step.IDENTITY]),
        "notice_days": case.days.revocation_notice,
        "on": day(case.on),
        **_of_the_bank(desk),
        **_of_the_employer(desk, monthly_of(answers)),
    }


def _of_the_bank(desk: Desk) -> dict[str, Any]:
    bank = desk.answers.get(Step.BANK)
    if bank is None:
        return {}
    return {
        "account_type": {"checking": _("checking account"), "savings": _("savings account")}[bank["type"]],
        "last_four": bank["account_number"][-4:],
        "routing_number": bank["routing_number"],
        "bank": bank_name(bank["routing_number"]),
    }


def _of_the_employer(desk: Desk, monthly: Money) -> dict[str, Any]:
    if Step.EMPLOYER not in desk.answers:
        return {}
    frequency = frequency_of(desk.answers)
    return {
        "employer": desk.answers[Step.EMPLOYER]["name"],
        "per_paycheck": money(per_paycheck(monthly, frequency)),
        "often": field_words.frequency(frequency).lower(),
    }
