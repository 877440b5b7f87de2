"""Payments as people look at them: the history with its filters, and one payment with its timeline."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, extract, func, select

from portal.db import db, look
from portal.domain.ledger import EntryKind
from portal.domain.lifecycle import PaymentState
from portal.domain.money import Money
from portal.models import BankAccount, Entry, Payment, PaymentStep, Posting
from portal.models.bank_account import last_four_row
from portal.models.payment import Channel
from portal.office import office
from portal.queries.standings import BankAccountView

PAGE_ROWS = 20

payments = Payment.__table__
LINES = select(
    payments.c.reference, payments.c.pay_on, payments.c.channel, payments.c.amount, payments.c.state,
    payments.c.return_code,
).order_by(payments.c.pay_on.desc(), payments.c.id.desc())  # fmt: skip
MORE_THAN_PROMISED = payments.c.state.not_in((PaymentState.DRAFTED, PaymentState.SCHEDULED))
LATEST = LINES.where(
    payments.c.taxpayer_id == bindparam("taxpayer_id"),
    MORE_THAN_PROMISED,
    payments.c.state != PaymentState.CANCELLED,
).limit(12)


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment in a list."""

    reference: str
    pay_on: date
    channel: Channel
    amount: Money
    state: PaymentState
    return_code: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which payments to show; what is None does not narrow."""

    year: int | None = None
    channel: Channel | None = None
    state: PaymentState | None = None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One page of the history, newest first."""

    lines: tuple[PaymentLine, ...]
    number: int
    last: int
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """What a payment became, and when."""

    state: PaymentState
    happened_on: date
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ShareLine:
    """What a payment paid of one year; `account` is the ledger's name of what was paid."""

    tax_year: int | None
    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One payment: its figures, its timeline, and where the money went."""

    line: PaymentLine
    installment_on: date | None
    bank_account: BankAccountView | None
    steps: tuple[Step, ...]
    shares: tuple[ShareLine, ...]
    penalty: Money


def latest(taxpayer_id: int) -> list[PaymentLine]:
    """The twelve newest payments that were made: no promise, and none that was cancelled."""
    return [PaymentLine(*row) for row in look(LATEST, taxpayer_id=taxpayer_id)]


def history(taxpayer_id: int, chosen: Filter, number: int) -> HistoryPage:
    """A page of the history; a number past the end is the last page."""
    wanted = _lines(taxpayer_id, chosen)
    count = db.session.execute(select(func.count()).select_from(wanted.order_by(None).subquery())).scalar_one()
    last = max(1, -(-count // PAGE_ROWS))
    number = min(number, last)
    rows = db.session.execute(wanted.limit(PAGE_ROWS).offset((number - 1) * PAGE_ROWS))
    return HistoryPage(tuple(PaymentLine(*row) for row in rows), number, last, count)


def every(taxpayer_id: int, chosen: Filter) -> Iterator[PaymentLine]:
    """All payments that the filter leaves, newest first, for a file."""
    rows = db.session.execute(_lines(taxpayer_id, chosen).execution_options(yield_per=500))
    return (PaymentLine(*row) for row in rows)


def years(taxpayer_id: int) -> list[int]:
    """The calendar years in which there are payments, newest first."""
    year = extract("year", Payment.pay_on)
    rows = select(year).where(Payment.taxpayer_id == taxpayer_id, MORE_THAN_PROMISED).distinct()
    return sorted((int(each) for each in db.session.execute(rows).scalars()), reverse=True)


def one(taxpayer_id: int, reference: str) -> PaymentView | None:
    """A payment of this taxpayer, or None: what belongs to others does not exist."""
    row = db.session.execute(
        select(
            Payment.id, Payment.reference, Payment.pay_on, Payment.channel, Payment.amount, Payment.state,
            Payment.return_code, Payment.installment_on, BankAccount.type,
            BankAccount.reference.label("bank_reference"), BankAccount.last_four_sealed,
        )
        .outerjoin(BankAccount, BankAccount.id == Payment.bank_account_id)
        .where(
            Payment.taxpayer_id == taxpayer_id, Payment.reference == reference, Payment.state != PaymentState.DRAFTED
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    bank_account = None
    if row.bank_reference:
        last_four = office().vault.open(row.last_four_sealed, last_four_row(row.bank_reference))
        bank_account = BankAccountView(row.type, last_four)
    line = PaymentLine(row.reference, row.pay_on, row.channel, row.amount, row.state, row.return_code)
    return PaymentView(line, row.installment_on, bank_account, _steps(row.id), _shares(row.id), _penalty(row.id))


def _lines(taxpayer_id: int, chosen: Filter) -> Any:
    wanted = (
        select(Payment.reference, Payment.pay_on, Payment.channel, Payment.amount, Payment.state, Payment.return_code)
        .where(Payment.taxpayer_id == taxpayer_id)
        .order_by(Payment.pay_on.desc(), Payment.id.desc())
    )
    if chosen.year is not None:
        wanted = wanted.where(payments.c.pay_on.between(date(chosen.year, 1, 1), date(chosen.year, 12, 31)))
    if chosen.channel is not None:
        wanted = wanted.where(payments.c.channel == chosen.channel)
    if chosen.state is not None:
        return wanted.where(payments.c.state == chosen.state)
    return wanted.where(MORE_THAN_PROMISED)


def _steps(payment_id: int) -> tuple[Step, ...]:
    rows = (
        select(PaymentStep.state, PaymentStep.happened_on, PaymentStep.recorded_at)
        .where(PaymentStep.payment_id == payment_id)
        .order_by(PaymentStep.id)
    )
    return tuple(Step(*row) for row in db.session.execute(rows))


def _shares(payment_id: int) -> tuple[ShareLine, ...]:
    """The credits of the payment's entry that stands: where the money went."""
    reversed_ids = select(Entry.reverses_id).where(Entry.payment_id == payment_id, Entry.reverses_id.is_not(None))
    rows = (
        select(Posting.tax_year, Posting.account, Posting.amount)
        .join(Entry, Entry.id == Posting.entry_id)
        .where(
            Entry.payment_id == payment_id, Entry.kind == EntryKind.PAYMENT, Posting.amount < Money(0),
            Entry.id.not_in(reversed_ids),
        )
        .order_by(Posting.id)
    )  # fmt: skip
    return tuple(ShareLine(year, account, -amount) for year, account, amount in db.session.execute(rows))


def _penalty(payment_id: int) -> Money:
    """What its return cost, if its bank returned it."""
    rows = (
        select(Posting.amount)
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Entry.payment_id == payment_id, Entry.kind == EntryKind.CHARGE, Posting.amount > Money(0))
    )
    return sum(db.session.execute(rows).scalars(), Money(0))
