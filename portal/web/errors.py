"""What went wrong, what did not, and what to do: the page of each error."""

import logging
from contextlib import suppress

from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException

from portal.db import db
from portal.domain.refusal import Refusal
from portal.services.direct_pay import DraftIsOver
from portal.services.direct_pay_rules import NoSuchPayment
from portal.services.links import LinkIsOver, NoSuchLink
from portal.web.access import ask_to_sign_in, signed_in
from portal.web.forms import said
from portal.web.language import gettext as _
from portal.web.language import tag
from portal.web.log import identities
from portal.web.page import banner_again, common, page

logger = logging.getLogger("portal.error")
RETRY_AFTER_SECONDS = "30"


def begin(app: Flask) -> None:
    app.register_error_handler(CSRFError, stale_form)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(NoSuchLink, dead_link)
    app.register_error_handler(LinkIsOver, dead_link)
    app.register_error_handler(DraftIsOver, dead_draft)
    app.register_error_handler(NoSuchPayment, dead_draft)
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(DBAPIError, database_away)
    app.register_error_handler(NoConnection, database_away)
    app.register_error_handler(Exception, failed)


def http_error(error: HTTPException) -> Response:
    with suppress(DBAPIError, NoConnection):
        signed_in()  # Whoever it is is spoken to in their own language, if the database can say who.
    heading, words = _words(error.code or 500)
    response = answer(heading, words, error.code or 500)
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def stale_form(_error: CSRFError) -> Response:
    """A form whose token is not of this stay: after a sign-out in another tab, or from another site."""
    if signed_in() is None and not getattr(
        current_app.view_functions.get(request.endpoint or ""), "is_public", False
    ):
        return ask_to_sign_in()
    return answer(
        _("This form is out of date"),
        _("Nothing was changed. Go back, load the page again, and send the form once more."),
        400,
    )


def dead_link(refusal: Refusal) -> Response:
    """The link of a mail opens nothing: gone if it ever did."""
    return page("dead_link.html", 410 if isinstance(refusal, LinkIsOver) else 404, words=said(refusal))


def dead_draft(refusal: Refusal) -> Response:
    """A payment that is no more, or never was."""
    if isinstance(refusal, DraftIsOver):
        return page(
            "pay/stopped.html",
            410,
            heading=_("This payment was not made"),
            happened=_("It was not signed in time, so what you had filled in was deleted."),
            not_done=_("No money is taken, and nothing is scheduled for it."),
            advice=_("Begin again: it takes a minute. A payment that you have signed is among your payments."),
            label=_("Begin again"),
            href="/direct-pay" if request.path.startswith("/direct-pay") else "/pay",
        )
    return answer(*_words(404), 404)


def database_away(error: SQLAlchemyError) -> Response:
    """The database is full, locked, read-only or gone: nothing was half done."""
    _note("database away", error)
    db.session.rollback()
    response = answer(
        _("The service is not available"),
        _("Nothing was changed and nothing was charged. Try again in a minute."),
        503,
    )
    response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def failed(error: Exception) -> Response:
    _note("failed", error)
    db.session.rollback()
    return answer(
        _("Something went wrong"),
        _("Nothing was changed. Try again; if it happens again, call us and say %(id)s.", id=g.get("request_id", "")),
        500,
    )


def _note(message: str, error: Exception) -> None:
    """For the log, under the number that the page shows and the request's own line has."""
    fields = identities() | {"message": message, "request": g.get("request_id", "")}
    logger.error(message, exc_info=error, extra={"fields": fields})


def answer(heading: str, words: str, status: int) -> Response:
    """An error's page; inside htmx it takes the place of the page's content, not of a card."""
    template = current_app.jinja_env.get_template("error.html")
    try:
        values = common()
    except (DBAPIError, NoConnection):
        values = {"user": None, "nav": (), "demo": None, "lang": tag(), "languages": ()}
    values |= {"heading": heading, "words": words}
    if request.headers.get("HX-Request-Type") != "partial":
        return Response(template.render(values), status, content_type="text/html; charset=utf-8")
    again = banner_again() if "acting" in values else ""
    body = "".join((*template.blocks["main"](template.new_context(values)), again))
    response = Response(body, status, content_type="text/html; charset=utf-8")
    response.headers["HX-Retarget"] = "#main"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def _words(code: int) -> tuple[str, str]:
    unchanged = _("Nothing was changed.")
    if code == 404:
        return _("Page not found"), _("There is no page at this address. Check it, or start from the overview.")
    if code == 405:
        return _("This address cannot be used like that"), unchanged
    if code == 413:
        return _("Too much was sent"), _("Nothing was changed. Send less at once.")
    if code == 429:
        return _("Too busy right now"), _("Nothing was changed. Try again in a few seconds.")
    if code >= 500:
        return _("Something went wrong"), _("Nothing was changed. Try again in a minute.")
    return _("This request cannot be answered"), unchanged
