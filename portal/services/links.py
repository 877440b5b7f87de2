"""Links that a mail brings: each opens one door once, for a while. Only the hash of its token is kept."""

import secrets

from portal.domain.refusal import Refusal
from portal.services.sign_ins import token_hash


class NoSuchLink(Refusal):
    """A part of the link may have been lost on the way. Copy the whole link from the mail, or ask for a new one."""


class LinkIsOver(Refusal):
    """It was used already, or it is too old. If you did what it was for, sign in. If not, ask for a new link."""


def new_token() -> tuple[str, str]:
    """A token for the mail, 256 random bits, and what is kept of it."""
    token = secrets.token_urlsafe(32)
    return token, token_hash(token)
