"""Mail as text: what a mail says, in its reader's language, from templates/mail/."""

from datetime import date
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any
from urllib.parse import urljoin

from flask import current_app

from portal.models.notice import NoticeKind
from portal.office import office
from portal.services.mails import Letter
from portal.web import support_words
from portal.web.language import speaking
from portal.web.notice_text import told

NOTICES = {kind.value for kind in NoticeKind}


def render(letter: Letter) -> EmailMessage:
    """The mail, ready to be sent: the first line of its template is the subject.

    Header lines cannot be smuggled in: facts are single lines, and the message refuses line breaks in its headers.
    """
    settings = office().settings
    subject, _, text = _text(letter).partition("\n")
    message = EmailMessage()
    message["From"] = Address(settings.agency_name, addr_spec=settings.mail_from)
    message["To"] = Address(addr_spec=letter.recipient)
    message["Subject"] = subject.strip()
    message["Date"] = letter.written_at
    message["Message-ID"] = f"<{letter.reference}@{settings.mail_from.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.strip() + "\n")
    message["Content-Language"] = letter.language.replace("_", "-")
    return message


def _text(letter: Letter) -> str:
    with speaking(letter.language):
        facts = _facts(letter)
        if letter.kind in NOTICES:
            facts["told"] = told(NoticeKind(letter.kind.value), letter.facts)
        template = "notice" if letter.kind in NOTICES else letter.kind
        return current_app.jinja_env.get_template(f"mail/{template}.txt").render(facts)


def _facts(letter: Letter) -> dict[str, Any]:
    """Links lead to the public address; what ends in `_on` is a date."""
    facts: dict[str, Any] = {"first_name": ""}
    for name, value in letter.facts.items():
        if name.endswith("link"):
            facts[name] = urljoin(f"{office().settings.address}/", value)
        elif name == "permission":
            facts["action"] = support_words.action(value)
        else:
            facts[name] = date.fromisoformat(value) if value and name.endswith("_on") else value
    return facts
