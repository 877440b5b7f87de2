"""The demonstration's clock, a day ahead or on to the next thing that happens; and its mailbox."""

from email.message import EmailMessage
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request

from portal.demo import clock
from portal.gateways.post import outbox
from portal.office import office
from portal.services import sign_ins
from portal.web.access import now, oneself, public
from portal.web.addresses import came_from
from portal.web.language import day
from portal.web.language import gettext as _
from portal.web.page import page

bp = Blueprint("demo", __name__)
MOST_MAILS = 100


@bp.post("/demo/clock")
@public
@oneself
def advance() -> Response:
    before = now()
    today = clock.to_next_event() if request.form.get("to") == "event" else clock.to_next_day()
    sign_ins.carry_over(before, when=office().clock.now())
    flash(_("It is now %(day)s.", day=day(today)))
    return redirect(came_from(), 303)  # type: ignore[return-value]


@bp.get("/demo/mail")
@public
def mailbox() -> Response:
    box = outbox(office().settings)
    found = [(name, box.read(name)) for name in box.names()[:MOST_MAILS]]
    return page("demo/mailbox.html", mails=[_line(name, mail) for name, mail in found if mail])


@bp.get("/demo/mail/<name>")
@public
def one_mail(name: str) -> Response:
    mail = outbox(office().settings).read(name) or abort(404)
    return page("demo/mail.html", mail=_line(name, mail), paragraphs=_paragraphs(mail))


def _line(name: str, mail: EmailMessage) -> dict[str, Any]:
    written_at = mail["Date"].datetime.astimezone(office().settings.time_zone)
    return {
        "subject": (mail["Subject"], f"/demo/mail/{name}"), "to": mail["To"],
        "sent": f"{day(written_at.date())}, {written_at:%H:%M}",
    }  # fmt: skip


def _paragraphs(mail: EmailMessage) -> list[list[tuple[str, bool]]]:
    """The text by paragraphs and lines; a line that is a link to this portal is marked as one."""
    here = office().settings.address
    text = "\n".join(mail.get_content().splitlines())
    return [
        [(line, line.startswith(f"{here}/")) for line in paragraph.splitlines()] for paragraph in text.split("\n\n")
    ]
