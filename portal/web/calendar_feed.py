"""The payments to come as a calendar: taken along as a file, or asked for by a program at a secret address."""

from datetime import date
from functools import lru_cache
from itertools import islice

from flask import Blueprint, Response, abort, redirect, request, session

from portal.domain.calendar import ONE_DAY, business_day_from
from portal.domain.icalendar import CalendarDay, calendar_file
from portal.domain.installments import due_dates
from portal.domain.standing import LONGEST_SCHEDULE_MONTHS
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import calendar_feeds
from portal.queries.calendar_feeds import Change
from portal.queries.standings import AccountView, account_view
from portal.services import calendar_feeds as deeds
from portal.services.sign_ins import token_hash
from portal.web import words
from portal.web.access import actor, in_person, now, own_taxpayer_id, public
from portal.web.language import chosen, money, speaking, tag
from portal.web.language import gettext as _
from portal.web.upcoming import coming_installments, source_of

bp = Blueprint("calendar", __name__)
# Those of a whole collection period, past and to come.
MOST = 2 * LONGEST_SCHEDULE_MONTHS


@bp.get("/account/upcoming.ics")
@in_person
def download() -> Response:
    """The dates as they are today, to be taken into a calendar once."""
    response = _calendar(own_taxpayer_id(), chosen())
    response.headers["Content-Disposition"] = "attachment; filename=upcoming.ics"
    return response


@bp.get("/account/upcoming/<token:token>.ics")
@public
def feed(token: str) -> Response:
    """The same for a calendar program, as often as it asks; who took the address back has no feed any more."""
    found = calendar_feeds.subscriber(token_hash(token))
    if found is None:
        abort(404)
    return _calendar(found.taxpayer_id, found.language)


@bp.post("/account/upcoming/calendar")
@in_person
def make() -> Response:
    own_taxpayer_id()
    session["calendar"] = deeds.make(by=actor(), when=now())
    return redirect("/account/upcoming#calendar", 303)  # type: ignore[return-value]


@bp.post("/account/upcoming/calendar/revocation")
@in_person
def revoke() -> Response:
    own_taxpayer_id()
    deeds.end(by=actor(), when=now())
    return redirect("/account/upcoming#calendar", 303)  # type: ignore[return-value]


def _calendar(taxpayer_id: int, language: str) -> Response:
    drawn = _drawn(taxpayer_id, calendar_feeds.latest_change(taxpayer_id), now().on, language)
    response = Response(drawn, content_type="text/calendar; charset=utf-8")
    response.add_etag()
    response.make_conditional(request)
    return response


# Calendar programs ask every few hours for what changes once a month: between two deeds it is drawn once a day.
@lru_cache(maxsize=256)
def _drawn(taxpayer_id: int, change: Change, on: date, language: str) -> str:
    with speaking(language):
        days = _days(account_view(taxpayer_id, on))
        name = _("Payments to %(agency)s", agency=office().settings.agency_name)
        return calendar_file(name, days, sequence=change.count, changed_at=change.at, tag=tag())


def _days(view: AccountView) -> list[CalendarDay]:
    """What is paid when: the plan's payments, but for those that were signed for another day, and all that were
    signed.
    """
    numbers, days = _numbers(view), []
    for row, signed in coming_installments(view):
        if signed is None and view.agreement:
            name = f"{view.agreement.reference} {numbers.get(row.on, row.on)}"
            days.append(_day(name, row.on, money(row.amount), source_of(view, row.on)))
    for each in view.signed:
        days.append(_day(each.reference, each.pay_on, money(each.amount), words.channel(each.channel)))
    return sorted(days, key=lambda each: each.on)


def _numbers(view: AccountView) -> dict[date, int]:
    """The how many-th of its agreement the installment is that is paid on a day: what names it, whatever day and
    amount it gets.
    """
    history = view.agreement.history if view.agreement else ()
    if not history:
        return {}
    dates = islice(due_dates(history, history[0].first_due_on - ONE_DAY), MOST)
    days_off = banking_days_off()
    due = {day: (number, terms) for number, (day, terms) in enumerate(dates)}
    numbers = {
        business_day_from(day, days_off) if terms.is_debited else day: number for day, (number, terms) in due.items()
    }
    late = {each.pay_on: due[each.installment_on][0] for each in view.open_payments if each.installment_on in due}
    return numbers | late


def _day(what: str, on: date, amount: str, source: str) -> CalendarDay:
    """A payment to come; what it is stays in our books, so that its name tells nothing."""
    return CalendarDay(
        uid=office().vault.index(what, "calendar")[:40],
        on=on,
        summary=_("Payment of %(amount)s", amount=amount),
        note=_("From: %(source)s", source=source),
        address=f"{office().settings.address}/account/upcoming",
    )
