"""Whether a plan is possible: named rules over dated policy. Eligible means that the list of reasons is empty."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.domain.calendar import corresponding_day
from portal.domain.money import Money, read
from portal.domain.plan import Method, PlanKind
from portal.domain.policy import Ceiling, Limits
from portal.domain.refusal import Refusal


class Hindrance(StrEnum):
    """What keeps the agency from agreeing on a plan while it lasts."""

    UNFILED = "unfiled"
    BANKRUPTCY = "bankruptcy"
    OFFER = "offer"
    COURT = "court"


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides on a plan. `owed` is tax, penalty and interest together on the day; `terminated_on` is when the
    agency ended the latest agreement for a default; `is_too_late` is whether no monthly amount can clear the debt
    before the time for collection ends (IRC 6502).
    """

    on: date
    owed: Money
    hindrances: frozenset[Hindrance] = frozenset()
    is_business: bool = False
    has_agreement: bool = False
    terminated_on: date | None = None
    is_too_late: bool = False


class Reason(Refusal):
    """Why a plan is not possible: what failed and what is needed. `remedy` is the way back in, as a sentence with the
    same facts; `clears_on` in the facts is the day on which the reason is gone, `pay_now` what paid today removes it.
    """

    remedy = ""

    @property
    def name(self) -> str:
        """What the reason is called in a record of a decision."""
        return type(self).__name__

    def recorded(self) -> dict[str, str]:
        """The reason as a record of a decision keeps it: its name, and its facts as text."""
        return {"reason": self.name, **{name: str(value) for name, value in self.facts.items()}}


def recalled(record: Mapping[str, str]) -> Reason:
    """The reason that was recorded, with its facts as amounts, dates and numbers again."""
    known = {kind.__name__: kind for kind in Reason.__subclasses__()}
    return known[record["reason"]](**{name: _value(text) for name, text in record.items() if name != "reason"})


def _value(text: str) -> Money | date | int:
    if re.fullmatch(r"\d+\.\d\d", text):
        return read(text)
    return date.fromisoformat(text) if "-" in text else int(text)


class NothingOwed(Reason):
    """Nothing is owed, so there is nothing to agree on."""

    remedy = "You do not have to do anything."


class OwesTooMuch(Reason):
    """You owe %(owed)s. This plan is possible for at most %(most)s of tax, penalties and interest together."""

    remedy = "Pay %(pay_now)s today and this is no longer in the way."


class ReturnsMissing(Reason):
    """Not all tax returns that you had to file are filed."""

    remedy = "File them. A plan is possible on the day on which we have the last one, even if you cannot pay it."


class InBankruptcy(Reason):
    """A bankruptcy case is open. While it is, the court decides what is paid."""

    remedy = "Call us, or ask your attorney. A plan is possible once the case is closed."


class OfferPending(Reason):
    """An offer in compromise is being looked at, or was accepted."""

    remedy = "Wait for the answer, or withdraw the offer. A plan is possible on the day after."


class InCourt(Reason):
    """Your case is with the Department of Justice. Only a court or its attorney can agree with you."""

    remedy = "Call the attorney who is named in the letters about your case."


class HasAgreement(Reason):
    """You already have an agreement in force. There can be one at a time."""

    remedy = "Change the agreement that you have instead of asking for another."


class IsBusiness(Reason):
    """A business cannot get this plan on these pages."""

    remedy = "Call us. We look at it together by telephone."


class EndedRecently(Reason):
    """We ended your last agreement on %(ended_on)s for a default, and you owe %(owed)s. Within %(months)s months of
    that a plan is possible for at most %(most)s."""

    remedy = "Pay %(pay_now)s today, or ask again from %(clears_on)s. If you cannot wait, call us."


class TooLate(Reason):
    """The time in which we may collect ends before any monthly payments could pay what you owe."""

    remedy = "Call us about a plan for a part of it, before the time ends."


Rule = Callable[[Situation, Limits], Reason | None]


def something_is_owed(situation: Situation, limits: Limits) -> Reason | None:
    """A plan is for a debt."""
    return None if situation.owed else NothingOwed()


def all_returns_are_filed(situation: Situation, limits: Limits) -> Reason | None:
    """Every return that was due is filed, paid or not (Form 9465; IRC 6159(c)(4))."""
    return ReturnsMissing() if Hindrance.UNFILED in situation.hindrances else None


def no_bankruptcy_is_open(situation: Situation, limits: Limits) -> Reason | None:
    """While a case is open, the automatic stay and the court's plan come first (11 USC 362)."""
    return InBankruptcy() if Hindrance.BANKRUPTCY in situation.hindrances else None


def no_offer_is_pending(situation: Situation, limits: Limits) -> Reason | None:
    """An offer in compromise is another agreement about the same debt (IRC 7122)."""
    return OfferPending() if Hindrance.OFFER in situation.hindrances else None


def no_court_has_the_case(situation: Situation, limits: Limits) -> Reason | None:
    """A case referred to the Department of Justice is not accepted for processing (26 CFR 301.6331-4(a)(2))."""
    return InCourt() if Hindrance.COURT in situation.hindrances else None


def no_agreement_is_in_force(situation: Situation, limits: Limits) -> Reason | None:
    """One agreement at a time; its terms can be changed."""
    return HasAgreement() if situation.has_agreement else None


def is_somebody_or_businesses_may(situation: Situation, limits: Limits) -> Reason | None:
    """Where policy says so, businesses apply by telephone."""
    return IsBusiness() if situation.is_business and not limits.for_businesses else None


def is_within_the_short_limit(situation: Situation, limits: Limits) -> Reason | None:
    """What is owed is within the limit of a short-term plan."""
    return _within(limits.short_term, situation)


def is_within_the_long_limit(situation: Situation, limits: Limits) -> Reason | None:
    """What is owed is within the limit of a long-term plan."""
    return _within(limits.long_term, situation)


def no_agreement_ended_recently(situation: Situation, limits: Limits) -> Reason | None:
    """A default within the months before a larger request needs more than these pages ask (Form 9465, part II)."""
    ended_on, most = situation.terminated_on, limits.after_termination.most
    if ended_on is None or situation.owed <= most:
        return None
    clears_on = corresponding_day(ended_on, limits.after_termination_months)
    if situation.on >= clears_on:
        return None
    return EndedRecently(
        ended_on=ended_on, owed=situation.owed, months=limits.after_termination_months, most=most,
        pay_now=situation.owed - most, clears_on=clears_on,
    )  # fmt: skip


def can_be_paid_in_time(situation: Situation, limits: Limits) -> Reason | None:
    """Some monthly amount clears every year before the time for its collection ends (IRC 6502(a)(1))."""
    return TooLate() if situation.is_too_late else None


def _within(limit: Ceiling, situation: Situation) -> Reason | None:
    if limit.admits(situation.owed):
        return None
    return OwesTooMuch(owed=situation.owed, most=limit.most, pay_now=situation.owed - limit.most)


ALWAYS: tuple[Rule, ...] = (
    something_is_owed, is_somebody_or_businesses_may, all_returns_are_filed, no_bankruptcy_is_open,
    no_offer_is_pending, no_court_has_the_case, no_agreement_is_in_force,
)  # fmt: skip
RULES: Mapping[PlanKind, tuple[Rule, ...]] = {
    PlanKind.SHORT_TERM: (*ALWAYS, is_within_the_short_limit),
    PlanKind.LONG_TERM: (*ALWAYS, is_within_the_long_limit, no_agreement_ended_recently, can_be_paid_in_time),
}


def reasons_against(kind: PlanKind, situation: Situation, limits: Limits) -> tuple[Reason, ...]:
    """Every reason why this plan is not possible; none if it is."""
    return tuple(reason for rule in RULES[kind] if (reason := rule(situation, limits)))


class NeedsDebit(Reason):
    """You owe %(owed)s. Above %(most)s a plan is paid by automatic debit or payroll deduction only."""

    remedy = "Choose one of those, or pay %(pay_now)s today."


class TooShortForPayroll(Reason):
    """A short-term plan is over before an employer has set up a deduction."""

    remedy = "Choose another way to pay, or a long-term plan."


class NoWages(Reason):
    """Payroll deduction needs an employer who pays you wages."""

    remedy = "Choose another way to pay."


def reasons_against_method(
    method: Method, kind: PlanKind, owed: Money, limits: Limits, *, has_wages: bool
) -> tuple[Reason, ...]:
    """Every reason why a plan cannot be paid like this; none if it can. `owed` is what the plan is for."""
    found: list[Reason] = []
    most = limits.own_payments.most
    if method is Method.MANUAL and kind is PlanKind.LONG_TERM and owed > most:
        found.append(NeedsDebit(owed=owed, most=most, pay_now=owed - most))
    if method is Method.PAYROLL and kind is PlanKind.SHORT_TERM:
        found.append(TooShortForPayroll())
    if method is Method.PAYROLL and not has_wages:
        found.append(NoWages())
    return tuple(found)
