"""Daily closes: what each day came to, what is missing, and the close once more."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, abort, redirect, request
from wtforms import HiddenField

from portal.domain.calendar import ONE_DAY
from portal.domain.lifecycle import PaymentState
from portal.domain.money import read
from portal.models.notice import NoticeKind
from portal.models.task import TaskKind
from portal.office import office
from portal.queries import days, tasks
from portal.queries.days import ClosedDay
from portal.services import tasks as orders
from portal.web import notice_text, words
from portal.web.access import actor, now, proved
from portal.web.admin.desk import bp, for_administrators
from portal.web.admin.words import moment, told
from portal.web.forms import Form
from portal.web.language import day, instant, money, short_day
from portal.web.language import gettext as _
from portal.web.page import page


class CloseForm(Form):
    """Which day is closed again; none closes what is open."""

    day = HiddenField()


@bp.get("/admin/days")
@for_administrators
def closes() -> Response:
    found, further = days.page(_asked_before())
    return page(
        "admin/days.html",
        form=CloseForm(),
        work=told(tasks.latest().get(TaskKind.CLOSE)),
        missing=[day(each) for each in missing(days.latest(), now().on)],
        unfinished=days.unfinished(),
        due=next_due(days.latest()),
        rows=[_row(each) for each in found],
        further=f"/admin/days?before={further}" if further else None,
    )


@bp.get("/admin/days/<day:wanted>")
@for_administrators
def one_day(wanted: date) -> Response:
    found = days.one(wanted) or abort(404)
    return page(
        "admin/day.html",
        day=day(wanted),
        times=_times(found),
        rows=[_came_to(name, value) for name, value in found.summary.items() if not name.startswith(days.LEFT)],
        found=found,
        can_be_closed_again=found == days.latest(),
        iso=wanted.isoformat(),
    )


@bp.post("/admin/days/close")
@for_administrators
@proved
def close() -> Response:
    form = CloseForm()
    wanted = _day_of(form.day.data)
    form.carry_out(lambda: orders.ask(TaskKind.CLOSE, day=wanted, by=actor(), when=now()))
    return redirect("/admin/days", 303)  # type: ignore[return-value]


def missing(latest: ClosedDay | None, today: date) -> list[date]:
    """Days before today that are not closed, from the first close on."""
    if latest is None:
        return []
    return [latest.day + timedelta(days=number) for number in range(1, (today - latest.day).days)]


def next_due(latest: ClosedDay | None) -> str:
    """When the timetable closes a day next."""
    settings = office().settings
    today = now().on
    if missing(latest, today):
        return _("at once, for days are missing")
    on = today + ONE_DAY if latest and latest.day >= today else today
    at = datetime.combine(on, settings.close_at, settings.time_zone)
    return _("at once") if at <= now().at else instant(at)


def _asked_before() -> date:
    return _day_of(request.args.get("before")) or date.max


def _day_of(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _row(found: ClosedDay) -> dict[str, Any]:
    state = (_("Closed"), "good")
    if found.ended_at is None:
        state = (_("Not finished"), "bad")
    elif found.undone:
        state = (_("%(count)s left undone", count=found.undone), "bad")
    return {
        "day": (short_day(found.day), f"/admin/days/{found.day}"),
        "ended": moment(found.ended_at) if found.ended_at else None,
        "settled": _counted(found.summary.get("payments settled")),
        "returned": _counted(found.summary.get("payments returned")),
        "balance": found.summary.get("trial balance"),
        "state": state,
    }


def _times(found: ClosedDay) -> list[tuple[str, str]]:
    ended = moment(found.ended_at) if found.ended_at else _("not yet")
    return [(_("Begun"), moment(found.began_at)), (_("Ended"), ended)]


def _came_to(name: str, value: str) -> dict[str, str]:
    """A line of the summary in words."""
    what, _space, kind = name.partition(" ")
    if what == "payments" and kind in set(PaymentState):
        name = _("Payments: %(state)s", state=words.payment_state(PaymentState(kind))[0])
    elif what == "notices" and kind in set(NoticeKind):
        name = _("Notices: %(title)s", title=notice_text.title(NoticeKind(kind), {}))
    elif name == "trial balance":
        name = _("Sum of all postings (has to be zero)")
    return {"what": name, "value": _counted(value) or "–"}


def _counted(value: str | None) -> str | None:
    """A count, or a count and a sum."""
    count, _comma, amount = (value or "").partition(", ")
    return f"{count} ({money(read(amount))})" if amount else value
