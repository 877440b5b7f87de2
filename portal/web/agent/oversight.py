"""The supervisors' look at the looks: sessions, the same name or address, objections; and the list of conflicts."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response, abort, flash, redirect
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from portal.domain.actor import Role
from portal.models.support import ConflictKind
from portal.office import office
from portal.queries import oversight
from portal.queries.oversight import CloseLook, ObjectionLine, SessionLine
from portal.services import conflicts, objections
from portal.web import support_words
from portal.web.access import actor, now, open_to
from portal.web.agent.desk import at_the_desk, bp, taxpayer_at_hand
from portal.web.forms import ChoiceField, Filters, Form, OneLine, required
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.language import short_day, time_of_day
from portal.web.looks import NamedForm
from portal.web.page import page
from portal.web.pages import Pages, asked_page

supervising = open_to(Role.SUPERVISOR)
PERIOD = timedelta(days=30)


class SessionsForm(Filters):
    """Which sessions are listed."""

    which = ChoiceField(_l("Which"), default="all")

    def __init__(self) -> None:
        super().__init__()
        self.which.choices = [("all", _("All sessions")), ("without", _("Without a ticket"))]


class FindingForm(Form):
    """What was found."""

    finding = TextAreaField(
        _l("What did you find?"), [required(_l("Write what you found, for the taxpayer to read.")), Length(max=1000)]
    )


class ConflictForm(Form):
    """Who must not see an account, and why."""

    kind = ChoiceField(_l("What is it?"))
    email = StringField(_l("Email address of the colleague"), [Length(max=254), OneLine()])

    def __init__(self) -> None:
        super().__init__()
        kinds = [(each.value, _(words)) for each, words in support_words.CONFLICTS.items()]
        self.kind.choices = [("", _("Choose one")), *kinds]

    def validate_kind(self, field: ChoiceField) -> None:
        if not field.data:
            raise ValidationError(_("Choose what it is."))


@bp.get("/agent/support")
@supervising
def oversee() -> Response:
    form, number, since = SessionsForm(), asked_page(), now().at - PERIOD
    is_without = form.validate() and form.which.data == "without"
    found = oversight.sessions_page(number, is_without_ticket=is_without)
    return page(
        "agent/oversight.html",
        form=form,
        sessions=[_session(each) for each in found.lines],
        pages=Pages(number, number + found.has_more, f"/agent/support?which={form.which.data}"),
        agents=oversight.per_agent(since),
        close=[_close(each) for each in oversight.close_looks(since)],
        objections=[_objection(each) for each in oversight.to_review()],
    )


@bp.route("/agent/support/objections/<reference:reference>", methods=["GET", "POST"])
@supervising
def review(reference: str) -> Response:
    found = oversight.objection(reference) or abort(404)
    form = FindingForm()
    if form.carry_out(lambda: objections.review(reference, form.finding.data.strip(), by=actor(), when=now())):
        flash(_("It is written down, and the taxpayer is told."))
        return redirect("/agent/support", 303)  # type: ignore[return-value]
    return page("agent/objection.html", form=form, found=found, row=_objection(found))


@bp.route("/agent/taxpayers/<reference:reference>/conflict", methods=["GET", "POST"])
@at_the_desk
def conflict(reference: str) -> Response:
    """Say that somebody of the staff must not see this account with its owner's eyes."""
    taxpayer, form, by = taxpayer_at_hand(reference), ConflictForm(), actor()
    if by.role is not Role.SUPERVISOR:
        del form.email
    email = form.email.data or "" if form.email else ""
    if form.carry_out(lambda: conflicts.note(taxpayer, ConflictKind(form.kind.data), email=email, by=by, when=now())):
        flash(_("It is on the list of conflicts."))
        return redirect("/agent", 303)  # type: ignore[return-value]
    return page("agent/conflict.html", form=form, taxpayer=taxpayer)


@bp.route("/agent/support/conflicts", methods=["GET", "POST"])
@supervising
def conflict_list() -> Response:
    form = NamedForm()
    if form.carry_out(lambda: conflicts.remove(form.named.data or "", by=actor(), when=now())):
        return redirect("/agent/support/conflicts", 303)  # type: ignore[return-value]
    rows = [
        {"line": each, "kind": _(support_words.CONFLICTS[each.kind]), "noted": _when(each.noted_at)}
        for each in oversight.conflicts_noted()
    ]
    return page("agent/conflicts.html", form=form, rows=rows)


def _session(line: SessionLine) -> dict[str, Any]:
    return {
        "when": _when(line.began_at),
        "agent": line.agent,
        "account": (line.taxpayer, f"/agent/taxpayers/{line.taxpayer_reference}"),
        "reason": support_words.reason(line.reason),
        "ticket": line.ticket or _("None"),
    }


def _close(line: CloseLook) -> dict[str, Any]:
    return {
        "when": _when(line.at),
        "agent": line.agent,
        "account": (line.taxpayer, f"/agent/taxpayers/{line.taxpayer_reference}"),
        "why": _("Same name") if line.is_same_name else _("Same address, or the own account"),
    }


def _objection(line: ObjectionLine) -> dict[str, Any]:
    return {
        "when": (_when(line.at), f"/agent/support/objections/{line.reference}"),
        "agent": line.agent,
        "account": line.taxpayer,
        "account_url": f"/agent/taxpayers/{line.taxpayer_reference}",
        "about": line.about,
    }


def _when(at: datetime) -> str:
    local = at.astimezone(office().settings.time_zone)
    return f"{short_day(local.date())}, {time_of_day(local)}"
