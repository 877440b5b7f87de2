"""The answers of an application for a plan: what is asked in which order, and what each answer says."""

from collections.abc import Mapping
from enum import StrEnum

from portal.domain.eligibility import Hindrance
from portal.domain.money import Money, read
from portal.domain.plan import Method, PayFrequency, PlanKind


class Step(StrEnum):
    """The questions, one to a page, in the order in which they are asked."""

    IDENTITY = "identity"
    ADDRESS = "address"
    FILING_STATUS = "filing-status"
    BALANCE = "balance"
    RETURNS = "returns"
    CIRCUMSTANCES = "circumstances"
    PAYMENT_NOW = "payment-now"
    PLAN = "plan"
    AMOUNT = "amount"
    DAY = "day"
    HOUSEHOLD = "household"
    METHOD = "method"
    BANK = "bank"
    EMPLOYER = "employer"
    CONTACT = "contact"


Answer = Mapping[str, str]
Answers = Mapping[Step, Answer]


def kind_of(answers: Answers) -> PlanKind:
    """The kind of plan chosen."""
    return PlanKind(answers[Step.PLAN]["kind"])


def monthly_of(answers: Answers) -> Money:
    """The monthly amount chosen."""
    return read(answers[Step.AMOUNT]["monthly"])


def method_of(answers: Answers) -> Method:
    """How installments are to be paid."""
    return Method(answers[Step.METHOD]["method"])


def frequency_of(answers: Answers) -> PayFrequency:
    """How often the employer pays."""
    return PayFrequency(answers[Step.EMPLOYER]["frequency"])


def due_day_of(answers: Answers) -> int:
    """The day of the month on which installments are due."""
    return int(answers[Step.DAY]["day"])


def paid_now(answers: Answers) -> Money:
    """What the applicant says to pay at once: an intention, which no rule relies on."""
    return read(answers.get(Step.PAYMENT_NOW, {}).get("amount") or "0.00")


def hindrances_of(answers: Answers) -> frozenset[Hindrance]:
    """What the applicant says stands in the way."""
    said = set(answers.get(Step.CIRCUMSTANCES, {}).get("true", "").split())
    if answers.get(Step.RETURNS, {}).get("filed") == "no":
        said.add(Hindrance.UNFILED)
    return frozenset(Hindrance(each) for each in said)
