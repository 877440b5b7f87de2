"""Changing an agreement: a question, what the answer comes to, and the yes; in place of its terms, or as a page."""

from typing import Any

from flask import Blueprint, Response, flash, redirect
from wtforms import BooleanField, HiddenField

from portal.domain.actor import Permission
from portal.domain.change import Change, ChangeKind, InForce, Leaving, Simulation
from portal.domain.refusal import Refusal
from portal.domain.simulator import InDefault, TooLate, require_changeable
from portal.queries import changes as queries
from portal.services import changes
from portal.services.changes import ChangedMeanwhile, Seen, ShownAnew
from portal.web.access import actor, keeps, now, own_taxpayer_id, permits
from portal.web.change_words import DONE, TITLES, columns, row_of
from portal.web.forms import Form, required, said
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.language import marked as N_
from portal.web.page import page
from portal.web.plans import AGREEMENT, own_plan, simulated
from portal.web.questions import QUESTIONS, Question
from portal.web.simulator import shown

bp = Blueprint("changes", __name__)
WAYS_OUT: dict[type[Refusal], tuple[str, str]] = {
    InDefault: (N_("Put your plan right"), "/agreement/cure"),
    TooLate: (N_("Change the monthly amount"), "/agreement/amount"),
}


class YesForm(Form):
    """The yes to what was shown: the answer, and the version and the figures that somebody had before them."""

    value = HiddenField()
    version = HiddenField()
    shown = HiddenField()

    def __init__(self, question: Question) -> None:
        self.question, self.refused = question, Refusal()
        super().__init__()

    def validate(self, extra_validators: Any = None) -> bool:
        return bool(super().validate(extra_validators)) and bool(self.question.validate())

    def refuse(self, refusal: Refusal) -> None:
        self.refused = refusal
        self.question.refuse(refusal)

    def say(self) -> None:
        """Do what was said yes to."""
        seen = Seen(number(self.version), self.shown.data or "")
        changes.make(own_taxpayer_id(), self.question.change(), seen, by=actor(), when=now())

    def ask(self, result: Simulation) -> "YesForm":
        """Ask for a yes to this."""
        self.value.data, self.shown.data = self.question.typed, result.shown
        self.version.data = str(self.question.plan.version)
        return self


class WithdrawalForm(Form):
    """The yes to giving a plan up, which is said in words."""

    version = HiddenField()
    agreed = BooleanField(
        _l("I give up my plan. I know that everything is due at once"),
        [required(_l("Tick the box if you want to give up your plan."))],
    )

    def say(self) -> None:
        """Give it up."""
        changes.withdraw(own_taxpayer_id(), Seen(number(self.version)), by=actor(), when=now())


@bp.route("/agreement/amount", methods=["GET", "POST"], defaults={"kind": ChangeKind.AMOUNT})
@bp.route("/agreement/day", methods=["GET", "POST"], defaults={"kind": ChangeKind.DAY})
@bp.route("/agreement/skip", methods=["GET", "POST"], defaults={"kind": ChangeKind.SKIP})
@bp.route("/agreement/slide", methods=["GET", "POST"], defaults={"kind": ChangeKind.SLIDE})
@keeps("value")
@permits(amount=Permission.CHANGE_AMOUNT, day=Permission.CHANGE_DAY, skip=Permission.SKIP, slide=Permission.SLIDE)
def change(kind: ChangeKind) -> Response:
    plan = own_plan()
    if why_not := why_not_now(plan, kind):
        return page("agreement/not_now.html", title=_(TITLES[kind]), why_not=said(why_not), way=way_out(why_not))
    yes = YesForm(QUESTIONS[kind](plan))
    if yes.carry_out(yes.say):
        flash(_(DONE[kind]))
        return redirect(AGREEMENT, 303)  # type: ignore[return-value]
    return page("agreement/change.html", title=_(TITLES[kind]), action=f"{AGREEMENT}/{kind}", **_asked(yes))


@bp.route("/agreement/withdrawal", methods=["GET", "POST"])
def withdraw() -> Response:
    plan, form = own_plan(), WithdrawalForm()
    if form.carry_out(form.say):
        flash(_("You gave up your plan. No more payments are taken for it."))
        return redirect(AGREEMENT, 303)  # type: ignore[return-value]
    plan = own_plan()
    form.version.data = str(plan.version)
    return page("agreement/withdrawal.html", form=form, balance=plan.balance, leaving=staying(plan))


def staying(plan: InForce) -> list[Leaving]:
    """What is still taken when the plan is given up: what was sent, and what was signed apart from it."""
    return [each for due_on, each in plan.arranged if each.is_sent or due_on is None]


def why_not_now(plan: InForce, kind: ChangeKind) -> Refusal | None:
    """Why this cannot be changed now, whatever is answered; nothing if it can."""
    try:
        if QUESTIONS[kind].asks:
            require_changeable(plan, kind)
        else:
            simulated(plan, Change(kind))
    except Refusal as refusal:
        return refusal
    return None


def way_out(why_not: Refusal) -> tuple[str, str]:
    """What to do about it, and where."""
    label, href = WAYS_OUT.get(type(why_not), (N_("How to reach us"), "/help"))
    return _(label), href


def number(field: HiddenField) -> int:
    """The version that a form was made of; what is none is an old one."""
    text = field.data or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _asked(yes: YesForm) -> dict[str, Any]:
    """What the answer comes to. After a yes that came too late it is looked at again, beside what another one did."""
    question, is_late = yes.question, isinstance(yes.refused, (ChangedMeanwhile, ShownAnew))
    if is_late:
        question.plan = own_plan()
    result = question.simulated() if is_late or not question.errors else None
    others = []
    if isinstance(yes.refused, ChangedMeanwhile):
        others = [row_of(each) for each in queries.made(own_taxpayer_id(), question.plan.reference, 1)]
    return {
        "form": question,
        "found": shown(result, now().at) if result else None,
        "yes": yes.ask(result) if result else None,
        "others": others,
        "columns": columns(),
    }
