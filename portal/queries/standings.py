"""Where an account stands today, with its agreement and what is open: three queries, however long a history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, or_, select

from portal.db import look
from portal.domain.change import ChangeKind
from portal.domain.installments import Due, TermsOf, holding, installments_due, installments_to_come
from portal.domain.lifecycle import IN_FORCE, AgreementState, PaymentState
from portal.domain.money import Money, total
from portal.domain.plan import Method, PlanKind
from portal.domain.standing import LONGEST_SCHEDULE_MONTHS, Commitment, Standing, standing
from portal.domain.waterfall import Account, Payment
from portal.models import Agreement, BankAccount, Terms
from portal.models import Payment as PaymentRow
from portal.models.bank_account import AccountType, last_four_row
from portal.models.payment import BESIDE_THE_PLAN, Channel
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import accounts

agreements, terms, bank_accounts = Agreement.__table__, Terms.__table__, BankAccount.__table__
payments = PaymentRow.__table__

AGREEMENTS = (
    select(
        agreements.c.id, agreements.c.reference, agreements.c.kind, agreements.c.state, agreements.c.accepted_on,
        agreements.c.ended_on, agreements.c.in_default_since, agreements.c.cure_by, agreements.c.frozen_on,
        agreements.c.changes_frozen_on, agreements.c.version, terms.c.begins_on, terms.c.recorded_at,
        terms.c.change, terms.c.monthly, terms.c.due_day, terms.c.first_due_on, terms.c.method, bank_accounts.c.type,
        bank_accounts.c.reference.label("bank_reference"), bank_accounts.c.last_four_sealed,
    )
    .select_from(agreements)
    .join(terms, terms.c.agreement_id == agreements.c.id)
    .outerjoin(bank_accounts, bank_accounts.c.id == terms.c.bank_account_id)
    .where(agreements.c.taxpayer_id == bindparam("taxpayer_id"))
    .order_by(agreements.c.id, terms.c.begins_on, terms.c.id)
)  # fmt: skip
# What is promised or on its way; what was paid for an installment to come; what came beside a plan, and meets none.
OPEN_PAYMENTS = (
    select(
        payments.c.reference, payments.c.state, payments.c.amount, payments.c.pay_on, payments.c.installment_on,
        payments.c.channel,
    )
    .where(
        payments.c.taxpayer_id == bindparam("taxpayer_id"),
        or_(
            payments.c.state == PaymentState.SCHEDULED,
            payments.c.state == PaymentState.SUBMITTED,
            and_(
                payments.c.state == PaymentState.SETTLED,
                or_(payments.c.channel.in_(BESIDE_THE_PLAN), payments.c.installment_on > bindparam("today")),
            ),
        ),
    )
    .order_by(payments.c.pay_on)
)  # fmt: skip


class Changed(NamedTuple):
    """When terms became others, and what was changed."""

    at: datetime
    change: ChangeKind


class Source(NamedTuple):
    """How payments are made from a day on, and from which account if they are debited."""

    begins_on: date
    method: Method
    bank_account: "BankAccountView | None"


@dataclass(frozen=True, slots=True)
class AgreementView:
    """An agreement and its terms in force. `history` are all its terms, also those that begin on a day to come;
    `version` is another number after each deed that changes the agreement.
    """

    reference: str
    kind: PlanKind
    state: AgreementState
    accepted_on: date
    ended_on: date | None
    in_default_since: date | None
    monthly: Money
    due_day: int
    first_due_on: date
    method: Method
    bank_account: "BankAccountView | None"
    cure_by: date | None
    is_frozen: bool
    is_locked: bool
    due: tuple[Due, ...]
    history: tuple[TermsOf, ...]
    changes: tuple[Changed, ...]
    version: int
    later: tuple[Source, ...]

    def source_on(self, due_on: date) -> Source:
        """How the payment of a day is made."""
        now = Source(self.accepted_on, self.method, self.bank_account)
        return [each for each in (now, *self.later) if each.begins_on <= due_on][-1]

    @property
    def is_in_force(self) -> bool:
        return self.state in IN_FORCE


@dataclass(frozen=True, slots=True)
class BankAccountView:
    """An account by its kind and last four digits: nobody sees more of it."""

    type: AccountType
    last_four: str


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """A payment that is promised or on its way, or here already for an installment to come."""

    reference: str
    state: PaymentState
    amount: Money
    pay_on: date
    installment_on: date | None
    channel: Channel


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account's facts, its agreement, what is open, and where it all stands."""

    account: Account
    agreement: AgreementView | None
    open_payments: tuple[OpenPayment, ...]
    made_ahead: frozenset[date]
    standing: Standing

    @property
    def scheduled(self) -> OpenPayment | None:
        """The next payment of an installment that was promised, if one was."""
        promised = [
            each for each in self.open_payments if each.state is PaymentState.SCHEDULED and each.installment_on
        ]
        return min(promised, key=lambda each: each.pay_on) if promised else None

    @property
    def signed(self) -> tuple[OpenPayment, ...]:
        """The Direct Pay payments that are promised."""
        return tuple(
            each
            for each in self.open_payments
            if each.channel is Channel.ONLINE and each.state is PaymentState.SCHEDULED
        )


def account_view(taxpayer_id: int, on: date) -> AccountView:
    """The account as of today."""
    ledger = look(accounts.LEDGER_FACTS, taxpayer_id=taxpayer_id).all()
    rows = look(AGREEMENTS, taxpayer_id=taxpayer_id).all()
    facts = accounts.account_of(ledger, _in_effect(rows))
    agreement = _agreement_view(rows, on)
    found_payments = tuple(OpenPayment(*row) for row in look(OPEN_PAYMENTS, taxpayer_id=taxpayer_id, today=on))
    open_payments = tuple(each for each in found_payments if each.state is not PaymentState.SETTLED)
    commitment = _commitment(agreement, found_payments, on)
    pending = tuple(
        Payment(each.pay_on, each.amount, each.reference)
        for each in open_payments
        if each.state is PaymentState.SUBMITTED
    )
    found = standing(facts, office().policy.law_on(on), on, commitment=commitment, pending=pending)
    return AccountView(facts, agreement, open_payments, made_ahead(found_payments), found)


def made_ahead(found: Sequence[OpenPayment]) -> frozenset[date]:
    """The due dates for which a payment is sent, here already, or signed in place of the debit."""
    made = (PaymentState.SUBMITTED, PaymentState.SETTLED)
    return frozenset(
        each.installment_on
        for each in found
        if each.installment_on and (each.state in made or each.channel is Channel.ONLINE)
    )


def _in_effect(rows: Sequence[Any]) -> list[tuple[date, date | None]]:
    """When each long-term agreement, whose terms may have several rows, began and ended."""
    each = {row.id: row for row in rows if row.kind is PlanKind.LONG_TERM}
    return [(row.accepted_on, row.ended_on) for row in each.values()]


def _agreement_view(rows: Sequence[Any], on: date) -> AgreementView | None:
    """The latest agreement at the terms that had begun by the day."""
    if not rows:
        return None
    of_latest = [row for row in rows if row.id == rows[-1].id]
    row, history = holding(of_latest, on), terms_of(of_latest)
    later = tuple(Source(each.begins_on, each.method, _account_of(each)) for each in of_latest if each.begins_on > on)
    return AgreementView(
        row.reference, row.kind, row.state, row.accepted_on, row.ended_on, row.in_default_since, row.monthly,
        row.due_day, row.first_due_on, row.method, _account_of(row), row.cure_by, row.frozen_on is not None,
        row.changes_frozen_on is not None, installments_due(history, on), history,
        tuple(Changed(each.recorded_at, each.change) for each in of_latest), row.version, later,
    )  # fmt: skip


def _account_of(row: Any) -> "BankAccountView | None":
    """The account that terms name, if they name one."""
    if not row.bank_reference:
        return None
    return BankAccountView(row.type, office().vault.open(row.last_four_sealed, last_four_row(row.bank_reference)))


def terms_of(rows: Sequence[Any]) -> tuple[TermsOf, ...]:
    """Rows of terms as the domain reads them."""
    return tuple(
        TermsOf(row.begins_on, row.first_due_on, row.due_day, row.monthly, row.method is Method.DIRECT_DEBIT)
        for row in rows
    )


def _commitment(agreement: AgreementView | None, found: tuple[OpenPayment, ...], on: date) -> Commitment | None:
    if agreement is None or not agreement.is_in_force:
        return None
    beside = (
        each
        for each in found
        if each.channel in BESIDE_THE_PLAN
        and each.state is PaymentState.SETTLED
        and agreement.accepted_on <= each.pay_on <= on
    )
    return Commitment(
        accepted_on=agreement.accepted_on,
        beside=total(each.amount for each in beside),
        due=agreement.due,
        coming=_coming(agreement.history, found, on),
        is_kept=agreement.state is AgreementState.ACTIVE,
    )


def _coming(history: Sequence[TermsOf], found: Sequence[OpenPayment], on: date) -> tuple[Due, ...]:
    """What is promised for installments that were due already, and all that are due from tomorrow on, but for those
    whose money is on its way or here.
    """
    promised = [each for each in found if each.state is PaymentState.SCHEDULED and each.installment_on]
    late = [Due(each.pay_on, each.amount) for each in promised if each.installment_on and each.installment_on <= on]
    made = made_ahead([each for each in found if each not in promised])
    dues = installments_to_come(history, on, LONGEST_SCHEDULE_MONTHS, banking_days_off(), made)
    return tuple(sorted([*late, *dues]))
