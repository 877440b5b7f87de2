"""One taxpayer at a glance."""

from flask import Response

from portal.queries.standings import account_view
from portal.web import words
from portal.web.access import now
from portal.web.agent.desk import at_the_desk, bp, taxpayer_at_hand
from portal.web.agreement import terms
from portal.web.page import page


@bp.get("/agent/taxpayers/<reference:reference>")
@at_the_desk
def taxpayer(reference: str) -> Response:
    found = taxpayer_at_hand(reference)
    view = account_view(found.id, now().on)
    return page(
        "agent/taxpayer.html",
        taxpayer=found,
        standing=view.standing,
        state=words.agreement_state(view.agreement.state) if view.agreement else None,
        terms=terms(view.agreement) if view.agreement else [],
    )
