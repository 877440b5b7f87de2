"""Pages for everybody."""

from flask import Blueprint, Response

from portal.web.access import public
from portal.web.page import page

bp = Blueprint("public", __name__)


@bp.get("/")
@public
def start() -> Response:
    return page("public/start.html")


@bp.get("/help")
@public
def help() -> Response:
    return page("public/help.html")


@bp.get("/accessibility")
@public
def accessibility() -> Response:
    return page("public/accessibility.html")
