"""Failed tries: counted for what was tried, about whom, and from where."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.models import Attempt
from portal.services import attempts
from tests.stopped_clock import NOW

LONG_AGO = NOW.at - timedelta(days=1)


def failed(*buckets: str) -> None:
    for bucket in buckets:
        attempts.add(bucket, when=NOW)
    db.session.commit()


def test_each_bucket_counts_for_itself(empty: Flask) -> None:
    """What is tried, about whom and from where each make another bucket."""
    theirs = attempts.bucket("bank", "TP-1")
    failed(theirs, theirs, attempts.bucket("bank", "TP-2"), attempts.bucket("ssn", "TP-1"))
    failed(attempts.bucket("bank", "TP-1", "a phone"))

    assert attempts.count(theirs, since=LONG_AGO) == 2
    assert attempts.tally(theirs, since=LONG_AGO) == (2, NOW.at)


def test_what_was_before_does_not_count(empty: Flask) -> None:
    bucket = attempts.bucket("bank", "TP-1")
    failed(bucket)

    assert attempts.count(bucket, since=NOW.at) == 0
    assert attempts.tally(bucket, since=NOW.at) == (0, None)


def test_a_bucket_is_forgotten_alone_or_with_all_its_places(empty: Flask) -> None:
    here, there, other = (attempts.bucket("bank", *where) for where in (("A", "x"), ("A", "y"), ("B", "x")))
    failed(here, there, other)
    attempts.forget(here)
    assert [attempts.count(each, since=LONG_AGO) for each in (here, there, other)] == [0, 1, 1]

    attempts.forget_everywhere("bank", "A")

    assert [attempts.count(each, since=LONG_AGO) for each in (here, there, other)] == [0, 0, 1]


def test_nobody_reads_in_the_table_whom_a_try_was_about(empty: Flask) -> None:
    failed(attempts.bucket("bank", "TP-1", "a phone"))

    kept = db.session.execute(select(Attempt.bucket)).scalar_one()
    assert len(kept) == 64
    assert set(kept) <= set("0123456789abcdef")
