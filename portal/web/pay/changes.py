"""Taking a payment back, as long as there is time."""

from flask import Response, flash, redirect

from portal.domain.actor import Permission
from portal.services import direct_pay
from portal.web.access import now, permits
from portal.web.forms import Form
from portal.web.language import gettext as _
from portal.web.pay.desk import Desk, own_desk
from portal.web.pay.ways import bp


@bp.post("/account/payments/<reference:reference>/cancellation")
@permits(Permission.CANCEL_PAYMENT)
def cancel(reference: str) -> Response:
    return cancel_at(own_desk(), reference)


def cancel_at(desk: Desk, reference: str) -> Response:
    """Cancel a payment, and say on its page what became of it."""
    form = Form()
    if form.carry_out(lambda: direct_pay.cancel(desk.payer, reference, when=now())):
        flash(_("The payment is cancelled. It will not be taken."))
    for reason in form.form_errors:
        flash(reason)
    return redirect(desk.receipt(reference), 303)  # type: ignore[return-value]
