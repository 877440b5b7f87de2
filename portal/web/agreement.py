"""The agreement: where it stands, the first payment and the ways to make it, what was signed, and the employer."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, abort

from portal.domain.installments import TermsOf
from portal.domain.lifecycle import DeductionState
from portal.domain.plan import Method
from portal.models.authorization import AuthorizationKind
from portal.office import office
from portal.queries import agreements, applications, changes, new_balances
from portal.queries.agreements import Accepted, DeductionView, SignedText
from portal.queries.standings import AccountView, AgreementView, account_view
from portal.web import pdf, words
from portal.web.access import in_person, now, own_taxpayer_id
from portal.web.change_words import columns, row_of
from portal.web.first_payment import first_payment
from portal.web.language import day, money, short_day
from portal.web.language import gettext as _
from portal.web.page import page
from portal.web.paying import paying
from portal.web.upcoming import ending

bp = Blueprint("agreement", __name__)
Ways = list[tuple[str, str, str | None, str | None]]
# Where each of the terms is changed.
WHERE_CHANGED = {
    "monthly": "/agreement/amount", "due_day": "/agreement/day", "method": "/agreement/method",
    "bank": "/agreement/bank",
}  # fmt: skip


@bp.get("/agreement")
def show() -> Response:
    taxpayer_id = own_taxpayer_id()
    view = account_view(taxpayer_id, now().on)
    if view.agreement is None:
        return page("agreement/none.html")
    agreement = view.agreement
    return page(
        "agreement/show.html",
        agreement=agreement,
        first=first_payment(view),
        ways=ways_to_pay(agreement.method),
        ending=ending(view),
        **_changes(taxpayer_id, agreement),
        **_papers(taxpayer_id, view, agreement),
    )


@bp.get("/agreement/deduction")
def deduction() -> Response:
    """What the employer is to do, to print and to hand over."""
    taxpayer_id, reference = own_taxpayer_id(), _own_reference()
    found = agreements.deduction(taxpayer_id, reference)
    if found is None:
        abort(404)
    signed = agreements.signed(taxpayer_id, reference)
    texts = [
        (words.authorization(each.kind), [*each.text.split("\n\n"), _signed_by(each)])
        for each in signed
        if each.kind is AuthorizationKind.PAYROLL
    ]
    rows = [*_asked_of(found), (_("Reference to put on each payment"), found.reference)]
    return page("agreement/deduction.html", rows=rows, signed=texts)


@bp.get("/agreement/authorizations/<reference:reference>")
@in_person
def authorization(reference: str) -> Response:
    """A text as it was signed, to keep."""
    found = agreements.signed_text(own_taxpayer_id(), reference)
    if found is None:
        abort(404)
    text = f"{found.text}\n\n{_signed_by(found)}\n"
    response = Response(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename={found.reference}.txt"
    return response


def terms(agreement: AgreementView) -> list[tuple[str, str]]:
    """What an agreement asks for."""
    return [(label, value) for _name, label, value in _terms(agreement)]


def changeable_terms(agreement: AgreementView) -> list[tuple[str, ...]]:
    """The same, each with the way to change it, if it can be while the agreement is in force."""
    hrefs = WHERE_CHANGED if agreement.is_in_force else {}
    return [(label, value, hrefs.get(name, "")) for name, label, value in _terms(agreement)]


def _terms(agreement: AgreementView) -> list[tuple[str, str, str]]:
    rows = [
        ("kind", _("Plan"), words.plan(agreement.kind)),
        ("monthly", _("Each month"), money(agreement.monthly)),
        ("due_day", _("Due"), words.ordinal_day(agreement.due_day)),
        ("method", _("How"), words.method(agreement.method)),
    ]
    if agreement.bank_account:
        rows.append(("bank", _("From"), words.bank_account(agreement.bank_account)))
    rows.append(("accepted_on", _("Since"), day(agreement.accepted_on)))
    if agreement.ended_on:
        rows.append(("ended_on", _("Ended"), day(agreement.ended_on)))
    return [*rows, ("reference", _("Reference"), agreement.reference)]


def ways_to_pay(method: Method) -> Ways:
    """How a payment can be made: heading, what to do, and where to go on."""
    ways: Ways = []
    if method is Method.DIRECT_DEBIT:
        ways.append((_("By the first debit"), _("We take it from your account. You do not have to do anything."),
                     "/account/upcoming", _("See the dates")))  # fmt: skip
    return [
        *ways,
        (_("By mail"), _("Mail a check or money order with the coupon. It counts on the day on which we receive it."),
         "/pay/coupon", _("Print the coupon")),
        (_("By telephone"), " ".join(map(_, office().settings.agency_contact)), None, None),
        (_("Online with Direct Pay"), _("From your bank account, today or on a day that you choose."),
         "/pay", _("Pay now")),
    ]  # fmt: skip


def what_happens_next(agreed: Accepted, deduction: DeductionView | None) -> list[tuple[str, str]]:
    """The next steps of a new agreement."""
    first = _("By %(day)s: your first payment of %(amount)s", day=day(agreed.first_due_on),
              amount=money(agreed.monthly))  # fmt: skip
    told = {
        Method.DIRECT_DEBIT: _("We take it from your account. Make sure that there is enough money in it."),
        Method.PAYROLL: _(
            "Your employer may need some weeks. Make this payment yourself if nothing has been deducted."
        ),
        Method.MANUAL: _("It has to be here by that day. Mail it a week before."),
    }[agreed.method]
    steps = [(first, told)]
    if deduction and deduction.state is DeductionState.ASKED:
        asked = _("%(employer)s has until %(day)s to agree", employer=deduction.employer, day=day(deduction.ends_on))
        steps.insert(
            0, (asked, _("We mailed a link to its payroll office. You can hand over your authorization too."))
        )
    return [
        *steps,
        (_("Each month after that: the same amount on the same day"),
         _("The last payment is what is left. You see every date in advance.")),
        (_("All the time: file your returns and pay new taxes on time"),
         _("If something changes, get in touch before a payment is due.")),
    ]  # fmt: skip


def signed_rows(texts: Iterable[SignedText]) -> list[dict[str, Any]]:
    """What was signed, as rows with the way to keep it."""
    zone = office().settings.time_zone
    return [
        {
            "what": (words.authorization(each.kind), f"/agreement/authorizations/{each.reference}"),
            "by": each.signature,
            "on": short_day(each.signed_at.astimezone(zone).date()),
            "paragraphs": each.text.split("\n\n"),
        }
        for each in texts
    ]


def _changes(taxpayer_id: int, agreement: AgreementView) -> dict[str, Any]:
    """The terms, how they are paid, what can be changed beside them or is from a later day on, and what was."""
    return {
        "terms": changeable_terms(agreement),
        "paying": paying(taxpayer_id, agreement),
        "changes": _other_changes() if agreement.is_in_force else [],
        "coming_terms": [_coming(each) for each in agreement.history if each.begins_on > now().on],
        "made": [row_of(each) for each in changes.made(taxpayer_id, agreement.reference)],
        "made_columns": columns(),
    }


def _other_changes() -> Ways:
    return [
        (_("Move a payment"), _("Make the next payment some days later, on a day that suits you."),
         "/agreement/slide", _("Move a payment")),
        (_("Skip a payment"), _("Leave one payment out. It is paid at the end, with the interest for that time."),
         "/agreement/skip", _("Skip a payment")),
        (_("Pay extra"), _("End sooner, or pay less each month. You see what it comes to before you pay."),
         "/pay?reason=extra", _("Pay extra")),
        (_("Give up the plan"), _("Everything is due at once then. Read first what it means."),
         "/agreement/withdrawal", _("Give up the plan")),
    ]  # fmt: skip


def _coming(asked: TermsOf) -> str:
    """Terms that hold from a later day on."""
    return _("From %(day)s on: %(amount)s a month, due on day %(number)s.", day=day(asked.begins_on),
             amount=money(asked.monthly), number=asked.due_day)  # fmt: skip


def _papers(taxpayer_id: int, view: AccountView, agreement: AgreementView) -> dict[str, Any]:
    """What belongs to an agreement: what waits to be added to it, what was signed, the decision, and the employer's
    part.
    """
    reference = agreement.reference
    return {
        "pdf_url": "/agreement.pdf" if pdf.is_available() else None,
        "state": words.agreement_state(agreement.state),
        "added": new_balances.addition_in(taxpayer_id, view, now()),
        "deduction": _employer(agreements.deduction(taxpayer_id, reference)),
        "signed": signed_rows(agreements.signed(taxpayer_id, reference)),
        "decided": applications.decision_on(taxpayer_id, reference),
    }


def _own_reference() -> str:
    """The reference of the latest agreement of the person signed in."""
    view = account_view(own_taxpayer_id(), now().on)
    if view.agreement is None:
        abort(404)
    return view.agreement.reference


def _signed_by(signed: SignedText) -> str:
    at = signed.signed_at.astimezone(office().settings.time_zone)
    return _("Signed by %(name)s on %(day)s at %(time)s, version %(version)s, reference %(reference)s",
             name=signed.signature, day=day(at.date()), time=f"{at:%H:%M %Z}", version=signed.version,
             reference=signed.reference)  # fmt: skip


def _employer(deduction: DeductionView | None) -> dict[str, Any] | None:
    """The employer's part, and where it stands."""
    if deduction is None:
        return None
    rows = [*_asked_of(deduction), (_("Asked on"), day(deduction.asked_on))]
    if deduction.state is DeductionState.ASKED:
        rows.append((_("Has time to answer until"), day(deduction.ends_on)))
    if deduction.answered_by:
        rows.append((_("Answered by"), deduction.answered_by))
    return {"state": words.deduction_state(deduction.state), "rows": rows,
            "told": words.deduction_told(deduction.state)}  # fmt: skip


def _asked_of(deduction: DeductionView) -> list[tuple[str, str]]:
    """What an employer is asked to do."""
    return [
        (_("Employer"), deduction.employer),
        (
            _("From each paycheck"),
            _(
                "%(amount)s (%(often)s)",
                amount=money(deduction.per_paycheck),
                often=words.frequency(deduction.frequency).lower(),
            ),
        ),
    ]
