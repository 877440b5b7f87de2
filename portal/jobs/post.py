"""Delivering mail: claim, render, send, note; one mail after the other until nothing is due."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

from portal.domain.moment import Moment
from portal.gateways.post import Post
from portal.services import mails
from portal.services.mails import Letter

logger = logging.getLogger("portal.post")


@dataclass
class Delivered:
    """How many mails the post has taken, and how many it has not."""

    sent: int = 0
    failed: int = 0


def deliver(now: Callable[[], Moment], post: Post, render: Callable[[Letter], EmailMessage]) -> Delivered:
    """Send every mail that is due. Nothing is open in the database while a mail is under way."""
    done = Delivered()
    while letter := mails.claim(when=now()):
        try:
            post.send(render(letter))
        except Exception as error:
            mails.not_sent(letter, error, when=now())
            fields = {"message": "mail not sent", "mail": letter.reference, "error": type(error).__name__}
            logger.warning("mail not sent", extra={"fields": fields})
            done.failed += 1
        else:
            mails.sent(letter, when=now())
            done.sent += 1
    return done
