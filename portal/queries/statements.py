"""Whom a year's statement is for, and who has it."""

from datetime import date

from sqlalchemy import Select, exists, or_, select

from portal.db import db
from portal.models import Agreement, Notice, Taxpayer
from portal.models.notice import NoticeKind


def without_annual(year: int) -> Select[Taxpayer]:
    """The taxpayers of whom an agreement was in force on a day of the year, and who have no statement of it: it is
    issued in the January that follows.
    """
    planned = exists().where(
        Agreement.taxpayer_id == Taxpayer.id,
        Agreement.accepted_on <= date(year, 12, 31),
        or_(Agreement.ended_on.is_(None), Agreement.ended_on >= date(year, 1, 1)),
    )
    issued = exists().where(
        Notice.taxpayer_id == Taxpayer.id, Notice.kind == NoticeKind.ANNUAL_STATEMENT,
        Notice.issued_on > date(year, 12, 31),
    )  # fmt: skip
    return select(Taxpayer).where(planned, ~issued)


def has_annual(taxpayer_id: int, year: int) -> bool:
    """The statement of this year was issued to this taxpayer."""
    rows = select(Notice.facts).where(Notice.taxpayer_id == taxpayer_id, Notice.kind == NoticeKind.ANNUAL_STATEMENT)
    return any(facts["year"] == str(year) for facts in db.session.execute(rows).scalars())
