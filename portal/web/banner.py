"""The banner of a support session, on every page and part while it runs: both names, and until when."""

from typing import Any

from portal.office import office
from portal.web import support_words
from portal.web.access import now, signed_in, support_session
from portal.web.language import time_of_day


def banner() -> dict[str, Any] | None:
    """What the banner says; nothing if no support session runs in this browser."""
    session, who = support_session(), signed_in()
    if session is None or who is None or not session.is_open(now().at):
        return None
    seconds = int((session.ends_at - now().at).total_seconds())
    return {
        "name": who.acting.name if who.acting else who.name,
        "subject": session.subject.name,
        "allowed": [support_words.action(each) for each in session.permissions],
        "is_here": who.acting is not None,
        "ends": time_of_day(session.ends_at.astimezone(office().settings.time_zone)),
        "minutes": max(1, -(-seconds // 60)),
    }
