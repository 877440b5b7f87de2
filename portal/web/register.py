"""Registering: the facts that only the taxpayer or the spouse knows, and the link that comes by mail."""

from flask import Blueprint, Response, flash, redirect
from wtforms import PasswordField, StringField
from wtforms.validators import Length, Regexp

from portal.domain.refusal import Refusal
from portal.models.columns import read_reference
from portal.services import passwords, registrations, users
from portal.services.registrations import Claim
from portal.web.access import now, public
from portal.web.forms import DayField, Form, Obeys, OneLine, required
from portal.web.language import chosen
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page

bp = Blueprint("register", __name__)


class NoReference(Refusal):
    """An account reference looks like TP-7F3K-2Q9D. It stands on every letter from us."""


def reference_of(text: str) -> str:
    """The account reference that was typed. Refuses (`NoReference`) what is none."""
    reference = read_reference(text, "TP")
    if reference is None:
        raise NoReference
    return reference


class RegisterForm(Form):
    """Who somebody is, and how they want to sign in."""

    reference = StringField(
        _l("Account reference"),
        [required(_l("Enter your account reference.")), Length(max=40), OneLine(), Obeys(reference_of)],
    )
    last_four = StringField(
        _l("Last four digits of your SSN or ITIN"),
        [
            required(_l("Enter the last four digits.")),
            OneLine(),
            Regexp(r"[0-9]{4}\Z", message=_l("Enter four digits.")),
        ],
        filters=[lambda text: (text or "").strip()],
    )
    born_on = DayField(_l("Date of birth"), [required(_l("Enter your date of birth."))])
    email = StringField(
        _l("Email address"),
        [required(_l("Enter your email address.")), Length(max=254), OneLine(), Obeys(users.address)],
    )
    password = PasswordField(_l("New password"), [required(_l("Enter a new password.")), Obeys(passwords.check)])


class ConfirmForm(Form):
    """Nothing but its button: to follow a link changes nothing, for programs that look for danger follow each one."""


@bp.route("/register", methods=["GET", "POST"])
@public
def begin() -> Response:
    form = RegisterForm()
    if form.carry_out(lambda: registrations.begin(_claim(form), language=chosen(), when=now())):
        return redirect("/register/sent", 303)  # type: ignore[return-value]
    return page("register/register.html", form=form)


@bp.get("/register/sent")
@public
def sent() -> Response:
    return page("register/sent.html")


@bp.route("/register/<string(minlength=8):token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> Response:
    registrations.find(token, when=now())
    form = ConfirmForm()
    if form.carry_out(lambda: registrations.confirm(token, when=now())):
        flash(_("You are registered. Sign in with your email address and your password."))
        return redirect("/sign-in", 303)  # type: ignore[return-value]
    return page("register/confirm.html", form=form)


def _claim(form: RegisterForm) -> Claim:
    assert form.born_on.data, "validated"
    return Claim(
        reference=reference_of(form.reference.data or ""), last_four=form.last_four.data or "",
        born_on=form.born_on.data, email=form.email.data or "", password=form.password.data or "",
    )  # fmt: skip
