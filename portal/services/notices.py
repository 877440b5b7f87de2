"""Notices: what the agency tells a taxpayer, fixed when it is told, in the inbox and by mail."""

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.models import Notice, User
from portal.models.columns import new_reference
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.services import mails, trail

# What no mail says: it is read on the notice's page alone.
NOT_MAILED = ("old_last_four", "new_last_four")
# What is mailed and kept nowhere: it opens a door.
ONLY_MAILED = ("stop_link",)


def issue(taxpayer_id: int, kind: NoticeKind, *, when: Moment, **facts: str) -> None:
    """Put a notice into the taxpayer's inbox and mail it to everybody who signs in to the account, each in their own
    language; part of the deed that it tells about. A reminder is mailed to those only who want reminders.
    """
    reference = new_reference("NO")
    db.session.add(
        Notice(
            reference=reference, taxpayer_id=taxpayer_id, kind=kind, issued_on=when.on, recorded_at=when.at,
            facts={name: fact for name, fact in facts.items() if name not in ONLY_MAILED},
        )
    )  # fmt: skip
    told = {name: fact for name, fact in facts.items() if name not in NOT_MAILED}
    for user in _readers(taxpayer_id, kind):
        mails.write_to(user, MailKind(kind.value), when=when, link=f"/account/notices/{reference}", **told)


def mark_read(taxpayer_id: int, reference: str, *, by: Actor, when: Moment) -> None:
    """Somebody of the account has opened a notice: it is new no more. The first time counts."""
    with transaction():
        rows = select(Notice).where(Notice.taxpayer_id == taxpayer_id, Notice.reference == reference)
        notice = db.session.execute(rows).scalar_one()
        if notice.read_at is None:
            notice.read_at = when.at
            trail.append("notice.read", reference, by=by, when=when, taxpayer_id=taxpayer_id)


def _readers(taxpayer_id: int, kind: NoticeKind) -> list[User]:
    users = select(User).where(User.taxpayer_id == taxpayer_id, User.disabled_at.is_(None)).order_by(User.id)
    if kind is NoticeKind.REMINDER:
        users = users.where(User.wants_reminders)
    return list(db.session.execute(users).scalars())
