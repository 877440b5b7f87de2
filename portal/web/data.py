"""Everything that is held about whoever is signed in, as one download."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response

from portal.domain.money import Money
from portal.office import office
from portal.queries import agreements, held, notices
from portal.queries.held import Person, Sheet
from portal.services import copies
from portal.web.access import actor, in_person, now, own_taxpayer_id, proved
from portal.web.archives import archive
from portal.web.csv_lines import csv_line
from portal.web.data_words import SHEETS
from portal.web.forms import Form
from portal.web.language import day
from portal.web.language import gettext as _
from portal.web.notice_text import told
from portal.web.page import page

bp = Blueprint("data", __name__)


class CopyForm(Form):
    """Nothing but its button."""


@bp.route("/account/data", methods=["GET", "POST"])
@in_person
@proved
def show() -> Response:
    taxpayer_id, form = own_taxpayer_id(), CopyForm()
    if form.carry_out(lambda: copies.hand_out(by=actor(), when=now())):
        person, made_at = held.person_of(actor().user_id or 0), now().at
        files = _files(person, taxpayer_id)
        return archive(files, f"account-{now().on}.zip", made_at=made_at)
    return page("account/data.html", form=form, rows=_contents())


def _contents() -> list[dict[str, str]]:
    return [{"file": f"{each.name}.csv", "what": _(SHEETS[each.name])} for each in held.sheets()]


def _files(person: Person, taxpayer_id: int) -> Iterator[tuple[str, Iterator[str]]]:
    """Name and text of each file."""
    yield "README.txt", iter([_read_me()])
    for sheet in held.sheets():
        yield f"{sheet.name}.csv", _csv(sheet, person)
    for each in notices.every(taxpayer_id):
        yield f"notices/{each.reference}.txt", iter([_notice(each)])
    for signed in agreements.every_signed(taxpayer_id):
        yield f"signed/{signed.reference}.txt", iter([f"{signed.text}\n\n{signed.signature}\n"])


def _csv(sheet: Sheet, person: Person) -> Iterator[str]:
    yield csv_line(sheet.columns)
    for row in sheet.rows(person):
        yield csv_line(_cell(each) for each in row)


def _cell(value: Any) -> str | Money:
    """A value as files have it: days and instants as ISO 8601, amounts with a point, nothing as nothing."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Money):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def _read_me() -> str:
    lines = [
        office().settings.agency_name,
        _("Everything that we hold about you, as of %(day)s.", day=day(now().on)),
        _(
            "Of account numbers and of your SSN or ITIN only the last four digits are in it, because that is all that"
            " anybody sees of them."
        ),
        _("Passwords, secret addresses and codes are not in it; we keep only what tells whether one is right."),
        _("What is about other people alone is not in it, either."),
        _("Of who shares the account there is what the account shows to both of you."),
        "",
        *(f"{each.name}.csv: {_(SHEETS[each.name])}" for each in held.sheets()),
        _("notices/: each notice as text"),
        _("signed/: each text that was signed"),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _notice(notice: notices.NoticeView) -> str:
    said = told(notice.kind, notice.facts)
    parts = (said.title, day(notice.issued_on), said.happened, said.means, said.costs, said.now)
    return "\n\n".join(each for each in parts if each) + "\n"
