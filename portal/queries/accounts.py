"""The facts of an account, read from the ledger; what is owed follows from them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select

from portal.db import look
from portal.domain.ledger import CASH, REFUNDED, EntryKind, abated_account, charged_account
from portal.domain.money import Money
from portal.domain.penalties import Span
from portal.domain.period import ORDER, Abatement, Kind, TaxPeriod
from portal.domain.plan import PlanKind
from portal.domain.waterfall import Account, Charge, Payment, Refund
from portal.models import Agreement, Entry, Posting
from portal.models import TaxPeriod as PeriodRow

entries, postings, tax_periods = Entry.__table__, Posting.__table__, PeriodRow.__table__
agreements = Agreement.__table__
reversals = entries.alias()

ABATED = {abated_account(kind): kind for kind in ORDER}
CHARGES = {charged_account(kind): kind for kind in (Kind.FEE, Kind.DISHONORED)}
FACT_KINDS = (
    EntryKind.ASSESSMENT, EntryKind.CHARGE, EntryKind.PAYMENT, EntryKind.ABATEMENT, EntryKind.REFUND,
)  # fmt: skip
FACT_ACCOUNTS = (CASH, charged_account(Kind.TAX), *CHARGES, *ABATED, REFUNDED)


def every_fact(*more: Any) -> Select[*tuple[Any, ...]]:
    """What was ever assessed, charged, received, given up and refunded: one row a posting, in order of entry, with
    `more` columns.
    """
    return (
        select(
            entries.c.effective_on, entries.c.payment_id, postings.c.account, postings.c.tax_year, postings.c.amount,
            tax_periods.c.due_on, tax_periods.c.filed_on, *more,
        )
        .select_from(entries)
        .join(
            postings,
            and_(
                postings.c.entry_id == entries.c.id,
                or_(*(postings.c.account == name for name in FACT_ACCOUNTS)),
            ),
        )
        .outerjoin(reversals, reversals.c.reverses_id == entries.c.id)
        .outerjoin(
            tax_periods,
            and_(
                tax_periods.c.taxpayer_id == entries.c.taxpayer_id, tax_periods.c.tax_year == postings.c.tax_year
            ),
        )
        .where(
            entries.c.taxpayer_id == bindparam("taxpayer_id"),
            or_(*(entries.c.kind == kind for kind in FACT_KINDS)),
        )
        .order_by(entries.c.id)
    )  # fmt: skip


# The same without what was reversed: one row a fact.
LEDGER_FACTS = every_fact().where(reversals.c.id.is_(None))
# IRC 6651(h) speaks of installment agreements; a short-term plan is none.
IN_EFFECT = (
    select(agreements.c.accepted_on, agreements.c.ended_on)
    .where(agreements.c.taxpayer_id == bindparam("taxpayer_id"), agreements.c.kind == PlanKind.LONG_TERM)
    .order_by(agreements.c.id)
)


def facts(taxpayer_id: int) -> Account:
    """Everything that decides what this taxpayer owes on any day: two queries for the ledger and the spans."""
    ledger = look(LEDGER_FACTS, taxpayer_id=taxpayer_id).all()
    return account_of(ledger, look(IN_EFFECT, taxpayer_id=taxpayer_id).all())


def account_of(rows: Sequence[Any], agreements: Sequence[Any]) -> Account:
    """The account that rows of the ledger and of the agreements describe."""
    periods: list[TaxPeriod] = []
    charges: list[Charge] = []
    cash: dict[int, tuple[date, int]] = {}
    abatements: list[Abatement] = []
    refunds: list[Refund] = []
    for effective_on, payment_id, ledger_account, tax_year, amount, due_on, filed_on in rows:
        cents = amount.cents
        if ledger_account == CASH:
            cash[payment_id] = effective_on, cash.get(payment_id, (None, 0))[1] + cents
        elif ledger_account == REFUNDED:
            refunds.append(Refund(effective_on, Money(-cents), str(payment_id)))
        elif ledger_account in ABATED:
            abatements.append(Abatement(effective_on, ABATED[ledger_account], amount, tax_year))
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
        abatements=tuple(abatements),
        refunds=tuple(refunds),
    )
