"""The words of Direct Pay: what is paid for, and which amount is meant."""

from portal.domain.direct_pay import Choice
from portal.models.payment import Reason
from portal.web.language import gettext as _
from portal.web.language import marked as N_

REASONS = {
    Reason.INSTALLMENT: N_("An installment of my plan"),
    Reason.FIRST_PAYMENT: N_("The first payment of my plan"),
    Reason.EXTRA: N_("An extra payment"),
    Reason.CURE: N_("What I missed, to keep my plan"),
    Reason.BALANCE_DUE: N_("What I owe"),
}
MEANINGS = {
    Reason.INSTALLMENT: N_("It counts as the payment of a month."),
    Reason.FIRST_PAYMENT: N_("Your plan begins with it."),
    Reason.EXTRA: N_("Beside the payments of your plan. It saves interest and penalties."),
    Reason.CURE: N_("Your plan is in default. Once everything that is past due is paid, it goes on."),
    Reason.BALANCE_DUE: N_("All of it or a part. What you pay earlier costs less interest."),
}
CHOICES = {
    Choice.INSTALLMENT: N_("This installment"),
    Choice.PAST_DUE: N_("What is past due"),
    Choice.EVERYTHING: N_("Everything that will be owed on that day"),
    Choice.OTHER: N_("Another amount"),
}


def reason(value: Reason) -> str:
    """What a payment is for."""
    return _(REASONS[value])


def meaning(value: Reason) -> str:
    """What it does, in a line."""
    return _(MEANINGS[value])


def choice(value: Choice) -> str:
    """Which amount is meant."""
    return _(CHOICES[value])
