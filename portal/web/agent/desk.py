"""What the pages of the desk share: who sits at it, and the taxpayer whom a page is about."""

from flask import Blueprint, abort

from portal.domain.actor import Role
from portal.models import Taxpayer
from portal.services import desk
from portal.web.access import actor, now, open_to

bp = Blueprint("agent", __name__)
at_the_desk = open_to(Role.AGENT, Role.SUPERVISOR)


def taxpayer_at_hand(reference: str) -> Taxpayer:
    """The taxpayer of this reference, whose account is opened by this: the trail says by whom. Else 404."""
    found = desk.open_account(reference, by=actor(), when=now())
    if found is None:
        abort(404)
    return found
