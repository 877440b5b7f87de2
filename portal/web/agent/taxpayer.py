"""One taxpayer at a glance."""

from datetime import datetime
from typing import Any

from flask import Response, request

from portal.domain.lifecycle import PaymentState
from portal.models import Taxpayer
from portal.queries import approvals, glance, payments
from portal.queries.standings import AccountView, account_view
from portal.services.receipts import ENTERED
from portal.web import words
from portal.web.access import now
from portal.web.advice import advice
from portal.web.agent.desk import at_the_desk, bp, taxpayer_at_hand
from portal.web.agent.words import approval_kind, event
from portal.web.agreement import terms
from portal.web.language import day, instant, money, short_day
from portal.web.language import gettext as _
from portal.web.notice_text import amount_of
from portal.web.page import page

Ways = list[tuple[str, str, str | None, str | None]]


@bp.get("/agent/taxpayers/<reference:reference>")
@at_the_desk
def taxpayer(reference: str) -> Response:
    found = taxpayer_at_hand(reference)
    view, place = account_view(found.id, now().on), f"/agent/taxpayers/{reference}"
    return page("agent/taxpayer.html", taxpayer=found, place=place, **_at_a_glance(found, view, place))


def _at_a_glance(found: Taxpayer, view: AccountView, place: str) -> dict[str, Any]:
    return {
        "standing": view.standing,
        "state": words.agreement_state(view.agreement.state) if view.agreement else None,
        "terms": terms(view.agreement) if view.agreement else [],
        "next": _next(view, found, place),
        "contact": _contact(found),
        "notes": [_note(each) for each in glance.notes(found.id)],
        "promises": [_promise(each) for each in glance.promises(found.id)],
        "coming": [_coming(each, place) for each in glance.from_employers(found.id)],
        "payments": [_payment(each, place) for each in payments.latest(found.id)],
        **_timeline(found),
    }


def _next(view: AccountView, found: Taxpayer, place: str) -> Ways:
    """What to do next: what the taxpayer is told, what is waiting, and what only the desk can do."""
    told = advice(view)
    ways: Ways = [(told.heading, " ".join(told.sentences), None, None)]
    for each in approvals.about(found.id):
        where = f"/agent/approvals/{each.reference}"
        ways.append((_("A request waits for a decision"), approval_kind(each.kind), where, _("See the request")))
    if view.agreement and view.agreement.is_frozen:
        where = f"{place}/release/{view.agreement.reference}"
        said = _("A bank said that a debit was not authorized. No debit is made.")
        ways.append((_("The plan is frozen"), said, where, _("Ask for its release")))
    if held := glance.hold(found.id, now().on):
        said = _("No payment is due through %(day)s.", day=day(held))
        ways.append((_("Payments are on hold"), said, f"{place}/lift", _("End the hold")))
    return ways


def _contact(found: Taxpayer) -> list[tuple[str, str]]:
    seen = glance.contact(found.id)
    rows = [
        (_("Account"), found.reference),
        (_("SSN or ITIN"), _("ending %(last_four)s", last_four=seen.last_four)),
        (_("Born"), day(seen.born_on)),
        (_("Address"), seen.address),
        (_("Telephone"), seen.phone or _("not known")),
        (_("Email address"), ", ".join(seen.emails) or _("nobody signs in")),
    ]
    return [*rows, (_("Spouse"), seen.spouse)] if seen.spouse else rows


def _note(each: glance.NoteView) -> tuple[str, str, str, str]:
    return short_day(each.written_at.date()), each.by, each.text, "neutral"


def _promise(each: glance.PromiseView) -> dict[str, Any]:
    state = (_("Open"), "wait") if each.pay_by >= now().on else (_("Broken"), "bad")
    return {
        "by": day(each.pay_by),
        "amount": money(each.amount),
        "came": money(each.came),
        "made": _("%(day)s, %(name)s", day=short_day(each.made_on), name=each.by),
        "state": (_("Kept"), "good") if each.is_kept else state,
    }


def _coming(each: glance.Coming, place: str) -> dict[str, Any]:
    return {
        "on": short_day(each.pay_on),
        "amount": money(each.amount),
        "next": (_("It is here"), f"{place}/arrival/{each.reference}"),
    }


def _payment(line: payments.PaymentLine, place: str) -> dict[str, Any]:
    """A payment; for what was entered by hand it can be asked to be taken off."""
    may_be_asked = line.channel in ENTERED and line.state is PaymentState.SETTLED
    next_step = (_("Ask to take it off"), f"{place}/reversal/{line.reference}") if may_be_asked else None
    return words.payment_row(line) | {"reference": line.reference, "next": next_step}


def _timeline(taxpayer: Taxpayer) -> dict[str, Any]:
    """Everything that happened, page by page, by the moment behind which the next page begins."""
    found = glance.happened(taxpayer.id, _asked_before())
    return {
        "timeline": [_happened(each, taxpayer.reference) for each in found],
        "before": found[-1].at.isoformat() if len(found) == glance.NEWEST else None,
    }


def _asked_before() -> datetime | None:
    try:
        before = datetime.fromisoformat(request.args.get("before", ""))
    except ValueError:
        return None
    return before if before.tzinfo else None


def _happened(each: glance.Happened, account: str) -> tuple[str, str, str, str]:
    """What happened, about what other than the whole account, to what amount and by whom."""
    subject = each.subject if "-" in each.subject and each.subject != account else ""
    amount = each.facts.get("amount")
    about = " ".join(filter(None, (subject, money(amount_of(amount)) if amount else "")))
    said = _("%(about)s by %(name)s", about=about, name=each.by).strip() if each.by else about
    return instant(each.at), event(each), said, "neutral"
