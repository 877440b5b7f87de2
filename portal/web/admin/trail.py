"""The trail: searched, and verified together with the books."""

from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from flask import Response, redirect
from wtforms import StringField
from wtforms.validators import Length

from portal.domain.calendar import ONE_DAY
from portal.models.columns import read_reference
from portal.models.task import TaskKind
from portal.office import office
from portal.queries import tasks, trail_search
from portal.queries.trail_search import TrailLine, Wanted
from portal.services import tasks as orders
from portal.web.access import actor, now
from portal.web.admin.desk import asked_after, bp, for_supervisors
from portal.web.admin.words import moment, role, told
from portal.web.forms import ChoiceField, DayField, Filters, Form, OneLine, options
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page

TEXT = [Length(max=60), OneLine()]


class TrailForm(Filters):
    """What to narrow the trail to; empty narrows nothing."""

    event = StringField(_l("Event"), TEXT)
    subject = StringField(_l("About"), TEXT)
    taxpayer = StringField(_l("Account"), TEXT)
    user = StringField(_l("User"), TEXT)
    since = DayField(_l("From"))
    until = DayField(_l("Through"))

    def wanted(self) -> Wanted:
        return Wanted(
            event=(self.event.data or "").strip(),
            subject=(self.subject.data or "").strip(),
            taxpayer=_reference(self.taxpayer.data, "TP"),
            user=_reference(self.user.data, "US"),
            since=_begin_of(self.since.data),
            until=_begin_of(self.until.data + ONE_DAY) if self.until.data and self.until.data < date.max else None,
        )

    def query(self) -> str:
        """The part of the address that says the same."""
        texts = [(field.name, field.data) for field in self if isinstance(field, StringField) and field.data]
        days = [(field.name, part) for field in (self.since, self.until) if field.data for part in field.raw_data]
        return urlencode([*texts, *days])


class VerifyForm(Form):
    """What is verified."""

    what = ChoiceField(choices=options({kind.value: kind.value for kind in (TaskKind.TRAIL, TaskKind.BOOKS)}))


@bp.get("/admin/trail")
@for_supervisors
def trail() -> Response:
    form = TrailForm()
    if not form.validate():
        return page("admin/trail.html", form=form, lines=None)
    query = form.query()
    lines, further = trail_search.search(form.wanted(), asked_after())
    return page(
        "admin/trail.html",
        form=form,
        lines=[_row(line) for line in lines],
        first=f"/admin/trail?{query}".rstrip("?"),
        further=f"/admin/trail?{query}&before={further}".replace("?&", "?") if further else None,
    )


@bp.route("/admin/trail/verification", methods=["GET", "POST"])
@for_supervisors
def verification() -> Response:
    form = VerifyForm()
    if form.carry_out(lambda: orders.ask(TaskKind(form.what.data), by=actor(), when=now())):
        return redirect("/admin/trail/verification", 303)  # type: ignore[return-value]
    latest = tasks.latest()
    works = [told(latest.get(kind)) for kind in (TaskKind.TRAIL, TaskKind.BOOKS)]
    is_moving = any(work and work.is_moving for work in works)
    return page("admin/verification.html", form=form, works=works, is_moving=is_moving)


def _reference(text: str | None, prefix: str) -> str:
    """The public name that is meant; what is none finds nothing, for nothing is called like that."""
    return (text and (read_reference(text, prefix) or text.strip())) or ""


def _begin_of(on: date | None) -> datetime | None:
    return datetime.combine(on, time(), office().settings.time_zone) if on else None


def _row(line: TrailLine) -> dict[str, Any]:
    """Each value leads to all rows that share it."""
    who = f"{line.user_name} ({role(line.role)})" if line.user_name and line.role else _("the portal itself")
    return {
        "number": line.number,
        "at": moment(line.at),
        "event": (line.event, _narrowed(event=line.event)),
        "subject": (line.subject, _narrowed(subject=line.subject)),
        "who": (who, _narrowed(user=line.user) if line.user else None),
        "acting": line.acting,
        "account": (line.taxpayer, _narrowed(taxpayer=line.taxpayer)) if line.taxpayer else None,
        "details": [(name, value) for name, value in line.details.items() if value],
    }


def _narrowed(**to: str | None) -> str:
    return f"/admin/trail?{urlencode(to)}"
