"""Tax that was assessed while a plan is in force: what adding it does, and adding it."""

from flask import Blueprint, Response, redirect

from portal.domain.joining import Outlook
from portal.domain.money import Money
from portal.queries import new_balances
from portal.queries.new_balances import Addition
from portal.services import agreements
from portal.services import new_balances as deeds
from portal.web.access import actor, now, own_taxpayer_id
from portal.web.forms import MOST, AtMost, Form, MoneyField, required
from portal.web.language import day, money
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page
from portal.web.reasons import told

bp = Blueprint("new_balance", __name__)
Row = dict[str, str]


class AdditionForm(Form):
    """How much to pay each month once the new year is part of the plan."""

    monthly = MoneyField(
        _l("Pay each month"), [required(_l("Enter the amount that you can pay each month.")), AtMost(MOST)]
    )

    def __init__(self, found: Addition) -> None:
        super().__init__(data={"monthly": _proposed(found)})

    def add(self) -> None:
        """Add it at the amount of the form."""
        agreement = agreements.in_force(own_taxpayer_id())
        if agreement is None or self.monthly.data is None:
            raise deeds.NothingToAdd
        deeds.join(agreement, self.monthly.data, by=actor(), when=now())


@bp.route("/agreement/balance", methods=["GET", "POST"])
def show() -> Response:
    """The plan as it is and with the new year, side by side, and one button to add it."""
    found = new_balances.addition(own_taxpayer_id(), now())
    if found is None:
        return redirect("/agreement", 303)  # type: ignore[return-value]
    form = AdditionForm(found)
    if form.carry_out(form.add):
        return redirect("/agreement", 303)  # type: ignore[return-value]
    return page(
        "agreement/balance.html", form=form, found=found, reasons=told(found.reasons),
        rows=_side_by_side(found, _wanted(form, found)),
    )  # fmt: skip


def _proposed(found: Addition) -> Money:
    """The amount as it is, if it is enough; else the least that is."""
    return max(found.joining.monthly, found.joining.minimum or found.joining.monthly)


def _wanted(form: AdditionForm, found: Addition) -> Money:
    """The amount that was typed, as far as the plan could be at it."""
    least, most = found.joining.minimum or found.joining.monthly, found.joining.most
    return form.monthly.data if form.monthly.data and least <= form.monthly.data <= most else _proposed(found)


def _side_by_side(found: Addition, monthly: Money) -> list[Row]:
    """The plan as it was, with the new year at the same amount, and at the amount that is needed or wanted."""
    joined = found.joining
    columns = [(_("As it was"), joined.monthly, joined.old), (_("With %(year)s", year=found.years), monthly,
               joined.outlook(monthly))]  # fmt: skip
    if monthly != joined.monthly:
        columns.insert(1, (_("With %(year)s, same amount", year=found.years), joined.monthly, joined.new))
    return [
        {
            "plan": name,
            "monthly": money(amount),
            "ends": _end(each, is_late=each is joined.new and not joined.holds),
            "growth": money(each.growth),
        }
        for name, amount, each in columns
    ]


def _end(found: Outlook, *, is_late: bool) -> str:
    last = found.schedule.paid_off_on
    if last is None:
        return _("not paid in time")
    return _("%(day)s: too late", day=day(last)) if is_late else day(last)
