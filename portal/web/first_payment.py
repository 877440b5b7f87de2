"""The first payment of an agreement, as long as none has been made: by when, and whether it is arranged."""

from dataclasses import dataclass
from datetime import date

from portal.domain.calendar import business_day_from
from portal.domain.money import Money, total
from portal.domain.plan import Method
from portal.policies import banking_days_off
from portal.queries.standings import AccountView
from portal.web.language import day, ngettext
from portal.web.language import gettext as _


@dataclass(frozen=True, slots=True)
class FirstPayment:
    """The first payment of an agreement, while none has been made: how much, by when, and in how many days; and the
    day of the Direct Pay payment that is signed for it, if one is.
    """

    amount: Money
    due_on: date
    days: int
    method: Method
    arranged_on: date | None = None

    @property
    def is_late(self) -> bool:
        return self.days < 0 and not self.arranged_on

    @property
    def countdown(self) -> str:
        """How long there is still time, or that it is arranged."""
        if self.arranged_on:
            paid = _("You pay it with Direct Pay on %(day)s.", day=day(self.arranged_on))
            return f"{paid} {_('You do not have to do anything.')}"
        if self.days < 0:
            return _("It was due on %(day)s.", day=day(self.due_on))
        if self.days == 0:
            return _("It is due today.")
        return ngettext("One day is left.", "%(num)s days are left.", self.days)


def first_payment(view: AccountView) -> FirstPayment | None:
    """The first payment, as long as nothing of the plan has been paid or is on its way."""
    agreement, standing = view.agreement, view.standing
    if agreement is None or not standing.is_kept or standing.arrears.paid or standing.pending:
        return None
    amount = min(agreement.monthly, standing.balance)
    due_on = agreement.history[0].first_due_on
    return FirstPayment(
        amount, due_on, (due_on - standing.as_of).days, agreement.method, _arranged_on(view, amount, due_on)
    )


def _arranged_on(view: AccountView, amount: Money, due_on: date) -> date | None:
    """The day on which payments that are signed come to the amount, if that is in time."""
    last = business_day_from(due_on, banking_days_off())
    in_time = [each for each in view.signed if each.pay_on <= last]
    return in_time[-1].pay_on if in_time and total(each.amount for each in in_time) >= amount else None
