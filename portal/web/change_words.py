"""What changes of an agreement are called, and how one that was made is told."""

from datetime import date
from typing import Any

from portal.domain.change import ChangeKind
from portal.domain.lifecycle import MethodChangeState
from portal.domain.money import read
from portal.domain.plan import Method
from portal.office import office
from portal.queries.changes import Made
from portal.web import words
from portal.web.language import day, instant, money, short_day
from portal.web.language import gettext as _
from portal.web.language import marked as N_

TITLES = {
    ChangeKind.AMOUNT: N_("Change the monthly amount"),
    ChangeKind.DAY: N_("Change the day"),
    ChangeKind.SKIP: N_("Skip a payment"),
    ChangeKind.SLIDE: N_("Move a payment"),
}
DONE = {
    ChangeKind.AMOUNT: N_("The monthly amount is changed."),
    ChangeKind.DAY: N_("The day is changed."),
    ChangeKind.SKIP: N_("The payment is skipped."),
    ChangeKind.SLIDE: N_("The payment is moved."),
}
MADE = {
    ChangeKind.AMOUNT: N_("%(monthly)s a month instead of %(was_amount)s"),
    ChangeKind.DAY: N_("Day %(due_day)s of the month instead of day %(was_due_day)s"),
    ChangeKind.SKIP: N_("The payment of %(was_on)s is skipped"),
    ChangeKind.SLIDE: N_("The payment of %(was_on)s is moved to %(first_on)s"),
    ChangeKind.SPREAD: N_("%(monthly)s a month, after an extra payment"),
    ChangeKind.METHOD: N_("Another way to pay: %(method)s"),
    ChangeKind.BANK: N_("Another bank account"),
    ChangeKind.BALANCE: N_("A new balance is part of the plan"),
}
TAKEN_BACK = {
    MethodChangeState.UNDONE: N_("The change of how you pay was undone"),
    MethodChangeState.STOPPED: N_("A change of how you pay was stopped by the link of our mail"),
}
COLUMNS = {"what": N_("What was changed"), "since": N_("Holds from"), "at": N_("When"), "by": N_("By")}


def columns() -> list[tuple[str, str, str]]:
    """The columns of a table of changes."""
    return [(key, _(label), "") for key, label in COLUMNS.items()]


def row_of(made: Made) -> dict[str, str]:
    """A change that was made, as a row."""
    at = made.at.astimezone(office().settings.time_zone)
    since = made.details.get("from_on")
    return {
        "what": _what(made),
        "since": short_day(date.fromisoformat(since) if since else at.date()),
        "at": instant(at),
        "by": made.by or _("Us"),
    }


def _what(made: Made) -> str:
    if made.event == "agreement.withdrawn":
        return _("The plan was given up")
    if taken_back := TAKEN_BACK.get(made.details.get("state", "")):
        return _(taken_back)
    sentence, facts = MADE[ChangeKind(made.details["change"])], made.details
    return _(sentence, **{name: _written(name, fact) for name, fact in facts.items()})


def _written(name: str, fact: Any) -> str:
    if name in ("monthly", "was_amount"):
        return money(read(fact))
    if name == "method":
        return words.method(Method(fact))
    return day(date.fromisoformat(fact)) if name.endswith("_on") else str(fact)
