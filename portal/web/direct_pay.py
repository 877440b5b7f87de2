"""Direct Pay without an account: who somebody is, then the same form, signature and receipt as for everybody."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from flask import Blueprint, Response, abort, flash, redirect, request, session
from wtforms import StringField, ValidationError
from wtforms.validators import Length

from portal.domain.actor import Actor
from portal.domain.calendar import year_later
from portal.domain.refusal import Refusal
from portal.gateways.vault import Unreadable
from portal.models.columns import LOOK_ALIKES
from portal.office import office
from portal.queries import payments
from portal.queries.direct_pay import online_payment
from portal.services import guests
from portal.services.direct_pay_rules import Payer
from portal.services.guests import Claim
from portal.web import pdf
from portal.web.access import now, public
from portal.web.address import zip_code
from portal.web.apply import words
from portal.web.apply.person import OLDEST_YEARS, nine_digits
from portal.web.forms import ChoiceField, DayField, Form, Obeys, Once, OneLine, required
from portal.web.history import values_of
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page
from portal.web.pay.changes import cancel_at
from portal.web.pay.desk import Desk, desk_of, named
from portal.web.pay.journey import fill_in, sign_at

bp = Blueprint("guest", __name__)
VISIT = timedelta(minutes=15)
ROW = "session:guest"


class NoConfirmationNumber(Refusal):
    """A confirmation number looks like PY-7F3K2-9QDWX-4M1TB. It stands on the receipt."""


def confirmation_number(text: str) -> str:
    """The confirmation number that was typed, however spaced. Refuses (`NoConfirmationNumber`) what is none."""
    letters = "".join(each for each in text.upper() if each not in " -").removeprefix("PY").translate(LOOK_ALIKES)
    if len(letters) != 15 or not letters.isascii() or not letters.isalnum():
        raise NoConfirmationNumber
    return f"PY-{letters[:5]}-{letters[5:10]}-{letters[10:]}"


class IdentityForm(Form):
    """The facts of a tax return. The number is never filled in again."""

    first_name = StringField(_l("First name"), [required(_l("Enter your first name.")), Length(max=60), OneLine()])
    last_name = StringField(_l("Last name"), [required(_l("Enter your last name.")), Length(max=60), OneLine()])
    ssn = StringField(
        _l("Social Security number or ITIN"),
        [Once(), required(_l("Enter your Social Security number or ITIN.")), Obeys(nine_digits)],
    )
    born_on = DayField(_l("Date of birth"), [required(_l("Enter your date of birth."))])
    tax_year = ChoiceField(_l("Year of a tax return"))
    filing_status = ChoiceField(_l("Filing status on it"))
    street = StringField(
        _l("Street on it"), [required(_l("Enter the street as on the tax return.")), Length(max=100), OneLine()]
    )
    postal_code = StringField(_l("ZIP code on it"), [required(_l("Enter the ZIP code.")), Obeys(zip_code)])

    def __init__(self) -> None:
        super().__init__()
        self.tax_year.choices = [(str(year), str(year)) for year in guests.tax_years(now().on)]
        statuses = [(value, _(label)) for value, label in words.FILING_STATUSES.items()]
        self.filing_status.choices = [("", _("Choose one")), *statuses]

    def validate_born_on(self, field: DayField) -> None:
        if field.data and not year_later(now().on, -OLDEST_YEARS) <= field.data < now().on:
            raise ValidationError(_("Enter the day on which you were born: it has to be in the past."))

    def validate_filing_status(self, field: ChoiceField) -> None:
        if not field.data:
            raise ValidationError(_("Choose the filing status."))

    def claim(self) -> Claim:
        assert self.born_on.data, "validated"
        return Claim(
            first_name=self.first_name.data.strip(), last_name=self.last_name.data.strip(),
            ssn=nine_digits(self.ssn.data), born_on=self.born_on.data, filing_status=self.filing_status.data,
            street=self.street.data.strip(), postal_code=zip_code(self.postal_code.data),
            tax_year=int(self.tax_year.data),
        )  # fmt: skip

    def identify(self) -> None:
        _remember(guests.identify(self.claim(), place=_place(), when=now()))


class LookupForm(IdentityForm):
    """The same, and the number of the receipt."""

    number = StringField(
        _l("Confirmation number"),
        [required(_l("Enter the confirmation number.")), Length(max=40), OneLine(), Obeys(confirmation_number)],
    )

    def identify(self) -> None:
        _remember(guests.look_up(self.claim(), confirmation_number(self.number.data), place=_place(), when=now()))


@bp.route("/direct-pay", methods=["GET", "POST"])
@public
def show() -> Response:
    if payer := _payer():
        return fill_in(desk_of(payer, named("draft")))
    form = IdentityForm()
    if form.carry_out(form.identify):
        return redirect("/direct-pay", 303)  # type: ignore[return-value]
    lead = _("First tell us whose tax you pay, with the facts of one of their tax returns.")
    return page("pay/identity.html", form=form, heading=_("Pay without signing in"), lead=lead)


@bp.route("/direct-pay/lookup", methods=["GET", "POST"])
@public
def look_up() -> Response:
    form = LookupForm()
    if form.carry_out(form.identify):
        address = f"/direct-pay/payments/{confirmation_number(form.number.data)}"
        return redirect(address, 303)  # type: ignore[return-value]
    lead = _("See what became of it, and change or cancel it as long as there is time.")
    return page("pay/identity.html", form=form, heading=_("Look up a payment"), lead=lead)


@bp.route("/direct-pay/review/<reference:reference>", methods=["GET", "POST"])
@public
def review(reference: str) -> Response:
    return sign_at(_guest_desk(reference))


@bp.get("/direct-pay/payments/<reference:reference>")
@public
def one(reference: str) -> Response:
    return _shown(reference)


@bp.get("/direct-pay/payments/<reference:reference>.pdf")
@public
def receipt(reference: str) -> Response:
    """The same on paper, where the portal can make it."""
    shown = _shown(reference)
    if not pdf.is_available():
        abort(404)
    return pdf.file_of(shown, f"{reference}.pdf")


def _shown(reference: str) -> Response:
    """A payment that was signed: its state and timeline, and nothing else of the account."""
    taxpayer_id = _guest_desk().payer.taxpayer_id
    payment, signed = payments.one(taxpayer_id, reference), online_payment(taxpayer_id, reference)
    if payment is None or signed is None:
        abort(404)
    if signed.user_id:  # Made by somebody who signed in: the bank account is not a guest's to see.
        payment, signed = replace(payment, bank_account=None), replace(signed, signed_text=None)
    return page("account/payment.html", **values_of(payment, signed, f"/direct-pay/payments/{reference}"))


@bp.post("/direct-pay/payments/<reference:reference>/cancellation")
@public
def cancel(reference: str) -> Response:
    return cancel_at(_guest_desk(), reference)


@bp.post("/direct-pay/end")
@public
def end() -> Response:
    """The next one at this computer begins anew."""
    if Form().validate_on_submit():
        session.pop("guest", None)
        flash(_("This browser has forgotten who you are."))
    return redirect("/direct-pay", 303)  # type: ignore[return-value]


def _place() -> str:
    """Where a visitor comes from; of IPv6 the network, for whoever has one has as many addresses as they want."""
    address = ip_address(request.remote_addr or "::")
    return str(address if address.version == 4 else ip_network((int(address), 64), strict=False))


def _guest_desk(reference: str = "") -> Desk:
    """The desk of a guest who said who they are; everybody else is asked that first."""
    payer = _payer()
    if payer is None:
        abort(redirect("/direct-pay", 303))
    return desk_of(payer, reference)


def _remember(payer: Payer) -> None:
    """Until the visit is over; sealed, for a cookie can be read by whoever has the computer."""
    facts = [payer.taxpayer_id, payer.name, (now().at + VISIT).isoformat()]
    session["guest"] = office().vault.seal(json.dumps(facts), ROW)


def _payer() -> Payer | None:
    """Who said who they are, in this browser, within a quarter of an hour."""
    try:
        taxpayer_id, name, ends_at = json.loads(office().vault.open(session.get("guest", ""), ROW))
    except Unreadable:
        return None
    if datetime.fromisoformat(ends_at) <= now().at:
        return None
    return Payer(taxpayer_id, name, Actor(taxpayer_id=taxpayer_id))
