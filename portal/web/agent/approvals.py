"""Approvals: what two people have to do. One asks, a supervisor decides; nobody decides on what they asked for."""

from datetime import date
from typing import Any

from flask import Response, abort, flash, redirect, request
from wtforms import TextAreaField
from wtforms.validators import Length

from portal.domain.actor import Role
from portal.domain.ledger import owed_account
from portal.domain.money import Money, read
from portal.domain.period import Kind
from portal.models.approval import ApprovalKind
from portal.queries import approvals as looked_up
from portal.queries.approvals import ApprovalView
from portal.queries.standings import account_view
from portal.services import approvals, desk
from portal.web import words as page_words
from portal.web.access import actor, now
from portal.web.agent import words
from portal.web.agent.desk import at_the_desk, bp
from portal.web.forms import Form, Obeys
from portal.web.language import day, instant, money, short_day
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page


class DecisionForm(Form):
    """Yes, no, or one's own request taken back; with a word to who asked."""

    answer = TextAreaField(_l("Your answer"), [Length(max=2000), Obeys(desk.plain)])

    def __init__(self, approval: ApprovalView) -> None:
        self.approval = approval
        super().__init__()

    def send(self) -> None:
        said, answer = request.form.get("decision"), (self.answer.data or "").strip()
        if said == "withdraw":
            approvals.withdraw(self.approval.reference, by=actor(), when=now())
        elif said == "approve":
            approvals.approve(self.approval.reference, answer, by=actor(), when=now())
        else:
            approvals.decline(self.approval.reference, answer, by=actor(), when=now())


@bp.get("/agent/approvals")
@at_the_desk
def list_approvals() -> Response:
    who = actor()
    assert who.user_id is not None
    return page(
        "agent/approvals.html",
        waiting=[_row(each) for each in looked_up.waiting()],
        own=[_row(each) for each in looked_up.asked_by(who.user_id)],
    )


@bp.route("/agent/approvals/<reference:reference>", methods=["GET", "POST"])
@at_the_desk
def approval(reference: str) -> Response:
    found = looked_up.one(reference)
    if found is None:
        abort(404)
    form = DecisionForm(found)
    if form.carry_out(form.send):
        flash(_("It is done."))
        return redirect("/agent/approvals", 303)  # type: ignore[return-value]
    return page("agent/approval.html", form=form, approval=found, **_told(found))


def _told(each: ApprovalView) -> dict[str, Any]:
    """The request in words, and what its reader may do about it."""
    is_own = each.asked_by == actor().user_id
    return {
        "heading": words.approval_kind(each.kind),
        "state": words.approval_state(each.state),
        "facts": _facts(each),
        "changes": _changes(each) if each.is_open else [],
        "may_withdraw": each.is_open and is_own,
        "may_decide": each.is_open and not is_own and actor().role is Role.SUPERVISOR,
    }


def _facts(each: ApprovalView) -> list[tuple[str, str]]:
    facts = [
        (_("Account"), f"{each.name}, {each.taxpayer}"),
        (_("About"), _about(each)),
        (_("Why"), each.reason),
        (_("Asked by"), each.asked_by_name),
        (_("Asked"), instant(each.asked_at)),
        (_("Open until"), day(each.ends_on)),
    ]
    if each.decided_by_name:
        facts.append((_("Decided by"), each.decided_by_name))
    if each.answer:
        facts.append((_("Answer"), each.answer))
    return facts


def _about(each: ApprovalView) -> str:
    """The payment, the plan or the year that it is about; what is abated has no reference of its own."""
    if each.kind is not ApprovalKind.ABATEMENT:
        return each.subject
    return f"{page_words.ledger_account(owed_account(Kind(each.facts['what'])))} {each.facts['year']}"


def _changes(each: ApprovalView) -> list[dict[str, Any]]:
    """What exactly would be different: before, and after."""
    if each.kind is ApprovalKind.RELEASE:
        frozen = _("frozen since %(day)s", day=_day(each.facts["frozen_on"]))
        return [{"what": each.subject, "before": frozen, "after": _("debits go on")}]
    amount, standing = read(each.facts["amount"]), account_view(each.taxpayer_id, now().on).standing
    if each.kind is ApprovalKind.REFUND:
        left = max(Money(0), standing.credit - amount)
        return [{"what": _("Credit"), "before": money(standing.credit), "after": money(left)}]
    if each.kind is ApprovalKind.ABATEMENT:
        after = _("%(amount)s of it given up from %(day)s", amount=money(amount), day=_day(each.facts["on"]))
        return [{"what": _about(each), "before": _("charged in full"), "after": after}]
    counts = _("%(amount)s, counts as of %(day)s", amount=money(amount), day=_day(each.facts["pay_on"]))
    posted = {"before": money(standing.posted), "after": money(standing.posted - amount)}
    return [
        {"what": each.subject, "before": counts, "after": _("taken off, does not count")},
        {"what": _("Posted payments"), **posted},
    ]


def _day(fact: str) -> str:
    return day(date.fromisoformat(fact))


def _row(each: ApprovalView) -> dict[str, Any]:
    return {
        "what": (words.approval_kind(each.kind), f"/agent/approvals/{each.reference}"),
        "name": each.name,
        "about": _about(each),
        "by": each.asked_by_name,
        "on": short_day(each.asked_at.date()),
        "state": words.approval_state(each.state),
    }
