"""Notices: what the agency tells a taxpayer, fixed when it is told."""

from portal.db import db
from portal.domain.moment import Moment
from portal.models import Notice
from portal.models.notice import NoticeKind


def issue(taxpayer_id: int, kind: NoticeKind, *, when: Moment, **facts: str) -> None:
    """Put a notice into the taxpayer's inbox; part of the deed that it tells about."""
    db.session.add(Notice(taxpayer_id=taxpayer_id, kind=kind, issued_on=when.on, recorded_at=when.at, facts=facts))
