"""What an extra payment makes of the plan, to be seen before it is signed."""

from typing import Any

from portal.domain.installments import Due
from portal.domain.simulator import with_extra
from portal.models.payment import Reason
from portal.queries.direct_pay import OnlinePayment
from portal.web.language import gettext as _
from portal.web.pay.desk import Desk
from portal.web.plans import own_plan
from portal.web.simulator import both_columns, difference, side_by_side


def made_of_plan(desk: Desk, draft: OnlinePayment) -> dict[str, Any] | None:
    """The plan without and with this payment; nothing for a payment that is not extra."""
    if desk.payer.is_guest or draft.reason is not Reason.EXTRA:
        return None
    settles_on = desk.days.settles_on(draft.pay_on)
    found = with_extra(own_plan(), Due(draft.pay_on, draft.amount), settles_on if draft.lowers_monthly else None)
    return {
        "difference": difference(found),
        "columns": [("what", _("What"), ""), *both_columns(_("With this payment"))],
        "rows": side_by_side(found.old, found.new),
    }
