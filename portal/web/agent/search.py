"""Search: one box for whatever the caller says. It is sent by POST, for names belong into no address."""

from typing import Any

from flask import Response, redirect
from wtforms import StringField
from wtforms.validators import Length

from portal.queries.search import Answer, Found
from portal.services import desk
from portal.web.access import actor, now
from portal.web.agent.desk import at_the_desk, bp
from portal.web.forms import Form, OneLine, required
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page


class SearchForm(Form):
    """What the caller says."""

    wanted = StringField(
        _l("Who is it about?"), [required(_l("Enter what the caller says.")), Length(max=254), OneLine()]
    )

    def shown(self) -> str:
        """What was typed stands there again, but never a whole number of nine digits."""
        typed = self.wanted.data or ""
        is_number = sum(each.isdigit() for each in typed) == 9
        return "" if is_number or not typed.isprintable() else typed


@bp.route("/agent", methods=["GET", "POST"])
@at_the_desk
def search() -> Response:
    form, answers = SearchForm(), list[Answer]()
    if not form.carry_out(lambda: answers.append(desk.look_up(form.wanted.data or "", by=actor(), when=now()))):
        return page("agent/search.html", form=form, answer=None)
    [answer] = answers
    if len(answer.found) == 1:
        return redirect(f"/agent/taxpayers/{answer.found[0].reference}", 303)  # type: ignore[return-value]
    return page("agent/search.html", form=form, answer=answer, rows=[_row(each) for each in answer.found])


def _row(found: Found) -> dict[str, Any]:
    return {
        "name": (found.name, f"/agent/taxpayers/{found.reference}"),
        "last_four": _("ending %(last_four)s", last_four=found.last_four),
        "place": f"{found.city}, {found.state}",
        "reference": found.reference,
    }
