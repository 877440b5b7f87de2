"""A default put right: what is missing and by when, and a plan that was ended taken up again."""

from typing import Any

from flask import Blueprint, Response, redirect

from portal.domain.lifecycle import AgreementState
from portal.models.authorization import AuthorizationKind
from portal.office import office
from portal.queries import arrears, new_balances
from portal.queries.people import person
from portal.services import agreements, reinstatements
from portal.services.authorizations import Signature
from portal.services.reinstatements import Reinstatement
from portal.web import words
from portal.web.access import actor, now, own_taxpayer_id, signed_in
from portal.web.apply.texts import VERSION, written
from portal.web.language import chosen, day, money
from portal.web.language import gettext as _
from portal.web.page import page
from portal.web.reasons import told
from portal.web.signature import ConsentForm

bp = Blueprint("default", __name__)


class ReinstatementForm(ConsentForm):
    """The signature under a plan that is taken up again."""

    def __init__(self, found: Reinstatement, name: str) -> None:
        self.found = found
        super().__init__(name, {AuthorizationKind.TERMS: _text(found, name)})

    def shown(self) -> list[str]:
        """What is signed, in paragraphs; it is remembered that this was shown."""
        self.show()
        return "".join(self.texts.values()).split("\n\n")

    def sign(self) -> None:
        """The decision, at once, on what was shown."""
        signature = Signature(self.signed_name(), VERSION, chosen(), self.texts)
        reinstatements.reinstate(self.found, signature, by=actor(), when=now())


@bp.get("/agreement/cure")
def cure() -> Response:
    """The exact amount that is missing today, the last day for it, and the way to pay it now."""
    agreement = agreements.in_force(own_taxpayer_id())
    if agreement is None or agreement.state is not AgreementState.IN_DEFAULT:
        return redirect("/agreement", 303)  # type: ignore[return-value]
    amount = arrears.missing(agreement, now().on, now().on)
    if not amount and new_balances.waiting(agreement.taxpayer_id):
        return redirect("/agreement/balance", 303)  # type: ignore[return-value]
    last = agreement.cure_by or now().on
    return page(
        "agreement/cure.html", amount=amount, cure_by=last, days=(last - now().on).days,
        pay_url="/pay?reason=cure&choice=past_due",
    )  # fmt: skip


@bp.route("/agreement/reinstatement", methods=["GET", "POST"])
def reinstate() -> Response:
    found, who = reinstatements.offered(own_taxpayer_id(), now().on), signed_in()
    if found is None or who is None:
        return redirect("/agreement", 303)  # type: ignore[return-value]
    if found.reasons:
        return page("agreement/not_reinstated.html", reasons=told(found.reasons))
    form = ReinstatementForm(found, person(who.user_id).name)
    if form.carry_out(form.sign):
        return redirect("/agreement", 303)  # type: ignore[return-value]
    return page("agreement/reinstatement.html", text=form.shown(), form=form, found=_rows(found))


def _rows(found: Reinstatement) -> list[tuple[str, str]]:
    proposal = found.proposal
    return [
        (_("Each month"), money(proposal.monthly)),
        (_("Due"), words.ordinal_day(proposal.due_day)),
        (_("First payment"), day(proposal.first_due_on)),
        (_("How"), words.method(proposal.method)),
        (_("User fee"), money(found.fee)),
    ]


def _text(found: Reinstatement, name: str) -> str:
    proposal = found.proposal
    facts: dict[str, Any] = {
        "agency": office().settings.agency_name,
        "name": name,
        "on": day(now().on),
        "reference": found.agreement,
        "monthly": money(proposal.monthly),
        "due_day": proposal.due_day,
        "first_due_on": day(proposal.first_due_on),
        "fee": money(found.fee),
        "method": words.method(proposal.method),
        "is_debited": proposal.bank_account is not None,
        "cure_days": office().policy.days.on(now().on).cure,
        "notice_days": office().policy.days.on(now().on).revocation_notice,
    }
    return written("reinstatement", facts)
