"""The inbox of an account: its notices, newest first, and each as a page, on paper and as a file."""

from typing import Any

from flask import Blueprint, Response, abort, request

from portal.models.notice import NoticeKind
from portal.queries import notices
from portal.queries.notices import NoticeView
from portal.services import notices as deeds
from portal.web import pdf
from portal.web.access import acting, actor, in_person, now, own_taxpayer_id
from portal.web.language import gettext as _
from portal.web.language import marked as N_
from portal.web.language import money, short_day
from portal.web.notice_text import amount_of, title, told
from portal.web.page import page
from portal.web.pages import Pages, asked_page

bp = Blueprint("notices", __name__)
# An annual statement line by line: what is not there every year is shown when it is.
STATEMENT = (
    ("beginning", N_("Owed when the year began"), True),
    ("tax", N_("New tax"), False),
    ("fees", N_("User fees charged"), True),
    ("interest", N_("Interest charged"), True),
    ("penalties", N_("Penalties charged"), True),
    ("payments", N_("Paid by you"), True),
    ("credit", N_("Of it paid too much, kept as a credit"), False),
    ("ending", N_("Owed when the year ended"), True),
)


@bp.get("/account/notices")
def show() -> Response:
    found = notices.inbox(own_taxpayer_id(), asked_page())
    return page(
        "account/notices.html",
        found=found,
        rows=[_row(each) for each in found.lines],
        pages=Pages(found.number, found.last, "/account/notices"),
    )


@bp.get("/account/notices/<reference:reference>")
def one(reference: str) -> Response:
    notice = _own(reference)
    if notice.is_new and request.method == "GET" and not acting():
        deeds.mark_read(own_taxpayer_id(), reference, by=actor(), when=now())
    return _shown(notice)


@bp.get("/account/notices/<reference:reference>.pdf")
@in_person
def download(reference: str) -> Response:
    """The same on paper, where the portal can make it."""
    notice = _own(reference)
    if not pdf.is_available():
        abort(404)
    return pdf.file_of(_shown(notice), f"{notice.reference}.pdf")


def _own(reference: str) -> NoticeView:
    notice = notices.one(own_taxpayer_id(), reference)
    if notice is None:
        abort(404)
    return notice


def _shown(notice: NoticeView) -> Response:
    return page(
        "account/notice.html",
        notice=notice,
        told=told(notice.kind, notice.facts),
        statement=_statement(notice.facts) if notice.kind is NoticeKind.ANNUAL_STATEMENT else [],
        pdf_url=f"/account/notices/{notice.reference}.pdf" if pdf.is_available() else None,
    )


def _row(notice: NoticeView) -> dict[str, Any]:
    return {
        "on": short_day(notice.issued_on),
        "title": (title(notice.kind, notice.facts), f"/account/notices/{notice.reference}"),
        "state": (_("New"), "wait") if notice.is_new else (_("Opened"), "neutral"),
    }


def _statement(facts: dict[str, str]) -> list[dict[str, str]]:
    """What was owed, what came to it, what was paid of it, and what is left: it adds up."""
    lines = ((name, _(what), always, amount_of(facts.get(name, "0.00"))) for name, what, always in STATEMENT)
    return [
        {"what": what, "amount": money(-amount if name == "payments" else amount)}
        for name, what, always, amount in lines
        if amount or always
    ]
