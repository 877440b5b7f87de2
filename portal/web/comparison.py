"""Three ways to pay one debt, side by side: now, within the short term, month by month."""

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from portal.domain.eligibility import Reason, Situation, reasons_against
from portal.domain.money import Money
from portal.domain.offer import Cost, Offer, Wish, at_once, is_too_late, offer, require_possible, unpaid_at_the_end
from portal.domain.plan import PlanKind
from portal.domain.waterfall import Account
from portal.office import office
from portal.web.course import Course, falling
from portal.web.language import day, money
from portal.web.language import gettext as _
from portal.web.possible import least
from portal.web.reasons import Why, told

Rows = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared: a debt as of a day, what is paid at once, and how the rest is to be paid."""

    account: Account
    on: date
    amount: Money
    now: Money
    first_due_on: date
    monthly: Money | None

    def situation(self) -> Situation:
        law = office().policy.law_on(self.on)
        is_late = is_too_late(self.account, law, self.on, self.first_due_on)
        return Situation(self.on, owed=self.amount - self.now, is_too_late=is_late)


@dataclass(frozen=True, slots=True)
class Card:
    """One way to pay: what it costs in all and why, or every reason why it is not possible."""

    name: str
    heading: str
    total: Money | None
    rows: Rows
    reasons: list[Why]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The three cards, the long-term plan in one sentence and as a picture, and what an even split leaves unpaid."""

    cards: list[Card]
    summary: str
    course: Course | None
    even_split: str | None


def compared(asked: Asked) -> Comparison:
    """The ways to pay what is asked about. Refuses a monthly amount that the long-term plan does not take."""
    law, limits = office().policy.law_on(asked.on), office().policy.limits.on(asked.on)
    against = {kind: reasons_against(kind, asked.situation(), limits) for kind in PlanKind}
    short = _offered(asked, Wish(PlanKind.SHORT_TERM, asked.first_due_on, now=asked.now))
    long = _offered(asked, replace(least(asked.first_due_on, asked.on), monthly=asked.monthly, now=asked.now))
    if not against[PlanKind.LONG_TERM]:
        require_possible(long)
    cards = [
        _now_card(at_once(asked.account, law, asked.on, pay_on=asked.on), asked.on),
        _card("short_term", _("Short-term plan"), short, against[PlanKind.SHORT_TERM]),
        _card("long_term", _("Long-term plan"), long, against[PlanKind.LONG_TERM]),
    ]
    if against[PlanKind.LONG_TERM]:
        return Comparison(cards, _("A long-term plan is not possible for this amount."), None, None)
    return Comparison(
        cards, _summary(long), falling(asked.on, long.schedule, _after(asked)), _even_split(asked, long)
    )


def _offered(asked: Asked, wish: Wish) -> Offer:
    policy = office().policy
    return offer(asked.account, policy.law_on(asked.on), asked.on, policy.limits.on(asked.on), wish)


def _now_card(cost: Cost, on: date) -> Card:
    rows = [(_("Payments"), _("1, today")), (_("Ends"), day(on)), *_costs(cost)]
    return Card("pay_now", _("Pay in full now"), cost.total, rows, [])


def _card(name: str, heading: str, found: Offer, against: tuple[Reason, ...]) -> Card:
    if against or found.cost is None or found.monthly is None or found.ends_on is None:
        return Card(name, heading, None, [], told(against))
    rows = [
        (_("Each month"), money(found.monthly)),
        (_("Payments"), str(found.schedule.months)),
        (_("Ends"), day(found.ends_on)),
        *_costs(found.cost),
    ]
    return Card(name, heading, found.cost.total, rows, [])


def _costs(cost: Cost) -> Rows:
    return [
        (_("Fee"), money(cost.fee) if cost.fee else _("none")),
        (_("Interest to come"), money(cost.interest) if cost.interest else _("none")),
        (_("Penalties to come"), money(cost.penalty) if cost.penalty else _("none")),
    ]


def _summary(found: Offer) -> str:
    if found.monthly is None or found.ends_on is None or found.cost is None:
        return ""
    return _(
        "Long-term: %(monthly)s a month until %(day)s, %(total)s in all.",
        monthly=money(found.monthly), day=day(found.ends_on), total=money(found.cost.total),
    )  # fmt: skip


def _after(asked: Asked) -> Money:
    """What is owed once the fee is charged and what is paid at once has come."""
    return asked.amount - asked.now + least(asked.first_due_on, asked.on).fee


def _even_split(asked: Asked, long: Offer) -> str | None:
    """What the balance divided by the months of the term would leave unpaid: the sum that people do by head."""
    law, limits = office().policy.law_on(asked.on), office().policy.limits.on(asked.on)
    each = (asked.amount - asked.now).times(Fraction(1, limits.term_months))
    left = unpaid_at_the_end(asked.account, law, asked.on, limits, replace(long.wish, monthly=each))
    if not each or not left:
        return None
    return _(
        "Dividing by %(months)s is not enough: %(each)s a month would leave %(left)s unpaid after %(months)s months, "
        "because interest and penalties go on.",
        months=limits.term_months, each=money(each), left=money(left),
    )  # fmt: skip
