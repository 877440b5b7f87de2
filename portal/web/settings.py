"""The settings of whoever is signed in: how we write, what opens the account, and where it is open."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.validators import Length

from portal.domain.actor import Role
from portal.domain.language import Language
from portal.models.taxpayer import Taxpayer
from portal.office import office
from portal.queries.people import person
from portal.queries.sign_ins import SignedIn, stays
from portal.services import email_changes, passwords, sign_ins, taxpayers, users
from portal.services.taxpayers import ADDRESS
from portal.web.access import actor, in_person, now, open_to, proved, public, signed_in
from portal.web.address import LOOKS, AddressFields, telephone, zip_code
from portal.web.apply import words
from portal.web.forms import Form, Obeys, OneLine, options, required
from portal.web.language import gettext as _
from portal.web.language import instant, keep
from portal.web.language import lazy_gettext as _l
from portal.web.page import page

bp = Blueprint("settings", __name__)
HOME = "/account/settings"


class WritingForm(Form):
    """In which language we write, and whether we remind."""

    language = RadioField(
        _l("Language of these pages, of notices and of mail"), choices=options(words.LANGUAGES),
        validators=[required(_l("Choose a language."))],
    )  # fmt: skip
    reminders = BooleanField(_l("Remind me by email before each payment"))


class PasswordForm(Form):
    """The password from here on."""

    password = PasswordField(_l("New password"), [required(_l("Enter a new password.")), Obeys(passwords.check)])


class EmailForm(Form):
    """The address from here on."""

    email = StringField(
        _l("New email address"),
        [required(_l("Enter your email address.")), Length(max=254), OneLine(), Obeys(users.address)],
    )


class AddressForm(AddressFields, Form):
    """Where letters from the agency go."""

    looks = LOOKS


class ButtonForm(Form):
    """Nothing is asked but the press of a button."""


@bp.get("/account/settings")
@open_to(*Role)
def show() -> Response:
    user, who = users.at_work(actor()), _who()
    known = person(user.id) if who.taxpayer_id else None
    return page(
        "settings/settings.html", email=user.email, language=words.LANGUAGES[user.language],
        reminders=user.wants_reminders, known=known, has_second_factor=who.has_second_factor, stays=len(_stays()),
    )  # fmt: skip


@bp.route("/account/settings/writing", methods=["GET", "POST"])
@open_to(*Role)
def writing() -> Response:
    user = users.at_work(actor())
    form = WritingForm(language=user.language, reminders=user.wants_reminders)
    if form.carry_out(lambda: users.be_written_to(
        user, Language(form.language.data), reminders=form.reminders.data, by=actor(), when=now()
    )):  # fmt: skip
        keep(form.language.data)
        return _done(_("Your settings were changed."))
    return page("settings/writing.html", form=form, is_taxpayer=_who().role is Role.TAXPAYER)


@bp.route("/account/settings/password", methods=["GET", "POST"])
@open_to(*Role)
@proved
def password() -> Response:
    user, form = users.at_work(actor()), PasswordForm()
    if form.carry_out(lambda: users.change_password(
        user, form.password.data or "", keeping=_who().sign_in_id, by=actor(), when=now()
    )):  # fmt: skip
        return _done(_("Your password was changed. You were signed out everywhere else."))
    return page("settings/password.html", form=form)


@bp.route("/account/settings/email", methods=["GET", "POST"])
@open_to(*Role)
@proved
def email() -> Response:
    user, form = users.at_work(actor()), EmailForm()
    if form.carry_out(lambda: email_changes.begin(user, form.email.data or "", by=actor(), when=now())):
        return _done(_("We sent a link to the new address. Nothing changes until you open it, within 24 hours."))
    return page("settings/email.html", form=form, email=user.email)


@bp.route("/email-change/<token:token>", methods=["GET", "POST"])
@public
def confirm_email(token: str) -> Response:
    change, form = email_changes.find(token, when=now()), ButtonForm()
    if form.carry_out(lambda: email_changes.confirm(token, when=now())):
        flash(_("From now on you sign in with %(email)s.", email=change.new_email))
        return redirect(HOME if signed_in() else "/sign-in", 303)  # type: ignore[return-value]
    return page("settings/confirm_email.html", form=form, email=change.new_email)


@bp.route("/email-change/undo/<token:token>", methods=["GET", "POST"])
@public
def undo_email(token: str) -> Response:
    email_changes.find_to_undo(token, when=now())
    form = ButtonForm()
    if form.carry_out(lambda: email_changes.undo(token, when=now())):
        flash(_("The change was taken back, and everybody was signed out. Now set a new password."))
        return redirect("/password-reset", 303)  # type: ignore[return-value]
    return page("settings/undo_email.html", form=form)


@bp.route("/account/settings/address", methods=["GET", "POST"])
@in_person
@proved
def address() -> Response:
    taxpayer = _own_taxpayer()
    form = AddressForm(**{name: getattr(taxpayer, name) for name in ADDRESS})
    if form.carry_out(lambda: taxpayers.change_address(taxpayer, _given(form), by=actor(), when=now())):
        return _done(_("Your address was changed."))
    return page("settings/address.html", form=form)


@bp.get("/account/settings/sessions")
@open_to(*Role)
def sessions() -> Response:
    return page("settings/sessions.html", rows=[_line(each) for each in _stays()])


@bp.post("/account/settings/sessions/<reference:reference>/end")
@open_to(*Role)
def end_one(reference: str) -> Response:
    if reference not in {each.reference for each in _stays() if not each.is_this_one}:
        abort(404)
    sign_ins.end_one(_who(), reference, when=now())
    flash(_("That session was ended."))
    return redirect(f"{HOME}/sessions", 303)  # type: ignore[return-value]


@bp.post("/account/settings/sessions/others/end")
@open_to(*Role)
def end_others() -> Response:
    sign_ins.end_others(_who(), when=now())
    flash(_("You were signed out everywhere else."))
    return redirect(f"{HOME}/sessions", 303)  # type: ignore[return-value]


def _who() -> SignedIn:
    return signed_in() or abort(404)


def _done(news: str) -> Response:
    flash(news)
    return redirect(HOME, 303)  # type: ignore[return-value]


def _own_taxpayer() -> Taxpayer:
    found = taxpayers.by_reference(_who().taxpayer_reference or "")
    return found or abort(404)


def _given(form: AddressForm) -> dict[str, str]:
    given = {name: form[name].data.strip() for name in ADDRESS}
    return given | {"postal_code": zip_code(given["postal_code"]), "phone": telephone(given["phone"])}


def _stays() -> list[Any]:
    idle = timedelta(minutes=office().settings.idle_minutes)
    return stays(_who(), now().at, now().at - idle)


def _line(stay: Any) -> dict[str, Any]:
    zone = office().settings.time_zone
    return {
        "browser": stay.browser or _("A browser"), "began": instant(stay.began_at.astimezone(zone)),
        "seen": instant(stay.seen_at.astimezone(zone)), "is_this_one": stay.is_this_one,
        "end": f"{HOME}/sessions/{stay.reference}/end",
    }  # fmt: skip
