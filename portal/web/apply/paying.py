"""Questions about paying: the method with its fee, the bank account, the employer."""

import re
from typing import Any

from flask import request
from wtforms import RadioField, StringField, ValidationError
from wtforms.validators import Length

from portal.domain.answers import Answer, Step, kind_of, monthly_of
from portal.domain.case import fee_of
from portal.domain.eligibility import reasons_against_method
from portal.domain.plan import Method, PayFrequency, per_paycheck
from portal.domain.routing import bare
from portal.gateways import banks
from portal.gateways.bank import SandboxBank
from portal.office import office
from portal.services import bank_accounts
from portal.services.users import address
from portal.web import words as field_words
from portal.web.access import actor, now
from portal.web.apply.desk import Desk
from portal.web.apply.question import Question
from portal.web.forms import Obeys, OneLine, options, required
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.language import marked as N_
from portal.web.language import money
from portal.web.reasons import told


class MethodChoice(Question):
    """Debit, payroll deduction or own payments, each with its fee; what is not possible says so beforehand."""

    step = Step.METHOD
    template = "apply/method.html"
    heading = _l("How do you want to pay each month?")

    method = RadioField(_l("How you pay"), validators=[required(_l("Choose how you want to pay."))])

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        kind, owed, limits = kind_of(desk.answers), desk.case.owed, desk.case.limits
        self._against = {
            method: reasons_against_method(method, kind, owed, limits, has_wages=True) for method in Method
        }
        possible = [method for method, found in self._against.items() if not found]
        self.method.choices = [(method.value, field_words.method(method)) for method in possible]

    def shown(self) -> dict[str, Any]:
        notes = {method: self._note(method) for method, found in self._against.items() if not found}
        return {
            "notes": {method.value: note for method, note in notes.items()},
            "impossible": [
                (field_words.method(method), told(found)) for method, found in self._against.items() if found
            ],
        }

    def _note(self, method: Method) -> str:
        """What a method means, and what it costs."""
        meaning = {
            Method.DIRECT_DEBIT: _("We take each payment from your bank account. You do not have to think of it."),
            Method.PAYROLL: _(
                "Your employer takes a part of each paycheck and sends it to us. It has to agree first."
            ),
            Method.MANUAL: _("You pay yourself each month: by mail, by telephone, or online."),
        }[method]
        fee = fee_of(self.desk.case, self.desk.answers, method)
        if not fee.amount:
            return _("%(what)s No fee.", what=meaning)
        if fee.is_given_back:
            return _(
                "%(what)s Fee: %(fee)s, which you get back once everything is paid.", what=meaning,
                fee=money(fee.amount),
            )  # fmt: skip
        return _("%(what)s Fee: %(fee)s.", what=meaning, fee=money(fee.amount))


class Bank(Question):
    """The account to debit. The bank is asked whether it exists; the numbers are never shown again."""

    step = Step.BANK
    template = "apply/bank.html"
    heading = _l("Which bank account do we debit?")
    lead = _l("It has to be your own account, or one that you may use.")

    type = RadioField(
        _l("Kind of account"),
        choices=options({"checking": _l("Checking account"), "savings": _l("Savings account")}),
        validators=[required(_l("Choose the kind of account."))],
    )
    routing_number = StringField(
        _l("Routing number"),
        [required(_l("Enter the routing number of the bank.")), Length(max=40), OneLine()],
        render_kw={"hx-get": "/apply/bank", "hx-trigger": "change", "hx-target": "#bank", "hx-swap": "outerHTML"},
    )
    account_number = StringField(
        _l("Account number"), [required(_l("Enter the account number.")), Length(max=60), OneLine()]
    )

    def given(self) -> Answer:
        """The kind and the bank are filled in again, the account number is not."""
        answer = self.desk.answers.get(self.step, {})
        return {name: answer[name] for name in ("type", "routing_number") if name in answer}

    def answer(self) -> Answer:
        return {
            "type": self.type.data,
            "routing_number": bare(self.routing_number.data),
            "account_number": bare(self.account_number.data),
        }

    def save(self) -> None:
        answer = self.answer()
        bank_accounts.verify(answer["routing_number"], answer["account_number"], by=actor(), when=now())
        super().save()

    def shown(self) -> dict[str, Any]:
        number = bare(request.args.get("routing_number") or self.routing_number.data or "")
        return {"bank": bank_name(number), "sandbox": sandbox() if office().is_demo else []}


def bank_name(routing_number: str) -> str:
    """The name of the bank with this number, or nothing where the portal does not know it."""
    return banks.names(office().settings.banks).get(routing_number, "")


def sandbox() -> list[dict[str, str]]:
    """What the demonstration's bank does, by account number."""
    rows = [(number, _("is not known to the bank")) for number in sorted(SandboxBank.unknown)[:1]]
    told = (
        (SandboxBank.returns_once, N_("returns the first debit: %(reason)s")),
        (SandboxBank.returns_always, N_("returns every debit: %(reason)s")),
        (SandboxBank.returns_late, N_("returns debits after 45 days: %(reason)s")),
    )
    for codes, what in told:
        rows += [(number, _(what, reason=field_words.return_reason(code))) for number, code in codes.items()]
    rows += [(number, _("pays, and says that it has another number by now")) for number in SandboxBank.corrects]
    rows += [(number, _("never answers")) for number in sorted(SandboxBank.silent)]
    return [{"number": number, "what": what} for number, what in [*rows, (_("any other"), _("pays"))]]


class Employer(Question):
    """Who deducts: the link by which the employer answers is mailed there."""

    step = Step.EMPLOYER
    template = "apply/employer.html"
    heading = _l("Who is your employer?")
    looks = {
        "name": {"autocomplete": "organization", "width": "lg"},
        "email": {
            "inputmode": "email", "width": "lg",
            "hint": _l("Of the people who do the payroll. They get a link with which they agree, and see your name."),
        },
    }  # fmt: skip

    name = StringField(
        _l("Name of the employer"), [required(_l("Enter the name of your employer.")), Length(max=100), OneLine()]
    )
    email = StringField(
        _l("Email address of its payroll office"),
        [required(_l("Enter the email address of its payroll office.")), Obeys(address)],
    )
    frequency = RadioField(_l("How often are you paid?"), validators=[required(_l("Choose how often you are paid."))])

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.frequency.choices = [(each.value, field_words.frequency(each)) for each in PayFrequency]

    def validate_name(self, field: StringField) -> None:
        if not re.search(r"\w", field.data):
            raise ValidationError(_("Enter the name of your employer."))

    def answer(self) -> Answer:
        return {**super().answer(), "email": address(self.email.data)}

    def shown(self) -> dict[str, Any]:
        monthly = monthly_of(self.desk.answers)
        return {
            "notes": {
                each.value: _("%(amount)s from each paycheck", amount=money(per_paycheck(monthly, each)))
                for each in PayFrequency
            }
        }
