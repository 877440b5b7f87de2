"""Whom a year's statement is for, and who has it."""

from datetime import date

from sqlalchemy import or_, select

from portal.db import db
from portal.models import Agreement, Notice
from portal.models.notice import NoticeKind


def planned_in(year: int) -> list[int]:
    """The taxpayers of whom an agreement was in force on a day of the year, in order."""
    rows = (
        select(Agreement.taxpayer_id)
        .where(
            Agreement.accepted_on <= date(year, 12, 31),
            or_(Agreement.ended_on.is_(None), Agreement.ended_on >= date(year, 1, 1)),
        )
        .distinct()
        .order_by(Agreement.taxpayer_id)
    )
    return list(db.session.execute(rows).scalars())


def has_annual(taxpayer_id: int, year: int) -> bool:
    """The statement of this year was issued to this taxpayer."""
    rows = select(Notice.facts).where(Notice.taxpayer_id == taxpayer_id, Notice.kind == NoticeKind.ANNUAL_STATEMENT)
    return any(facts["year"] == str(year) for facts in db.session.execute(rows).scalars())
