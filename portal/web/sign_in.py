"""Signing in and out."""

import secrets
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, session
from flask_login import login_user
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import TooManyRequests
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import Length

from portal.demo.cast import CAST, PASSWORD
from portal.domain.actor import Actor, Role
from portal.models import User
from portal.office import office
from portal.queries.sign_ins import SignedIn
from portal.services import codes, passwords, sign_ins, users
from portal.services.sign_ins import Begun
from portal.web import typed
from portal.web.access import before_second_factor, code_typed, now, oneself, open_to, public, signed_in
from portal.web.addresses import own_page
from portal.web.browsers import kind_of
from portal.web.forms import Form, OneLine, required, said
from portal.web.language import chosen, keep
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.languages import asked_for_here
from portal.web.page import page

bp = Blueprint("sign_in", __name__)
DEVICE_DAYS = 365
AWAITING = "awaits_code"
HOME = {
    Role.TAXPAYER: "/account", Role.AGENT: "/agent", Role.SUPERVISOR: "/agent", Role.ADMINISTRATOR: "/admin",
}  # fmt: skip


class SignInForm(Form):
    """Who somebody is, and the password that shows it."""

    email = StringField(_l("Email address"), [required(_l("Enter your email address.")), Length(max=254), OneLine()])
    password = PasswordField(_l("Password"), [required(_l("Enter your password."))])
    next = HiddenField()


class CodeForm(Form):
    """What somebody's phone shows, or a code from their list."""

    code = StringField(_l("Code"), [required(_l("Enter the code.")), Length(max=40), OneLine()])
    next = HiddenField()


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@oneself
def show() -> Response:
    form = SignInForm(next=request.args.get("next", ""))
    begun: list[Begun] = []
    if form.carry_out(lambda: begun.append(_begin(form))):
        return _ask_for_code(begun[0], form) if begun[0].wants_code else _welcome(begun[0], form)
    cast = [{"email": row.email, "about": _(row.about)} for row in CAST] if office().is_demo else []
    return page("sign_in/sign_in.html", form=form, cast=cast, cast_password=PASSWORD)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public
@oneself
def code() -> Response:
    token = str(session.get(AWAITING, ""))
    try:
        user_id = sign_ins.awaits_code(token, when=now())
    except sign_ins.CodeIsLate as refusal:
        return _begin_again(refusal)
    form = CodeForm(next=request.args.get("next", ""))
    begun: list[Begun] = []
    if form.carry_out(lambda: begun.append(sign_ins.finish(token, code_typed(form.code.data), when=now()))):
        return _welcome(begun[0], form)
    return page("sign_in/code.html", form=form, demo_code=shown_code(user_id))


class ProofForm(Form):
    """The password once more, from somebody signed in; and a code from who has a second factor."""

    password = PasswordField(_l("Password"), [required(_l("Enter your password."))])
    code = StringField(_l("Code"), [Length(max=40), OneLine()])
    next = HiddenField()


@bp.route("/sign-in/proof", methods=["GET", "POST"])
@open_to(*Role)
@before_second_factor
def prove() -> Response:
    who = signed_in() or abort(404)
    form, home = ProofForm(next=request.args.get("next", "")), HOME[who.role]
    if form.carry_out(lambda: _renew(who, form)):
        return redirect(own_page(form.next.data) or home, 303)  # type: ignore[return-value]
    shown = shown_code(who.user_id)
    return page("sign_in/proof.html", form=form, home=home, wants_code=who.has_second_factor, demo_code=shown)


@bp.post("/sign-out")
@public
@oneself
def end() -> Response:
    if who := signed_in():
        sign_ins.end(who, when=now())
    session.clear()
    keep(chosen())
    return redirect("/", 303)  # type: ignore[return-value]


def _begin(form: SignInForm) -> Begun:
    email = form.email.data or ""
    try:
        return sign_ins.begin(
            email, form.password.data or "", device=_known_device(email),
            browser=kind_of(request.user_agent.string), when=now(),
        )  # fmt: skip
    except passwords.TooBusy:
        raise TooManyRequests from None


def _begin_again(refusal: sign_ins.CodeIsLate) -> Response:
    if session.pop(AWAITING, None):
        flash(said(refusal))
    return redirect("/sign-in", 303)  # type: ignore[return-value]


def _renew(who: SignedIn, form: ProofForm) -> None:
    """The same session under a new token, so that forms open elsewhere in this browser stay good."""
    try:
        token = sign_ins.prove(who, form.password.data or "", code_typed(form.code.data), when=now())
    except passwords.TooBusy:
        raise TooManyRequests from None
    login_user(sign_ins.find(token, when=now()))


def _ask_for_code(begun: Begun, form: SignInForm) -> Response:
    """To the page for the code, and from there on to where one was going."""
    _begin_session(begun.user)
    session[AWAITING] = begun.token
    wanted = own_page(form.next.data)
    return redirect(f"/sign-in/code?next={quote(wanted)}" if wanted else "/sign-in/code", 303)  # type: ignore[return-value]


def _welcome(begun: Begun, form: SignInForm | CodeForm) -> Response:
    """On to where one was going, in a browser that is known from here on."""
    user = begun.user
    _begin_session(user)
    login_user(sign_ins.find(begun.token, when=now()))
    response: Response = redirect(own_page(form.next.data) or HOME[user.role], 303)  # type: ignore[assignment]
    settings = office().settings
    response.set_cookie(
        "device", _devices().dumps([user.email, secrets.token_urlsafe(12)]), max_age=DEVICE_DAYS * 86400,
        secure=settings.is_secure, httponly=True, samesite="Lax", path="/sign-in",
    )  # fmt: skip
    return response


def _begin_session(user: User) -> None:
    """A new session, so that nothing of the one before it is carried along but the language and what this user had
    typed; whoever was signed in in this browser is so no longer.
    """
    if before := signed_in():
        sign_ins.end(before, when=now())
    language, kept = _language_for(user), typed.kept_for(user.id)
    session.clear()
    keep(language)
    if kept:
        session[typed.TYPED] = kept


def shown_code(user_id: int) -> str | None:
    """In the demonstration: what the phone that nobody has would show now."""
    return codes.next_good(user_id, at=office().clock.outside()) if office().is_demo else None


def _language_for(user: User) -> str:
    """The user's own language, which is the one chosen on the way here if one was."""
    if asked := asked_for_here():
        users.speak(user, asked, by=Actor(user.id, user.role, user.taxpayer_id), when=now())
    return asked or str(user.language)


def _known_device(email: str) -> str:
    """The name of this browser, if this user has signed in from it before; what it says is signed."""
    try:
        known, device = _devices().loads(request.cookies.get("device", ""))
    except (BadSignature, ValueError, TypeError):
        return ""
    return device if known == email.strip().lower() else ""


def _devices() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="device")
