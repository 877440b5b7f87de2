"""Worklists: what somebody of the agency should look at. They are read from the data each time, and a late page of a
long list is found as quickly as the first one, by what stood last on the page before it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, literal, null, select, tuple_
from sqlalchemy.orm import aliased

from portal.db import db
from portal.domain.lifecycle import (
    COMING,
    IN_FORCE,
    AgreementState,
    ApplicationState,
    MailState,
    PaymentState,
)
from portal.domain.money import Money
from portal.domain.returns import UNAUTHORIZED
from portal.models import Agreement, Application, BankFile, Mail, Payment, QuarantinedLine, ReturnReview, Taxpayer
from portal.office import office

PAGE_ROWS = 50
# No list is counted further.
MOST_COUNTED = 1000
RETURNS_SHOWN = timedelta(days=60)


class Work(StrEnum):
    """The worklists, the most urgent first."""

    DEFAULTS = "defaults"
    RETURNS = "returns"
    UNAUTHORIZED = "unauthorized"
    FROZEN = "frozen"
    FIRST_PAYMENTS = "first-payments"
    UNDELIVERED = "undelivered"
    QUARANTINED = "quarantined"
    DRAFTS = "drafts"


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a worklist: what it is about, since or until when, and whose it is, if anybody's."""

    subject: str
    on: date
    amount: Money | None
    detail: str | None
    taxpayer: str | None
    first_name: str | None
    last_name: str | None


@dataclass(frozen=True, slots=True)
class WorkPage:
    """A page of a worklist; `after` is what the next page begins behind, if there is one."""

    items: tuple[Item, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class _List:
    """How a list is read: its rows, in the order of a day and a key, by the public name of the row."""

    rows: Select[*tuple[Any, ...]]
    table: Any
    day: Any


def page_of(work: Work, on: date, after: str = "") -> WorkPage:
    """The rows behind the one of this name; from the beginning if there is none of it."""
    found = _LISTS[work](on)
    order = (found.day, found.table.id)
    wanted = found.rows.order_by(*order).limit(PAGE_ROWS + 1)
    place = db.session.execute(select(*order).where(found.table.reference == after)).one_or_none()
    if place:
        wanted = wanted.where(tuple_(*order) > tuple_(*map(literal, place)))
    items = [Item(*row) for row in db.session.execute(wanted)]
    return WorkPage(tuple(items[:PAGE_ROWS]), items[PAGE_ROWS - 1].subject if len(items) > PAGE_ROWS else None)


def counts(on: date) -> dict[Work, int]:
    """How many rows each list has, up to `MOST_COUNTED`."""
    return {work: _count(build(on).rows) for work, build in _LISTS.items()}


def _count(rows: Select[*tuple[Any, ...]]) -> int:
    few = rows.with_only_columns(literal(1)).order_by(None).limit(MOST_COUNTED).subquery()
    found: int = db.session.execute(select(func.count()).select_from(few)).scalar_one()
    return found


def _of(table: Any, day: Any, amount: Any = None, detail: Any = None) -> _List:
    """Rows of a table that belong to taxpayers."""
    rows = select(
        table.reference, day, null() if amount is None else amount, null() if detail is None else detail,
        Taxpayer.reference, Taxpayer.first_name, Taxpayer.last_name,
    ).join(Taxpayer, Taxpayer.id == table.taxpayer_id)  # fmt: skip
    return _List(rows, table, day)


def _where(found: _List, *conditions: Any) -> _List:
    return _List(found.rows.where(*conditions), found.table, found.day)


def _defaults(_on: date) -> _List:
    found = _of(Agreement, Agreement.cure_by)
    return _where(found, Agreement.state == AgreementState.IN_DEFAULT, Agreement.cure_by.is_not(None))


def _returns(on: date) -> _List:
    """Returned for another reason than that nobody authorized it, and not tried again."""
    again = aliased(Payment)
    tried = select(again.id).where(
        again.agreement_id == Payment.agreement_id, again.installment_on == Payment.installment_on,
        again.attempt > Payment.attempt,
    )  # fmt: skip
    return _where(
        _of(Payment, Payment.pay_on, Payment.amount, Payment.return_code),
        Payment.state == PaymentState.RETURNED, Payment.pay_on >= on - RETURNS_SHOWN,
        Payment.return_code.not_in(UNAUTHORIZED), ~tried.exists(),
    )  # fmt: skip


def _unauthorized(_on: date) -> _List:
    reviewed = select(ReturnReview.id).where(ReturnReview.payment_id == Payment.id)
    return _where(
        _of(Payment, Payment.pay_on, Payment.amount, Payment.return_code),
        Payment.state == PaymentState.RETURNED, Payment.return_code.in_(UNAUTHORIZED), ~reviewed.exists(),
    )  # fmt: skip


def _frozen(_on: date) -> _List:
    return _where(
        _of(Agreement, Agreement.frozen_on), Agreement.frozen_on.is_not(None), Agreement.state.in_(IN_FORCE)
    )


def _first_payments(on: date) -> _List:
    """Plans of the last weeks of which nothing is here, on its way or promised."""
    since = on - timedelta(days=office().policy.days.on(on).first_payment + 1)
    anything = select(Payment.id).where(
        Payment.taxpayer_id == Agreement.taxpayer_id, Payment.pay_on >= Agreement.accepted_on,
        Payment.state.in_((*COMING, PaymentState.SETTLED)),
    )  # fmt: skip
    return _where(
        _of(Agreement, Agreement.accepted_on),
        Agreement.state == AgreementState.ACTIVE, Agreement.accepted_on >= since, ~anything.exists(),
    )  # fmt: skip


def _undelivered(_on: date) -> _List:
    found = _of(Mail, Mail.due_at, None, Mail.kind)
    return _where(found, Mail.state == MailState.UNDELIVERED)


def _quarantined(_on: date) -> _List:
    line = QuarantinedLine
    rows = (
        select(line.reference, BankFile.business_day, line.amount, line.why, null(), null(), null())
        .join(BankFile, BankFile.id == line.bank_file_id)
        .where(line.resolved_at.is_(None))
    )
    return _List(rows, line, line.id)


def _drafts(_on: date) -> _List:
    found = _of(Application, Application.begun_on)
    return _where(found, Application.state == ApplicationState.DRAFTED)


_LISTS: Mapping[Work, Callable[[date], _List]] = {
    Work.DEFAULTS: _defaults,
    Work.RETURNS: _returns,
    Work.UNAUTHORIZED: _unauthorized,
    Work.FROZEN: _frozen,
    Work.FIRST_PAYMENTS: _first_payments,
    Work.UNDELIVERED: _undelivered,
    Work.QUARANTINED: _quarantined,
    Work.DRAFTS: _drafts,
}
