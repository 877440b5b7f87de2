"""The second factor of the person signed in: the app, and the codes on paper."""

import json

import segno
from flask import Blueprint, Response, abort, flash, redirect, session
from wtforms import StringField
from wtforms.validators import Length

from portal.domain.actor import Role
from portal.gateways.vault import Unreadable
from portal.models import User
from portal.office import office
from portal.queries.second_factors import second_factor
from portal.services import codes, second_factors, users
from portal.web.access import (
    SET_UP,
    actor,
    before_second_factor,
    code_typed,
    in_person,
    now,
    open_to,
    proved,
    signed_in,
)
from portal.web.forms import Form, OneLine, required
from portal.web.language import day
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page

bp = Blueprint("second_factor", __name__)
HOME, CODES = "/account/settings/second-factor", "/account/settings/second-factor/codes"
# The free space around a square code without which phones do not find it (ISO/IEC 18004, 9.1).
QUIET = 4


class AppForm(Form):
    """A code that shows that the app has the secret."""

    code = StringField(
        _l("Code that the app shows"), [required(_l("Enter the code that the app shows.")), Length(max=40), OneLine()]
    )


class AskForm(Form):
    """Nothing is asked but the press of a button."""


@bp.get("/account/settings/second-factor")
@open_to(*Role)
def show() -> Response:
    who = signed_in() or abort(404)
    kept = second_factor(who.user_id)
    since = day(kept.since.astimezone(office().settings.time_zone).date()) if kept else ""
    return page(
        "settings/second_factor.html", kept=kept, since=since, app_href=SET_UP, codes_href=CODES,
        is_optional=who.role is Role.TAXPAYER,
    )  # fmt: skip


@bp.route("/account/settings/second-factor/app", methods=["GET", "POST"])
@open_to(*Role)
@before_second_factor
@proved
def set_up() -> Response:
    form, user = AppForm(), users.at_work(actor())
    secret = _kept("secret") or _keep("secret", second_factors.new_secret())
    made: list[str] = []
    if form.carry_out(lambda: made.extend(_set_up(user, secret, form))):
        return _show_once(made, _("Your second factor is set up. You were signed out everywhere else."))
    opens = second_factors.address(secret, user.email)
    path, size = square(opens)
    return page(
        "settings/app.html", form=form, secret=secret, path=path, size=size, opens=opens,
        is_new=second_factor(user.id) is None, demo_code=_shown_code(secret),
    )  # fmt: skip


@bp.get("/account/settings/second-factor/codes")
@open_to(*Role)
def recovery_codes() -> Response:
    who = signed_in() or abort(404)
    shown = json.loads(_kept("codes") or "[]")
    return page("settings/codes.html", codes=shown, is_set_up=who.has_second_factor, app_href=SET_UP)


@bp.post("/account/settings/second-factor/codes/new")
@open_to(*Role)
@proved
def make_codes() -> Response:
    user = users.at_work(actor())
    if second_factor(user.id) is None:
        abort(404)
    made = second_factors.new_codes(user, by=actor(), when=now())
    return _show_once(made, _("New recovery codes were made. Those from before do not work any more."))


@bp.post("/account/settings/second-factor/codes/kept")
@open_to(*Role)
def keep_codes() -> Response:
    """Somebody has them on paper: they are shown no more."""
    session.pop("codes", None)
    return redirect(HOME, 303)  # type: ignore[return-value]


@bp.route("/account/settings/second-factor/removal", methods=["GET", "POST"])
@in_person
@proved
def remove() -> Response:
    form, user = AskForm(), users.at_work(actor())
    if form.carry_out(lambda: second_factors.remove(user, by=actor(), when=now())):
        flash(_("Your second factor was taken away. Your password is enough to sign in."))
        return redirect(HOME, 303)  # type: ignore[return-value]
    return page("settings/removal.html", form=form)


def square(text: str) -> tuple[str, int]:
    """A text as a square code: the path of its dark squares, and its size with the quiet zone."""
    rows = list(segno.make(text, error="m", micro=False).matrix)
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark
    )
    return path, len(rows) + 2 * QUIET


def _set_up(user: User, secret: str, form: AppForm) -> list[str]:
    who = signed_in() or abort(404)
    code = code_typed(form.code.data)
    return second_factors.set_up(user, secret, code, keeping=who.sign_in_id, by=actor(), when=now())


def _shown_code(secret: str) -> str | None:
    """In the demonstration: what a phone with this secret would show now."""
    return codes.shown(secret, codes.step_at(office().clock.outside())) if office().is_demo else None


def _show_once(made: list[str], news: str) -> Response:
    _keep("codes", json.dumps(made))
    session.pop("secret", None)
    flash(news)
    return redirect(CODES, 303)  # type: ignore[return-value]


def _keep(name: str, value: str) -> str:
    """Remember something of this stay, sealed for who is signed in."""
    session[name] = office().vault.seal(value, f"session:{name}:{actor().user_id}")
    return value


def _kept(name: str) -> str:
    try:
        return office().vault.open(session.get(name, ""), f"session:{name}:{actor().user_id}")
    except Unreadable:
        return ""
