"""What a taxpayer can pay for with Direct Pay, from which account, and what was drafted and signed."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, or_, select

from portal.db import look
from portal.domain.calendar import business_day_from
from portal.domain.direct_pay import Choice
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.domain.money import Money, total
from portal.domain.period import TaxPeriod
from portal.domain.waterfall import Payment as Received
from portal.domain.waterfall import replay
from portal.models import Agreement, BankAccount, Payment, Terms
from portal.models.bank_account import last_four_row
from portal.models.payment import Channel, Reason
from portal.office import office
from portal.policies import banking_days_off
from portal.queries.standings import AccountView, BankAccountView, account_view

payments, bank_accounts, agreements = Payment.__table__, BankAccount.__table__, Agreement.__table__
terms = Terms.__table__
OF_AN_INSTALLMENT = (Reason.INSTALLMENT, Reason.FIRST_PAYMENT)

ARRANGED = (
    select(
        payments.c.reference, payments.c.channel, payments.c.state, payments.c.amount, payments.c.pay_on,
        payments.c.installment_on, payments.c.agreement_id, payments.c.attempt,
    )
    .where(
        payments.c.taxpayer_id == bindparam("taxpayer_id"),
        or_(payments.c.state == PaymentState.SCHEDULED, payments.c.state == PaymentState.SUBMITTED),
    )
    .order_by(payments.c.pay_on, payments.c.id)
)  # fmt: skip
DISPLACED = (
    select(payments.c.amount, payments.c.pay_on)
    .where(
        payments.c.agreement_id == bindparam("agreement_id"),
        payments.c.installment_on == bindparam("installment_on"),
        payments.c.channel == Channel.DEBIT,
        payments.c.state == PaymentState.CANCELLED,
    )
    .order_by(payments.c.id.desc())
    .limit(1)
)
IS_USED = or_(
    select(payments.c.id)
    .where(payments.c.bank_account_id == bank_accounts.c.id, payments.c.state != PaymentState.DRAFTED)
    .exists(),
    select(terms.c.id).where(terms.c.bank_account_id == bank_accounts.c.id).exists(),
)
SAVED = (
    select(
        bank_accounts.c.reference, bank_accounts.c.type, bank_accounts.c.last_four_sealed,
        bank_accounts.c.unusable_since,
    )
    .where(
        bank_accounts.c.taxpayer_id == bindparam("taxpayer_id"),
        or_(IS_USED, bank_accounts.c.reference == bindparam("also")),
    )
    .order_by(bank_accounts.c.id.desc())
)  # fmt: skip
ONE = (
    select(
        payments.c.reference, payments.c.state, payments.c.amount, payments.c.pay_on, payments.c.reason,
        payments.c.installment_on, payments.c.lowers_monthly, payments.c.user_id, payments.c.drafted_at,
        payments.c.signed_at, payments.c.signature, payments.c.signed_text, bank_accounts.c.type,
        bank_accounts.c.reference.label("bank_reference"), bank_accounts.c.last_four_sealed,
        bank_accounts.c.routing_number,
    )
    .join(bank_accounts, bank_accounts.c.id == payments.c.bank_account_id)
    .where(
        payments.c.taxpayer_id == bindparam("taxpayer_id"),
        payments.c.reference == bindparam("reference"),
        payments.c.channel == Channel.ONLINE,
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Debit:
    """A debit of the plan that is promised and not yet sent, or one whose place a payment has taken."""

    amount: Money
    pay_on: date
    installment_on: date


@dataclass(frozen=True, slots=True)
class SavedAccount:
    """An account that was debited before; an unusable one cannot be debited again."""

    reference: str
    view: BankAccountView
    is_usable: bool


@dataclass(frozen=True, slots=True)
class OnlinePayment:
    """A Direct Pay payment, signed or not. Nobody but who drafted it sees a draft."""

    reference: str
    state: PaymentState
    amount: Money
    pay_on: date
    reason: Reason
    installment_on: date | None
    lowers_monthly: bool
    user_id: int | None
    drafted_at: datetime
    signed_at: datetime | None
    signature: str | None
    signed_text: str | None
    bank_account: BankAccountView
    bank_reference: str
    routing_number: str

    @property
    def is_draft(self) -> bool:
        return self.state is PaymentState.DRAFTED


@dataclass(frozen=True, slots=True)
class Position:
    """What an account can pay for: as of today, and on the day of a payment. `debit` is the next one of the plan
    that is not yet sent.
    """

    view: AccountView
    arranged: tuple[Any, ...]
    debit: Debit | None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What this account can pay for, the likeliest first."""
        agreement, standing = self.view.agreement, self.view.standing
        found: list[Reason] = []
        if agreement and agreement.state is AgreementState.IN_DEFAULT:
            found.append(Reason.CURE)
        if agreement and agreement.state is AgreementState.ACTIVE:
            has_begun = standing.arrears.paid or standing.pending
            found += [Reason.INSTALLMENT if has_begun else Reason.FIRST_PAYMENT, Reason.EXTRA]
        return (*found, Reason.BALANCE_DUE) if standing.balance else ()

    @property
    def period(self) -> TaxPeriod | None:
        """The year that a payment reaches first: of those that owe, the one whose collection ends first."""
        owing = [each.facts for each in self.view.standing.years if each.owed.total]
        return min(owing, key=lambda each: (each.collection_ends_on, each.tax_year)) if owing else None

    def owed_on(self, day: date, instead_of: date | None = None) -> Money:
        """What is left to pay on a day, the fee included, once everything has arrived that is arranged: what is on
        its way, other Direct Pay payments, and the plan's debits until then, but for the one that is replaced.
        """
        coming = (
            Received(min(each.pay_on, day), each.amount, each.reference)
            for each in self.arranged
            if each.channel is not Channel.DEBIT
            or each.state is PaymentState.SUBMITTED
            or (each.pay_on <= day and each.installment_on != instead_of)
        )
        account = replace(self.view.account, payments=(*self.view.account.payments, *coming))
        law = office().policy.law_on(self.view.standing.as_of)
        books = replay(account, law, day)[0]
        return books.owed(day).total + Money(books.fee)

    @property
    def past_due(self) -> Money:
        """What was due and neither came nor is arranged."""
        arranged = (
            each.amount
            for each in self.arranged
            if each.channel is not Channel.DEBIT or each.state is PaymentState.SUBMITTED
        )
        return max(Money(0), self.view.standing.arrears.amount - total(arranged))

    def amounts(self, reason: Reason, day: date, instead_of: date | None = None) -> dict[Choice, Money]:
        """The amounts that can be chosen at a touch, each if there is one."""
        everything, agreement = self.owed_on(day, instead_of), self.view.agreement
        found: dict[Choice, Money] = {}
        if reason in OF_AN_INSTALLMENT and agreement:
            found[Choice.INSTALLMENT] = self.debit.amount if self.debit else min(agreement.monthly, everything)
        if reason is not Reason.EXTRA:
            found[Choice.PAST_DUE] = min(self.past_due, everything)
        found[Choice.EVERYTHING] = everything
        return {choice: amount for choice, amount in found.items() if amount}

    def replaces(self, reason: Reason) -> bool:
        """Whether a payment of this kind can take the place of the next debit."""
        return self.debit is not None and reason in OF_AN_INSTALLMENT


def position(taxpayer_id: int, on: date, instead: str = "") -> Position:
    """The account as of today; `instead` names a payment that is about to be changed, as if it were not there."""
    rows = look(ARRANGED, taxpayer_id=taxpayer_id).all()
    changed = next((row for row in rows if row.reference == instead), None)
    arranged = tuple(row for row in rows if row is not changed)
    if changed is not None and changed.installment_on:
        return Position(account_view(taxpayer_id, on), arranged, _displaced(changed))
    debits = (
        Debit(row.amount, row.pay_on, row.installment_on)
        for row in arranged
        if row.channel is Channel.DEBIT and row.state is PaymentState.SCHEDULED
    )
    return Position(account_view(taxpayer_id, on), arranged, next(debits, None))


def displaced(agreement_id: int, installment_on: date) -> Any | None:
    """The amount and the day of the debit whose place a payment has taken."""
    return look(DISPLACED, agreement_id=agreement_id, installment_on=installment_on).one_or_none()


def saved_accounts(taxpayer_id: int, also: str = "") -> list[SavedAccount]:
    """The accounts that were debited before, or are to be; and `also` the one of a draft."""
    vault = office().vault
    return [
        SavedAccount(
            row.reference,
            BankAccountView(row.type, vault.open(row.last_four_sealed, last_four_row(row.reference))),
            row.unusable_since is None,
        )
        for row in look(SAVED, taxpayer_id=taxpayer_id, also=also)
    ]


def online_payment(taxpayer_id: int, reference: str) -> OnlinePayment | None:
    """A Direct Pay payment of this taxpayer, or None."""
    row = look(ONE, taxpayer_id=taxpayer_id, reference=reference).one_or_none()
    if row is None:
        return None
    last_four = office().vault.open(row.last_four_sealed, last_four_row(row.bank_reference))
    return OnlinePayment(
        row.reference, row.state, row.amount, row.pay_on, row.reason, row.installment_on, row.lowers_monthly,
        row.user_id, row.drafted_at, row.signed_at, row.signature, row.signed_text,
        BankAccountView(row.type, last_four), row.bank_reference, row.routing_number,
    )  # fmt: skip


def _displaced(changed: Any) -> Debit:
    found = displaced(changed.agreement_id, changed.installment_on)
    return Debit(
        found.amount if found else changed.amount,
        found.pay_on if found else business_day_from(changed.installment_on, banking_days_off()),
        changed.installment_on,
    )
