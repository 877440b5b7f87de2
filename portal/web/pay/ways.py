"""Ways to pay beside Direct Pay, and the coupon that goes with a mailed check."""

from typing import Any

from flask import Blueprint, Response, request

from portal.domain import money as amounts
from portal.office import office
from portal.queries.people import person
from portal.queries.standings import account_view
from portal.web.access import now, own_taxpayer_id, signed_in
from portal.web.language import gettext as _
from portal.web.language import money
from portal.web.page import page

bp = Blueprint("pay", __name__)


@bp.get("/pay/coupon")
def coupon() -> Response:
    """The slip that goes into the envelope: who pays, for which years, how much, and where to."""
    taxpayer_id, who = own_taxpayer_id(), signed_in()
    assert who is not None
    view = account_view(taxpayer_id, now().on)
    payer = person(who.user_id)
    due = view.agreement.monthly if view.agreement and view.agreement.is_in_force else view.standing.balance
    rows: list[Any] = [
        (_("Name"), payer.name),
        (_("Account reference"), payer.account),
        (_("Tax years"), ", ".join(str(each.facts.tax_year) for each in view.standing.years if each.owed.total)),
        (_("Amount"), amount_asked() or money(due)),
        (_("Payable to"), office().settings.agency_name),
    ]
    return page("pay/coupon.html", rows=rows, address=office().settings.agency_address)


def amount_asked() -> str:
    """The amount in the address, written out; nothing if there is none, or none that is one."""
    try:
        return money(amounts.parse(request.args.get("amount", "")))
    except amounts.NotMoney:
        return ""
