"""The plans for a debt: what each that is possible costs and how it is paid, and why the others are not."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.domain.calendar import next_on_day
from portal.domain.eligibility import Situation, reasons_against, reasons_against_method
from portal.domain.money import Money
from portal.domain.offer import Wish, at_once, offer
from portal.domain.plan import Method, PlanKind, first_due_dates
from portal.domain.waterfall import Account
from portal.office import office
from portal.policies import banking_days_off
from portal.web import words
from portal.web.language import day, money
from portal.web.language import gettext as _
from portal.web.reasons import Why, told

Rows = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """What is said about one plan. If it is possible: its figures, the ways to pay it with the fee of each, and the
    ways that are closed; else every reason why not.
    """

    kind: PlanKind
    heading: str
    about: str
    figures: Rows
    ways: Rows
    closed_ways: Rows
    reasons: list[Why]

    @property
    def is_possible(self) -> bool:
        return not self.reasons


def plans(account: Account, asked: Situation, *, has_wages: bool) -> list[PlanAnswer]:
    """The answer for each kind of plan; the account is what the figures are computed from."""
    return [_answer(kind, account, asked, has_wages=has_wages) for kind in PlanKind]


def due_dates(on: date) -> dict[int, date]:
    """The due days that can be chosen today with the first due date of each, never none.

    Where policy leaves no day that is near enough, the next one there is stands in for it.
    """
    limits, days = office().policy.limits.on(on), office().policy.days.on(on)
    latest = on + timedelta(days=days.first_payment)
    following = min(next_on_day(latest, due_day) for due_day in limits.due_days)
    return first_due_dates(on, limits, days, banking_days_off()) or {following.day: following}


def online_debit_fee(on: date) -> Money:
    """What most people pay for a long-term plan."""
    return office().policy.fees.on(on).online(is_debited=True, has_low_income=False).amount


def least(first_due_on: date, on: date) -> Wish:
    """A long-term plan at the least monthly amount, debited."""
    fee = online_debit_fee(on)
    return Wish(PlanKind.LONG_TERM, first_due_on, fee=fee, days_off=banking_days_off())


def _answer(kind: PlanKind, account: Account, asked: Situation, *, has_wages: bool) -> PlanAnswer:
    limits = office().policy.limits.on(asked.on)
    reasons = told(reasons_against(kind, asked, limits))
    heading, about = _about(kind, asked.on)
    if reasons:
        return PlanAnswer(kind, heading, about, [], [], [], reasons)
    figures = _short(account, asked.on) if kind is PlanKind.SHORT_TERM else _long(account, asked.on)
    return PlanAnswer(kind, heading, about, figures, *_ways(kind, asked, has_wages=has_wages), [])


def _about(kind: PlanKind, on: date) -> tuple[str, str]:
    limits = office().policy.limits.on(on)
    if kind is PlanKind.SHORT_TERM:
        about = _(
            "Pay everything within %(days)s days, in parts as you like. There is no fee.", days=limits.short_term_days
        )
        return _("Short-term plan"), about
    about = _("Pay the same amount every month, for at most %(months)s months.", months=limits.term_months)
    return _("Long-term plan"), about


def _short(account: Account, on: date) -> Rows:
    policy = office().policy
    last_on = on + timedelta(days=policy.limits.on(on).short_term_days)
    cost = at_once(account, policy.law_on(on), on, pay_on=last_on)
    return [
        (_("Last day"), day(last_on)),
        (_("Interest and penalties until then"), money(cost.interest + cost.penalty)),
        (_("In all, at most"), money(cost.total)),
    ]


def _long(account: Account, on: date) -> Rows:
    policy = office().policy
    wish = least(max(due_dates(on).values()), on)
    found = offer(account, policy.law_on(on), on, policy.limits.on(on), wish)
    if found.monthly is None or found.ends_on is None or found.cost is None:
        return []
    return [
        (_("At least, each month"), money(found.monthly)),
        (_("Last payment"), day(found.ends_on)),
        (_("Interest and penalties until then"), money(found.cost.interest + found.cost.penalty)),
        (_("In all, with the fee"), money(found.cost.total)),
    ]


def _ways(kind: PlanKind, asked: Situation, *, has_wages: bool) -> tuple[Rows, Rows]:
    """The ways to pay with the fee of each, and those that are not possible with every reason against them."""
    limits, fees = office().policy.limits.on(asked.on), office().policy.fees.on(asked.on)
    ways, closed = [], []
    for method in Method:
        against = told(reasons_against_method(method, kind, asked.owed, limits, has_wages=has_wages))
        fee = fees.online(is_debited=method is Method.DIRECT_DEBIT, has_low_income=False).amount
        if against:
            closed.append((words.method(method), " ".join(f"{why.sentence} {why.remedy}" for why in against)))
        elif fee and kind is PlanKind.LONG_TERM:
            ways.append((words.method(method), _("%(fee)s fee, once", fee=money(fee))))
        else:
            ways.append((words.method(method), _("no fee")))
    return ways, closed
