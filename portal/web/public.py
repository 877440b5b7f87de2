"""Pages for everybody."""

from flask import Blueprint, Response

from portal.office import office
from portal.web.access import now, public
from portal.web.fees import fee_columns, fee_rows
from portal.web.page import page

bp = Blueprint("public", __name__)


@bp.get("/")
@public
def start() -> Response:
    return page("public/start.html", limits=office().policy.limits.on(now().on))


@bp.get("/help")
@public
def help() -> Response:
    limits, days = office().policy.limits.on(now().on), office().policy.days.on(now().on)
    return page("public/help.html", limits=limits, days=days, fees=fee_rows(now().on), fee_columns=fee_columns())


@bp.get("/accessibility")
@public
def accessibility() -> Response:
    return page("public/accessibility.html")
