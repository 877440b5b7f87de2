"""The way through an application: begin, answer question after question, review."""

from typing import Any

from flask import Blueprint, Response, flash, redirect

from portal.domain.answers import Step, method_of, monthly_of, paid_now
from portal.domain.application import is_open, next_step
from portal.domain.case import fee_of, offered
from portal.queries.applications import draft_of, latest_decision
from portal.queries.cases import case_of
from portal.services import applications
from portal.web.access import actor, now, own_taxpayer_id, signed_in
from portal.web.apply.debt import Balance, Circumstances, PaymentNow, Returns
from portal.web.apply.desk import Desk, onward, own_desk
from portal.web.apply.paying import Bank, Employer, MethodChoice
from portal.web.apply.person import Address, Contact, FilingStatus, Identity
from portal.web.apply.plan import Amount, Day, Household, PlanChoice
from portal.web.apply.question import Question, frame
from portal.web.apply.summary import rows_of
from portal.web.forms import Form
from portal.web.language import gettext as _
from portal.web.page import page

bp = Blueprint("apply", __name__)

QUESTIONS: dict[Step, type[Question]] = {
    each.step: each
    for each in (
        Identity, Address, FilingStatus, Balance, Returns, Circumstances, PaymentNow, PlanChoice, Amount, Day,
        Household, MethodChoice, Bank, Employer, Contact,
    )
}  # fmt: skip


@bp.route("/apply", methods=["GET", "POST"])
def start() -> Response:
    form = Form()
    if form.carry_out(lambda: applications.begin(by=actor(), when=now())):
        return redirect(own_desk().onward, 303)  # type: ignore[return-value]
    taxpayer_id, who = own_taxpayer_id(), signed_in()
    draft = draft_of(who.user_id, now().on) if who else None
    return page("apply/start.html", form=form, draft=draft, case=case_of(taxpayer_id, now().on),
                decided=latest_decision(taxpayer_id))  # fmt: skip


@bp.route("/apply/<step:name>", methods=["GET", "POST"])
def answer(name: str) -> Response:
    desk, step = own_desk(), Step(name)
    if not is_open(step, desk.answers):
        return redirect(desk.onward, 303)  # type: ignore[return-value]
    form = QUESTIONS[step](desk)
    if form.validate_on_submit() and form.onward():
        return redirect(form.onward() or "", 303)  # type: ignore[return-value]
    if form.carry_out(form.save):
        return redirect(onward(form.kept), 303)  # type: ignore[return-value]
    return page(form.template, form=form, **frame(desk, step), **form.shown())


@bp.get("/apply/review")
def review() -> Response:
    desk = own_desk()
    if next_step(desk.answers):
        return redirect(desk.onward, 303)  # type: ignore[return-value]
    return page("apply/review.html", **frame(desk, None), rows=rows_of(desk), **_outlook(desk))


@bp.route("/apply/withdrawal", methods=["GET", "POST"])
def withdraw() -> Response:
    desk, form = own_desk(), Form()
    if form.carry_out(lambda: applications.drop(by=actor(), when=now())):
        flash(_("Your application and all answers in it are deleted."))
        return redirect("/apply", 303)  # type: ignore[return-value]
    return page("apply/withdrawal.html", form=form, draft=desk.draft)


def _outlook(desk: Desk) -> dict[str, Any]:
    """What the plan of all answers comes to."""
    answers, monthly = desk.answers, monthly_of(desk.answers)
    found = offered(desk.case, answers, monthly=monthly, now=paid_now(answers))
    return {
        "offer": found,
        "now": paid_now(answers),
        "fee": fee_of(desk.case, answers, method_of(answers)),
    }
