"""How a plan is paid, on its page: which payment leaves which account, who set it up, and the button to undo it."""

from datetime import timedelta
from typing import Any

from portal.domain.handover import Promised
from portal.office import office
from portal.queries import method_changes
from portal.queries.method_changes import MethodChangeView
from portal.queries.standings import AgreementView
from portal.services import method_reversals
from portal.services.method_changes import rules
from portal.web import words
from portal.web.access import now
from portal.web.language import day, instant, money
from portal.web.language import gettext as _


def paying(taxpayer_id: int, agreement: AgreementView) -> dict[str, Any] | None:
    """What the page of a plan in force says of how it is paid."""
    if not agreement.is_in_force:
        return None
    latest = method_changes.latest(taxpayer_id)
    columns = {"on": _("Day"), "amount": _("Amount"), "account": _("From"), "state": _("State")}
    return {
        "columns": [(key, label, "") for key, label in columns.items()],
        "debits": leaving(method_changes.promised(taxpayer_id)),
        "set_up": _set_up(latest) if latest else "",
        "undo": _undo(latest) if latest else None,
        "is_locked": agreement.is_locked,
        "is_frozen": agreement.is_frozen,
    }


def leaving(promised: tuple[Promised, ...]) -> list[dict[str, str]]:
    """The debits that are promised or sent, each with the account that it leaves."""
    return [
        {
            "on": day(each.pay_on),
            "amount": money(each.amount),
            "account": _("account ending %(last_four)s", last_four=each.last_four),
            "state": _("sent to the bank") if each.is_sent else _("promised"),
        }
        for each in promised
    ]


def _set_up(change: MethodChangeView) -> str:
    """Who changed it, when, and from when on it holds."""
    assert change.made_at
    assert change.begins_on
    what = words.bank_account(change.bank_account) if change.bank_account else words.method(change.method)
    made_at = instant(change.made_at.astimezone(office().settings.time_zone))
    if change.begins_on > now().on:
        return _("From %(day)s on: %(what)s, set up by %(name)s on %(instant)s.", day=day(change.begins_on),
                 what=what, name=change.by or _("Us"), instant=made_at)  # fmt: skip
    return _("%(what)s, set up by %(name)s on %(instant)s.", what=what, name=change.by or _("Us"), instant=made_at)


def _undo(change: MethodChangeView) -> dict[str, str] | None:
    """The button that takes it back, and until when."""
    if change.made_at is None or not method_reversals.may_undo(change, change.was, now()):
        return None
    until = change.made_at + timedelta(hours=rules(now()).undo_hours)
    return {
        "action": f"/agreement/method/{change.reference}/undo",
        "until": instant(until.astimezone(office().settings.time_zone)),
    }
