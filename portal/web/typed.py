"""What was typed into a form when the sign-in had ended: kept for the same user, and laid into the form again, once.

It is sealed inside the cookie for that user, so that nobody else who uses the browser reads it. Only what a view
names is kept (`access.keeps`): never a password, nor any number of a person or an account.
"""

import json
from collections.abc import Iterable

from flask import g, request, session
from werkzeug.datastructures import MultiDict

from portal.gateways.vault import Unreadable
from portal.office import office

TYPED = "typed"
# A cookie holds four thousand characters, all else in it and the sealing included.
MOST = 1500


def keep(user_id: int, names: Iterable[str]) -> None:
    """Keep these answers of the form that was just sent."""
    answers = {name: request.form.getlist(name) for name in names if name in request.form}
    text = json.dumps([request.path, answers])
    if answers and len(text) <= MOST:
        session[TYPED] = office().vault.seal(text, _row(user_id))


def kept_for(user_id: int) -> str | None:
    """What is kept in this browser, if it is this user's."""
    return session.get(TYPED) if _opened(user_id) else None


def answers(user_id: int) -> MultiDict[str, str] | None:
    """What this user had typed into the page that is opened; it is not kept any longer."""
    if "typed" not in g:
        path, found = _opened(user_id) or ("", {})
        g.typed = MultiDict(found) if path == request.path else None
        if g.typed:
            del session[TYPED]
    typed: MultiDict[str, str] | None = g.typed
    return typed


def _opened(user_id: int) -> tuple[str, dict[str, list[str]]] | None:
    if TYPED not in session:
        return None
    try:
        path, found = json.loads(office().vault.open(session[TYPED], _row(user_id)))
    except (Unreadable, ValueError):
        return None
    return path, found


def _row(user_id: int) -> str:
    return f"cookie:typed:{user_id}"
