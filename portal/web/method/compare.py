"""Old and new side by side, before the yes: how it is paid, from when on, what it costs, and when it ends."""

from datetime import datetime, time

from portal.domain.handover import Handover
from portal.domain.money import Money
from portal.domain.plan import Method, PayFrequency, per_paycheck
from portal.domain.projection import Installment, Schedule
from portal.office import office
from portal.queries.method_changes import MethodChangeView
from portal.web import words
from portal.web.access import now
from portal.web.apply.paying import bank_name
from portal.web.language import day, instant, money, short_day
from portal.web.language import gettext as _
from portal.web.method.desk import Desk

Rows = list[dict[str, str]]
SHOWN = 4


def compared(desk: Desk, change: MethodChangeView, found: Handover, old: Schedule, new: Schedule) -> Rows:
    """Each thing as it is now and as it would be."""
    pairs = [
        (_("How"), words.method(desk.agreement.method), words.method(change.method)),
        (_("Account"), words.bank_account(desk.agreement.bank_account), _account(change)),
        (_("Employer"), "", _employer(desk, change)),
        (_("Holds"), "", _holds(found)),
        (_("First payment this way"), "", _first(desk, change, found)),
        (_("Fee"), "", money(found.fee.amount) if found.fee.amount else _("none")),
        (_("Last payment"), _last(old), _last(new)),
        (_("Still to be paid in all"), money(old.total_paid), money(new.total_paid)),
    ]
    return [
        {"what": what, "old": was or "–", "new": becomes or "–"} for what, was, becomes in pairs if was or becomes
    ]


def difference(found: Handover, old: Schedule, new: Schedule) -> str:
    """What the change costs or saves in interest and penalties, in a sentence."""
    more = new.total_paid.cents - old.total_paid.cents - found.fee.amount.cents
    if not old.clears or not new.clears or not more:
        return _("Interest and penalties stay the same.")
    if more > 0:
        return _("Interest and penalties come to %(amount)s more.", amount=money(Money(more)))
    return _("Interest and penalties come to %(amount)s less.", amount=money(Money(-more)))


def coming(desk: Desk, change: MethodChangeView, found: Handover, old: Schedule, new: Schedule) -> Rows:
    """The next payments side by side, each with the account that it leaves."""
    was = words.bank_account(desk.agreement.bank_account) or words.method(desk.agreement.method)
    becomes = words.bank_account(change.bank_account) if change.bank_account else words.method(change.method)
    staying = {each.pay_on for each in found.staying if not each.is_sent}
    pairs = zip(old.installments[:SHOWN], new.installments[:SHOWN], strict=False)
    return [
        {
            "number": str(number),
            "old": _payment(before, was),
            "new": _payment(after, was if after.on in staying or after.on < found.begins_on else becomes),
        }
        for number, (before, after) in enumerate(pairs, 1)
    ]


def in_between(desk: Desk, change: MethodChangeView, found: Handover) -> str:
    """What happens with the installments until the new way holds, exactly."""
    first = day(found.first_due_on)
    if change.method is Method.MANUAL:
        return _("The payment due on %(day)s is the first that you make yourself. Mail it a week before.", day=first)
    if change.method is Method.PAYROLL:
        return _(
            "From the payment due on %(day)s on you pay yourself until your employer has agreed and its first "
            "deduction is here. If it does not agree within %(days)s days, you go on paying yourself.",
            day=first, days=office().policy.days.on(now().on).employer_answer,
        )  # fmt: skip
    if desk.agreement.method is Method.PAYROLL:
        return _(
            "We tell your employer today to stop. What it has deducted and sent counts. We take the whole payment "
            "due on %(day)s from your account; what is due before it is paid by your employer or by yourself.",
            day=first,
        )  # fmt: skip
    if desk.agreement.method is Method.MANUAL:
        return _("What is due before %(day)s you still pay yourself. Do not pay that one: we take it.", day=first)
    return _("No payment is left out and none is taken twice.")


def _payment(row: Installment, source: str) -> str:
    return _("%(day)s: %(amount)s, %(source)s", day=short_day(row.on), amount=money(row.amount), source=source)


def _account(change: MethodChangeView) -> str:
    if change.bank_account is None:
        return ""
    name, account = bank_name(change.routing_number), words.bank_account(change.bank_account)
    return f"{account}, {name}" if name else account


def _employer(desk: Desk, change: MethodChangeView) -> str:
    if not change.employer:
        return ""
    frequency = PayFrequency(change.employer["frequency"])
    return _(
        "%(employer)s: %(amount)s from each paycheck", employer=change.employer["name"],
        amount=money(per_paycheck(desk.agreement.monthly, frequency)),
    )  # fmt: skip


def _holds(found: Handover) -> str:
    """The exact date and time."""
    if found.begins_on == now().on:
        return _("as soon as you have signed")
    return _("from %(instant)s", instant=instant(datetime.combine(found.begins_on, time.min)))


def _first(desk: Desk, change: MethodChangeView, found: Handover) -> str:
    if change.method is Method.DIRECT_DEBIT and not desk.view.standing.is_kept:
        return _("once your plan is put right")
    if change.method is Method.DIRECT_DEBIT and desk.agreement.is_frozen:
        return _("once we have looked at your plan")
    return day(found.first_on)


def _last(schedule: Schedule) -> str:
    return day(schedule.paid_off_on) if schedule.paid_off_on else _("not in time")
