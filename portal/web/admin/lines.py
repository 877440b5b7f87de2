"""Lines from the bank that could not be booked: each with the reason, and what is done about it."""

from typing import Any

from flask import Response, abort, flash, redirect, request
from wtforms import StringField
from wtforms.validators import Length

from portal.queries import bank_lines
from portal.queries.bank_lines import Line
from portal.services import quarantine
from portal.web.access import actor, now, proved
from portal.web.admin.desk import asked_after, bp, for_supervisors
from portal.web.admin.words import moment
from portal.web.forms import ChoiceField, Form, OneLine, options
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.language import money, short_day
from portal.web.page import page
from portal.web.words import return_reason

WAYS = {"match": _l("Book the return for a payment"), "set_aside": _l("Set the line aside: nothing follows from it")}


class LineForm(Form):
    """What becomes of a line."""

    way = ChoiceField(_l("What is to be done?"), choices=options(WAYS))
    payment = StringField(_l("Confirmation number of the payment"), [Length(max=60), OneLine()])
    reason = StringField(_l("Why it is set aside"), [Length(max=300), OneLine()])


@bp.get("/admin/bank/lines")
@for_supervisors
def bank_lines_page() -> Response:
    resolved = request.args.get("state") == "resolved"
    found, further = bank_lines.page(resolved=resolved, after=asked_after("after") or 0)
    first = f"/admin/bank/lines?state={'resolved' if resolved else 'open'}"
    return page(
        "admin/lines.html",
        resolved=resolved,
        rows=[_row(line) for line in found],
        first=first,
        further=f"{first}&after={further}" if further else None,
    )


@bp.route("/admin/bank/lines/<reference:reference>", methods=["GET", "POST"])
@for_supervisors
@proved
def bank_line(reference: str) -> Response:
    line = bank_lines.one(reference) or abort(404)
    form = LineForm()
    if form.carry_out(lambda: _resolve(reference, form)):
        flash(_("The line is resolved."))
        return redirect("/admin/bank/lines", 303)  # type: ignore[return-value]
    return page("admin/line.html", form=form, line=line, facts=_facts(line), outcome=_outcome(line))


def _resolve(reference: str, form: LineForm) -> None:
    line = quarantine.by_reference(reference) or abort(404)
    if form.way.data == "match":
        quarantine.match(line, form.payment.data or "", by=actor(), when=now())
    else:
        quarantine.set_aside(line, form.reason.data or "", by=actor(), when=now())


def _row(line: Line) -> dict[str, Any]:
    return {
        "came": (short_day(line.came_on), f"/admin/bank/lines/{line.reference}"),
        "code": line.code,
        "amount": money(line.amount) if line.amount else None,
        "why": line.why,
        "state": (_("Resolved"), "good") if line.resolved_at else (_("Open"), "wait"),
    }


def _facts(line: Line) -> list[tuple[str, str]]:
    where = _("line %(line)s", line=line.line) if line.line else _("the whole file")
    facts = [(_("Why it was not booked"), line.why), (_("File"), f"{line.file}, {where}")]
    if line.code:
        facts.append((_("Code"), f"{line.code}: {return_reason(line.code)}" if line.code[0] == "R" else line.code))
    if line.amount:
        facts.append((_("Amount"), money(line.amount)))
    if line.trace:
        facts.append((_("Trace number"), line.trace))
    return facts


def _outcome(line: Line) -> str:
    if line.resolved_at is None:
        return ""
    told = {"name": line.resolved_by, "moment": moment(line.resolved_at)}
    if line.payment:
        return _("%(name)s booked it for payment %(payment)s on %(moment)s.", payment=line.payment, **told)
    return _("%(name)s set it aside on %(moment)s: %(reason)s", reason=line.reason, **told)
