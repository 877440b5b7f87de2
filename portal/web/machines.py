"""For machines: is the process alive, and can it serve."""

from flask import Blueprint, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.db import db
from portal.web.access import oneself, public

bp = Blueprint("machines", __name__)


@bp.get("/healthz")
@public
@oneself
def healthz() -> Response:
    """The process answers; the database is not asked, so that its absence does not take every node away."""
    return Response("ok\n", content_type="text/plain")


@bp.get("/readyz")
@public
@oneself
def readyz() -> Response:
    """The database answers too."""
    try:
        db.session.execute(text("SELECT 1 FROM trail_head"))
    except SQLAlchemyError:
        return Response("database away\n", 503, content_type="text/plain")
    return Response("ready\n", content_type="text/plain")
