"""Bookings: the ledger is brought to what the engine computes from its facts, by adding and reversing only."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import aliased

from portal.db import db
from portal.domain.ledger import EntryKind, Move, accrual_moves, charge_move, payment_moves
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.penalties import failure_to_file
from portal.domain.period import Kind, TaxPeriod
from portal.domain.waterfall import Account, Payment, replay
from portal.models import Entry, Posting
from portal.models import Payment as PaymentRow
from portal.office import office
from portal.queries import accounts

Sides = Counter[tuple[str, int | None, int]]
Key = tuple[EntryKind, int | None]


def assess(taxpayer_id: int, period: TaxPeriod, *, when: Moment) -> None:
    """Put a period on the books, and let the payments that are there reach it."""
    book_assessment(taxpayer_id, period, when=when)
    align(taxpayer_id, accounts.facts(taxpayer_id), when=when)


def book_assessment(taxpayer_id: int, period: TaxPeriod, *, when: Moment) -> None:
    """Book the tax of a period, and the failure to file that follows from its dates; payments are not looked at."""
    rules = office().policy.penalties.on(period.assessed_on)
    filing = failure_to_file(period.tax, period.due_on, period.filed_on, rules)
    charges = ((Kind.TAX, period.tax), (Kind.FAILURE_TO_FILE, filing))
    moves = [charge_move(kind, amount, period.tax_year) for kind, amount in charges if amount]
    record(taxpayer_id, EntryKind.ASSESSMENT, moves, effective_on=period.assessed_on, when=when)


def charge(
    taxpayer_id: int, kind: Kind, amount: Money, *, tax_year: int | None, payment_id: int | None, when: Moment
) -> None:
    """Charge a user fee, or the penalty on a dishonored payment to its year."""
    move = charge_move(kind, amount, tax_year)
    record(taxpayer_id, EntryKind.CHARGE, [move], effective_on=when.on, payment_id=payment_id, when=when)


def give_up_fee(taxpayer_id: int, charged_at: datetime, *, when: Moment) -> None:
    """Reverse the user fee that was charged at an instant, and let what had paid it reach what else is owed."""
    rows = select(Entry.id).where(
        Entry.taxpayer_id == taxpayer_id, Entry.kind == EntryKind.CHARGE, Entry.payment_id.is_(None),
        Entry.recorded_at == charged_at,
    )  # fmt: skip
    for entry_id in db.session.execute(rows).scalars().all():
        reverse(entry_id, when=when)
    align(taxpayer_id, accounts.facts(taxpayer_id), when=when)


def receive(payment: PaymentRow, *, when: Moment) -> None:
    """Book a payment as of its day; what came after it is booked again where it now falls otherwise."""
    account = accounts.facts(payment.taxpayer_id)
    received = Payment(payment.pay_on, payment.amount, str(payment.id))
    order = sorted([*account.payments, received], key=lambda each: int(each.reference))
    align(payment.taxpayer_id, replace(account, payments=tuple(order)), when=when)


def take_back(payment: PaymentRow, *, when: Moment) -> int | None:
    """Reverse a payment as of its original day, and book again what came after it: the first year it had reached."""
    account = accounts.facts(payment.taxpayer_id)
    law = office().policy.law_on(when.on)
    _, applied = replay(account, law, date.max)
    reached = next(each for each in applied if each.payment.reference == str(payment.id))
    kept = tuple(each for each in account.payments if each.reference != str(payment.id))
    align(payment.taxpayer_id, replace(account, payments=kept), when=when)
    years = [share.tax_year for share in reached.shares if share.tax_year is not None]
    return years[0] if years else None


def align(taxpayer_id: int, account: Account, *, when: Moment) -> None:
    """Make the entries of all payments what the engine says; an entry that differs is reversed and made anew."""
    wanted = expected_entries(account)
    standing = live_entries(taxpayer_id)
    for key, (entry_id, effective_on, sides) in standing.items():
        if key not in wanted or wanted[key][0] != effective_on or sides_of(wanted[key][1]) != sides:
            reverse(entry_id, when=when)
        else:
            del wanted[key]
    for (kind, payment_id), (effective_on, moves) in wanted.items():
        record(taxpayer_id, kind, moves, effective_on=effective_on, payment_id=payment_id, when=when)


def expected_entries(account: Account) -> dict[Key, tuple[date, list[Move]]]:
    """What the engine makes of an account: per payment its accruals and its shares, as moves."""
    law = office().policy.law_on(date.max)
    entries: dict[Key, tuple[date, list[Move]]] = {}
    for each in replay(account, law, date.max)[1]:
        payment_id = int(each.payment.reference)
        if each.assessed:
            entries[EntryKind.ACCRUAL, payment_id] = each.payment.on, accrual_moves(each.assessed)
        entries[EntryKind.PAYMENT, payment_id] = each.payment.on, payment_moves(each)
    return entries


def live_entries(taxpayer_id: int) -> dict[Key, tuple[int, date, Sides]]:
    """What stands in the books of payments and accruals, without what was reversed."""
    reversal = aliased(Entry)
    rows = db.session.execute(
        select(Entry.id, Entry.kind, Entry.payment_id, Entry.effective_on, Posting.account, Posting.tax_year,
               Posting.amount)
        .join(Posting, Posting.entry_id == Entry.id)
        .outerjoin(reversal, reversal.reverses_id == Entry.id)
        .where(Entry.taxpayer_id == taxpayer_id, Entry.kind.in_((EntryKind.PAYMENT, EntryKind.ACCRUAL)),
               reversal.id.is_(None))
        .order_by(Entry.id, Posting.id)
    ).all()  # fmt: skip
    sides: dict[int, Sides] = defaultdict(Counter)
    keys: dict[Key, tuple[int, date]] = {}
    for entry_id, kind, payment_id, effective_on, account, tax_year, amount in rows:
        sides[entry_id][account, tax_year, amount.cents] += 1
        keys[kind, payment_id] = entry_id, effective_on
    return {key: (entry_id, day, sides[entry_id]) for key, (entry_id, day) in keys.items()}


def sides_of(moves: Iterable[Move]) -> Sides:
    """The postings of moves: account, year and signed cents, each as often as it occurs."""
    sides: Sides = Counter()
    for move in moves:
        sides[move.debit, move.tax_year, move.amount.cents] += 1
        sides[move.credit, move.tax_year, -move.amount.cents] += 1
    return sides


def record(
    taxpayer_id: int, kind: EntryKind, moves: Iterable[Move], *, effective_on: date, when: Moment,
    payment_id: int | None = None,
) -> None:  # fmt: skip
    """Write an entry: both sides of each move, so that it balances."""
    postings: list[dict[str, Any]] = []
    for move in moves:
        postings.append({"account": move.debit, "tax_year": move.tax_year, "amount": move.amount})
        postings.append({"account": move.credit, "tax_year": move.tax_year, "amount": -move.amount})
    if postings:
        _write(
            Entry(taxpayer_id=taxpayer_id, kind=kind, effective_on=effective_on, recorded_at=when.at,
                  payment_id=payment_id),
            postings,
        )  # fmt: skip


def reverse(entry_id: int, *, when: Moment) -> None:
    """Undo an entry as of its own day: the same postings with the other sign."""
    entry = db.session.get_one(Entry, entry_id)
    rows = select(Posting.account, Posting.tax_year, Posting.amount).where(Posting.entry_id == entry_id)
    rows = rows.order_by(Posting.id)
    postings: list[dict[str, Any]] = [
        {"account": account, "tax_year": tax_year, "amount": -amount}
        for account, tax_year, amount in db.session.execute(rows)
    ]
    _write(
        Entry(taxpayer_id=entry.taxpayer_id, kind=EntryKind.REVERSAL, effective_on=entry.effective_on,
              recorded_at=when.at, payment_id=entry.payment_id, reverses_id=entry_id),
        postings,
    )  # fmt: skip


def _write(entry: Entry, postings: list[dict[str, Any]]) -> None:
    db.session.add(entry)
    db.session.flush()
    db.session.execute(insert(Posting), [{**posting, "entry_id": entry.id} for posting in postings])
