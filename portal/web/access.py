"""Who may come in: every address is private unless it says @public, and what is not yours does not exist."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from flask import Flask, Response, abort, current_app, g, make_response, redirect, request
from flask_login import LoginManager, current_user

from portal.domain.actor import Actor, Role
from portal.domain.moment import Moment
from portal.office import office
from portal.queries.sign_ins import SignedIn
from portal.services import sign_ins
from portal.web.language import choose

TAXPAYERS = frozenset({Role.TAXPAYER})
View = TypeVar("View", bound=Callable[..., Any])
# How old a proof may be when a form is opened, and when it is sent.
FRESH, STILL_FRESH = timedelta(minutes=5), timedelta(minutes=15)
login = LoginManager()
login.session_protection = None


def begin(app: Flask) -> None:
    login.init_app(app, add_context_processor=False)
    login.user_loader(_load)
    login.unauthorized_handler(ask_to_sign_in)
    app.before_request(_require)


def public(view: View) -> View:
    """An address for everybody."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def open_to(*roles: Role) -> Callable[[View], View]:
    """An address for these roles; without it, one is for taxpayers."""

    def opened(view: View) -> View:
        view.roles = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return opened


def proved(view: View) -> View:
    """An address for who has just given the password: within five minutes before a form is opened, within fifteen
    before it is sent. Everybody else is asked for it, and comes back.
    """
    view.wants_proof = True  # type: ignore[attr-defined]
    return view


def signed_in() -> SignedIn | None:
    """Who is signed in, if anybody is; one look at the database a request."""
    if "who" not in g:
        g.who = current_user._get_current_object() if current_user.is_authenticated else None
    who: SignedIn | None = g.who
    return who


def actor() -> Actor:
    """Who does what this request asks for."""
    who = signed_in()
    return Actor(who.user_id, who.role, who.taxpayer_id) if who else Actor()


def own_taxpayer_id() -> int:
    """The account of the person signed in; the pages of an account do not exist for anybody else (404)."""
    who = signed_in()
    if who is None or who.taxpayer_id is None:
        abort(404)
    return who.taxpayer_id


def now() -> Moment:
    """This request's moment: one reading of the clock."""
    if "moment" not in g:
        g.moment = office().clock.now()
    moment: Moment = g.moment
    return moment


def _load(token: str) -> SignedIn | None:
    who = sign_ins.find(token, when=now())
    if who:
        choose(who.language)
    return who


def _require() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None
    # Asked before a public page says a word, too: who is signed in is spoken to in their own language.
    who = signed_in()
    if getattr(view, "is_public", False):
        return None
    if who is None:
        return ask_to_sign_in()
    if who.role not in getattr(view, "roles", TAXPAYERS):
        abort(404)
    if getattr(view, "wants_proof", False) and not _has_proved(who):
        return _by_way_of("/sign-in/proof")
    return None


def _has_proved(who: SignedIn) -> bool:
    longest = STILL_FRESH if request.method == "POST" else FRESH
    return who.proved_at is not None and now().at - who.proved_at <= longest


def ask_to_sign_in() -> Response:
    """To the sign-in page and back."""
    return _by_way_of("/sign-in")


def _by_way_of(page: str) -> Response:
    """To another page and back; htmx is told to go there with the whole page, not inside a card."""
    query = request.query_string.decode("ascii", "ignore")
    here = f"{request.path}?{query}" if query else request.path
    wanted = here if request.method == "GET" else _page_in_sight()
    address = f"{page}?next={quote(wanted)}"
    if request.headers.get("HX-Request"):
        response = make_response("", 401)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address, 303)  # type: ignore[return-value]


def _page_in_sight() -> str:
    """The page on which a form was sent, without the host: it is only a path that is gone back to."""
    seen = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "/account")
    return f"{seen.path}?{seen.query}" if seen.query else seen.path
