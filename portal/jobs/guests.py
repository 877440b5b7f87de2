"""Telling the owner of an account that strangers tried to pay for it with facts that do not match.

It is told with the close, not with the try that locked: so every try takes the same work, whoever it is about, and
the owner hears of it once a day at most.
"""

from datetime import timedelta

from sqlalchemy import exists, select

from portal.domain.moment import Moment
from portal.jobs import chunks
from portal.models import Notice, Taxpayer, TrailEvent
from portal.models.notice import NoticeKind
from portal.services import guests

LOOKED_BACK = timedelta(days=14)


def run(when: Moment) -> int:
    """Accounts that were locked for guests, and whose owner does not know it yet."""
    told = exists().where(
        Notice.taxpayer_id == TrailEvent.taxpayer_id, Notice.kind == NoticeKind.GUESTS_LOCKED,
        Notice.recorded_at >= TrailEvent.at,
    )  # fmt: skip
    locked = select(TrailEvent.taxpayer_id).where(
        TrailEvent.event == "guest.locked", TrailEvent.at > when.at - LOOKED_BACK, ~told
    )
    wanted = select(Taxpayer).where(Taxpayer.id.in_(locked))
    return chunks.each(Taxpayer, wanted, lambda each: guests.tell_locked(each, when=when))
