"""Another way to pay: what still leaves the old account, from when on the new way holds, and what it costs."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.calendar import ONE_DAY, business_day_from
from portal.domain.change import ChangeKind, InForce, opening
from portal.domain.installments import Asked, due_dates, holding
from portal.domain.money import Money
from portal.domain.period import Kind
from portal.domain.plan import Method
from portal.domain.policy import Fee
from portal.domain.projection import Schedule, schedule_of
from portal.domain.waterfall import Charge


@dataclass(frozen=True, slots=True)
class Promised:
    """A debit of the plan that is promised or sent: for which installment, and from which account."""

    reference: str
    amount: Money
    pay_on: date
    installment_on: date
    is_sent: bool
    last_four: str


@dataclass(frozen=True, slots=True)
class Handover:
    """The new way holds for every payment due from `begins_on` on. `staying` still leaves the old account; `going`
    was promised from it, and is taken from the new one or not at all. The first payment the new way is due on
    `first_due_on` and paid on `first_on`. `version` is the agreement's: another one has been changed meanwhile.
    """

    begins_on: date
    first_due_on: date
    first_on: date
    staying: tuple[Promised, ...]
    going: tuple[Promised, ...]
    fee: Fee
    version: int


def handover(
    plan: InForce, method: Method, promised: Sequence[Promised], *, fee: Fee, first_debit_on: date
) -> Handover:
    """What another way to pay comes to now. A debit that is near stays as it was promised (the notice by which an
    authorization is taken back, Form 9465, line 13); where none is promised, nothing has to be waited for. A first
    debit is not before `first_debit_on`.
    """
    is_debited, was_debited = method is Method.DIRECT_DEBIT, plan.history[-1].is_debited
    begins_on = plan.when.on
    if was_debited and any(not each.is_sent for each in promised):
        begins_on = opening(plan, ChangeKind.METHOD).begins_on
    elif is_debited and not was_debited:
        begins_on = _after_what_is_too_near(plan, first_debit_on)
    staying = tuple(each for each in promised if each.is_sent or each.installment_on < begins_on)
    made = {*plan.made, *(each.installment_on for each in staying)}
    first_due_on = first_due(plan.history, max(begins_on, plan.when.on + ONE_DAY), made)
    return Handover(
        begins_on=begins_on,
        first_due_on=first_due_on,
        first_on=business_day_from(first_due_on, plan.days_off) if is_debited else first_due_on,
        staying=staying,
        going=tuple(each for each in promised if each not in staying),
        fee=fee,
        version=plan.version,
    )


def first_due(history: Sequence[Asked], begins_on: date, made: Container[date]) -> date:
    """The first due date from a day on for which nothing is made."""
    return next(day for day, _terms in due_dates(history, begins_on - ONE_DAY) if day not in made)


def _after_what_is_too_near(plan: InForce, first_debit_on: date) -> date:
    """The day after the last installment that comes before a debit could be made."""
    begins_on = plan.when.on
    for due_on, _terms in due_dates(plan.history, plan.when.on):
        if business_day_from(due_on, plan.days_off) >= first_debit_on:
            break
        begins_on = due_on + ONE_DAY
    return begins_on


def schedules(plan: InForce, found: Handover, method: Method) -> tuple[Schedule, Schedule]:
    """The payments to come as things stand, and paid the new way with what that costs."""
    on, books = plan.when.on, plan.books.copy()
    if found.fee.amount:
        books.charge(Charge(on, Kind.FEE, found.fee.amount))
    is_debited = method is Method.DIRECT_DEBIT
    terms = holding(plan.history, found.begins_on)._replace(begins_on=found.begins_on, is_debited=is_debited)
    later = (each._replace(is_debited=is_debited) for each in plan.history if each.begins_on > found.begins_on)
    history = (*(each for each in plan.history if each.begins_on <= found.begins_on), terms, *later)
    return plan.old, schedule_of(books, plan.coming(history))
