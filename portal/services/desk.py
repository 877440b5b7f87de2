"""The agent's desk: looking somebody up, and opening an account. Looking is a deed here, and stands in the trail."""

from portal.db import transaction
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.models import Taxpayer
from portal.queries import search
from portal.queries.search import Answer
from portal.services import taxpayers, trail


def look_up(text: str, *, by: Actor, when: Moment) -> Answer:
    """Who is meant by what was typed. The trail keeps what kind it was and how many it fits, not the words."""
    answer = search.answer(text)
    with transaction():
        count = str(len(answer.found))
        trail.append("search.made", str(by.user_id), by=by, when=when, kind=answer.kind, found=count)
    return answer


def open_account(reference: str, *, by: Actor, when: Moment) -> Taxpayer | None:
    """The taxpayer of this reference, opened by somebody of the agency; None if there is none."""
    with transaction():
        taxpayer = taxpayers.by_reference(reference)
        if taxpayer:
            trail.append("taxpayer.opened", reference, by=by, when=when, taxpayer_id=taxpayer.id)
        return taxpayer
