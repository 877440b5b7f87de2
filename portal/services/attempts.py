"""Failed tries, counted in buckets: what slows down guessing."""

from datetime import datetime

from sqlalchemy import func, select

from portal.db import db
from portal.domain.moment import Moment
from portal.models import Attempt


def count(bucket: str, *, since: datetime) -> int:
    """How many tries failed in a bucket after an instant."""
    rows = select(func.count()).select_from(Attempt).where(Attempt.bucket == bucket, Attempt.at > since)
    return db.session.execute(rows).scalar_one()


def add(bucket: str, *, when: Moment) -> None:
    """Count a failed try; part of the deed that failed."""
    db.session.add(Attempt(bucket=bucket, at=when.at))
