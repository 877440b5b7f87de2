"""The case that an application is about: an account and a policy as of a day, and what answers come to over them."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from portal.domain.answers import Answers, Step, hindrances_of, kind_of, method_of, monthly_of
from portal.domain.calendar import DaysOff
from portal.domain.eligibility import Hindrance, Reason, Situation, reasons_against
from portal.domain.money import Money, read
from portal.domain.offer import Offer, Wish, clears, is_too_late, offer, unpaid_at_the_end
from portal.domain.period import Law
from portal.domain.plan import Method, PlanKind, first_due_dates
from portal.domain.policy import Days, Fee, Fees, Limits, LowIncome
from portal.domain.waterfall import Account, replay


@dataclass(frozen=True, slots=True)
class Case:
    """What an application is decided on, beside its answers: the account and the policy, both as of a day."""

    on: date
    account: Account
    law: Law
    limits: Limits
    days: Days
    fees: Fees
    low_income: LowIncome | None
    days_off: DaysOff
    has_agreement: bool = False
    terminated_on: date | None = None

    @property
    def owed(self) -> Money:
        """Tax, penalty and interest together, as limits count it: without a user fee."""
        return replay(self.account, self.law, self.on)[0].owed(self.on).total

    @property
    def balance(self) -> Money:
        """Everything owed, a user fee of an earlier agreement included."""
        return Money(replay(self.account, self.law, self.on)[0].balance_cents(self.on))

    @property
    def first_due_dates(self) -> dict[int, date]:
        """When the first payment would be due, by due day."""
        return first_due_dates(self.on, self.limits, self.days, self.days_off)


class Bounds(NamedTuple):
    """Between which monthly amounts one can choose. `minimum` is None where no amount clears the debt in time."""

    minimum: Money | None
    most: Money


def has_low_income(case: Case, answers: Answers) -> bool:
    """The household is below the policy's line; whoever does not say pays the whole fee."""
    household = answers.get(Step.HOUSEHOLD, {})
    if case.low_income is None or not household.get("people"):
        return False
    state = answers[Step.ADDRESS]["state"]
    return case.low_income.includes(state=state, people=int(household["people"]), income=read(household["income"]))


def fee_of(case: Case, answers: Answers, method: Method) -> Fee:
    """What a plan costs that is paid like this; a short-term plan costs nothing."""
    if kind_of(answers) is PlanKind.SHORT_TERM:
        return Fee(Money(0))
    is_debited = method is Method.DIRECT_DEBIT
    return case.fees.online(is_debited=is_debited, has_low_income=has_low_income(case, answers))


def situation(case: Case, hindrances: frozenset[Hindrance] = frozenset()) -> Situation:
    """What decides on a plan: the records, and what the person says beside them."""
    first_due_on = max(case.first_due_dates.values(), default=case.on)
    return Situation(
        on=case.on,
        owed=case.owed,
        hindrances=hindrances,
        has_agreement=case.has_agreement,
        terminated_on=case.terminated_on,
        is_too_late=is_too_late(case.account, case.law, case.on, first_due_on),
    )


def reasons(case: Case, answers: Answers) -> dict[PlanKind, tuple[Reason, ...]]:
    """Every reason against each kind of plan."""
    found = situation(case, hindrances_of(answers))
    return {kind: reasons_against(kind, found, case.limits) for kind in PlanKind}


def bounds(case: Case, kind: PlanKind) -> Bounds:
    """The monthly amounts that are possible whatever is answered later: the least one still clears the debt in time
    with the latest first date, the largest fee, and nothing paid at once. The most is what is owed, or the least
    amount where the fee makes even that larger.
    """
    if not case.first_due_dates:
        return Bounds(None, case.balance)
    latest = max(case.first_due_dates.values())
    fee = max(case.fees.online_debit, case.fees.online_other) if kind is PlanKind.LONG_TERM else Money(0)
    worst = Wish(kind, latest, fee=fee, days_off=case.days_off)
    minimum = offer(case.account, case.law, case.on, case.limits, worst).minimum
    return Bounds(minimum, max(case.balance, minimum or case.balance))


def offered(case: Case, answers: Answers, *, monthly: Money, now: Money) -> Offer:
    """What the plan of these answers comes to at a monthly amount, with something paid at once. What is not answered
    yet counts as in `bounds`.
    """
    wish = _wish(case, answers, monthly=monthly, now=now)
    return offer(case.account, case.law, case.on, case.limits, wish)


def pays_in_time(case: Case, answers: Answers) -> bool:
    """Whether the monthly amount of these answers clears the debt in time, even if nothing is paid at once."""
    wish = _wish(case, answers, monthly=monthly_of(answers), now=Money(0))
    return clears(case.account, case.law, case.on, case.limits, wish)


def unpaid(case: Case, answers: Answers, monthly: Money) -> Money:
    """What a plan of these answers leaves unpaid at a monthly amount once its term is over."""
    wish = _wish(case, answers, monthly=monthly, now=Money(0))
    return unpaid_at_the_end(case.account, case.law, case.on, case.limits, wish)


def _wish(case: Case, answers: Answers, *, monthly: Money, now: Money) -> Wish:
    kind = kind_of(answers)
    first_due_on = max(case.first_due_dates.values())
    if Step.DAY in answers:
        first_due_on = date.fromisoformat(answers[Step.DAY]["first_due_on"])
    method = method_of(answers) if Step.METHOD in answers else None
    return Wish(
        kind,
        first_due_on,
        monthly=monthly,
        now=now,
        fee=fee_of(case, answers, method or Method.MANUAL).amount,
        days_off=case.days_off if method in (None, Method.DIRECT_DEBIT) else None,
    )
