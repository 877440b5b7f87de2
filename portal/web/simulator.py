"""The change simulator as a page shows it: what holds from when on, what leaves as before, and both schedules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.domain.change import Leaving, Simulation
from portal.domain.money import Money
from portal.domain.projection import Comparison, Installment, Schedule
from portal.office import office
from portal.web.language import day, instant, money, short_day
from portal.web.language import gettext as _

# So many payments are shown side by side; the last one always is.
MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """What a change comes to, in words: the difference in a sentence, when and what as terms and values, both
    schedules as rows.
    """

    difference: str
    facts: list[tuple[str, str]]
    columns: list[tuple[str, str, str]]
    numbered: list[tuple[str, str, str]]
    rows: list[dict[str, str]]
    payments: list[dict[str, str]]


def shown(result: Simulation, now: datetime) -> Shown:
    """The simulator's answer in the reader's language."""
    both = both_columns(_("With the change"))
    since = instant(result.holds_from or now.astimezone(office().settings.time_zone))
    facts = [(_("Holds from"), _("%(instant)s, at once", instant=since) if result.holds_from is None else since)]
    if result.instead_of:
        facts.append((_("Instead of the payment on"), day(result.instead_of)))
    facts.append((_("First payment with the change"), _at(result.first.amount, day(result.first.on))))
    facts += [(_leaves(each), _at(each.amount, day(each.on))) for each in result.leaving]
    facts.append((_("Say yes by"), instant(result.until)))
    return Shown(
        difference=difference(Comparison(result.old, result.new)),
        facts=facts,
        columns=[("what", _("What"), ""), *both],
        numbered=[("number", _("Payment"), ""), *both],
        rows=side_by_side(result.old, result.new),
        payments=_payments(result.old, result.new),
    )


def both_columns(changed: str) -> list[tuple[str, str, str]]:
    """The columns of two schedules, the second under this heading."""
    return [("old", _("Now"), ""), ("new", changed, "")]


def difference(found: Comparison) -> str:
    """What a change costs or saves, and when the plan ends then."""
    old, new, costs = found.old, found.new, found.costs_more
    if costs is None or not new.installments or not old.installments:
        return _("At this amount the debt is not paid in time. Call us about a larger one.")
    if costs > Money(0):
        said = _("You pay %(amount)s more in interest and penalties.", amount=money(costs))
    elif costs < Money(0):
        said = _("You save %(amount)s in interest and penalties.", amount=money(-costs))
    else:
        said = _("Interest and penalties stay the same.")
    before, after = old.installments[-1].on, new.installments[-1].on
    if before == after:
        return f"{said} {_('Your plan ends on %(day)s, as before.', day=day(after))}"
    ends = _("Your plan ends on %(day)s instead of %(before)s.", day=day(after), before=day(before))
    return f"{said} {ends}"


def side_by_side(old: Schedule, new: Schedule) -> list[dict[str, str]]:
    """What two schedules come to, line by line."""
    labels = (_("Next payment"), _("Each month"), _("Payments"), _("Last payment"), _("Paid in all"))
    lines = zip(labels, _lines(old), _lines(new), strict=True)
    return [{"what": what, "old": before, "new": after} for what, before, after in lines]


def _lines(each: Schedule) -> tuple[str, ...]:
    rows, monthly = each.installments, each.monthly or Money(0)
    return _payment(rows[:1]), money(monthly), str(len(rows)), _payment(rows[-1:]), money(each.total_paid)


def _payments(old: Schedule, new: Schedule) -> list[dict[str, str]]:
    """The next payments of both, number by number."""
    return [
        {
            "number": str(number + 1),
            "old": _payment(old.installments[number : number + 1]),
            "new": _payment(new.installments[number : number + 1]),
        }
        for number in range(min(MOST_ROWS, max(len(old.installments), len(new.installments))))
    ]


def _payment(rows: Sequence[Installment]) -> str:
    return _at(rows[0].amount, short_day(rows[0].on)) if rows else "–"


def _at(amount: Money, on: str) -> str:
    return _("%(amount)s on %(day)s", amount=money(amount), day=on)


def _leaves(payment: Leaving) -> str:
    return _("On its way already, as before") if payment.is_sent else _("Promised, and leaves as before")
