"""Search: one box for whatever the caller says. It is sent by POST, for names belong into no address."""

from typing import Any

from flask import Response, redirect
from wtforms import StringField
from wtforms.validators import Length

from portal.queries.search import Found
from portal.services import desk
from portal.web.access import actor, now
from portal.web.agent.desk import at_the_desk, bp
from portal.web.forms import Form, OneLine, required
from portal.web.language import lazy_gettext as _l
from portal.web.page import page


class SearchForm(Form):
    """What the caller says."""

    wanted = StringField(
        _l("Who is it about?"), [required(_l("Enter what the caller says.")), Length(max=254), OneLine()]
    )


@bp.route("/agent", methods=["GET", "POST"])
@at_the_desk
def search() -> Response:
    form, found = SearchForm(), list[Found]()
    if not form.carry_out(lambda: found.extend(desk.look_up(form.wanted.data or "", by=actor(), when=now()))):
        return page("agent/search.html", form=form, rows=None)
    if len(found) == 1:
        return redirect(f"/agent/taxpayers/{found[0].reference}", 303)  # type: ignore[return-value]
    return page("agent/search.html", form=form, rows=[_row(each) for each in found])


def _row(found: Found) -> dict[str, Any]:
    return {
        "name": (found.name, f"/agent/taxpayers/{found.reference}"),
        "reference": found.reference,
        "place": f"{found.city}, {found.state}",
    }
