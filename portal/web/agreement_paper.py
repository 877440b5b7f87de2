"""The agreement on paper: what was agreed on, where it stands, and every text that was signed, in full."""

from flask import Blueprint, Response, abort

from portal.queries import agreements
from portal.queries.standings import account_view
from portal.web import pdf, words
from portal.web.access import in_person, now, own_taxpayer_id
from portal.web.agreement import signed_rows, terms
from portal.web.page import page
from portal.web.upcoming import ending

bp = Blueprint("agreement_paper", __name__)


@bp.get("/agreement.pdf")
@in_person
def download() -> Response:
    """As a file, where the portal can make it."""
    taxpayer_id = own_taxpayer_id()
    view = account_view(taxpayer_id, now().on)
    if view.agreement is None or not pdf.is_available():
        abort(404)
    shown = page(
        "agreement/paper.html",
        today=now().on,
        state=words.agreement_state(view.agreement.state),
        terms=terms(view.agreement),
        ending=ending(view),
        signed=signed_rows(agreements.signed(taxpayer_id, view.agreement.reference)),
    )
    return pdf.file_of(shown, f"{view.agreement.reference}.pdf")
