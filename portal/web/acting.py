"""What somebody who acts for a taxpayer may do: look, and send the one form that the taxpayer has allowed."""

from flask import Flask, Response, flash, g, request

from portal.db import OnlyLooking, only_look
from portal.office import office
from portal.queries.sign_ins import SignedIn
from portal.services import consents
from portal.services.support import HELPERS, LASTS
from portal.web.access import (
    acting,
    actor,
    is_of_a_taxpayer,
    now,
    sent_to,
    signed_in,
    support_cookie,
    support_session,
    view_at_work,
)
from portal.web.errors import answer
from portal.web.forms import said
from portal.web.language import gettext as _

LOOKING = ("GET", "HEAD", "OPTIONS")
# What a form is answered with that was not accepted: nothing was done.
NOT_ACCEPTED = 422


def begin(app: Flask) -> None:
    app.before_request(_limit)
    app.after_request(_finish)
    app.register_error_handler(OnlyLooking, refused)


def refused(refusal: OnlyLooking) -> Response:
    """What was asked for is not for who acts for somebody."""
    return answer(_("Here you can only look"), said(refusal), 403)


def _limit() -> Response | None:
    """Before every view: who acts looks, and sends nothing but what was allowed."""
    view = view_at_work()
    who = signed_in() if view else None
    if view is None or who is None:
        return None
    if who.acting is None:
        is_closed = is_of_a_taxpayer(view) and not getattr(view, "is_public", False)
        return _left(who) if is_closed else None
    if getattr(view, "is_in_person", False) or getattr(view, "wants_proof", False):
        raise OnlyLooking
    if request.method in LOOKING:
        only_look()
    else:
        kind = (request.view_args or {}).get("kind")
        permission = getattr(view, "permissions", {}).get(kind)
        g.used = consents.use(who.acting, permission, by=actor(), when=now())
    return None


def _finish(response: Response) -> Response:
    """After every view: a form that was not accepted may be sent again, no file leaves, and a session that is over is
    forgotten by the browser, which loads the page anew when it runs out.
    """
    if (used := g.pop("used", None)) and response.status_code == NOT_ACCEPTED:
        consents.give_back(used, by=actor(), when=now())
    if "who" in g and acting():
        if response.status_code == 200 and response.mimetype != "text/html":
            response = refused(OnlyLooking())
        if session := support_session():
            response.headers["Refresh"] = str(int((session.ends_at - now().at).total_seconds()) + 1)
    elif "support_begins" not in g and ((session := g.get("support")) is None or not session.is_open(now().at)):
        forget(response)
    return response


def remember(response: Response, token: str) -> None:
    """Let the browser keep the token of a support session that begins, as long as it can last."""
    g.support_begins = True
    response.set_cookie(
        support_cookie(), token, max_age=int(LASTS.total_seconds()), secure=office().settings.is_secure,
        httponly=True, samesite="Lax",
    )  # fmt: skip


def forget(response: Response) -> None:
    """Let the browser forget the support session, if it remembers one."""
    if request.cookies.get(support_cookie()):
        response.delete_cookie(support_cookie(), secure=office().settings.is_secure, httponly=True, samesite="Lax")


def _left(who: SignedIn) -> Response | None:
    """The taxpayer's pages are closed again: back to where the agent came from, with a word why."""
    session = support_session()
    if session is None:
        return None
    flash(_("The support session is over, so these pages are closed."))
    return sent_to(f"/agent/taxpayers/{session.subject.taxpayer_reference}" if who.role in HELPERS else "/")
