"""The ledger of one tax year: every entry as of a day, oldest first."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.db import db
from portal.domain.ledger import EntryKind
from portal.domain.money import Money
from portal.models import Entry, Payment, Posting


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line of the books: a positive amount raises what is owed. `reverses` marks what undoes another line."""

    effective_on: date
    recorded_at: datetime
    kind: EntryKind
    account: str
    amount: Money
    owed_after: Money
    payment: str | None


def ledger(taxpayer_id: int, tax_year: int, day: date) -> list[EntryLine]:
    """What the books say of a year up to the end of the day, in the order in which it counts."""
    rows = db.session.execute(
        select(
            Entry.effective_on, Entry.recorded_at, Entry.kind, Posting.account, Posting.amount, Payment.reference
        )
        .join(Posting, Posting.entry_id == Entry.id)
        .outerjoin(Payment, Payment.id == Entry.payment_id)
        .where(
            Entry.taxpayer_id == taxpayer_id, Posting.tax_year == tax_year, Posting.account.startswith("owed:"),
            Entry.effective_on <= day,
        )
        .order_by(Entry.effective_on, Entry.id, Posting.id)
    )  # fmt: skip
    lines, owed = [], Money(0)
    for effective_on, recorded_at, kind, account, amount, reference in rows:
        owed += amount
        lines.append(EntryLine(effective_on, recorded_at, kind, account, amount, owed, reference))
    return lines
