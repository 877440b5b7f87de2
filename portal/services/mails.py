"""Mail: written down in the deed that it tells about, so that it is sent if and only if the deed was done."""

import json

from sqlalchemy import select

from portal.db import db
from portal.domain.lifecycle import MailState
from portal.domain.moment import Moment
from portal.models import Mail, User
from portal.models.columns import new_reference
from portal.models.mail import MailKind
from portal.office import office


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


def write_to_users(kind: MailKind, taxpayer_id: int, *, when: Moment, **facts: str) -> None:
    """The same to everybody who signs in to an account."""
    users = select(User).where(User.taxpayer_id == taxpayer_id, User.disabled_at.is_(None)).order_by(User.id)
    for user in db.session.execute(users).scalars():
        write_to(user, kind, when=when, **facts)
