"""What is missing of an agreement's installments."""

from datetime import date, timedelta

from sqlalchemy import Select, func, or_, select

from portal.db import db
from portal.domain.calendar import business_days_after
from portal.domain.installments import Due, installments_due
from portal.domain.lifecycle import COMING, PaymentState
from portal.domain.money import Money
from portal.domain.waterfall import replay
from portal.models import Agreement, Payment, Terms
from portal.models.payment import BESIDE_THE_PLAN, Channel
from portal.office import office
from portal.policies import banking_days_off
from portal.queries import accounts
from portal.queries.standings import terms_of


def missing(agreement: Agreement, due_by: date, on: date) -> Money:
    """What is missing of the installments that were due by a day: neither here, nor on its way, nor promised within
    the time to cure. Never more than is owed. What is promised for later installments does not count.
    """
    due = _due(agreement, due_by) - _paid(agreement)
    if due <= 0:
        return Money(0)
    return Money(max(0, min(due, owed(agreement, on).cents) - _coming(agreement, due_by, on)))


def owed(agreement: Agreement, on: date) -> Money:
    """What is owed today, the fee included."""
    books = replay(accounts.facts(agreement.taxpayer_id), office().policy.law_on(on), on)[0]
    return Money(books.balance_cents(on))


def last_due(agreement: Agreement, due_by: date) -> date:
    """When the latest installment was due by a day; that day itself before the first one."""
    return max((each.on for each in _installments(agreement, due_by)), default=due_by)


def _installments(agreement: Agreement, due_by: date) -> tuple[Due, ...]:
    agreed = select(Terms.begins_on, Terms.first_due_on, Terms.due_day, Terms.monthly, Terms.method)
    rows = db.session.execute(agreed.where(Terms.agreement_id == agreement.id).order_by(Terms.begins_on, Terms.id))
    return installments_due(terms_of(rows.all()), due_by)


def _due(agreement: Agreement, due_by: date) -> int:
    """Cents that were asked for by a day; where a debit was made for an installment, what that one asked for."""
    debits = select(Payment.installment_on, Payment.amount).where(
        Payment.agreement_id == agreement.id, Payment.channel == Channel.DEBIT, Payment.attempt == 1,
        Payment.state != PaymentState.CANCELLED,
    )  # fmt: skip
    taken = {row.installment_on: row.amount for row in db.session.execute(debits)}
    return sum(taken.get(each.on, each.amount).cents for each in _installments(agreement, due_by))


def _paid(agreement: Agreement) -> int:
    """Cents that have come since the agreement began."""
    rows = select(func.sum(Payment.amount)).where(
        Payment.taxpayer_id == agreement.taxpayer_id, Payment.state == PaymentState.SETTLED,
        Payment.pay_on >= agreement.accepted_on, Payment.channel.not_in(BESIDE_THE_PLAN),
    )  # fmt: skip
    return _cents(rows)


def _coming(agreement: Agreement, due_by: date, on: date) -> int:
    """Cents on their way or promised in time, but for later installments."""
    last = agreement.cure_by or on + timedelta(days=office().policy.days.on(on).cure)
    # What is signed on the last day may be taken on the next banking day only.
    until = business_days_after(last, 1, banking_days_off())
    rows = select(func.sum(Payment.amount)).where(
        Payment.taxpayer_id == agreement.taxpayer_id,
        Payment.state.in_(COMING),
        Payment.pay_on <= until,
        or_(Payment.installment_on.is_(None), Payment.installment_on <= due_by),
    )
    return _cents(rows)


def _cents(rows: Select[Money]) -> int:
    """A sum, which is nothing where there is no row."""
    found = db.session.execute(rows).scalar_one()
    return found.cents if found else 0
