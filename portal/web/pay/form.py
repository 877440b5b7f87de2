"""The form of a payment: what for, when, how much, and from which account."""

from datetime import date
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, StringField, ValidationError
from wtforms.validators import Length

from portal.domain.direct_pay import Choice
from portal.domain.money import Money
from portal.domain.refusal import Refusal
from portal.domain.routing import bare
from portal.models import Payment
from portal.models.bank_account import AccountType
from portal.models.payment import Reason
from portal.services import direct_pay
from portal.services.bank_accounts import NewAccount
from portal.services.direct_pay_rules import Wish
from portal.web import words as field_words
from portal.web.access import now
from portal.web.forms import DayField, Form, MoneyField, Once, OneLine, options, required, said
from portal.web.language import day, money
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.pay import words
from portal.web.pay.desk import Desk

NEW = "new"
INSTEAD, LOWER = "instead", "lower"
LIVE = ("reason", "choice", "amount", "pay_on", "debit", "use", "account", "routing_number")
OF_A_GUEST = (Reason.INSTALLMENT, Reason.BALANCE_DUE)


class PayForm(Form):
    """What somebody wants to pay. Which questions are asked follows from the account and from the reason."""

    reason = RadioField(_l("What do you pay for?"), [Once(), required(_l("Choose what you pay for."))])
    pay_on = DayField(_l("When do we take it?"), [required(_l("Enter the day of the payment."))])
    choice = RadioField(_l("How much do you pay?"), [Once(), required(_l("Choose how much you pay."))])
    amount = MoneyField(_l("Amount in dollars"), [Once()])
    debit = RadioField(_l("What about the next debit of your plan?"), [Once()], validate_choice=False)
    use = RadioField(
        _l("What should the extra money do?"), [Once()], validate_choice=False,
        choices=options({"sooner": _l("The plan ends sooner"), LOWER: _l("I pay less each month")}),
    )  # fmt: skip
    account = RadioField(_l("From which account?"), [Once(), required(_l("Choose an account."))])
    type = RadioField(
        _l("Kind of account"), [Once()], validate_choice=False,
        choices=options({"checking": _l("Checking account"), "savings": _l("Savings account")}),
    )  # fmt: skip
    routing_number = StringField(_l("Routing number"), [Once(), Length(max=40), OneLine()])
    account_number = StringField(_l("Account number"), [Once(), Length(max=60), OneLine()])

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        given = self._given()
        super().__init__(_answers(given), data=given)
        reasons = desk.position.reasons if desk.position else OF_A_GUEST
        self.reason.choices = [(each.value, words.reason(each)) for each in reasons]
        usable = [each for each in desk.saved if each.is_usable]
        self.account.choices = [(each.reference, field_words.bank_account(each.view)) for each in usable]
        self.account.choices.append((NEW, _("Another account")))
        self.routing_number.render_kw = {
            "hx-get": desk.form, "hx-trigger": "change", "hx-target": "#bank", "hx-swap": "outerHTML",
        }  # fmt: skip
        if desk.position is None:
            self.amount.label.text = _("How much do you pay?")
            del self.choice, self.debit, self.use
        else:
            self._offer()
        if not usable:
            del self.account

    def _offer(self) -> None:
        """The amounts and the questions that belong to the reason chosen."""
        position, reason, debit = self.desk.position, self.chosen_reason, None
        assert position is not None
        self.amounts = position.amounts(reason, self._day, self._instead_of)
        self.choice.choices = [(each.value, words.choice(each)) for each in (*self.amounts, Choice.OTHER)]
        if position.replaces(reason) and (debit := position.debit):
            self.debit.choices = [
                (INSTEAD, _("I pay instead of the debit on %(day)s", day=day(debit.pay_on))),
                ("addition", _("I pay in addition to it")),
            ]
        else:
            del self.debit
        if reason is not Reason.EXTRA:
            del self.use

    @property
    def chosen_reason(self) -> Reason:
        """What is paid for, as far as it is known."""
        possible = self.desk.position.reasons if self.desk.position else OF_A_GUEST
        return next((each for each in possible if each == self.reason.data), possible[0])

    @property
    def _day(self) -> date:
        """The day for which amounts are shown: the one typed, if it is one that can be chosen."""
        typed = self.pay_on.data
        return typed if typed and self.desk.days.first <= typed <= self.desk.days.last else self.desk.days.first

    @property
    def _instead_of(self) -> date | None:
        return self.desk.due_on if self.debit and self.debit.data == INSTEAD else None

    @property
    def is_new_account(self) -> bool:
        return self.account is None or self.account.data == NEW

    def validate(self, extra_validators: Any = None) -> bool:
        if self.choice and self.choice.data != Choice.OTHER:
            self.amount.process_errors = ()
        return bool(super().validate(extra_validators))

    def validate_pay_on(self, field: DayField) -> None:
        try:
            if field.data:
                self.desk.days.require(field.data)
        except Refusal as refusal:
            raise ValidationError(said(refusal)) from None

    def validate_amount(self, field: MoneyField) -> None:
        is_asked = self.choice is None or self.choice.data == Choice.OTHER
        if is_asked and not field.errors and not field.data:
            raise ValidationError(_("Enter an amount above zero."))

    def validate_debit(self, field: RadioField) -> None:
        self._require_one(field, _("Choose what happens with the next debit."))

    def validate_use(self, field: RadioField) -> None:
        self._require_one(field, _("Choose what the extra money should do."))

    def validate_type(self, field: RadioField) -> None:
        if self.is_new_account:
            self._require_one(field, _("Choose the kind of account."))

    def validate_routing_number(self, field: StringField) -> None:
        if self.is_new_account and not (field.data or "").strip():
            raise ValidationError(_("Enter the routing number of the bank."))

    def validate_account_number(self, field: StringField) -> None:
        if self.is_new_account and not (field.data or "").strip():
            raise ValidationError(_("Enter the account number."))

    def wish(self) -> Wish:
        """What was answered."""
        assert self.pay_on.data, "validated"
        amount = self.amount.data or Money(0)
        if self.choice and self.choice.data != Choice.OTHER:
            amount = self.amounts[Choice(self.choice.data)]
        return Wish(
            Reason(self.reason.data), amount, self.pay_on.data, self._instead_of,
            lowers_monthly=bool(self.use and self.use.data == LOWER), instead=self.desk.instead,
        )  # fmt: skip

    def draft(self) -> Payment:
        """Keep it until it is signed."""
        account: str | NewAccount = self.account.data if self.account else NEW
        if account == NEW:
            number = bare(self.account_number.data or "")
            account = NewAccount(AccountType(self.type.data), bare(self.routing_number.data or ""), number)
        return direct_pay.draft(self.desk.payer, self.wish(), account, when=now())

    def notes(self) -> dict[str, dict[str, str]]:
        """What stands below each choice."""
        return {
            "reason": {value: words.meaning(Reason(value)) for value, _label in self.reason.choices},
            "choice": {each.value: money(amount) for each, amount in self.amounts.items()} if self.choice else {},
        }

    def _given(self) -> dict[str, Any]:
        """What the form is filled in with: what was typed before, or what is likeliest."""
        position, typed = self.desk.position, self.desk.typed
        usable = [each.reference for each in self.desk.saved if each.is_usable]
        reasons = position.reasons if position else OF_A_GUEST
        if typed is None:
            return {"reason": reasons[0], "pay_on": self.desk.days.first, "account": [*usable, NEW][0]}
        due_on = self.desk.due_on
        return {
            "reason": typed.reason, "pay_on": typed.pay_on, "amount": typed.amount, "choice": self._choice(typed),
            "debit": INSTEAD if typed.installment_on and typed.installment_on == due_on else "addition",
            "use": LOWER if typed.lowers_monthly else "sooner",
            "account": typed.bank_reference if typed.bank_reference in usable else NEW,
        }  # fmt: skip

    def _choice(self, typed: Any) -> Choice:
        """Which of the amounts was meant."""
        if self.desk.position is None:
            return Choice.OTHER
        amounts = self.desk.position.amounts(typed.reason, typed.pay_on, typed.installment_on)
        return next((each for each in amounts if amounts[each] == typed.amount), Choice.OTHER)

    def _require_one(self, field: RadioField, message: str) -> None:
        if field.data not in [value for value, *_rest in field.iter_choices()]:
            raise ValidationError(message)


def _answers(given: dict[str, Any]) -> MultiDict[str, str] | None:
    """What was sent; what the address says of the form is laid over what it is filled in with."""
    if request.method == "POST":
        return request.form
    asked = {name: request.args.getlist(name) for name in LIVE if name in request.args}
    if not asked:
        return None
    if "choice" not in asked and "".join(asked.get("amount", [])).strip():
        asked["choice"] = [Choice.OTHER]
    return MultiDict({name: _typed(value) for name, value in given.items()} | asked)


def _typed(value: Any) -> list[str]:
    if isinstance(value, date):
        return [str(value.month), str(value.day), str(value.year)]
    return [str(value)]
