"""The words of an application: what its questions are called, and what can be answered to them."""

from datetime import date

from portal.domain.answers import Answers, Step
from portal.domain.eligibility import Hindrance
from portal.web.language import SPOKEN
from portal.web.language import gettext as _
from portal.web.language import marked as N_

QUESTIONS = {
    Step.IDENTITY: N_("Who you are"),
    Step.ADDRESS: N_("Address and phone"),
    Step.FILING_STATUS: N_("Filing status"),
    Step.BALANCE: N_("What you owe"),
    Step.RETURNS: N_("Tax returns"),
    Step.CIRCUMSTANCES: N_("What could be in the way"),
    Step.PAYMENT_NOW: N_("Payment now"),
    Step.PLAN: N_("Kind of plan"),
    Step.AMOUNT: N_("Each month"),
    Step.DAY: N_("Day of the month"),
    Step.HOUSEHOLD: N_("Household and income"),
    Step.METHOD: N_("How you pay"),
    Step.BANK: N_("Bank account"),
    Step.EMPLOYER: N_("Employer"),
    Step.CONTACT: N_("Language and reminders"),
}
FILING_STATUSES = {
    "single": N_("Single"),
    "married filing jointly": N_("Married filing jointly"),
    "married filing separately": N_("Married filing separately"),
    "head of household": N_("Head of household"),
    "qualifying surviving spouse": N_("Qualifying surviving spouse"),
}
HINDRANCES = {
    Hindrance.BANKRUPTCY: N_("I am in an open bankruptcy case"),
    Hindrance.OFFER: N_("I have an offer in compromise that is pending or was accepted"),
    Hindrance.COURT: N_("My case is with the Department of Justice"),
}
LANGUAGES: dict[str, str] = dict(SPOKEN.values())


def question(step: Step) -> str:
    """What a question is called in a list."""
    return _(QUESTIONS[step])


def filing_status(value: str) -> str:
    """What a filing status is called."""
    return _(FILING_STATUSES[value])


def first_due_on(answers: Answers) -> date:
    """When the first payment is due."""
    return date.fromisoformat(answers[Step.DAY]["first_due_on"])
