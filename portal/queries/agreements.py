"""An agreement as its pages need it: what was agreed at first, what was signed, and the employer's part in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select

from portal.db import look
from portal.domain.lifecycle import DeductionState
from portal.domain.money import Money, read
from portal.domain.plan import Method, PayFrequency, PlanKind
from portal.models import Agreement, Authorization, BankAccount, Notice, PayrollDeduction, Terms
from portal.models.authorization import AuthorizationKind
from portal.models.bank_account import last_four_row
from portal.models.notice import NoticeKind
from portal.office import office
from portal.queries.standings import BankAccountView

agreements, terms, bank_accounts = Agreement.__table__, Terms.__table__, BankAccount.__table__
authorizations, deductions, notices = Authorization.__table__, PayrollDeduction.__table__, Notice.__table__

ACCEPTED = (
    select(
        agreements.c.kind, agreements.c.fee_back, terms.c.monthly, terms.c.due_day, terms.c.first_due_on,
        terms.c.method, bank_accounts.c.type, bank_accounts.c.reference.label("bank_reference"),
        bank_accounts.c.last_four_sealed, notices.c.facts,
    )
    .select_from(agreements)
    .join(terms, terms.c.agreement_id == agreements.c.id)
    .join(
        notices,
        (notices.c.taxpayer_id == agreements.c.taxpayer_id)
        & (notices.c.kind == NoticeKind.ACCEPTANCE)
        & (notices.c.recorded_at == terms.c.recorded_at),
    )
    .outerjoin(bank_accounts, bank_accounts.c.id == terms.c.bank_account_id)
    .where(agreements.c.taxpayer_id == bindparam("taxpayer_id"), agreements.c.reference == bindparam("reference"))
    .order_by(terms.c.id)
    .limit(1)
)  # fmt: skip
SIGNED = (
    select(
        authorizations.c.reference, authorizations.c.kind, authorizations.c.version, authorizations.c.text,
        authorizations.c.signature, authorizations.c.signed_at, agreements.c.reference.label("agreement"),
    )
    .join(agreements, agreements.c.id == authorizations.c.agreement_id)
    .where(authorizations.c.taxpayer_id == bindparam("taxpayer_id"))
    .order_by(authorizations.c.id)
)  # fmt: skip
DEDUCTION = (
    select(
        deductions.c.reference, deductions.c.state, deductions.c.employer, deductions.c.frequency,
        deductions.c.per_paycheck, deductions.c.asked_on, deductions.c.ends_on, deductions.c.answered_at,
        deductions.c.answered_by,
    )
    .join(agreements, agreements.c.id == deductions.c.agreement_id)
    .where(agreements.c.taxpayer_id == bindparam("taxpayer_id"), agreements.c.reference == bindparam("reference"))
    .order_by(deductions.c.id.desc())
    .limit(1)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an agreement asked for when it was accepted."""

    kind: PlanKind
    fee: Money
    fee_back: Money
    monthly: Money
    due_day: int
    first_due_on: date
    method: Method
    bank_account: BankAccountView | None


@dataclass(frozen=True, slots=True)
class SignedText:
    """A text as it was signed."""

    reference: str
    kind: AuthorizationKind
    version: str
    text: str
    signature: str
    signed_at: datetime
    agreement: str


@dataclass(frozen=True, slots=True)
class DeductionView:
    """What an employer was asked for, and what it answered."""

    reference: str
    state: DeductionState
    employer: str
    frequency: PayFrequency
    per_paycheck: Money
    asked_on: date
    ends_on: date
    answered_at: datetime | None
    answered_by: str


def accepted(taxpayer_id: int, reference: str) -> Accepted:
    """What was agreed at first in an agreement of this taxpayer."""
    row = look(ACCEPTED, taxpayer_id=taxpayer_id, reference=reference).one()
    bank_account = None
    if row.bank_reference:
        last_four = office().vault.open(row.last_four_sealed, last_four_row(row.bank_reference))
        bank_account = BankAccountView(row.type, last_four)
    return Accepted(
        row.kind, read(row.facts["fee"]), row.fee_back, row.monthly, row.due_day, row.first_due_on, row.method,
        bank_account,
    )  # fmt: skip


def signed(taxpayer_id: int, agreement: str) -> list[SignedText]:
    """What was signed for an agreement of this taxpayer."""
    found = (SignedText(*row) for row in look(SIGNED, taxpayer_id=taxpayer_id))
    return [each for each in found if each.agreement == agreement]


def every_signed(taxpayer_id: int) -> Iterator[SignedText]:
    """All that this taxpayer signed, for a file."""
    return (SignedText(*row) for row in look(SIGNED, taxpayer_id=taxpayer_id).yield_per(100))


def signed_text(taxpayer_id: int, reference: str) -> SignedText | None:
    """One text that this taxpayer signed; None for anybody else's."""
    found = (SignedText(*row) for row in look(SIGNED, taxpayer_id=taxpayer_id))
    return next((each for each in found if each.reference == reference), None)


def deduction(taxpayer_id: int, agreement: str) -> DeductionView | None:
    """The employer's part in an agreement of this taxpayer, if it has one."""
    row = look(DEDUCTION, taxpayer_id=taxpayer_id, reference=agreement).one_or_none()
    return DeductionView(*row) if row else None
