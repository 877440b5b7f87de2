"""The facts of an account, read from the ledger; what is owed follows from them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import aliased

from portal.db import db
from portal.domain.ledger import CASH, EntryKind, charged_account
from portal.domain.money import Money
from portal.domain.penalties import Span
from portal.domain.period import Kind, TaxPeriod
from portal.domain.waterfall import Account, Charge, Payment
from portal.models import Agreement, Entry, Posting
from portal.models import TaxPeriod as PeriodRow

CHARGES = {charged_account(kind): kind for kind in (Kind.FEE, Kind.DISHONORED)}
FACT_KINDS = (EntryKind.ASSESSMENT, EntryKind.CHARGE, EntryKind.PAYMENT)


def facts(taxpayer_id: int) -> Account:
    """Everything that decides what this taxpayer owes on any day: two queries for the ledger and the spans."""
    session = db.session
    return account_of(
        session.execute(ledger_facts(taxpayer_id)).all(),
        session.execute(_in_effect(taxpayer_id)).all(),
    )


def account_of(rows: Sequence[Any], agreements: Sequence[Any]) -> Account:
    """The account that rows of the ledger and of the agreements describe."""
    periods: list[TaxPeriod] = []
    charges: list[Charge] = []
    cash: dict[int, tuple[date, int]] = {}
    for effective_on, payment_id, ledger_account, tax_year, amount, due_on, filed_on in rows:
        cents = amount.cents
        if ledger_account == CASH:
            cash[payment_id] = effective_on, cash.get(payment_id, (None, 0))[1] + cents
        elif ledger_account in CHARGES:
            charges.append(Charge(effective_on, CHARGES[ledger_account], Money(-cents), tax_year))
        else:
            periods.append(TaxPeriod(tax_year, due_on, filed_on, effective_on, Money(-cents)))
    return Account(
        periods=tuple(sorted(periods, key=lambda period: period.tax_year)),
        payments=tuple(
            Payment(day, Money(cents), str(payment_id)) for payment_id, (day, cents) in sorted(cash.items())
        ),
        charges=tuple(charges),
        in_effect=tuple(Span(accepted_on, ended_on) for accepted_on, ended_on in agreements),
    )


def known_on(account: Account, day: date) -> Account:
    """The account as it stood at the end of a day: what was assessed, charged, paid and agreed by then."""
    return replace(
        account,
        periods=tuple(period for period in account.periods if period.assessed_on <= day),
        payments=tuple(payment for payment in account.payments if payment.on <= day),
        charges=tuple(charge for charge in account.charges if charge.on <= day),
        in_effect=tuple(
            Span(span.begins_on, span.through if span.through and span.through <= day else None)
            for span in account.in_effect
            if span.begins_on <= day
        ),
    )


def ledger_facts(taxpayer_id: int) -> Any:
    """What was assessed, charged and received, without what was reversed: one row a fact, in order of entry."""
    reversal = aliased(Entry)
    fact_accounts = (CASH, charged_account(Kind.TAX), *CHARGES)
    return (
        select(
            Entry.effective_on, Entry.payment_id, Posting.account, Posting.tax_year, Posting.amount,
            PeriodRow.due_on, PeriodRow.filed_on,
        )
        .join(Posting, and_(Posting.entry_id == Entry.id, Posting.account.in_(fact_accounts)))
        .outerjoin(reversal, reversal.reverses_id == Entry.id)
        .outerjoin(
            PeriodRow, and_(PeriodRow.taxpayer_id == Entry.taxpayer_id, PeriodRow.tax_year == Posting.tax_year)
        )
        .where(
            Entry.taxpayer_id == taxpayer_id,
            Entry.kind.in_(FACT_KINDS),
            Entry.reverses_id.is_(None),
            reversal.id.is_(None),
        )
        .order_by(Entry.id)
    )  # fmt: skip


def _in_effect(taxpayer_id: int) -> Select[date, date | None]:
    return (
        select(Agreement.accepted_on, Agreement.ended_on)
        .where(Agreement.taxpayer_id == taxpayer_id)
        .order_by(Agreement.id)
    )
