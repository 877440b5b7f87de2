"""The demonstration's clock: a day ahead, or on to the next thing that happens."""

from flask import Blueprint, Response, flash, redirect, request

from portal.demo import clock
from portal.office import office
from portal.services import sign_ins
from portal.web.access import now, public
from portal.web.addresses import came_from
from portal.web.language import day
from portal.web.language import gettext as _

bp = Blueprint("demo", __name__)


@bp.post("/demo/clock")
@public
def advance() -> Response:
    before = now()
    today = clock.to_next_event() if request.form.get("to") == "event" else clock.to_next_day()
    sign_ins.carry_over(before, when=office().clock.now())
    flash(_("It is now %(day)s.", day=day(today)))
    return redirect(came_from(), 303)  # type: ignore[return-value]
