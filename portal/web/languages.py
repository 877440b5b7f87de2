"""Choosing a language: for this browser, and for good by who is signed in."""

from flask import Blueprint, Response, abort, redirect, request, session

from portal.domain.language import Language
from portal.services import users
from portal.web.access import actor, now, oneself, public, signed_in
from portal.web.addresses import came_from
from portal.web.language import keep

bp = Blueprint("languages", __name__)


@bp.post("/language")
@public
@oneself
def speak() -> Response:
    wanted = request.form.get("language", "")
    if wanted not in list(Language):
        abort(400)
    if signed_in():
        users.speak(users.at_work(actor()), Language(wanted), by=actor(), when=now())
    else:
        session["asked_for_language"] = True
    keep(wanted)
    return redirect(came_from(), 303)  # type: ignore[return-value]


def asked_for_here() -> Language | None:
    """The language that was chosen in this browser before anybody signed in, if one was."""
    return Language(session["language"]) if session.get("asked_for_language") else None
