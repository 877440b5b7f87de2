"""A way out for who cannot afford the least amount: what a plan would leave them, and what to do instead."""

from flask import Response
from wtforms.validators import ValidationError

from portal.domain.answers import Step, kind_of
from portal.domain.case import bounds
from portal.domain.money import Money
from portal.domain.plan import PlanKind
from portal.domain.spending import Budget, budget
from portal.web.apply.desk import Desk, own_desk
from portal.web.apply.journey import bp
from portal.web.forms import AtMost, Form, MoneyField
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page

INCOME = ("pay", "benefits")
SPENDING = ("housing", "food", "transport", "health", "family", "debts")
LARGEST = Money(9_999_999_99)


class SpendingForm(Form):
    """A household's month in round figures. What is left empty is nothing; nothing of it is kept."""

    pay = MoneyField(_l("Pay, after tax"), [AtMost(LARGEST)])
    benefits = MoneyField(_l("Pensions, benefits and everything else that comes in"), [AtMost(LARGEST)])
    housing = MoneyField(_l("Rent or mortgage, electricity, heating, water, telephone"), [AtMost(LARGEST)])
    food = MoneyField(_l("Food, clothing, household"), [AtMost(LARGEST)])
    transport = MoneyField(_l("Car, fuel, bus and train"), [AtMost(LARGEST)])
    health = MoneyField(_l("Health insurance, doctors, medicine"), [AtMost(LARGEST)])
    family = MoneyField(_l("Children, and support that you have to pay"), [AtMost(LARGEST)])
    debts = MoneyField(_l("Other debts that you have to pay"), [AtMost(LARGEST)])

    def validate_pay(self, field: MoneyField) -> None:
        if not field.errors and not any(each.data for each in self._of(INCOME + SPENDING)):
            raise ValidationError(_("Enter at least what comes in each month."))

    def month(self) -> Budget:
        """The month that was entered."""
        return budget(*([each.data or Money(0) for each in self._of(names)] for names in (INCOME, SPENDING)))

    def _of(self, names: tuple[str, ...]) -> list[MoneyField]:
        return [self[name] for name in names]


@bp.route("/apply/spending", methods=["GET", "POST"])
def spending() -> Response:
    desk, form = own_desk(), SpendingForm()
    month = form.month() if form.validate_on_submit() else None
    least = _least(desk)
    return page(
        "apply/spending.html",
        form=form,
        income=[form[name] for name in INCOME],
        spending=[form[name] for name in SPENDING],
        least=least,
        month=month,
        left=month.left_after(least) if month and least else None,
    )


@bp.get("/apply/hardship")
def hardship() -> Response:
    return page("apply/hardship.html", least=_least(own_desk()))


def _least(desk: Desk) -> Money | None:
    """The least amount of the plan that was chosen, or of a long one."""
    kind = kind_of(desk.answers) if Step.PLAN in desk.answers else PlanKind.LONG_TERM
    return bounds(desk.case, kind).minimum
