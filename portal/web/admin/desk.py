"""What the pages of administrators share: who they are for, and one page of a long list after the other."""

from flask import Blueprint, request

from portal.domain.actor import Role
from portal.web.access import open_to

bp = Blueprint("admin", __name__)
for_administrators = open_to(Role.ADMINISTRATOR)
for_supervisors = open_to(Role.SUPERVISOR, Role.ADMINISTRATOR)


def asked_after(name: str = "before") -> int | None:
    """The number after which the page asked for begins; what is none is the first page."""
    asked = request.args.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else None
