"""The post: sends one mail, over SMTP or as a file into the outbox of the instance folder."""

import os
import re
import smtplib
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from portal.config import LOOPBACK, Settings

TIMEOUT_SECONDS = 20
PORTS = {"smtp": 587, "smtps": 465}
NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z-[A-Z0-9-]+\.eml")


class Post(Protocol):
    """What the portal asks of the post."""

    def send(self, message: EmailMessage) -> None:
        """Hand over one mail. An exception means that it was not taken; it may be handed over again."""


@dataclass(frozen=True)
class Outbox:
    """A folder in which each mail becomes a file that mail programs open."""

    folder: Path

    def send(self, message: EmailMessage) -> None:
        """Write the mail under its instant and reference: whole or not at all, and once however often it is sent."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=self.folder, prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(message.as_bytes(policy=policy.SMTP))
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, self.folder / _file_name(message))
        except BaseException:
            os.unlink(draft)
            raise

    def names(self) -> list[str]:
        """The files of the mails, newest first."""
        if not self.folder.is_dir():
            return []
        return sorted((each.name for each in self.folder.iterdir() if NAME.fullmatch(each.name)), reverse=True)

    def read(self, name: str) -> EmailMessage | None:
        """The mail of one of the names; None for any other."""
        if name not in self.names():
            return None
        return message_from_bytes((self.folder / name).read_bytes(), policy=policy.default)


@dataclass(frozen=True)
class Smtp:
    """A mail server: `smtps` speaks TLS from the start; `smtp` must offer STARTTLS, except on this machine itself."""

    address: str

    def send(self, message: EmailMessage) -> None:
        """Hand the mail to the server; its answer is the receipt."""
        parts = urlsplit(self.address)
        with self._connected() as server:
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.address)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        secure = ssl.create_default_context()
        if parts.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=secure)
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        try:
            if host not in LOOPBACK:
                server.starttls(context=secure)
        except BaseException:
            server.close()
            raise
        return server


def open_post(settings: Settings, *, is_demo: bool = False) -> Post:
    """The post of the settings; a demonstration's mail never leaves the machine."""
    return Smtp(settings.smtp) if settings.smtp and not is_demo else outbox(settings)


def outbox(settings: Settings) -> Outbox:
    """The outbox of the instance folder."""
    return Outbox(settings.instance / "outbox")


def _file_name(message: EmailMessage) -> str:
    """`20261123T170000Z-ML-7F3K-2Q9D.eml`"""
    written_at = message["Date"].datetime.astimezone(UTC)
    reference = message["Message-ID"].strip("<>").partition("@")[0]
    return f"{written_at:%Y%m%dT%H%M%SZ}-{reference}.eml"
