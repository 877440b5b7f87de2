"""The mail that comes from a portal under its own server: the files of its outbox."""

import re
import time
from email.message import EmailMessage
from pathlib import Path

from portal.gateways.post import Outbox

PATIENCE_SECONDS = 10


def mailed_link(instance: Path, subject: str, to: str) -> str:
    """The link in the mail of this subject to somebody, as soon as it lies in the outbox."""
    found = re.search(r"http://\S+", _mail(Outbox(instance / "outbox"), subject, to).get_content())
    assert found
    return found[0]


def _mail(outbox: Outbox, subject: str, to: str) -> EmailMessage:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        for mail in map(outbox.read, outbox.names()):
            if mail and (mail["Subject"], mail["To"]) == (subject, to):
                return mail
        time.sleep(0.05)
    raise AssertionError(f"no mail to {to}: {subject}")
