"""Who may come in: every address is private unless it says @public, and what is not yours does not exist.

Who acts for a taxpayer sees the taxpayer's addresses with the taxpayer's eyes, and is oneself at every other one.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from flask import Flask, Response, abort, current_app, g, make_response, redirect, request, session
from flask_login import LoginManager, current_user

from portal.domain.actor import Acting, Actor, Permission, Role
from portal.domain.moment import Moment
from portal.office import office
from portal.queries.sign_ins import SignedIn
from portal.queries.support import SupportView
from portal.services import sign_ins, support
from portal.services.codes import Code
from portal.web import typed
from portal.web.language import choose

TAXPAYERS = frozenset({Role.TAXPAYER})
View = TypeVar("View", bound=Callable[..., Any])
# How old a proof may be when a form is opened, and when it is sent.
FRESH, STILL_FRESH = timedelta(minutes=5), timedelta(minutes=15)
SET_UP = "/account/settings/second-factor/app"
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
    view.wants_proof = STILL_FRESH  # type: ignore[attr-defined]
    return view


def just_proved(view: View) -> View:
    """The same, for what may not even wait in an open form: within five minutes in any case."""
    view.wants_proof = FRESH  # type: ignore[attr-defined]
    return view


def oneself(view: View) -> View:
    """A public address at which one is oneself, whoever one acts for, as everywhere where the staff have pages."""
    view.is_oneself = True  # type: ignore[attr-defined]
    return view


def in_person(view: View) -> View:
    """An address for the taxpayer alone, closed to everybody who acts for them, whatever they may do: what opens the
    account, and what leaves the portal as a file.
    """
    view.is_in_person = True  # type: ignore[attr-defined]
    return view


def permits(*permissions: Permission, **by_kind: Permission) -> Callable[[View], View]:
    """An address whose form may be sent by who acts for the taxpayer with this permission, or with the one of its
    `kind`; without it, and at every other address, they may only look.
    """

    def permitted(view: View) -> View:
        view.permissions = by_kind or dict.fromkeys((None,), *permissions)  # type: ignore[attr-defined]
        return view

    return permitted


def keeps(*names: str) -> Callable[[View], View]:
    """An address whose form comes back with these answers still in it, if the sign-in ended while it was filled in.
    No secret is ever one of them.
    """

    def kept(view: View) -> View:
        view.kept = names  # type: ignore[attr-defined]
        return view

    return kept


def before_second_factor(view: View) -> View:
    """An address for those of the staff, too, who have no second factor yet: all else waits until they have."""
    view.is_before_second_factor = True  # type: ignore[attr-defined]
    return view


def signed_in() -> SignedIn | None:
    """Whose pages this request is about, if anybody is signed in; one look at the database a request. Who acts for a
    taxpayer is that taxpayer here, and stands in `acting`.
    """
    if "who" not in g:
        g.who = current_user._get_current_object() if current_user.is_authenticated else None
    who: SignedIn | None = g.who
    return who


def actor() -> Actor:
    """Who does what this request asks for."""
    who = signed_in()
    if who and (acting := who.acting):
        return Actor(acting.user_id, acting.role, who.taxpayer_id, acting.reference, who.user_id)
    return Actor(who.user_id, who.role, who.taxpayer_id) if who else Actor()


def acting() -> Acting | None:
    """Who acts for the taxpayer whose pages these are, if it is not the taxpayer."""
    who = signed_in()
    return who.acting if who else None


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


def support_session() -> SupportView | None:
    """The support session that this browser has a cookie for, running or over."""
    signed_in()
    found: SupportView | None = g.get("support")
    return found


def support_cookie() -> str:
    """The name of the cookie of a support session, beside that of the sign-in: neither can overwrite the other."""
    return "__Host-support" if office().settings.is_secure else "support"


def view_at_work() -> Callable[..., Any] | None:
    """The view that answers this request."""
    return current_app.view_functions.get(request.endpoint or "")


def is_of_a_taxpayer(view: Callable[..., Any] | None) -> bool:
    """Whether an address shows something of a taxpayer to whoever comes: then who acts for one is that taxpayer.
    Where the staff have pages of their own everybody is oneself, so that the two never meet at one address.
    """
    return getattr(view, "roles", TAXPAYERS) == TAXPAYERS and not getattr(view, "is_oneself", False)


def code_typed(code: str | None) -> Code:
    """A code that somebody typed now; phones know nothing of the demonstration's clock."""
    return Code(code or "", office().clock.outside())


def _load(token: str) -> SignedIn | None:
    who = sign_ins.find(token, when=now())
    if who is None:
        return None
    choose(who.language)
    if ticket := request.cookies.get(support_cookie()):
        g.support = found = support.find(ticket, who, when=now())
        if found and found.is_open(now().at) and is_of_a_taxpayer(view_at_work()):
            return who.as_subject(found.subject, found.acting(who))
    return who


def _require() -> Response | None:
    view = view_at_work()
    if view is None:
        return None
    # Asked before a public page says a word, too: who is signed in is spoken to in their own language.
    who = signed_in()
    if getattr(view, "is_public", False):
        return None
    if who is None:
        return ask_to_sign_in()
    if _lacks_second_factor(who) and not getattr(view, "is_before_second_factor", False):
        return _by_way_of(SET_UP)
    if who.role not in getattr(view, "roles", TAXPAYERS):
        abort(404)
    if (longest := getattr(view, "wants_proof", None)) and not _has_proved(who, longest):
        return _by_way_of("/sign-in/proof")
    return None


def _lacks_second_factor(who: SignedIn) -> bool:
    return who.role is not Role.TAXPAYER and not who.has_second_factor


def _has_proved(who: SignedIn, longest: timedelta) -> bool:
    longest = longest if request.method == "POST" else FRESH
    return who.proved_at is not None and now().at - who.proved_at <= longest


def ask_to_sign_in() -> Response:
    """To the sign-in page and back."""
    return _by_way_of("/sign-in")


def _by_way_of(page: str) -> Response:
    """To another page and back; htmx is told to go there with the whole page, not inside a card."""
    query = request.query_string.decode("ascii", "ignore")
    here = f"{request.path}?{query}" if query else request.path
    wanted = here if request.method == "GET" or _is_kept() else _page_in_sight()
    return sent_to(f"{page}?next={quote(wanted)}")


def sent_to(address: str) -> Response:
    """To another page as a whole, also where htmx asked for a part of this one."""
    if request.headers.get("HX-Request"):
        response = make_response("", 401)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address, 303)  # type: ignore[return-value]


def _is_kept() -> bool:
    """Keep what was typed, where this form has something to keep; then it is this form that is gone back to."""
    names = getattr(current_app.view_functions.get(request.endpoint or ""), "kept", ())
    token = session.get("_user_id", "")
    if names and token and (user_id := sign_ins.user_of(token)):
        typed.keep(user_id, names)
    return bool(names)


def _page_in_sight() -> str:
    """The page on which a form was sent, without the host: it is only a path that is gone back to."""
    seen = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "/account")
    return f"{seen.path}?{seen.query}" if seen.query else seen.path
