"""What will be paid when, from which account, and what is owed after it."""

from typing import Any

from flask import Blueprint, Response

from portal.domain.projection import Installment
from portal.office import office
from portal.queries.standings import AccountView, account_view
from portal.web import words
from portal.web.access import now, own_taxpayer_id
from portal.web.language import day, money, ngettext, short_day
from portal.web.language import gettext as _
from portal.web.page import page

bp = Blueprint("upcoming", __name__)


@bp.get("/account/upcoming")
def show() -> Response:
    view = account_view(own_taxpayer_id(), now().on)
    schedule = view.standing.schedule
    return page(
        "account/upcoming.html",
        rows=coming_rows(view, None),
        ending=ending(view),
        empty=why_nothing_comes(view),
        assumed=schedule.assumed_rate_after(office().policy.law_on(view.standing.as_of)) if schedule else None,
    )


def coming_rows(view: AccountView, count: int | None) -> list[dict[str, Any]]:
    """The plan's next payments as rows: the first ones, or all; none while the plan is in default."""
    standing, agreement = view.standing, view.agreement
    if agreement is None or standing.schedule is None or not standing.is_kept:
        return []
    source = words.method(agreement.method)
    if agreement.bank_account:
        source = words.bank_account(agreement.bank_account)
    return [_row(row, agreement.due_day, source) for row in standing.schedule.installments[:count]]


def ending(view: AccountView) -> str:
    """How the plan ends, in a sentence."""
    schedule = view.standing.schedule
    if schedule is None or not schedule.installments or not view.standing.is_kept:
        return ""
    if schedule.paid_off_on is None:
        return _("At this amount the debt is not paid in time. Call us about a larger one.")
    return ngettext(
        "One payment is left. You are done on %(last_day)s.",
        "%(num)s payments are left. You are done on %(last_day)s.",
        len(schedule.installments),
        last_day=day(schedule.paid_off_on),
    )


def why_nothing_comes(view: AccountView) -> str:
    """What an empty list of upcoming payments means."""
    if not view.standing.balance:
        return _("Nothing is owed, so nothing is due.")
    if view.agreement is None or not view.agreement.is_in_force:
        return _("Nothing is scheduled. The dates of your plan appear here once you have one.")
    if view.standing.is_kept:
        return _("The last payments are on their way. Nothing else is due.")
    return _("Nothing is scheduled while your plan is in default. The dates come back once it is put right.")


def _row(row: Installment, due_day: int, source: str) -> dict[str, Any]:
    taken_later = row.on.day != due_day
    return {
        "on": short_day(row.on),
        "note": _("due on day %(day)s, when banks are closed", day=due_day) if taken_later else "",
        "source": source,
        "amount": money(row.amount),
        "after": money(row.balance_after),
    }
