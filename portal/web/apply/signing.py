"""The end of an application: the texts, the signature under them, and the decision at once."""

from typing import Any

from flask import Response, redirect

from portal.domain.answers import Step
from portal.domain.application import next_step
from portal.models import Application
from portal.services import applications
from portal.services.authorizations import Signature
from portal.web import words
from portal.web.access import actor, now
from portal.web.apply.desk import Desk, own_desk
from portal.web.apply.journey import bp
from portal.web.apply.question import frame
from portal.web.apply.texts import VERSION, texts
from portal.web.forms import Form
from portal.web.language import chosen
from portal.web.language import gettext as _
from portal.web.page import page
from portal.web.signature import ConsentForm


class SigningForm(ConsentForm):
    """The signature under an application."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("{first_name} {last_name}".format(**desk.answers[Step.IDENTITY]), texts(desk))

    @property
    def another_name(self) -> str:
        return _("Type your name as you gave it in this application: %(name)s.", name=self.name)

    def sign(self) -> Application:
        """The decision on what was signed, if it is what was shown."""
        signature = Signature(self.signed_name(), VERSION, chosen(), self.texts)
        return applications.decide(signature, by=actor(), when=now())


@bp.route("/apply/signature", methods=["GET", "POST"])
def sign() -> Response:
    desk = own_desk()
    if next_step(desk.answers):
        return redirect(desk.onward, 303)  # type: ignore[return-value]
    form, decided = SigningForm(desk), list[Any]()
    if form.carry_out(lambda: decided.append(form.sign())):
        return redirect(f"/apply/decisions/{decided[0].reference}", 303)  # type: ignore[return-value]
    form.show()
    signed = [(words.authorization(kind), text.split("\n\n")) for kind, text in form.texts.items()]
    return page("apply/signature.html", form=form, signed=signed, **frame(desk, None))


@bp.route("/apply/refusal", methods=["GET", "POST"])
def refuse() -> Response:
    """The decision on an application against which there are reasons, in writing."""
    desk, form, decided = own_desk(), Form(), list[Any]()
    if form.carry_out(lambda: decided.append(applications.decide(None, by=actor(), when=now()))):
        return redirect(f"/apply/decisions/{decided[0].reference}", 303)  # type: ignore[return-value]
    return redirect(desk.onward, 303)  # type: ignore[return-value]
