"""The words of support sessions: reasons, actions, and the notices about who looks, and what is known of somebody."""

from portal.domain.actor import Permission
from portal.models.notice import NoticeKind as Kind
from portal.models.support import ConflictKind, SupportReason
from portal.web.language import gettext as _
from portal.web.language import marked as N_
from portal.web.notice_parts import Words

REASONS = {
    SupportReason.CALL: N_("The taxpayer calls or is here"),
    SupportReason.LETTER: N_("A letter or a mail of the taxpayer"),
    SupportReason.PAYMENT: N_("A payment is looked for"),
    SupportReason.COMPLAINT: N_("A complaint"),
    SupportReason.REVIEW: N_("Our own work is checked"),
}
ACTIONS = {
    Permission.CHANGE_AMOUNT: N_("Change the monthly amount of the plan"),
    Permission.CHANGE_DAY: N_("Change the day of the month on which the plan is paid"),
    Permission.SKIP: N_("Skip the next payment of the plan"),
    Permission.SLIDE: N_("Move the next payment of the plan to a later day"),
    Permission.CANCEL_PAYMENT: N_("Cancel a payment that was not sent to the bank yet"),
}
CONFLICTS = {
    ConflictKind.OWN: N_("It is the own account"),
    ConflictKind.FAMILY: N_("Family, or the same household"),
    ConflictKind.KNOWN: N_("Somebody known in private"),
}
WHO_LOOKED = (N_("See who looked at your account"), "/account/access")

NOTICES: dict[Kind, Words | tuple[Words, ...]] = {
    Kind.ADDRESS_CHANGED: Words(
        title=N_("Your postal address or telephone was changed"),
        happened=(N_("The postal address or the telephone number of your account was changed in its settings."),),
        means=(N_("Letters from us go to the address that stands there now."),),
        now=(N_("If it was not you, set a new password at once and call us. If it was, there is nothing to do."),),
        link=(N_("See the settings"), "/account/settings"),
    ),
    Kind.SUPPORT_SESSION: Words(
        title=N_("%(agent)s of our staff looks at your account"),
        happened=(
            N_("%(agent)s of our staff opened the pages of your account, for 15 minutes at most."),
            N_("The reason given: %(why)s."),
        ),
        means=(
            N_("Our staff sees what you see, and can change nothing without your yes."),
            N_("The number of the matter is %(ticket)s."),
        ),
        now=(
            N_("If you talk with us at the moment, you do not have to do anything."),
            N_("If you did not ask for this, tell us on the page that shows who looked: it ends at once."),
        ),
        link=WHO_LOOKED,
    ),
    Kind.OBJECTION: Words(
        title=N_("We look into who opened your account"),
        happened=(N_("You told us that you did not ask %(agent)s to look at your account."),),
        means=(N_("What was open is closed. A supervisor looks into it, and writes down what was found."),),
        now=(N_("If it was not you who told us, call us at once. Otherwise you do not have to do anything."),),
        link=WHO_LOOKED,
    ),
    Kind.OBJECTION_REVIEWED: Words(
        title=N_("We looked into who opened your account"),
        happened=(N_("A supervisor has looked into what you told us, and has written down what was found."),),
        now=(N_("Read it on the page that shows who looked. If you do not agree, call us."),),
        link=WHO_LOOKED,
    ),
}  # fmt: skip


def reason(value: str) -> str:
    """Why an agent looks, in the reader's language."""
    return _(REASONS[SupportReason(value)])


def action(value: str) -> str:
    """What an agent asks for."""
    return _(ACTIONS[Permission(value)])
