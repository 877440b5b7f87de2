"""The desk at which the way to pay is changed: the plan in force, as it is paid now."""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect

from portal.domain.change import InForce
from portal.domain.plan import Method
from portal.queries import changes
from portal.queries.agreements import DeductionView, deduction
from portal.queries.standings import AccountView, AgreementView, account_view
from portal.web import words
from portal.web.access import now, own_taxpayer_id
from portal.web.language import gettext as _

bp = Blueprint("method", __name__)
Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose plan it is, and where it stands."""

    taxpayer_id: int
    view: AccountView
    agreement: AgreementView
    plan: InForce


def own_desk() -> Desk:
    """The desk of the person signed in. Who has no plan in force is sent to where one would stand."""
    taxpayer_id = own_taxpayer_id()
    view = account_view(taxpayer_id, now().on)
    if view.agreement is None or not view.agreement.is_in_force:
        abort(redirect("/agreement", 303))
    plan = changes.in_force(taxpayer_id, view, view.agreement, now())
    return Desk(taxpayer_id, view, view.agreement, plan)


def paid_now(agreement: AgreementView, found: DeductionView | None = None) -> list[Row]:
    """How the plan is paid now."""
    rows = [(_("How"), words.method(agreement.method))]
    if agreement.bank_account:
        rows.append((_("From"), words.bank_account(agreement.bank_account)))
    if found and agreement.method is Method.PAYROLL:
        rows.append((_("Employer"), found.employer))
    return rows


def deduction_of(desk: Desk) -> DeductionView | None:
    """The employer's part, where the plan is paid by payroll deduction."""
    if desk.agreement.method is not Method.PAYROLL:
        return None
    return deduction(desk.taxpayer_id, desk.agreement.reference)
