"""The dashboard: what is owed today and why, what was paid, and what comes next."""

from calendar import isleap
from datetime import date
from functools import lru_cache

from flask import Blueprint, Response
from markupsafe import Markup

from portal.domain.calendar import ONE_DAY
from portal.domain.money import Money
from portal.domain.standing import Standing, YearOwed
from portal.office import office
from portal.queries import new_balances, payments
from portal.queries.standings import account_view
from portal.queries.trail import latest
from portal.web import words
from portal.web.access import now, own_taxpayer_id
from portal.web.advice import advice
from portal.web.agreement import terms
from portal.web.course import course
from portal.web.language import chosen, money, ngettext, percent, short_day
from portal.web.language import gettext as _
from portal.web.page import page, part
from portal.web.upcoming import coming_rows, ending, why_nothing_comes

bp = Blueprint("account", __name__)
COMING = 12
Row = dict[str, object]


@bp.get("/account")
def show() -> Response:
    taxpayer_id = own_taxpayer_id()
    link, new_notices = latest(taxpayer_id)
    overview = _overview(taxpayer_id, link, now().on, chosen())
    return page("account/dashboard.html", overview=overview, new_notices=new_notices)


# People come back to this page many times a day, and between two deeds it says the same all day long: every deed that
# touches an account adds to its trail, so what was drawn after the latest event is drawn once.
@lru_cache(maxsize=256)
def _overview(taxpayer_id: int, _latest_link: str, on: date, _language: str) -> Markup:
    view = account_view(taxpayer_id, on)
    added = new_balances.addition_in(taxpayer_id, view, now())
    standing = view.standing
    return part(
        "account/overview.html",
        view=view,
        standing=standing,
        is_estimate=on > office().policy.rates.published_through,
        advice=advice(view, added),
        sums=_sums(standing),
        growth=_growth(standing),
        arrears=_arrears(standing),
        state=words.agreement_state(view.agreement.state) if view.agreement else None,
        terms=terms(view.agreement) if view.agreement else [],
        years=[_year(each) for each in standing.years],
        years_total=_years_total(standing),
        course=course(view),
        ending=ending(view),
        upcoming=coming_rows(view, COMING),
        no_upcoming=why_nothing_comes(view),
        history=[words.payment_row(line) for line in payments.latest(taxpayer_id)],
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


def _growth(standing: Standing) -> list[Row]:
    """How tomorrow's interest and the next penalty come about, year by year."""
    tomorrow = standing.as_of + ONE_DAY
    rate = office().policy.rates.on(tomorrow)
    divisor = 366 if isleap(tomorrow.year) else 365
    rows: list[Row] = [
        {
            "when": short_day(tomorrow),
            "what": _("Interest for %(year)s: %(base)s × %(percent)s%% ÷ %(days)s", year=each.tax_year,
                      base=money(each.base), percent=rate.percent, days=divisor),
            "amount": money(each.interest),
        }
        for each in standing.tomorrow
    ]  # fmt: skip
    if standing.next_penalty:
        for year, charge, amount in standing.next_penalty.charges:
            what = _("Penalty for paying %(year)s late: %(percent)s%% of %(tax)s (%(reason)s)", year=year,
                     percent=percent(charge.rate.basis_points), tax=money(Money(charge.tax_cents)),
                     reason=words.month_reason(charge.rate.reason))  # fmt: skip
            rows.append({"when": short_day(charge.begins_on), "what": what, "amount": money(amount)})
    return rows


def _arrears(standing: Standing) -> list[Row]:
    """How what is past due comes about; nothing if nothing is."""
    arrears = standing.arrears
    if not arrears.amount:
        return []
    due = ngettext("One installment was due", "%(num)s installments were due", arrears.installments)
    lines = [
        (due, arrears.due),
        (_("Paid since the agreement began"), -arrears.paid),
        (_("Past due"), arrears.amount),
    ]
    return [{"what": what, "amount": money(amount)} for what, amount in lines]


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
