"""The change simulator: which change is allowed, from when it holds, and the payments to come without and with it."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from portal.domain.calendar import ONE_DAY, corresponding_day, next_on_day
from portal.domain.change import (
    ONE_PAYMENT,
    Change,
    ChangeKind,
    InForce,
    NotInForce,
    Opening,
    Simulation,
    followed_by,
    opening,
    paid_on,
)
from portal.domain.installments import Due, TermsOf, due_dates
from portal.domain.lifecycle import AgreementState
from portal.domain.money import Money
from portal.domain.plan import PlanKind
from portal.domain.projection import Comparison, Schedule, minimum_on, paid_down, schedule_of
from portal.domain.refusal import Refusal


class InDefault(Refusal):
    """Your plan is in default, so it cannot be changed now. Put it right first: pay what is missing."""


class Frozen(Refusal):
    """Your plan is frozen because a bank said that a debit was not authorized. Call us. Nothing was changed."""


class Deducted(Refusal):
    """Your employer deducts a fixed amount from each paycheck, so the amount cannot be changed here. Choose another
    way to pay first, or call us."""

    about = "monthly"


class NotForShortTerm(Refusal):
    """A short-term plan has no time to spare, so no payment of it can be skipped or moved."""


class NotBegun(Refusal):
    """The first payment of a plan cannot be skipped or moved: it is due on %(day)s."""


class UsedUp(Refusal):
    """You have done this as often as you can within twelve months (%(most)s). The next time is from %(again)s on."""


class MovedAlready(Refusal):
    """The payment of %(day)s was moved already, and cannot be moved once more."""


class TooManyDays(Refusal):
    """A payment can be moved by 1 to %(most)s days."""

    about = "days"


class SameAsNow(Refusal):
    """That is what your plan asks for already. Nothing was changed."""


class NoSuchDay(Refusal):
    """Choose a day from %(first)s to %(last)s."""

    about = "due_day"


class TooLittle(Refusal):
    """Pay at least %(minimum)s a month. Less does not pay everything in time, by %(last)s."""

    about = "monthly"


class TooMuch(Refusal):
    """You owe %(most)s, so that is the most there can be a month. To pay it at once, no change is needed."""

    about = "monthly"


class TooLate(Refusal):
    """With this change not everything would be paid in time, by %(last)s. Raise the monthly amount to at least
    %(minimum)s first."""


class OutOfTime(Refusal):
    """With this change not everything would be paid in time, by %(last)s. Call us."""


def require_changeable(plan: InForce, kind: ChangeKind) -> None:
    """Refuses a change that this agreement does not allow now, whatever it is."""
    if plan.state is AgreementState.IN_DEFAULT:
        raise InDefault
    if plan.state is not AgreementState.ACTIVE:
        raise NotInForce
    if plan.is_frozen:
        raise Frozen
    if kind is ChangeKind.AMOUNT and plan.is_deducted:
        raise Deducted
    if kind in ONE_PAYMENT:
        _require_left(plan, kind)


def simulate(plan: InForce, change: Change) -> Simulation:
    """What a change comes to. Refuses one that is not allowed, with what would be."""
    require_changeable(plan, change.kind)
    found = opening(plan, change.kind)
    terms = TERMS_AFTER[change.kind](plan, found, change)
    return _come_to(plan, change, found, terms)


def with_extra(plan: InForce, extra: Due, lowers_from: date | None = None) -> Comparison:
    """The payments to come without and with an extra payment: the plan ends sooner; or, once that money has settled,
    it asks for the least that ends it when it would have ended.
    """
    dues, old = plan.coming(plan.history), plan.old
    new = schedule_of(plan.books, sorted([*dues, extra]))
    if lowers_from is None:
        return Comparison(old, new)
    held = [due for due in dues if due.on <= lowers_from]
    dates = [due.on for due in dues[len(held) : len(old.installments)]]
    before = sorted([*held, extra])
    least = minimum_on(paid_down(plan.books, before), dates) if dates else None
    if least is None or least >= plan.history[-1].monthly:
        return Comparison(old, new)
    return Comparison(old, schedule_of(plan.books, [*before, *(Due(on, least) for on in dates)]))


def minimum(plan: InForce) -> Money | None:
    """The least monthly amount, from the first payment that a change reaches on, with which everything is paid within
    the term that was agreed on; None where none is enough.
    """
    found = opening(plan, ChangeKind.AMOUNT)
    dues = plan.coming(plan.history)
    held = [due for due in dues if due.on < paid_on(plan, found.due_on, found.terms)]
    dates = [due.on for due in dues[len(held) :] if due.on <= plan.last_on]
    books = paid_down(plan.books, held)
    return minimum_on(books, dates) if dates else None


def most(plan: InForce) -> Money:
    """The largest monthly amount that makes sense: all that is owed, or the least possible one where that is more."""
    return max(plan.balance, minimum(plan) or Money(0))


def _another_amount(plan: InForce, found: Opening, change: Change) -> TermsOf:
    assert change.monthly is not None
    if change.monthly == found.terms.monthly:
        raise SameAsNow
    least = minimum(plan)
    if least is None and change.monthly < found.terms.monthly:
        raise OutOfTime(last=plan.last_on)
    if least and change.monthly < least:
        raise TooLittle(minimum=least, last=plan.last_on)
    if change.monthly > max(plan.balance, least or Money(0)):
        raise TooMuch(most=max(plan.balance, least or Money(0)))
    return found.terms._replace(begins_on=found.begins_on, monthly=change.monthly)


def _another_day(plan: InForce, found: Opening, change: Change) -> TermsOf:
    """The first date on the new day is in the month of the payment that it moves, so that no month has two payments
    or none; where that is too near, it is in the month after.
    """
    days = plan.limits.due_days
    if change.due_day not in days:
        raise NoSuchDay(first=days[0], last=days[-1])
    if change.due_day == found.terms.due_day:
        raise SameAsNow
    first_due_on, begins_on = found.due_on.replace(day=change.due_day), found.begins_on
    is_near = plan.when.at >= plan.cut_off(first_due_on, is_debited=found.terms.is_debited)
    if first_due_on < begins_on or first_due_on <= plan.when.on or is_near:
        begins_on = found.due_on + ONE_DAY
        first_due_on = next_on_day(found.due_on, found.terms.due_day).replace(day=change.due_day)
    return found.terms._replace(begins_on=begins_on, first_due_on=first_due_on, due_day=change.due_day)


def _skipped(plan: InForce, found: Opening, _change: Change) -> TermsOf:
    following = next_on_day(found.due_on, found.terms.due_day)
    return found.terms._replace(begins_on=found.begins_on, first_due_on=following)


def _moved(plan: InForce, found: Opening, change: Change) -> TermsOf:
    if found.due_on.day != found.terms.due_day:
        raise MovedAlready(day=found.due_on)
    if not 1 <= change.days <= plan.rules.slide_days:
        raise TooManyDays(most=plan.rules.slide_days)
    moved_to = found.due_on + timedelta(days=change.days)
    return found.terms._replace(begins_on=found.begins_on, first_due_on=moved_to)


TERMS_AFTER = {
    ChangeKind.AMOUNT: _another_amount,
    ChangeKind.DAY: _another_day,
    ChangeKind.SKIP: _skipped,
    ChangeKind.SLIDE: _moved,
}


def _come_to(plan: InForce, change: Change, found: Opening, terms: TermsOf) -> Simulation:
    history = followed_by(plan.history, terms)
    new = schedule_of(plan.books, plan.coming(history))
    _require_in_time(plan, change.kind, replace(plan, history=history), new)
    first_on = next(day for day, _terms in due_dates(history, terms.begins_on - ONE_DAY) if day not in plan.made)
    is_now = terms.begins_on == plan.when.on
    midnight = datetime.combine(terms.begins_on, time.min, plan.zone)
    return Simulation(
        change=change,
        terms=terms,
        holds_from=None if is_now else midnight,
        first=Due(paid_on(plan, first_on, terms), terms.monthly),
        until=plan.cut_off(found.due_on, is_debited=found.terms.is_debited),
        leaving=tuple(
            each for due_on, each in plan.arranged if each.is_sent or due_on is None or due_on < terms.begins_on
        ),
        old=plan.old,
        new=new,
        instead_of=paid_on(plan, found.due_on, terms) if change.kind in ONE_PAYMENT else None,
    )


def _require_in_time(plan: InForce, kind: ChangeKind, changed: InForce, new: Schedule) -> None:
    """Refuses what would leave something unpaid at the end of the term. A plan that is late already may still get
    another day, but leaves nothing out.
    """
    if kind is ChangeKind.AMOUNT or _is_in_time(changed, new):
        return
    if kind is ChangeKind.SKIP or _is_in_time(plan, plan.old):
        least = minimum(changed)
        raise TooLate(minimum=least, last=plan.last_on) if least else OutOfTime(last=plan.last_on)


def _is_in_time(plan: InForce, schedule: Schedule) -> bool:
    return schedule.paid_off_on is not None and schedule.paid_off_on <= plan.last_on


def _require_left(plan: InForce, kind: ChangeKind) -> None:
    if plan.kind is PlanKind.SHORT_TERM:
        raise NotForShortTerm
    if plan.when.on <= plan.history[0].first_due_on:
        raise NotBegun(day=plan.history[0].first_due_on)
    allowed = plan.rules.skips if kind is ChangeKind.SKIP else plan.rules.slides
    year_ago = corresponding_day(plan.when.on, -12)
    used = sorted(
        day for at, each in plan.counted if each is kind and (day := at.astimezone(plan.zone).date()) > year_ago
    )
    if len(used) >= allowed:
        raise UsedUp(most=allowed, again=corresponding_day(used[-allowed], 12) if allowed else plan.last_on)
