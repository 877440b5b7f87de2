"""Signing in and out."""

import secrets
from typing import Any

from flask import Blueprint, Response, current_app, redirect, request, session
from flask_babel import lazy_gettext as _l
from flask_login import login_user
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import HTTPException, TooManyRequests
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import Length

from portal.demo.cast import CAST, PASSWORD
from portal.domain.actor import Role
from portal.office import office
from portal.services import passwords, sign_ins
from portal.web.access import now, public, signed_in
from portal.web.forms import Form, OneLine, required
from portal.web.language import choose
from portal.web.page import page

bp = Blueprint("sign_in", __name__)
DEVICE_DAYS = 365
HOME = {Role.TAXPAYER: "/account"}


class SignInForm(Form):
    """Who somebody is, and the password that shows it."""

    email = StringField(_l("Email address"), [required(_l("Enter your email address.")), Length(max=254), OneLine()])
    password = PasswordField(_l("Password"), [required(_l("Enter your password."))])
    next = HiddenField()


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def show() -> Response:
    form = SignInForm(next=request.args.get("next", ""))
    token: list[Any] = []
    if form.carry_out(lambda: token.extend(_begin(form))):
        return _welcome(token[0], token[1], form)
    cast = [{"email": row.email, "about": row.about} for row in CAST] if office().is_demo else []
    return page("sign_in/sign_in.html", form=form, cast=cast, cast_password=PASSWORD)


@bp.post("/sign-out")
@public
def end() -> Response:
    if who := signed_in():
        sign_ins.end(who, when=now())
    session.clear()
    return redirect("/", 303)  # type: ignore[return-value]


def _begin(form: SignInForm) -> tuple[str, Any]:
    email = form.email.data or ""
    try:
        return sign_ins.begin(email, form.password.data or "", device=_known_device(email), when=now())
    except passwords.TooBusy:
        raise TooManyRequests from None


def _welcome(token: str, user: Any, form: SignInForm) -> Response:
    """A new session, so that nothing of the one before it is carried along; and on to where one was going."""
    email = (form.email.data or "").strip().lower()
    if before := signed_in():
        sign_ins.end(before, when=now())
    session.clear()
    who = sign_ins.find(token, when=now())
    login_user(who)
    choose(user.language)
    response: Response = redirect(_safe(form.next.data) or HOME.get(user.role, "/"), 303)  # type: ignore[assignment]
    settings = office().settings
    response.set_cookie(
        "device", _devices().dumps([email, secrets.token_urlsafe(12)]), max_age=DEVICE_DAYS * 86400,
        secure=settings.is_secure, httponly=True, samesite="Lax", path="/sign-in",
    )  # fmt: skip
    return response


def _known_device(email: str) -> str:
    """The name of this browser, if this user has signed in from it before; what it says is signed."""
    try:
        known, device = _devices().loads(request.cookies.get("device", ""))
    except (BadSignature, ValueError, TypeError):
        return ""
    return device if known == email.strip().lower() else ""


def _devices() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="device")


def _safe(wanted: str | None) -> str | None:
    """The address if it is a page of this portal, never of another site."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or not wanted.isprintable():
        return None
    if "\\" in wanted:
        return None
    try:
        current_app.url_map.bind("").match(wanted.partition("?")[0], "GET")
    except HTTPException:
        return None
    return wanted
