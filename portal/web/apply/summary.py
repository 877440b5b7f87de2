"""All answers of an application, each with the way to change it."""

from datetime import date

from portal.domain.answers import Answer, Step, frequency_of, kind_of, method_of, monthly_of
from portal.domain.application import asked
from portal.domain.money import read
from portal.domain.plan import per_paycheck
from portal.web import words as field_words
from portal.web.apply import words
from portal.web.apply.desk import Desk
from portal.web.apply.paying import bank_name
from portal.web.language import day, money, ngettext
from portal.web.language import gettext as _

Row = tuple[str, str, str]


def rows_of(desk: Desk) -> list[Row]:
    """Question, answer, and the page on which it is changed."""
    return [(words.question(step), said(desk, step), f"/apply/{step}") for step in asked(desk.answers)]


def said(desk: Desk, step: Step) -> str:
    """What was answered, in words; numbers that are secret by their last four digits at most."""
    answer = desk.answers[step]
    write = WRITERS.get(step)
    return write(answer) if write else _of_the_plan(desk, step)


def _of_the_plan(desk: Desk, step: Step) -> str:
    answers = desk.answers
    if step is Step.BALANCE:
        return money(desk.case.balance)
    if step is Step.PLAN:
        return field_words.plan(kind_of(answers))
    if step is Step.METHOD:
        return field_words.method(method_of(answers))
    return _("%(employer)s, %(amount)s from each paycheck (%(often)s)", employer=answers[step]["name"],
             amount=money(per_paycheck(monthly_of(answers), frequency_of(answers))),
             often=field_words.frequency(frequency_of(answers)).lower())  # fmt: skip


def _identity(answer: Answer) -> str:
    return _("%(first_name)s %(last_name)s, confirmed", **answer)


def _address(answer: Answer) -> str:
    return "{street}, {city}, {state} {postal_code}, {phone}".format(**answer)


def _circumstances(answer: Answer) -> str:
    true = answer["true"].split()
    return "; ".join(_(words.HINDRANCES[each]) for each in words.HINDRANCES if each in true) or _("None of this")


def _payment_now(answer: Answer) -> str:
    return money(read(answer["amount"])) if answer["amount"] else _("Nothing now")


def _household(answer: Answer) -> str:
    if not answer["people"]:
        return _("Not answered")
    return ngettext("One person, %(income)s a year", "%(num)s people, %(income)s a year", int(answer["people"]),
                    income=money(read(answer["income"])))  # fmt: skip


def _day(answer: Answer) -> str:
    return _("Day %(number)s, first payment %(on)s", number=answer["day"],
             on=day(date.fromisoformat(answer["first_due_on"])))  # fmt: skip


def _bank(answer: Answer) -> str:
    kind = {"checking": _("Checking"), "savings": _("Savings")}[answer["type"]]
    account = _("%(kind)s account ending %(last_four)s", kind=kind, last_four=answer["account_number"][-4:])
    bank = bank_name(answer["routing_number"])
    return _("%(account)s, %(bank)s", account=account, bank=bank) if bank else account


def _contact(answer: Answer) -> str:
    language = words.LANGUAGES[answer["language"]]
    reminders = _("with reminders") if answer["reminders"] == "yes" else _("without reminders")
    return _("%(language)s, %(reminders)s", language=language, reminders=reminders)


WRITERS = {
    Step.IDENTITY: _identity,
    Step.ADDRESS: _address,
    Step.FILING_STATUS: lambda answer: words.filing_status(answer["filing_status"]),
    Step.RETURNS: lambda answer: _("All filed") if answer["filed"] == "yes" else _("Not all filed"),
    Step.CIRCUMSTANCES: _circumstances,
    Step.PAYMENT_NOW: _payment_now,
    Step.AMOUNT: lambda answer: money(read(answer["monthly"])),
    Step.DAY: _day,
    Step.HOUSEHOLD: _household,
    Step.BANK: _bank,
    Step.CONTACT: _contact,
}
