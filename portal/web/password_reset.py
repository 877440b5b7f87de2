"""A forgotten password: the address, the link that comes by mail, and the new password."""

from flask import Blueprint, Response, flash, redirect
from wtforms import PasswordField, StringField
from wtforms.validators import Length

from portal.services import password_resets, passwords, users
from portal.web.access import now, public
from portal.web.forms import Form, Obeys, OneLine, required
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page

bp = Blueprint("password_reset", __name__)


class ForgottenForm(Form):
    """Where the link is to be sent."""

    email = StringField(
        _l("Email address"),
        [required(_l("Enter your email address.")), Length(max=254), OneLine(), Obeys(users.address)],
    )


class NewPasswordForm(Form):
    """The password from here on."""

    password = PasswordField(_l("New password"), [required(_l("Enter a new password.")), Obeys(passwords.check)])


@bp.route("/password-reset", methods=["GET", "POST"])
@public
def begin() -> Response:
    form = ForgottenForm()
    if form.carry_out(lambda: password_resets.begin(form.email.data or "", when=now())):
        return redirect("/password-reset/sent", 303)  # type: ignore[return-value]
    return page("password_reset/forgotten.html", form=form)


@bp.get("/password-reset/sent")
@public
def sent() -> Response:
    return page("password_reset/sent.html")


@bp.route("/password-reset/<string(minlength=8):token>", methods=["GET", "POST"])
@public
def finish(token: str) -> Response:
    password_resets.find(token, when=now())
    form = NewPasswordForm()
    if form.carry_out(lambda: password_resets.finish(token, form.password.data or "", when=now())):
        flash(_("Your password was changed. Sign in with the new one."))
        return redirect("/sign-in", 303)  # type: ignore[return-value]
    return page("password_reset/new_password.html", form=form)
