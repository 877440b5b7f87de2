"""Which account, which method, which employer: what is typed is kept until it is signed."""

from typing import Any

from flask import Response, redirect
from wtforms import RadioField, StringField
from wtforms.validators import Length

from portal.domain.eligibility import reasons_against_method
from portal.domain.money import Money
from portal.domain.plan import Method, PayFrequency, per_paycheck
from portal.domain.routing import bare
from portal.models import MethodChange
from portal.models.bank_account import AccountType
from portal.office import office
from portal.queries import method_changes as looked_up
from portal.services import method_changes
from portal.services.bank_accounts import NewAccount
from portal.services.method_changes import Wish
from portal.services.users import address
from portal.web import words
from portal.web.access import actor, now, proved
from portal.web.apply.paying import sandbox
from portal.web.forms import Form, Obeys, Once, OneLine, options, required
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.language import money
from portal.web.method.desk import Desk, bp, deduction_of, own_desk, paid_now
from portal.web.page import page
from portal.web.reasons import told


class AccountForm(Form):
    """The account to debit from now on. The bank is asked whether it exists; its number is never shown again."""

    type = RadioField(
        _l("Kind of account"), [required(_l("Choose the kind of account."))],
        choices=options({"checking": _l("Checking account"), "savings": _l("Savings account")}),
    )  # fmt: skip
    routing_number = StringField(
        _l("Routing number"),
        [Once(), required(_l("Enter the routing number of the bank.")), Length(max=40), OneLine()],
    )
    account_number = StringField(
        _l("Account number"), [Once(), required(_l("Enter the account number.")), Length(max=60), OneLine()]
    )

    def draft(self) -> MethodChange:
        numbers = bare(self.routing_number.data or ""), bare(self.account_number.data or "")
        return _drafted(Wish(Method.DIRECT_DEBIT, account=NewAccount(AccountType(self.type.data), *numbers)))


class MethodForm(Form):
    """Debit, payroll deduction or own payments, each with what it costs or saves."""

    method = RadioField(_l("How do you want to pay?"), [required(_l("Choose how you want to pay."))])

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        super().__init__()
        others = [method for method in Method if method is not desk.agreement.method]
        owed, limits = desk.view.standing.owed.total, desk.plan.limits
        against = {
            method: reasons_against_method(method, desk.agreement.kind, owed, limits, has_wages=True)
            for method in others
        }
        self.possible = [method for method in others if not against[method]]
        self.impossible = [(words.method(method), told(found)) for method, found in against.items() if found]
        self.method.choices = [(method.value, words.method(method)) for method in self.possible]

    def notes(self) -> dict[str, str]:
        """What each choice means, and what it costs or saves."""
        low_income = looked_up.has_low_income(self.desk.taxpayer_id)
        return {method.value: _note(self.desk, method, has_low_income=low_income) for method in self.possible}


class EmployerForm(Form):
    """Who deducts: the link by which the employer answers is mailed there once this is signed."""

    name = StringField(
        _l("Name of the employer"), [required(_l("Enter the name of your employer.")), Length(max=100), OneLine()]
    )
    email = StringField(
        _l("Email address of its payroll office"),
        [required(_l("Enter the email address of its payroll office.")), Obeys(address)],
    )
    frequency = RadioField(_l("How often are you paid?"), [required(_l("Choose how often you are paid."))])

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        super().__init__()
        self.frequency.choices = [(each.value, words.frequency(each)) for each in PayFrequency]

    def notes(self) -> dict[str, str]:
        return {
            each.value: _(
                "%(amount)s from each paycheck", amount=money(per_paycheck(self.desk.agreement.monthly, each))
            )
            for each in PayFrequency
        }

    def draft(self) -> MethodChange:
        employer = {
            "name": (self.name.data or "").strip(), "email": address(self.email.data or ""),
            "frequency": self.frequency.data,
        }  # fmt: skip
        return _drafted(Wish(Method.PAYROLL, employer=employer))


@bp.route("/agreement/bank", methods=["GET", "POST"])
@proved
def bank() -> Response:
    desk, form, drafted = own_desk(), AccountForm(), list[MethodChange]()
    if form.carry_out(lambda: drafted.append(form.draft())):
        return redirect(f"/agreement/method/{drafted[0].reference}", 303)  # type: ignore[return-value]
    return page("agreement/bank.html", form=form, sandbox=sandbox() if office().is_demo else [], **_shown(desk))


@bp.route("/agreement/method", methods=["GET", "POST"])
@proved
def choose() -> Response:
    desk, drafted = own_desk(), list[MethodChange]()
    form = MethodForm(desk)
    if form.method.data in ONWARD and form.validate_on_submit():
        return redirect(ONWARD[form.method.data], 303)  # type: ignore[return-value]
    if form.carry_out(lambda: drafted.append(_drafted(Wish(Method.MANUAL)))):
        return redirect(f"/agreement/method/{drafted[0].reference}", 303)  # type: ignore[return-value]
    return page("agreement/method.html", form=form, notes=form.notes(), impossible=form.impossible, **_shown(desk))


@bp.route("/agreement/method/employer", methods=["GET", "POST"])
@proved
def employer() -> Response:
    desk, drafted = own_desk(), list[MethodChange]()
    form = EmployerForm(desk)
    if form.carry_out(lambda: drafted.append(form.draft())):
        return redirect(f"/agreement/method/{drafted[0].reference}", 303)  # type: ignore[return-value]
    return page("agreement/employer.html", form=form, notes=form.notes(), **_shown(desk))


ONWARD = {Method.DIRECT_DEBIT.value: "/agreement/bank", Method.PAYROLL.value: "/agreement/method/employer"}


def _drafted(wish: Wish) -> MethodChange:
    return method_changes.draft(wish, by=actor(), when=now())


def _shown(desk: Desk) -> dict[str, Any]:
    """How it is paid now, and that it is another way than debit, if it is."""
    is_debited = desk.agreement.method is Method.DIRECT_DEBIT
    return {"rows": paid_now(desk.agreement, deduction_of(desk)), "is_debited": is_debited}


def _note(desk: Desk, method: Method, *, has_low_income: bool) -> str:
    meaning = {
        Method.DIRECT_DEBIT: _("We take each payment from your bank account. You do not have to think of it."),
        Method.PAYROLL: _("Your employer takes a part of each paycheck and sends it to us. It has to agree first."),
        Method.MANUAL: _("You pay yourself each month: by mail, by telephone, or online."),
    }[method]
    return f"{meaning} {cost(desk, method, has_low_income=has_low_income)}"


def cost(desk: Desk, method: Method, *, has_low_income: bool) -> str:
    """What a change to this method costs now, and what is saved or lost by it later."""
    fee, later = looked_up.fee_of(desk.plan, method, has_low_income), money(_fee_of_later_changes())
    said = _("No fee.") if not fee.amount else _("Fee: %(fee)s.", fee=money(fee.amount))
    if fee.is_given_back:
        said = _("Fee: %(fee)s, which you get back once everything is paid.", fee=money(fee.amount))
    if method is Method.DIRECT_DEBIT and not has_low_income:
        saved = _("You save %(fee)s with each later change: a plan with debits is changed for nothing.", fee=later)
        return f"{said} {saved}"
    if desk.plan.history[-1].is_debited:
        lost = _("Each later change costs %(fee)s: only a plan with debits is changed for nothing.", fee=later)
        return f"{said} {lost}"
    return said


def _fee_of_later_changes() -> Money:
    return office().policy.fees.on(now().on).revise_online
