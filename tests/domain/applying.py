"""A case without a database, and answers that hold in it."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from portal import policies
from portal.domain.answers import Answer, Step
from portal.domain.application import asked, day_answer
from portal.domain.case import Case
from portal.domain.supposed import supposed, tax_years
from portal.domain.waterfall import Account
from tests.domain.cast import AS_OF, dollars

POLICY = policies.load()
DAYS_OFF = policies.banking_days_off()


@cache
def owes(amount: str, on: date = AS_OF, tax_year: int = 2025) -> Account:
    """An account of one year that owes exactly this much on the day."""
    due_on = dict(tax_years(on, POLICY.rates, policies.legal_days_off()))[tax_year]
    return supposed(dollars(amount), tax_year, due_on, POLICY.law_on(on), on)


def a_case(amount: str = "18240.00", *, on: date = AS_OF, **other: Any) -> Case:
    """Somebody who owes this much, by the default policy of the day."""
    case = Case(
        on=on, account=other.pop("account", None) or owes(amount, on), law=POLICY.law_on(on),
        limits=POLICY.limits.on(on), days=POLICY.days.on(on), fees=POLICY.fees.on(on),
        low_income=POLICY.low_income.reached(on), days_off=DAYS_OFF,
    )  # fmt: skip
    return replace(case, **other)


def answers(case: Case, *, day: int = 15, **changes: Answer) -> dict[Step, Answer]:
    """Answers to all questions that are asked; `changes` by the name of the question."""
    given: dict[Step, Answer] = {
        Step.IDENTITY: {"first_name": "Robin", "last_name": "Ledger"},
        Step.ADDRESS: {"street": "1 Main Street", "city": "Salem", "state": "OR", "postal_code": "97301"},
        Step.FILING_STATUS: {"filing_status": "single"},
        Step.BALANCE: {"seen_on": case.on.isoformat()},
        Step.RETURNS: {"filed": "yes"},
        Step.CIRCUMSTANCES: {"true": ""},
        Step.PAYMENT_NOW: {"choice": "nothing", "amount": ""},
        Step.PLAN: {"kind": "long_term"},
        Step.AMOUNT: {"monthly": "400.00"},
        Step.DAY: day_answer(case, day),
        Step.HOUSEHOLD: {"people": "", "income": ""},
        Step.METHOD: {"method": "direct_debit"},
        Step.BANK: {"type": "checking", "routing_number": "121042882", "account_number": "5550004418"},
        Step.EMPLOYER: {"name": "Prairie Mill", "email": "payroll@mill.example", "frequency": "biweekly"},
        Step.CONTACT: {"language": "en_US", "reminders": "yes"},
    }
    given |= {Step[name.upper()]: change for name, change in changes.items()}
    return {step: given[step] for step in Step if step in asked(given)}
