"""What things of the desk are called, and what an event of the trail says."""

from typing import Any

from portal.domain.lifecycle import ApprovalState
from portal.models.approval import ApprovalKind
from portal.models.batch import TenderKind
from portal.queries.glance import Happened
from portal.queries.worklists import Work
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.language import marked as N_
from portal.web.notice_text import title

TENDERS: dict[str, Any] = {
    TenderKind.CHECK: _l("Check"),
    TenderKind.MONEY_ORDER: _l("Money order"),
    TenderKind.PHONE: _l("By telephone"),
    TenderKind.PAYROLL: _l("From an employer"),
}
APPROVALS = {
    ApprovalKind.REVERSAL: N_("Take a payment off"),
    ApprovalKind.RELEASE: N_("Release a frozen plan"),
    ApprovalKind.REFUND: N_("Send a credit back"),
    ApprovalKind.ABATEMENT: N_("Give up a part of a debt"),
}
APPROVAL_STATES = {
    ApprovalState.ASKED: (N_("Waiting"), "wait"),
    ApprovalState.APPROVED: (N_("Approved and done"), "good"),
    ApprovalState.DECLINED: (N_("Declined"), "bad"),
    ApprovalState.EXPIRED: (N_("Run out"), "neutral"),
    ApprovalState.WITHDRAWN: (N_("Taken back"), "neutral"),
}
# What a list is called, and what to do about each of its rows.
WORKLISTS = {
    Work.DEFAULTS: (N_("Defaults that end soon"), N_("Call, and write down what is promised.")),
    Work.RETURNS: (N_("Returned debits"), N_("Call about the bank account.")),
    Work.UNAUTHORIZED: (
        N_("Unauthorized returns to look into"),
        N_("Find out who authorized it, and write it down."),
    ),
    Work.FROZEN: (N_("Frozen plans"), N_("Ask for the release, once debits may go on.")),
    Work.FIRST_PAYMENTS: (N_("First payments that are missing"), N_("Call about the first payment.")),
    Work.UNDELIVERED: (N_("Mail that could not be delivered"), N_("Ask for another address.")),
    Work.QUARANTINED: (N_("Lines from the bank that fit nothing"), N_("Find the payment that is meant.")),
    Work.DRAFTS: (N_("Applications left half done"), N_("Offer to help.")),
}
EVENTS = {
    "account.abated": N_("A part of the debt given up"),
    "credit.refunded": N_("Credit sent back"),
    "agreement.accepted": N_("Plan accepted"),
    "agreement.changed": N_("Plan changed"),
    "agreement.completed": N_("Plan completed"),
    "agreement.cured": N_("Default put right"),
    "agreement.frozen": N_("Plan frozen"),
    "agreement.in_default": N_("Plan in default"),
    "agreement.released": N_("Plan released"),
    "agreement.reopened": N_("Plan in force again"),
    "agreement.terminated": N_("Plan ended by us"),
    "agreement.withdrawn": N_("Plan withdrawn"),
    "application.begun": N_("Application begun"),
    "application.answered": N_("Application: a question answered"),
    "application.accepted": N_("Application accepted"),
    "application.refused": N_("Application refused"),
    "application.expired": N_("Application has run out"),
    "application.dropped": N_("Application dropped"),
    "approval.asked": N_("Approval asked for"),
    "approval.approved": N_("Approved and done"),
    "approval.declined": N_("Approval declined"),
    "approval.expired": N_("Approval has run out"),
    "approval.withdrawn": N_("Request taken back"),
    "bank_account.added": N_("Bank account added"),
    "bank_account.corrected": N_("Bank account corrected by the bank"),
    "bank_account.unusable": N_("Bank account cannot be debited any more"),
    "hold.begun": N_("Hardship hold begun"),
    "hold.lifted": N_("Hardship hold ended"),
    "identity.differed": N_("Facts did not match"),
    "note.written": N_("Note written"),
    "notice.read": N_("Notice opened"),
    "password.changed": N_("Password changed"),
    "payment.cancelled": N_("Payment cancelled"),
    "payment.resized": N_("Promised payment changed"),
    "payment.returned": N_("Payment returned"),
    "payment.reversed": N_("Payment taken off"),
    "payment.scheduled": N_("Payment promised"),
    "payment.settled": N_("Payment posted"),
    "payment.submitted": N_("Payment on its way"),
    "payroll.asked": N_("Employer asked"),
    "payroll.confirmed": N_("Employer confirmed"),
    "payroll.declined": N_("Employer declined"),
    "payroll.ended": N_("Payroll deduction ended"),
    "payroll.expired": N_("Employer did not answer"),
    "payroll.reminded": N_("Employer reminded"),
    "promise.made": N_("Promise to pay"),
    "return.reviewed": N_("Unauthorized return looked into"),
    "sign_in.began": N_("Signed in"),
    "sign_in.ended": N_("Signed out"),
    "sign_in.proved": N_("Password given again"),
    "spouse.added": N_("Spouse added"),
    "statement.issued": N_("Statement issued"),
    "support.begun": N_("Support session begun"),
    "support.ended": N_("Support session ended"),
    "tax_period.assessed": N_("Year assessed"),
    "taxpayer.enrolled": N_("Account opened"),
    "taxpayer.moved": N_("Address changed"),
    "taxpayer.opened": N_("Looked at by the agency"),
    "user.added": N_("Somebody can sign in"),
}


def tender_kind(kind: TenderKind) -> str:
    """What money came as."""
    return str(TENDERS[kind])


def approval_kind(kind: ApprovalKind) -> str:
    """What is asked for."""
    return _(APPROVALS[kind])


def approval_state(state: ApprovalState) -> tuple[str, str]:
    """Where a request stands, and its tone."""
    name, tone = APPROVAL_STATES[state]
    return _(name), tone


def worklist(work: Work) -> tuple[str, str]:
    """What a list is called, and what to do."""
    name, action = WORKLISTS[work]
    return _(name), _(action)


def event(each: Happened) -> str:
    """What happened, in words; an event without words is called by its name."""
    if each.notice:
        return _("Notice: %(title)s", title=title(each.notice, each.facts))
    known = EVENTS.get(each.event)
    return _(known) if known else each.event.replace("_", " ").replace(".", ": ")
