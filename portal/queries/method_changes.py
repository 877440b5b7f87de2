"""Another way to pay, as its pages need it: what was typed, what it would come to now, and what can be undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, or_, select

from portal.db import look
from portal.domain.calendar import business_days_after
from portal.domain.change import InForce
from portal.domain.handover import Handover, Promised, handover
from portal.domain.lifecycle import IN_FORCE, MethodChangeState, PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import Method, PlanKind
from portal.domain.policy import Fee
from portal.models import Agreement, BankAccount, MethodChange, Payment, Terms, User
from portal.models.bank_account import last_four_row
from portal.models.payment import Channel
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import changes
from portal.queries.standings import BankAccountView

agreements, bank_accounts, payments = Agreement.__table__, BankAccount.__table__, Payment.__table__
method_changes, terms, users = MethodChange.__table__, Terms.__table__, User.__table__

PROMISED = (
    select(
        payments.c.reference, payments.c.amount, payments.c.pay_on, payments.c.installment_on, payments.c.state,
        bank_accounts.c.reference.label("bank_reference"), bank_accounts.c.last_four_sealed,
    )
    .join(agreements, agreements.c.id == payments.c.agreement_id)
    .join(bank_accounts, bank_accounts.c.id == payments.c.bank_account_id)
    .where(
        payments.c.taxpayer_id == bindparam("taxpayer_id"), payments.c.channel == Channel.DEBIT,
        agreements.c.state.in_(IN_FORCE),
        or_(payments.c.state == PaymentState.SCHEDULED, payments.c.state == PaymentState.SUBMITTED),
    )
    .order_by(payments.c.pay_on, payments.c.id)
)  # fmt: skip
HAS_LOW_INCOME = select(agreements.c.has_low_income).where(
    agreements.c.taxpayer_id == bindparam("taxpayer_id"), agreements.c.state.in_(IN_FORCE)
)
CHANGE = (
    select(
        method_changes.c.reference, method_changes.c.state, method_changes.c.method, method_changes.c.employer,
        method_changes.c.user_id, method_changes.c.drafted_at, method_changes.c.made_at, method_changes.c.begins_on,
        method_changes.c.fee, terms.c.method.label("was"), users.c.name, bank_accounts.c.type,
        bank_accounts.c.routing_number, bank_accounts.c.reference.label("bank_reference"),
        bank_accounts.c.last_four_sealed,
    )
    .outerjoin(bank_accounts, bank_accounts.c.id == method_changes.c.bank_account_id)
    .outerjoin(terms, terms.c.id == method_changes.c.before_id)
    .outerjoin(users, users.c.id == method_changes.c.user_id)
    .where(method_changes.c.taxpayer_id == bindparam("taxpayer_id"))
)  # fmt: skip
ONE = CHANGE.where(method_changes.c.reference == bindparam("reference"))
LATEST = (
    CHANGE.join(agreements, agreements.c.id == method_changes.c.agreement_id)
    .where(
        method_changes.c.state == MethodChangeState.MADE, agreements.c.state.in_(IN_FORCE),
        agreements.c.changes_frozen_on.is_(None),
    )
    .order_by(method_changes.c.id.desc())
    .limit(1)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MethodChangeView:
    """Another way to pay: as it was typed, or as it was made, when and by whom. `was` is the method before it."""

    bank_account: BankAccountView | None
    routing_number: str
    reference: str
    state: MethodChangeState
    method: Method
    employer: Mapping[str, str] | None
    user_id: int | None
    drafted_at: datetime
    made_at: datetime | None
    begins_on: date | None
    fee: Money
    was: Method | None
    by: str | None


def promised(taxpayer_id: int) -> tuple[Promised, ...]:
    """The debits of the plan in force that are promised or sent, each with the account that it leaves."""
    return tuple(
        Promised(
            row.reference, row.amount, row.pay_on, row.installment_on, row.state is PaymentState.SUBMITTED,
            office().vault.open(row.last_four_sealed, last_four_row(row.bank_reference)),
        )
        for row in look(PROMISED, taxpayer_id=taxpayer_id)
    )  # fmt: skip


def coming_to(taxpayer_id: int, method: Method, when: Moment) -> Handover | None:
    """What another way to pay would come to now; None where no plan is in force."""
    plan = changes.agreed(taxpayer_id, when)
    return handed_over(taxpayer_id, plan, method) if plan and plan.state in IN_FORCE else None


def handed_over(taxpayer_id: int, plan: InForce, method: Method) -> Handover:
    """The same from what a page has looked up already."""
    on = plan.when.on
    lead = office().policy.days.on(on).debit_lead
    return handover(
        plan, method, promised(taxpayer_id), fee=fee_of(plan, method, has_low_income(taxpayer_id)),
        first_debit_on=business_days_after(on, lead, banking_days_off()),
    )  # fmt: skip


def has_low_income(taxpayer_id: int) -> bool:
    """Whether the plan in force was agreed on with somebody of low income (IRC 6159(f)(2))."""
    return bool(look(HAS_LOW_INCOME, taxpayer_id=taxpayer_id).scalar_one_or_none())


def fee_of(plan: InForce, method: Method, has_low_income: bool) -> Fee:
    """What another way to pay costs; a short-term plan costs nothing."""
    if plan.kind is PlanKind.SHORT_TERM:
        return Fee(Money(0))
    return office().policy.fees.on(plan.when.on).revised(
        was_debited=plan.history[-1].is_debited, is_debited=method is Method.DIRECT_DEBIT,
        has_low_income=has_low_income,
    )  # fmt: skip


def one(taxpayer_id: int, reference: str) -> MethodChangeView | None:
    """One change of this taxpayer; None for anybody else's."""
    row = look(ONE, taxpayer_id=taxpayer_id, reference=reference).one_or_none()
    return _view(row) if row else None


def latest(taxpayer_id: int) -> MethodChangeView | None:
    """The latest change of the way to pay that stands, of a plan in force that can be changed."""
    row = look(LATEST, taxpayer_id=taxpayer_id).one_or_none()
    return _view(row) if row else None


def _view(row: Any) -> MethodChangeView:
    account = None
    if row.bank_reference:
        last_four = office().vault.open(row.last_four_sealed, last_four_row(row.bank_reference))
        account = BankAccountView(row.type, last_four)
    return MethodChangeView(account, row.routing_number or "", *row[:11])
