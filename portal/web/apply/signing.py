"""The end of an application: the texts, the signature under them, and the decision at once."""

import hashlib
from typing import Any

from flask import Response, redirect
from wtforms import BooleanField, HiddenField, StringField, ValidationError
from wtforms.validators import Length

from portal.domain.answers import Step
from portal.domain.application import next_step
from portal.domain.refusal import Refusal
from portal.models import Application
from portal.services import applications
from portal.services.authorizations import Signature
from portal.services.identities import folded
from portal.web import words
from portal.web.access import actor, now
from portal.web.apply.desk import Desk, own_desk
from portal.web.apply.journey import bp
from portal.web.apply.question import frame
from portal.web.apply.texts import VERSION, texts
from portal.web.forms import Form, OneLine, required
from portal.web.language import chosen
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page


class TextsChanged(Refusal):
    """Something in these texts changed since you opened this page, such as a date or what you owe. Nothing was sent.
    Read them again, and sign."""


class SigningForm(Form):
    """A typed name under texts that were shown; `seen` tells which texts those were."""

    seen = HiddenField()
    agreed = BooleanField(_l("I have read all of this and agree to it."))
    signature = StringField(
        _l("Your full name, as your signature"),
        [required(_l("Type your full name to sign.")), Length(max=130), OneLine()],
    )

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.texts = texts(desk)
        super().__init__()

    def validate_agreed(self, field: BooleanField) -> None:
        if not field.data:
            raise ValidationError(_("Tick the box if you agree. Without it no plan is possible."))

    def validate_signature(self, field: StringField) -> None:
        name = "{first_name} {last_name}".format(**self.desk.answers[Step.IDENTITY])
        if folded(field.data) != folded(name):
            raise ValidationError(_("Type your name as you gave it in this application: %(name)s.", name=name))

    def sign(self) -> Application:
        """The decision on what was signed, if it is what was shown."""
        if self.seen.data != fingerprint(self.texts):
            raise TextsChanged
        signature = Signature(self.signature.data.strip(), VERSION, chosen(), self.texts)
        return applications.decide(signature, by=actor(), when=now())


@bp.route("/apply/signature", methods=["GET", "POST"])
def sign() -> Response:
    desk = own_desk()
    if next_step(desk.answers):
        return redirect(desk.onward, 303)  # type: ignore[return-value]
    form, decided = SigningForm(desk), list[Any]()
    if form.carry_out(lambda: decided.append(form.sign())):
        return redirect(f"/apply/decisions/{decided[0].reference}", 303)  # type: ignore[return-value]
    form.seen.data = fingerprint(form.texts)
    signed = [(words.authorization(kind), text.split("\n\n")) for kind, text in form.texts.items()]
    return page("apply/signature.html", form=form, signed=signed, **frame(desk, None))


@bp.route("/apply/refusal", methods=["GET", "POST"])
def refuse() -> Response:
    """The decision on an application against which there are reasons, in writing."""
    desk, form, decided = own_desk(), Form(), list[Any]()
    if form.carry_out(lambda: decided.append(applications.decide(None, by=actor(), when=now()))):
        return redirect(f"/apply/decisions/{decided[0].reference}", 303)  # type: ignore[return-value]
    return redirect(desk.onward, 303)  # type: ignore[return-value]


def fingerprint(shown: dict[Any, str]) -> str:
    """Tells texts apart: what is signed has to be what was read."""
    return hashlib.sha256("\n\n\n".join(shown.values()).encode()).hexdigest()
