"""The agent's side of a support session: begin it, ask for one action, give in the code, end it."""

from flask import Response, flash, redirect
from wtforms import BooleanField, StringField, ValidationError
from wtforms.validators import Length

from portal.domain.actor import Permission
from portal.models.support import SupportReason
from portal.services import consents, support
from portal.services.consents import ASKABLE
from portal.services.support import Wish
from portal.web import support_words
from portal.web.access import actor, just_proved, now, signed_in, support_session
from portal.web.acting import forget, remember
from portal.web.agent.desk import at_the_desk, bp, taxpayer_at_hand
from portal.web.forms import ChoiceField, Form, OneLine, required
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page


class BeginForm(Form):
    """Why somebody looks at an account with the taxpayer's eyes."""

    reason = ChoiceField(_l("Why do you look?"))
    ticket = StringField(_l("Ticket number"), [Length(max=40), OneLine()])
    no_ticket = BooleanField(_l("There is no ticket yet. My supervisor sees that I looked without one."))

    def __init__(self) -> None:
        super().__init__()
        reasons = [(each.value, _(words)) for each, words in support_words.REASONS.items()]
        self.reason.choices = [("", _("Choose one")), *reasons]

    def validate_reason(self, field: ChoiceField) -> None:
        if not field.data:
            raise ValidationError(_("Choose the reason."))

    def validate_ticket(self, field: StringField) -> None:
        if bool((field.data or "").strip()) is bool(self.no_ticket.data):
            raise ValidationError(_("Enter the number of the ticket, or say that there is none yet."))

    def begin(self, taxpayer_id: int) -> str:
        """The token of the session that begins."""
        wish, who = Wish(SupportReason(self.reason.data), (self.ticket.data or "").strip()), signed_in()
        assert who is not None
        return support.begin(taxpayer_id, wish, sign_in_id=who.sign_in_id, by=actor(), when=now())


class RequestForm(Form):
    """Which one action the taxpayer is asked for, and how they read the code."""

    permission = ChoiceField(_l("What do you want to do for them?"))
    is_mailed = BooleanField(_l("Send the code by mail as well, because they are not before their screen."))

    def __init__(self) -> None:
        super().__init__()
        self.permission.choices = [(each.value, support_words.action(each)) for each in ASKABLE]

    def ask(self) -> None:
        permission = Permission(self.permission.data)
        consents.ask(permission, is_mailed=bool(self.is_mailed.data), by=actor(), when=now())


class CodeForm(Form):
    """The code that the taxpayer reads out."""

    code = StringField(_l("Code"), [required(_l("Enter the six digits.")), Length(max=20), OneLine()])


@bp.get("/agent/taxpayers/<reference:reference>/support")
@at_the_desk
@just_proved
def support_form(reference: str) -> Response:
    return page("agent/support.html", form=BeginForm(), taxpayer=taxpayer_at_hand(reference))


@bp.post("/agent/taxpayers/<reference:reference>/support-session")
@at_the_desk
@just_proved
def begin_support(reference: str) -> Response:
    taxpayer, form, tokens = taxpayer_at_hand(reference), BeginForm(), list[str]()
    if not form.carry_out(lambda: tokens.append(form.begin(taxpayer.id))):
        return page("agent/support.html", form=form, taxpayer=taxpayer)
    response: Response = redirect("/account", 303)  # type: ignore[assignment]
    remember(response, tokens[0])
    return response


@bp.post("/agent/support/end")
@at_the_desk
def end_support() -> Response:
    """One is oneself again, exactly as before; what the pages said is not kept by the browser."""
    taxpayer = support.end(by=actor(), when=now())
    response: Response = redirect(f"/agent/taxpayers/{taxpayer.reference}" if taxpayer else "/agent", 303)  # type: ignore[assignment]
    forget(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@bp.route("/agent/support/request", methods=["GET", "POST"])
@at_the_desk
def request_support() -> Response:
    """Ask the taxpayer for one action."""
    session, form = support_session(), RequestForm()
    if session is None:
        return _no_session()
    if form.carry_out(form.ask):
        return redirect("/agent/support/code", 303)  # type: ignore[return-value]
    return page("agent/request.html", form=form, name=session.subject.name)


@bp.route("/agent/support/code", methods=["GET", "POST"])
@at_the_desk
def enter_code() -> Response:
    """The taxpayer's yes: the code opens the one action."""
    session, form = support_session(), CodeForm()
    if session is None:
        return _no_session()
    if form.carry_out(lambda: consents.allow(form.code.data or "", by=actor(), when=now())):
        flash(_("%(name)s has said yes. You can do this one thing now, once.", name=session.subject.name))
        return redirect("/account", 303)  # type: ignore[return-value]
    return page("agent/code.html", form=form, name=session.subject.name)


def _no_session() -> Response:
    flash(_("No support session is open. Open an account first."))
    return redirect("/agent", 303)  # type: ignore[return-value]
