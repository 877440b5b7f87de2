"""Mail: written down in the deed that it tells about, so that it is sent if and only if the deed was done.

Sent at least once: if the process ends between the post's receipt and our note of it, the mail is sent again, under
the same Message-ID, by which mail programs know the two as one.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal.db import db, transaction
from portal.domain.lifecycle import MailState, mail_move
from portal.domain.moment import Moment
from portal.models import EmailChange, Mail, User
from portal.models.columns import new_reference
from portal.models.mail import MailKind
from portal.office import office
from portal.services import attempts

# Who sends a mail has it for so long: longer than any server keeps us waiting.
LEASE = timedelta(minutes=5)
# After the first try, and after each one that failed.
NEXT_TRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
MOST_AN_HOUR = 3


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is to be sent now."""

    reference: str
    kind: MailKind
    recipient: str
    language: str
    facts_sealed: str
    facts_row: str
    written_at: datetime

    @property
    def facts(self) -> dict[str, str]:
        """What its text is filled with, each on one line. Refuses (`Unreadable`) facts that were tampered with."""
        facts = json.loads(office().vault.open(self.facts_sealed, self.facts_row))
        return {name: " ".join(value.split()) for name, value in facts.items()}


def write(
    kind: MailKind, recipient: str, *, language: str, when: Moment, taxpayer_id: int | None = None, **facts: str
) -> None:
    """Put a mail into the outbox. `facts` fill its text, and hold no more of a person than the first name."""
    mail = Mail(
        reference=new_reference("ML"), kind=kind, recipient=recipient, language=language, taxpayer_id=taxpayer_id,
        state=MailState.WAITING, due_at=when.at, recorded_at=when.at,
    )  # fmt: skip
    mail.facts_sealed = office().vault.seal(json.dumps(facts), mail.facts_row)
    db.session.add(mail)


def write_to(user: User, kind: MailKind, *, when: Moment, **facts: str) -> None:
    """The same to somebody who can sign in, by first name and in their own language."""
    write(
        kind, user.email, language=user.language, when=when, taxpayer_id=user.taxpayer_id,
        first_name=user.name.split()[0], **facts,
    )  # fmt: skip


def warn(user: User, kind: MailKind, *, when: Moment, **facts: str) -> None:
    """Tell somebody that what opens their account was changed: by mail to their address, and to the one before it as
    long as the change of it can be taken back.
    """
    former = select(EmailChange.old_email).where(
        EmailChange.user_id == user.id, EmailChange.undo_by > when.at, EmailChange.undone_at.is_(None)
    )
    for recipient in {user.email, *db.session.execute(former).scalars()}:
        write(
            kind, recipient, language=user.language, when=when, taxpayer_id=user.taxpayer_id,
            first_name=user.name.split()[0], **facts,
        )  # fmt: skip


def may_be_asked_for(recipient: str, *, when: Moment) -> bool:
    """Somebody who is not signed in asks for mail to this address: three times an hour at most, known here or not.

    Counts this time; part of the deed that writes the mail.
    """
    bucket = attempts.bucket("ask for mail", recipient)
    if attempts.count(bucket, since=when.at - timedelta(hours=1)) >= MOST_AN_HOUR:
        return False
    attempts.add(bucket, when=when)
    return True


def claim(*, when: Moment) -> Letter | None:
    """The mail that has waited longest, for the caller alone to send: its next try is moved ahead by the lease, and
    whoever else wanted it finds it moved. None if nothing is due.
    """
    is_due = Mail.state == MailState.WAITING, Mail.due_at <= when.at
    waiting = select(Mail.id).where(*is_due).order_by(Mail.due_at, Mail.id).limit(1)
    while (mail_id := db.session.execute(waiting).scalar_one_or_none()) is not None:
        with transaction():
            leased = update(Mail).where(Mail.id == mail_id, *is_due).values(due_at=when.at + LEASE)
            if db.session.execute(leased).rowcount:  # type: ignore[attr-defined]
                mail = db.session.get_one(Mail, mail_id)
                return Letter(
                    mail.reference, mail.kind, mail.recipient, mail.language, mail.facts_sealed, mail.facts_row,
                    mail.recorded_at,
                )  # fmt: skip
    return None


def sent(letter: Letter, *, when: Moment) -> None:
    """The post has taken it: its facts, and with them the link, are wiped."""
    with transaction():
        mail = _mail(letter)
        if mail.state is MailState.WAITING:
            mail.state = mail_move(mail.state, MailState.SENT)
            mail.tries, mail.sent_at, mail.facts_sealed, mail.error = mail.tries + 1, when.at, "", ""


def not_sent(letter: Letter, error: Exception, *, when: Moment) -> None:
    """The post has not taken it: it is tried again later, and given up after the last try. What is kept of the error
    is its kind, because its words may name the recipient.
    """
    with transaction():
        mail = _mail(letter)
        if mail.state is not MailState.WAITING:
            return
        mail.tries, mail.error = mail.tries + 1, type(error).__name__
        if mail.tries <= len(NEXT_TRIES):
            mail.due_at = when.at + NEXT_TRIES[mail.tries - 1]
        else:
            mail.state, mail.facts_sealed = mail_move(mail.state, MailState.UNDELIVERED), ""


def _mail(letter: Letter) -> Mail:
    return db.session.execute(select(Mail).where(Mail.reference == letter.reference)).scalar_one()
