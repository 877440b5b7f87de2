"""What will be paid when, from which account, and what is owed after it."""

from datetime import date
from itertools import islice
from typing import Any

from flask import Blueprint, Response, session

from portal.domain.calendar import business_day_from
from portal.domain.installments import due_dates
from portal.domain.projection import Installment
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import calendar_feeds
from portal.queries.standings import AccountView, OpenPayment, account_view
from portal.web import words
from portal.web.access import now, own_taxpayer_id, signed_in
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
        today=view.standing.as_of,
        rows=coming_rows(view, None),
        signed=signed_rows(view),
        ending=ending(view),
        empty=why_nothing_comes(view),
        assumed=schedule.assumed_rate_after(office().policy.law_on(view.standing.as_of)) if schedule else None,
        **_calendar(),
    )


def _calendar() -> dict[str, Any]:
    """The calendar feed: since when there is one, and its address this once, if it was made just now."""
    who = signed_in()
    made_at = calendar_feeds.made_at(who.user_id) if who else None
    token = session.pop("calendar", None)
    return {
        "feed_since": made_at.astimezone(office().settings.time_zone).date() if made_at else None,
        "feed": f"{office().settings.address}/account/upcoming/{token}.ics" if token and made_at else None,
    }


def coming_rows(view: AccountView, count: int | None) -> list[dict[str, Any]]:
    """The plan's next payments as rows: the first ones, or all; none while the plan is in default."""
    rows = coming_installments(view)[:count]
    dues = _due_dates(view, len(rows))
    return [_row(row, dues.get(row.on, row.on), source_of(view, row.on), signed) for row, signed in rows]


def coming_installments(view: AccountView) -> list[tuple[Installment, OpenPayment | None]]:
    """The plan's payments to come, each with the Direct Pay payment that was signed for it."""
    standing = view.standing
    if view.agreement is None or standing.schedule is None or not standing.is_kept:
        return []
    days_off = banking_days_off()
    paid = {business_day_from(each.installment_on, days_off): each for each in view.signed if each.installment_on}
    return [(row, paid.get(row.on)) for row in standing.schedule.installments]


def _due_dates(view: AccountView, count: int) -> dict[date, date]:
    """For what day each of the payments to come is due, by the day on which it is paid."""
    if view.agreement is None:
        return {}
    asked = islice(due_dates(view.agreement.history, view.standing.as_of), count + 1)
    return {business_day_from(due_on, banking_days_off()): due_on for due_on, _terms in asked}


def source_of(view: AccountView, on: date) -> str:
    """From where the plan's payment of a day comes."""
    if view.agreement is None:
        return ""
    source = view.agreement.source_on(on)
    return words.bank_account(source.bank_account) if source.bank_account else words.method(source.method)


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


def _row(row: Installment, due_on: date, source: str, signed: OpenPayment | None) -> dict[str, Any]:
    note = _("due on day %(day)s, when banks are closed", day=due_on.day) if row.on != due_on else ""
    if signed:
        source, note = words.channel(signed.channel), _("taken on %(day)s", day=short_day(signed.pay_on))
    return {
        "on": short_day(row.on),
        "note": note,
        "source": source,
        "amount": money(row.amount),
        "after": money(row.balance_after),
    }
