"""Signing in and out."""

import secrets
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request, session
from flask_login import login_user
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import TooManyRequests
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import Length

from portal.demo.cast import CAST, PASSWORD
from portal.domain.actor import Actor, Role
from portal.office import office
from portal.queries.sign_ins import SignedIn
from portal.services import passwords, sign_ins, users
from portal.web import typed
from portal.web.access import now, oneself, open_to, public, signed_in
from portal.web.addresses import own_page
from portal.web.forms import Form, OneLine, required
from portal.web.language import chosen, keep
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.languages import asked_for_here
from portal.web.page import page

bp = Blueprint("sign_in", __name__)
DEVICE_DAYS = 365
HOME = {Role.TAXPAYER: "/account", Role.AGENT: "/agent", Role.SUPERVISOR: "/agent"}


class SignInForm(Form):
    """Who somebody is, and the password that shows it."""

    email = StringField(_l("Email address"), [required(_l("Enter your email address.")), Length(max=254), OneLine()])
    password = PasswordField(_l("Password"), [required(_l("Enter your password."))])
    next = HiddenField()


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@oneself
def show() -> Response:
    form = SignInForm(next=request.args.get("next", ""))
    token: list[Any] = []
    if form.carry_out(lambda: token.extend(_begin(form))):
        return _welcome(token[0], token[1], form)
    cast = [{"email": row.email, "about": _(row.about)} for row in CAST] if office().is_demo else []
    return page("sign_in/sign_in.html", form=form, cast=cast, cast_password=PASSWORD)


class ProofForm(Form):
    """The password once more, from somebody signed in."""

    password = PasswordField(_l("Password"), [required(_l("Enter your password."))])
    next = HiddenField()


@bp.route("/sign-in/proof", methods=["GET", "POST"])
@open_to(*Role)
def prove() -> Response:
    who = signed_in() or abort(404)
    form, home = ProofForm(next=request.args.get("next", "")), HOME.get(who.role, "/")
    if form.carry_out(lambda: _renew(who, form.password.data or "")):
        return redirect(own_page(form.next.data) or home, 303)  # type: ignore[return-value]
    return page("sign_in/proof.html", form=form, home=home)


@bp.post("/sign-out")
@public
@oneself
def end() -> Response:
    if who := signed_in():
        sign_ins.end(who, when=now())
    session.clear()
    keep(chosen())
    return redirect("/", 303)  # type: ignore[return-value]


def _begin(form: SignInForm) -> tuple[str, Any]:
    email = form.email.data or ""
    try:
        return sign_ins.begin(email, form.password.data or "", device=_known_device(email), when=now())
    except passwords.TooBusy:
        raise TooManyRequests from None


def _renew(who: SignedIn, password: str) -> None:
    """The same session under a new token, so that forms open elsewhere in this browser stay good."""
    try:
        token = sign_ins.prove(who, password, when=now())
    except passwords.TooBusy:
        raise TooManyRequests from None
    login_user(sign_ins.find(token, when=now()))


def _welcome(token: str, user: Any, form: SignInForm) -> Response:
    """A new session, so that nothing of the one before it is carried along; and on to where one was going."""
    email = (form.email.data or "").strip().lower()
    if before := signed_in():
        sign_ins.end(before, when=now())
    language, kept = _language_for(user), typed.kept_for(user.id)
    session.clear()
    who = sign_ins.find(token, when=now())
    login_user(who)
    keep(language)
    if kept:
        session[typed.TYPED] = kept
    response: Response = redirect(own_page(form.next.data) or HOME.get(user.role, "/"), 303)  # type: ignore[assignment]
    settings = office().settings
    response.set_cookie(
        "device", _devices().dumps([email, secrets.token_urlsafe(12)]), max_age=DEVICE_DAYS * 86400,
        secure=settings.is_secure, httponly=True, samesite="Lax", path="/sign-in",
    )  # fmt: skip
    return response


def _language_for(user: Any) -> str:
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
