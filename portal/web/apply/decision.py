"""The decision on an application: found again, printed, downloaded."""

from typing import Any

from flask import Response, abort

from portal.domain.eligibility import recalled
from portal.office import office
from portal.queries import agreements, applications
from portal.queries.agreements import Accepted
from portal.queries.applications import DecisionView
from portal.queries.standings import account_view
from portal.web import pdf, words
from portal.web.access import in_person, now, own_taxpayer_id
from portal.web.agreement import signed_rows, what_happens_next
from portal.web.apply.journey import bp
from portal.web.first_payment import first_payment
from portal.web.language import day, money
from portal.web.language import gettext as _
from portal.web.page import page
from portal.web.reasons import told
from portal.web.upcoming import coming_rows

ROWS = 12


@bp.get("/apply/decisions/<reference:reference>")
def decision(reference: str) -> Response:
    return _shown(_own(reference))


@bp.get("/apply/decisions/<reference:reference>.pdf")
@in_person
def download(reference: str) -> Response:
    """The same on paper, where the portal can make it."""
    decided = _own(reference)
    if not pdf.is_available():
        abort(404)
    return pdf.file_of(_shown(decided), f"{decided.reference}.pdf")


def _own(reference: str) -> DecisionView:
    decided = applications.decision(own_taxpayer_id(), reference)
    if decided is None:
        abort(404)
    return decided


def _shown(decided: DecisionView) -> Response:
    if decided.is_accepted:
        return page("apply/accepted.html", **_of_acceptance(decided))
    reasons = told(recalled(record) for record in decided.reasons)
    appeal_days = office().policy.days.on(decided.decided_on).appeal
    return page("apply/refused.html", decided=decided, reasons=reasons, appeal_days=appeal_days)


def _of_acceptance(decided: DecisionView) -> dict[str, Any]:
    """What was agreed, and what of it is still to come."""
    taxpayer_id = own_taxpayer_id()
    assert decided.agreement
    agreed = agreements.accepted(taxpayer_id, decided.agreement)
    view = account_view(taxpayer_id, now().on)
    is_current = view.agreement is not None and view.agreement.reference == decided.agreement
    return {
        "decided": decided,
        "terms": _terms(agreed),
        "first": first_payment(view) if is_current else None,
        "upcoming": coming_rows(view, ROWS) if is_current else [],
        "next": what_happens_next(agreed, agreements.deduction(taxpayer_id, decided.agreement)),
        "signed": signed_rows(agreements.signed(taxpayer_id, decided.agreement)),
        "pdf_url": f"/apply/decisions/{decided.reference}.pdf" if pdf.is_available() else None,
    }


def _terms(agreed: Accepted) -> list[tuple[str, str]]:
    rows = [
        (_("Plan"), words.plan(agreed.kind)),
        (_("Each month"), money(agreed.monthly)),
        (_("Due"), words.ordinal_day(agreed.due_day)),
        (_("First payment"), day(agreed.first_due_on)),
        (_("How"), words.method(agreed.method)),
    ]
    if agreed.bank_account:
        rows.append((_("From"), words.bank_account(agreed.bank_account)))
    fee = money(agreed.fee) if agreed.fee else _("None")
    if agreed.fee_back:
        fee = _("%(fee)s, given back once everything is paid", fee=fee)
    return [*rows, (_("User fee"), fee)]
