"""Who looked at my account, when and why; what an agent asks me for; and “I did not ask for this”."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, flash, redirect
from wtforms import StringField
from wtforms.validators import Length

from portal.domain.lifecycle import RequestState
from portal.office import office
from portal.queries import looks
from portal.queries.looks import Asked, Look
from portal.services import consents, objections
from portal.web import support_words
from portal.web.access import actor, in_person, now, own_taxpayer_id
from portal.web.forms import Form, OneLine, required
from portal.web.language import gettext as _
from portal.web.language import ngettext, short_day, time_of_day
from portal.web.page import page
from portal.web.pages import Pages, asked_page

bp = Blueprint("looks", __name__)


class NamedForm(Form):
    """One button about one thing, which it names."""

    named = StringField(validators=[required(""), Length(max=20), OneLine()])


@bp.get("/account/access")
@in_person
def show() -> Response:
    taxpayer_id, number = own_taxpayer_id(), asked_page()
    found = looks.at_account(taxpayer_id, number)
    return page(
        "account/access.html",
        asked=[_asked(each) for each in looks.asked(taxpayer_id, now().at)],
        rows=[_row(*each) for each in _together(found.lines)],
        pages=Pages(number, number + found.has_more, "/account/access"),
    )


@bp.post("/account/access/refusal")
@in_person
def refuse() -> Response:
    """No to what an agent asks for."""
    form = NamedForm()
    if form.carry_out(lambda: consents.refuse(form.named.data or "", by=actor(), when=now())):
        flash(_("You said no. Nothing is done for you."))
    return _back(form)


@bp.post("/account/access/objection")
@in_person
def object_to() -> Response:
    """“I did not ask for this.”"""
    form = NamedForm()
    if form.carry_out(lambda: objections.raise_about(form.named.data or "", by=actor(), when=now())):
        flash(_("Thank you. It is ended, and a supervisor looks into it. You get a notice about it."))
    return _back(form)


def _back(form: NamedForm) -> Response:
    for reason in form.form_errors:
        flash(reason)
    return redirect("/account/access", 303)  # type: ignore[return-value]


def _asked(asked: Asked) -> dict[str, Any]:
    code = consents.code_of(asked) if asked.state is RequestState.ASKED else ""
    return {
        "reference": asked.reference,
        "agent": asked.agent,
        "action": support_words.action(asked.permission),
        "code": f"{code[:3]} {code[3:]}".strip(),
    }


def _together(lines: Iterable[Look]) -> Iterator[tuple[Look, int]]:
    """Looks one after the other of one agent on one day at the desk are one line, and how many they are."""
    for _key, same in groupby(lines, _kind):
        found = list(same)
        yield found[0], len(found)


def _kind(found: Look) -> tuple[object, ...]:
    if found.is_session or found.objected_at:
        return (found.about,)
    return found.agent, _local(found.began_at).date()


def _row(found: Look, times: int) -> dict[str, Any]:
    what = ngettext("Opened your account at the desk", "Opened your account at the desk, %(num)s times", times)
    why = ""
    if found.is_session:
        what = _("Saw your pages as you see them, until %(time)s", time=_time(found.ended_at or found.ends_at))
        if found.is_running(now().at):
            what = _("Sees your pages as you see them, now")
        why = support_words.reason(found.reason or "")
    return {
        "about": found.about,
        "when": f"{short_day(_local(found.began_at).date())}, {_time(found.began_at)}",
        "who": found.agent,
        "what": what,
        "why": why,
        "ticket": found.ticket or "",
        "objected": _objected(found),
    }


def _objected(found: Look) -> str:
    if found.objected_at is None:
        return ""
    if found.reviewed_at is None:
        return _("You did not ask for this. A supervisor looks into it.")
    return _("You did not ask for this. What a supervisor found: %(finding)s", finding=found.finding)


def _local(at: datetime) -> datetime:
    return at.astimezone(office().settings.time_zone)


def _time(at: datetime | None) -> str:
    return time_of_day(_local(at)) if at else ""
