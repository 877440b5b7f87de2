"""Attempts: failed tries, counted in buckets, so that guessing is slowed down or locked out."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from portal.db import db
from portal.domain.moment import Moment
from portal.models import Attempt
from portal.office import office

HALF = 32
WINDOW = timedelta(minutes=120)
SLOWS_FROM, LOCKS_AT = 5, 10
LOCK = timedelta(minutes=15)


def bucket(purpose: str, record: str, place: str = "") -> str:
    """The bucket of what is tried (`purpose`), about whom (`record`), and from where (`place`, if it matters).

    Both halves are keyed hashes: whoever reads the table learns neither whom nor where, and the first half finds
    every place at once.
    """
    vault = office().vault
    return vault.index(record, f"attempt: {purpose}")[:HALF] + vault.index(place, "attempt from")[:HALF]


def count(bucket: str, *, since: datetime) -> int:
    """How many tries of a bucket failed after an instant. Ask and `add` in one transaction, or both will be late."""
    return tally(bucket, since=since)[0]


def tally(bucket: str, *, since: datetime) -> tuple[int, datetime | None]:
    """The same, and when the last of them was."""
    rows = select(func.count(), func.max(Attempt.at)).where(Attempt.bucket == bucket, Attempt.at > since)
    tries, last = db.session.execute(rows).one()
    return tries, last


def must_wait(bucket: str, *, when: Moment) -> bool:
    """From the fifth failed try each one waits twice as long as the one before; at the tenth, fifteen minutes.
    What is tried meanwhile does not count, or who tries on could keep others waiting for ever.
    """
    tries, last = tally(bucket, since=when.at - WINDOW)
    if last is None or tries < SLOWS_FROM:
        return False
    wait = LOCK if tries >= LOCKS_AT else timedelta(seconds=2 ** (tries - SLOWS_FROM))
    return when.at - last < wait


def add(bucket: str, *, when: Moment) -> None:
    """Write down a try that failed; part of the deed that refuses it."""
    db.session.add(Attempt(bucket=bucket, at=when.at))


def forget(bucket: str) -> None:
    """A try succeeded: the ones before it do not count any more."""
    db.session.execute(delete(Attempt).where(Attempt.bucket == bucket))


def forget_everywhere(purpose: str, record: str) -> None:
    """The same for every place from which it was tried."""
    first_half = bucket(purpose, record)[:HALF]
    db.session.execute(delete(Attempt).where(func.substr(Attempt.bucket, 1, HALF) == first_half))
