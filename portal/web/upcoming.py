"""What will be paid when, from which account, and what is owed after it."""

from datetime import date
from typing import Any

from flask import Blueprint, Response

from portal.domain.calendar import business_day_from
from portal.domain.projection import Installment
from portal.office import office
from portal.policies import banking_days_off
from portal.queries.standings import AccountView, OpenPayment, account_view
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
        signed=signed_rows(view),
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
    days_off = banking_days_off()
    paid = {business_day_from(each.installment_on, days_off): each for each in view.signed if each.installment_on}
    return [_row(row, agreement.due_day, source, paid) for row in standing.schedule.installments[:count]]


def signed_rows(view: AccountView) -> list[dict[str, Any]]:
    """The Direct Pay payments to come, each with the way to its page."""
    return [
        {
            "on": short_day(each.pay_on),
            "reference": (each.reference, f"/account/payments/{each.reference}"),
            "amount": money(each.amount),
        }
        for each in view.signed
    ]


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


def _row(row: Installment, due_day: int, source: str, paid: dict[date, OpenPayment]) -> dict[str, Any]:
    note = _("due on day %(day)s, when banks are closed", day=due_day) if row.on.day != due_day else ""
    if signed := paid.get(row.on):
        source, note = words.channel(signed.channel), _("taken on %(day)s", day=short_day(signed.pay_on))
    return {
        "on": short_day(row.on),
        "note": note,
        "source": source,
        "amount": money(row.amount),
        "after": money(row.balance_after),
    }
