"""Pages for employers, who have no account: a link opens them. Agree or decline once; report what was sent."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect
from wtforms import RadioField, StringField, ValidationError
from wtforms.validators import Length

from portal.domain.lifecycle import DeductionState
from portal.models import PayrollDeduction
from portal.office import office
from portal.queries import payroll as looked_up
from portal.services import payroll
from portal.web import words
from portal.web.access import now, public
from portal.web.forms import DayField, Form, MoneyField, OneLine, options, required
from portal.web.language import day, money, short_day
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page

bp = Blueprint("payroll", __name__)


class AnswerForm(Form):
    """Whether the employer deducts, and who says so."""

    answer = RadioField(
        _l("Will you make this deduction?"),
        choices=options({"yes": _l("Yes, we deduct it and send it"), "no": _l("No, we cannot")}),
        validators=[required(_l("Choose yes or no."))],
    )
    name = StringField(
        _l("Your name and title"), [required(_l("Enter your name and title.")), Length(max=120), OneLine()]
    )

    def send(self, deduction: PayrollDeduction) -> None:
        deed = payroll.confirm if self.answer.data == "yes" else payroll.decline
        deed(deduction, name=(self.name.data or "").strip(), when=now())


class ReportForm(Form):
    """What was deducted on a payday and sent."""

    paid_on = DayField(_l("Payday"))
    amount = MoneyField(_l("Amount deducted and sent"), [required(_l("Enter the amount that you sent."))])

    def __init__(self, deduction: PayrollDeduction) -> None:
        self.deduction = deduction
        super().__init__(data={"amount": deduction.per_paycheck})

    def validate_paid_on(self, field: DayField) -> None:
        if field.data is None:
            raise ValidationError(_("Enter the payday."))
        if not self.deduction.begun_on <= field.data <= now().on:
            raise ValidationError(_("Enter a payday from %(first)s to today.", first=day(self.deduction.begun_on)))

    def validate_amount(self, field: MoneyField) -> None:
        if field.data is not None and not field.data:
            raise ValidationError(_("Enter an amount above zero."))
        if field.data and field.data.cents > MOST_AT_ONCE * self.deduction.per_paycheck.cents:
            raise ValidationError(
                _("This is much more than the %(amount)s agreed. Check it, or call us.",
                  amount=money(self.deduction.per_paycheck))
            )  # fmt: skip

    def send(self) -> None:
        amount, paid_on = self.amount.data, self.paid_on.data
        assert amount is not None
        assert paid_on is not None
        payroll.report(self.deduction, amount, paid_on=paid_on, when=now())
        flash(_("Thank you. We noted %(amount)s for the payday of %(day)s.", amount=money(amount), day=day(paid_on)))


# A report of more than ten paychecks at once is a slip of the keyboard.
MOST_AT_ONCE = 10


@bp.route("/payroll/<token:token>", methods=["GET", "POST"])
@public
def answer(token: str) -> Response:
    deduction = payroll.by_answer_token(token)
    if deduction is None:
        return page("payroll/gone.html", 404)
    if deduction.state != DeductionState.ASKED:
        return page("payroll/answered.html", state=words.deduction_state(deduction.state))
    form = AnswerForm()
    if form.carry_out(lambda: form.send(deduction)):
        return redirect(f"/payroll/{token}", 303)  # type: ignore[return-value]
    return page("payroll/request.html", form=form, deduction=deduction, **_facts(deduction))


@bp.route("/payroll/reports/<token:token>", methods=["GET", "POST"])
@public
def report(token: str) -> Response:
    deduction = payroll.by_report_token(token)
    if deduction is None:
        abort(404)
    form = ReportForm(deduction)
    if form.carry_out(form.send):
        return redirect(f"/payroll/reports/{token}", 303)  # type: ignore[return-value]
    return page("payroll/report.html", form=form, rows=_reported(deduction), **_facts(deduction))


def _facts(deduction: PayrollDeduction) -> dict[str, Any]:
    """What an employer has to know, and nothing else about what its employee owes."""
    employee = looked_up.employee(deduction.taxpayer_id)
    return {
        "employer": deduction.employer,
        "employee": employee,
        "facts": [
            (_("Employee"), employee),
            (_("From each paycheck"), money(deduction.per_paycheck)),
            (_("How often"), words.frequency(deduction.frequency)),
            (_("Reference to put on each payment"), deduction.reference),
            (_("Send it to"), ", ".join(office().settings.agency_address)),
        ],
        "answer_by": day(deduction.ends_on),
    }


def _reported(deduction: PayrollDeduction) -> list[dict[str, Any]]:
    return [
        {"on": short_day(row.paid_on), "amount": money(row.amount), "state": words.payment_state(row.state)}
        for row in looked_up.reported(deduction.id)
    ]
