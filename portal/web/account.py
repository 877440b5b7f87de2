"""The dashboard: what is owed today and why, what was paid, and what comes next."""

from flask import Blueprint, Response

from portal.domain.standing import Standing, YearOwed
from portal.office import office
from portal.queries import payments
from portal.queries.standings import AgreementView, account_view
from portal.web import words
from portal.web.access import now, own_taxpayer_id
from portal.web.advice import advice
from portal.web.course import course
from portal.web.language import day, money
from portal.web.language import gettext as _
from portal.web.page import page
from portal.web.upcoming import coming_rows, ending, why_nothing_comes

bp = Blueprint("account", __name__)
LATEST = 12
COMING = 12
Row = dict[str, object]


@bp.get("/account")
def show() -> Response:
    taxpayer_id, on = own_taxpayer_id(), now().on
    view = account_view(taxpayer_id, on)
    return page(
        "account/dashboard.html",
        view=view,
        standing=view.standing,
        is_estimate=on > office().policy.rates.published_through,
        advice=advice(view),
        sums=_sums(view.standing),
        terms=_terms(view.agreement) if view.agreement else [],
        years=[_year(each) for each in view.standing.years],
        years_total=_years_total(view.standing),
        course=course(view),
        ending=ending(view),
        upcoming=coming_rows(view, COMING),
        no_upcoming=why_nothing_comes(view),
        history=[words.payment_row(line) for line in payments.latest(taxpayer_id, LATEST)],
    )


def _sums(standing: Standing) -> list[Row]:
    """Charged less posted is the balance, and the balance is pending, promised and the rest: the whole of it."""
    lines = [
        (_("Charged to date: tax, penalties, interest and fees"), standing.charged),
        (_("Posted: payments that count"), -standing.posted),
        (_("Paid too much, kept as a credit"), standing.credit),
        (_("Balance today"), standing.balance),
        (_("Of it pending: payments on their way to us"), standing.pending_here),
        (_("Of it promised: coming payments of your plan"), standing.promised),
        (_("Of it not covered by a payment or a plan"), standing.uncovered),
    ]
    always = (0, 1, 3)
    return [
        {"what": what, "amount": money(amount)}
        for index, (what, amount) in enumerate(lines)
        if amount or index in always
    ]


def _terms(agreement: AgreementView) -> list[tuple[str, str]]:
    rows = [
        (_("State"), words.agreement_state(agreement.state)[0]),
        (_("Each month"), money(agreement.monthly)),
        (_("Due"), words.ordinal_day(agreement.due_day)),
        (_("How"), words.method(agreement.method)),
    ]
    if agreement.bank_account:
        rows.append((_("From"), words.bank_account(agreement.bank_account)))
    rows.append((_("Since"), day(agreement.accepted_on)))
    if agreement.ended_on:
        rows.append((_("Ended"), day(agreement.ended_on)))
    return [*rows, (_("Reference"), agreement.reference)]


def _year(line: YearOwed) -> Row:
    year = str(line.facts.tax_year)
    return {
        "year": (year, f"/account/periods/{year}"),
        "tax": money(line.owed.tax),
        "penalty": money(line.owed.penalty),
        "interest": money(line.owed.interest),
        "total": money(line.owed.total),
    }


def _years_total(standing: Standing) -> Row:
    total = money(standing.owed.total)
    label = _("All years")
    if standing.fee:
        label = _("All years, without the user fee of %(fee)s", fee=money(standing.fee))
    return {
        "year": label,
        "tax": money(standing.owed.tax),
        "penalty": money(standing.owed.penalty),
        "interest": money(standing.owed.interest),
        "total": total,
    }
