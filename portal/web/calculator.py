"""The calculator: what an amount comes to, paid now or over time. Nothing of it is kept."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, request
from wtforms import ValidationError
from wtforms.validators import Optional

from portal.domain.money import Money
from portal.domain.refusal import Refusal
from portal.domain.supposed import supposed, tax_years
from portal.office import office
from portal.policies import legal_days_off
from portal.queries.standings import AccountView
from portal.web import records
from portal.web.access import now, public
from portal.web.comparison import Asked, Comparison, compared
from portal.web.fees import fee_columns, fee_rows, low_income_rows
from portal.web.forms import MOST, AtMost, ChoiceField, Filters, MoneyField, Once, required, said
from portal.web.language import day, short_day
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page
from portal.web.possible import due_dates

bp = Blueprint("calculator", __name__)


class CalculatorForm(Filters):
    """A debt, and how it might be paid."""

    amount = MoneyField(_l("What you owe"), [Once(), required(_l("Enter what you owe.")), AtMost(MOST)])
    year = ChoiceField(_l("How old it is"), [Once()])
    now = MoneyField(_l("Pay at once"), [Once(), Optional(), AtMost(MOST)])
    monthly = MoneyField(_l("Pay each month"), [Once(), Optional(), AtMost(MOST)])
    day = ChoiceField(_l("Day of the month"), [Once()])

    def __init__(self, on: date, view: AccountView | None) -> None:
        self.on, self.years = on, dict(tax_years(on, office().policy.rates, legal_days_off()))
        self.due_dates = due_dates(on)
        latest_day = max(self.due_dates, key=lambda each: self.due_dates[each])
        super().__init__(year=str(max(self.years)), day=str(latest_day))
        self.year.choices = [
            (str(year), _("%(year)s tax, due %(day)s", year=year, day=day(due_on)))
            for year, due_on in self.years.items()
        ]
        self.day.choices = [(str(each), self._first_on(each)) for each in sorted(self.due_dates)]
        self.is_asked = not self._fields.keys().isdisjoint(request.args)
        if view and view.standing.owed.total and not self.is_asked:
            self.amount.data = view.standing.owed.total

    def _first_on(self, due_day: int) -> str:
        return _("%(number)s, first %(day)s", number=due_day, day=short_day(self.due_dates[due_day]))

    def validate_amount(self, field: MoneyField) -> None:
        if not field.errors and not field.data:
            raise ValidationError(_("Enter an amount above zero."))

    def validate_now(self, field: MoneyField) -> None:
        if field.data and self.amount.data and field.data >= self.amount.data:
            raise ValidationError(_("Enter less than what you owe. To pay all of it at once, no plan is needed."))

    def compare(self) -> Comparison | None:
        """The answer, if an amount is known that it can be computed from; a monthly amount that no plan takes is
        refused beside its field, and the least one computed with.
        """
        holds = not self.is_asked or self.validate()
        if self.amount.data is None or set(self.errors) - {"monthly"}:
            return None
        monthly = self.monthly.data if holds else None
        try:
            return compared(self._asked(self.amount.data, monthly))
        except Refusal as refusal:
            self.monthly.errors = [said(refusal)]
            return compared(self._asked(self.amount.data, None))

    def _asked(self, amount: Money, monthly: Money | None) -> Asked:
        year = int(self.year.data)
        law = office().policy.law_on(self.on)
        account = supposed(amount, year, self.years[year], law, self.on)
        return Asked(account, self.on, amount, self.now.data or Money(0), self.due_dates[int(self.day.data)], monthly)


@bp.get("/calculator")
@public
def show() -> Response:
    view = records.own_view()
    form = CalculatorForm(now().on, view)
    found = form.compare()
    return page("public/calculator.html", form=form, found=found, has_records=view is not None, **_said(now().on))


def _said(on: date) -> dict[str, Any]:
    """What is said beside the figures: the fees of other ways, who pays less, and until when rates are known."""
    rows, columns = low_income_rows(on)
    return {"fees": fee_rows(on), "fee_columns": fee_columns(), "low_income": rows, "low_income_columns": columns,
            "rates_through": office().policy.rates.published_through}  # fmt: skip
