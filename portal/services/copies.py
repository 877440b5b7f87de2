"""Copies: somebody takes along everything that is held about them."""

from portal.db import transaction
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.services import trail


def hand_out(*, by: Actor, when: Moment) -> None:
    """Write down that a copy was taken; what is in it is read afterwards."""
    with transaction():
        trail.append("data.taken", str(by.user_id), by=by, when=when, taxpayer_id=by.taxpayer_id)
