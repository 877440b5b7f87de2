"""From the first question to the signature: fill in, check, sign."""

from typing import Any

from flask import Response, abort, redirect, request
from wtforms import BooleanField

from portal.domain.plan import Method
from portal.domain.refusal import Refusal
from portal.domain.routing import bare
from portal.models import Payment
from portal.office import office
from portal.queries.direct_pay import OnlinePayment
from portal.services import direct_pay
from portal.services.direct_pay import Signature
from portal.web.access import now, public, signed_in
from portal.web.agreement import ways_to_pay
from portal.web.apply.paying import bank_name, sandbox
from portal.web.forms import said
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page
from portal.web.pay.desk import Desk, own_desk
from portal.web.pay.extra import made_of_plan
from portal.web.pay.form import PayForm
from portal.web.pay.texts import rows_of, text_of
from portal.web.pay.ways import amount_asked, bp
from portal.web.signature import SignatureForm, fingerprint, typed_name

KEYS = ("csrf_token", "seen", "signature")


class SigningForm(SignatureForm):
    """The signature under a payment, and the yes to a second one that is the same."""

    again = BooleanField(_l("Yes, I want to make a second payment of this amount on this day."))
    signature = typed_name()

    def __init__(self, desk: Desk, draft: OnlinePayment) -> None:
        self.desk, self.draft, self.text = desk, draft, text_of(desk, draft)
        super().__init__(desk.payer.name, {"": self.text})
        is_again = direct_pay.is_the_same_again(desk.payer, draft.reference, instead=desk.instead)
        if not is_again:
            del self.again

    def sign(self) -> Payment:
        """The payment, if what is signed is what was shown."""
        signature = Signature(self.signed_name(), self.text, bool(self.again and self.again.data))
        return direct_pay.sign(
            self.desk.payer, self.draft.reference, signature, instead=self.desk.instead, when=now()
        )


@bp.route("/pay", methods=["GET", "POST"])
@public
def show() -> Response:
    """What can be paid today, and how; who is not signed in is told of the ways."""
    who = signed_in()
    if who is None or who.taxpayer_id is None:
        return page("pay/show.html", amount=amount_asked(), ways=ways_to_pay(Method.MANUAL)[:-1])
    return fill_in(own_desk())


@bp.route("/pay/review/<reference:reference>", methods=["GET", "POST"])
def review(reference: str) -> Response:
    return sign_at(own_desk(reference))


def fill_in(desk: Desk) -> Response:
    """The form of a payment, until it can be looked at as a whole."""
    ways = [] if desk.payer.is_guest else ways_to_pay(Method.MANUAL)[:-1]
    if desk.position and not desk.position.reasons:
        return page("pay/nothing.html", ways=ways)
    form, drafted = PayForm(desk), list[Payment]()
    if "update" not in request.form and form.carry_out(lambda: drafted.append(form.draft())):
        return redirect(desk.review(drafted[0].reference), 303)  # type: ignore[return-value]
    return page("pay/form.html", form=form, desk=desk, ways=ways, notes=form.notes(), **_shown(desk, form))


def sign_at(desk: Desk) -> Response:
    """What is about to be signed: everything on one page, and what changed since it was typed."""
    draft = desk.draft
    if draft is None:
        abort(404)
    _require_keys()
    if not draft.is_draft:
        return _is_signed(desk, draft)
    direct_pay.require_open(draft.drafted_at, now())
    form, signed = SigningForm(desk, draft), list[Payment]()
    if form.carry_out(lambda: signed.append(form.sign())):
        return redirect(desk.receipt(signed[0].reference), 303)  # type: ignore[return-value]
    form.show()
    hindrance = direct_pay.hindrance(desk.payer, draft.reference, instead=desk.instead, when=now())
    return page(
        "pay/review.html", form=form, desk=desk, rows=rows_of(desk, draft), signed=form.text.split("\n\n"),
        hindrance=said(hindrance) if hindrance else "", plan=None if hindrance else made_of_plan(desk, draft),
    )  # fmt: skip


def _is_signed(desk: Desk, payment: OnlinePayment) -> Response:
    """The same form again leads to the same payment; one with another text is told that it changed nothing."""
    if request.method == "POST" and request.form["seen"] != fingerprint({"": payment.signed_text or ""}):
        return page(
            "pay/stopped.html",
            409,
            heading=_("This payment is signed already"),
            happened=_("The payment was signed before, perhaps in another tab. What you sent now differs from it."),
            not_done=_("What you sent now changed nothing, and it made no second payment."),
            advice=_("Look at the payment. As long as there is time, you can change or cancel it there."),
            label=_("See this payment"),
            href=desk.receipt(payment.reference),
        )
    return redirect(desk.receipt(payment.reference), 303)  # type: ignore[return-value]


def _require_keys() -> None:
    """What tells one signature from another is sent once, not twice and not at all."""
    if request.method == "POST":
        counts = [len(request.form.getlist(name)) for name in KEYS]
        if counts != [1] * len(KEYS) or len(request.form.getlist("again")) > 1:
            abort(400)


def _shown(desk: Desk, form: PayForm) -> dict[str, Any]:
    """What stands beside the questions: the year, the days, the bank."""
    typed, days = form.pay_on.data, desk.days
    trouble = ""
    if typed:
        try:
            days.require(typed)
        except Refusal as refusal:
            trouble = said(refusal)
    pay_on = days.first if trouble or not typed else typed
    number = bare(request.args.get("routing_number") or form.routing_number.data or "")
    return {
        "period": desk.position.period if desk.position else None,
        "trouble": "" if form.pay_on.errors else trouble,
        "settles_on": days.settles_on(pay_on),
        "bank": bank_name(number),
        "sandbox": sandbox() if office().is_demo else [],
    }
