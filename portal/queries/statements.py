"""All that ever stood on the books of an account; whom a year's statement is for, and who has it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Select, exists, or_, select

from portal.db import db, look
from portal.domain.penalties import Span
from portal.domain.statement import Fact, History, Written
from portal.domain.waterfall import Payment, Refund
from portal.models import Agreement, Notice, Taxpayer
from portal.models import Payment as PaymentRow
from portal.models.notice import NoticeKind
from portal.office import office
from portal.queries import accounts
from portal.queries.accounts import IN_EFFECT, entries, reversals

# The facts of an account and the instants at which each was written down and undone: one row a posting.
HISTORY = accounts.every_fact(entries.c.recorded_at, reversals.c.recorded_at.label("undone_at"), entries.c.id)


def history(taxpayer_id: int) -> History:
    """Every fact of an account, those included that were undone: two queries."""
    rows = look(HISTORY, taxpayer_id=taxpayer_id).all()
    spans = look(IN_EFFECT, taxpayer_id=taxpayer_id)
    return History(tuple(sorted(_written(rows), key=_receipt)), tuple(Span(*span) for span in spans))


def references(taxpayer_id: int, payments: Iterable[Payment | Refund]) -> dict[str, str]:
    """The public references of payments of an account, by what the books call them."""
    wanted = [int(each.reference) for each in payments]
    rows = select(PaymentRow.id, PaymentRow.reference).where(
        PaymentRow.taxpayer_id == taxpayer_id, PaymentRow.id.in_(wanted)
    )
    return {str(payment_id): reference for payment_id, reference in db.session.execute(rows)}


def _written(rows: Sequence[Any]) -> Iterator[Written]:
    zone = office().settings.time_zone
    for _entry, postings in groupby(rows, key=lambda row: row[-1]):
        of_entry = list(postings)
        *_fact, recorded_at, undone_at, _id = of_entry[0]
        days = recorded_at.astimezone(zone).date(), undone_at.astimezone(zone).date() if undone_at else None
        account = accounts.account_of([row[:-3] for row in of_entry], [])
        facts: list[Fact] = [*account.periods, *account.payments, *account.charges]
        facts += [*account.abatements, *account.refunds]
        yield from (Written(fact, *days) for fact in facts)


def _receipt(written: Written) -> int:
    """Payments in order of receipt; a fact that was booked anew keeps its place."""
    return int(written.fact.reference) if isinstance(written.fact, Payment) else 0


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
