"""What somebody at the desk does about one taxpayer: a form each, all of them shown by one page."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from flask import Response, abort, flash, redirect
from wtforms import StringField, TextAreaField
from wtforms.validators import Length, Optional, Regexp

from portal.domain import cells
from portal.domain.money import Money
from portal.domain.period import Abatement, Kind
from portal.models import Taxpayer
from portal.models.approval import ApprovalKind
from portal.models.batch import TenderKind
from portal.queries.standings import account_view
from portal.services import approvals, desk, holds, taxpayers, tenders
from portal.services.credits import MoreThanTheCredit
from portal.services.tenders import Line
from portal.web.access import actor, now
from portal.web.address import telephone, zip_code
from portal.web.agent.desk import at_the_desk, bp, taxpayer_at_hand
from portal.web.agent.words import TENDERS
from portal.web.forms import AtMost, ChoiceField, DayField, Form, MoneyField, Obeys, OneLine, options, required
from portal.web.language import lazy_gettext as _l
from portal.web.page import page

LARGEST, LONGEST = Money(9_999_999_99), Length(max=2000)
ABATED: dict[str, Any] = {
    Kind.FAILURE_TO_PAY: _l("Penalty for paying late"),
    Kind.FAILURE_TO_FILE: _l("Penalty for filing late"),
    Kind.DISHONORED: _l("Penalty for a returned payment"),
    Kind.INTEREST: _l("Interest"),
    Kind.TAX: _l("Tax"),
}


class DeedForm(Form):
    """A deed about a taxpayer, and about what of theirs; what it is called, and what is said before and after it."""

    heading: ClassVar[Any]
    explained: ClassVar[Any] = ""
    submit: ClassVar[Any] = _l("Save")
    done: Any
    wants_subject: ClassVar[bool] = False

    def __init__(self, taxpayer: Taxpayer, subject: str, **values: Any) -> None:
        self.taxpayer, self.subject = taxpayer, subject
        super().__init__(**values)

    @abstractmethod
    def send(self) -> None:
        """Carry it out."""


class PaymentForm(DeedForm):
    """Money that came: one check, a money order, by telephone, or from an employer."""

    heading = _l("Record a payment")
    explained = _l("It counts from the day on which it was received.")
    submit = _l("Post the payment")
    done = _l("The payment is posted.")

    kind = ChoiceField(_l("What it is"), choices=options(TENDERS), default=TenderKind.CHECK)
    number = StringField(
        _l("Number of the check, money order or receipt"),
        [required(_l("Enter its number.")), Length(max=30), OneLine()],
    )
    amount = MoneyField(_l("Amount"), [required(_l("Enter the amount.")), AtMost(LARGEST)])
    received_on = DayField(_l("Received on"), [required(_l("Enter the day on which it came."))])
    envelope = StringField(_l("Envelope"), [Length(max=30), OneLine()])

    def __init__(self, taxpayer: Taxpayer, subject: str) -> None:
        super().__init__(taxpayer, subject, received_on=now().on)

    def send(self) -> None:
        assert self.amount.data is not None
        assert self.received_on.data is not None
        number, envelope = (self.number.data or "").strip(), (self.envelope.data or "").strip()
        line = Line(self.taxpayer.reference, TenderKind(self.kind.data), number, self.amount.data, envelope)
        tenders.record(line, self.received_on.data, by=actor(), when=now())


class NoteForm(DeedForm):
    """A note, to stay."""

    heading = _l("Write a note")
    explained = _l(
        "Everybody at the desk reads it, and it cannot be changed. No whole numbers: last four digits only."
    )
    done = _l("The note is saved.")

    text = TextAreaField(_l("Note"), [required(_l("Write the note.")), LONGEST])

    def send(self) -> None:
        desk.note(self.taxpayer, self.text.data or "", by=actor(), when=now())


class PromiseForm(DeedForm):
    """What somebody says to pay by a day."""

    heading = _l("Write down a promise to pay")
    explained = _l("It changes nothing of the plan. Whether it was kept shows by what comes.")
    done = _l("The promise is saved.")

    amount = MoneyField(_l("Amount"), [required(_l("Enter the amount.")), AtMost(LARGEST)])
    pay_by = DayField(_l("By"), [required(_l("Enter the day."))])

    def send(self) -> None:
        assert self.amount.data is not None
        assert self.pay_by.data is not None
        desk.promise(self.taxpayer, self.amount.data, self.pay_by.data, by=actor(), when=now())


class HoldForm(DeedForm):
    """Nothing is asked for, for a while."""

    heading = _l("Hold payments for hardship")
    explained = _l(
        "Through its last day no installment is due, no debit is taken, and the plan cannot end. Interest and "
        "penalties go on. The taxpayer gets a notice."
    )
    submit = _l("Begin the hold")
    done = _l("The hold has begun.")

    ends_on = DayField(_l("Last day of the hold"), [required(_l("Enter its last day."))])
    reason = TextAreaField(_l("Why"), [required(_l("Write down why.")), LONGEST, Obeys(desk.plain)])

    def send(self) -> None:
        assert self.ends_on.data is not None
        holds.begin(self.taxpayer, self.ends_on.data, self.reason.data or "", by=actor(), when=now())


class LiftForm(DeedForm):
    """A hold ends before its day."""

    heading = _l("End the hold")
    explained = _l("The next installment after today is due again. The taxpayer gets a notice.")
    submit = _l("End the hold")
    done = _l("The hold is over.")

    def send(self) -> None:
        holds.lift(self.taxpayer, by=actor(), when=now())


class AddressForm(DeedForm):
    """Where somebody lives now, and is called, if we are told."""

    heading = _l("Change the address")
    done = _l("The address is saved.")

    street = StringField(_l("Street address"), [required(_l("Enter street and number.")), Length(max=100), OneLine()])
    city = StringField(_l("City"), [required(_l("Enter the city.")), Length(max=60), OneLine()])
    state = ChoiceField(_l("State"), choices=sorted(cells.STATES))
    postal_code = StringField(_l("ZIP code"), [required(_l("Enter the ZIP code.")), Obeys(zip_code)])
    phone = StringField(_l("Telephone"), [Optional(), Obeys(telephone)])

    def __init__(self, taxpayer: Taxpayer, subject: str) -> None:
        super().__init__(taxpayer, subject, **{name: getattr(taxpayer, name) for name in taxpayers.ADDRESS})

    def send(self) -> None:
        new = {name: (self[name].data or "").strip() for name in taxpayers.ADDRESS}
        new |= {"postal_code": zip_code(new["postal_code"]), "phone": new["phone"] and telephone(new["phone"])}
        taxpayers.move(self.taxpayer, new, by=actor(), when=now())


class ArrivalForm(DeedForm):
    """What an employer reported is here."""

    heading = _l("The employer’s money is here")
    explained = _l("The payment counts from the day on which the employer reported it.")
    submit = _l("Post the payment")
    done = _l("The payment is posted.")
    wants_subject = True

    def send(self) -> None:
        tenders.arrive(self.taxpayer, self.subject, by=actor(), when=now())


class ReviewForm(DeedForm):
    """What was found about a debit that nobody authorized."""

    heading = _l("Look into an unauthorized return")
    explained = _l("Ask for the release of the plan apart from this, once debits may go on.")
    done = _l("The finding is saved.")
    wants_subject = True

    text = TextAreaField(_l("What was found"), [required(_l("Write down what was found.")), LONGEST])

    def send(self) -> None:
        desk.review_return(self.taxpayer, self.subject, self.text.data or "", by=actor(), when=now())


class RequestForm(DeedForm):
    """Something that two people have to do."""

    kind: ClassVar[ApprovalKind]
    submit = _l("Ask for it")
    done = _l("A supervisor has to decide now. You get a mail.")
    wants_subject = True

    reason = TextAreaField(_l("Why"), [required(_l("Write down why.")), LONGEST, Obeys(desk.plain)])

    def send(self) -> None:
        reason = (self.reason.data or "").strip()
        approvals.ask(self.kind, self.taxpayer.id, self.subject, reason, by=actor(), when=now())


class ReversalForm(RequestForm):
    """A payment was posted by mistake."""

    kind = ApprovalKind.REVERSAL
    heading = _l("Ask to take a payment off")
    explained = _l("For money that was posted to the wrong account or with a wrong amount. Post it where it belongs.")


class ReleaseForm(RequestForm):
    """Debits may go on."""

    kind = ApprovalKind.RELEASE
    heading = _l("Ask to release a frozen plan")
    explained = _l("Debits go on after this, from an account that can be used.")


class RefundForm(DeedForm):
    """A credit is sent back, by two people always."""

    heading = _l("Ask to send a credit back")
    explained = _l("The taxpayer reads the reason in the notice.")
    submit, done = RequestForm.submit, RequestForm.done

    amount = MoneyField(_l("Amount"), [required(_l("Enter the amount.")), AtMost(LARGEST)])
    reason = TextAreaField(_l("Why"), [required(_l("Write down why.")), LONGEST, Obeys(desk.plain)])

    def send(self) -> None:
        assert self.amount.data is not None
        credit = account_view(self.taxpayer.id, now().on).standing.credit
        if not Money(0) < self.amount.data <= credit:
            raise MoreThanTheCredit(credit=credit)
        reason, amount = (self.reason.data or "").strip(), str(self.amount.data)
        subject = self.taxpayer.reference
        approvals.ask(ApprovalKind.REFUND, self.taxpayer.id, subject, reason, by=actor(), when=now(), amount=amount)


class AbatementForm(DeedForm):
    """A part of what was charged is given up."""

    heading = _l("Give up a part of a debt")
    explained = _l("Small amounts at once, larger ones once a supervisor agrees. The taxpayer reads the reason.")
    done = _l("The amount is given up.")

    what = ChoiceField(_l("What was charged"), choices=options(ABATED))
    year = StringField(
        _l("Year"), [required(_l("Enter the year.")), Regexp(r"[12][0-9]{3}\Z", message=_l("Enter a year."))]
    )
    amount = MoneyField(_l("Amount"), [required(_l("Enter the amount.")), AtMost(LARGEST)])
    effective_on = DayField(_l("Counts from"), [required(_l("Enter the day."))])
    reason = TextAreaField(_l("Why"), [required(_l("Write down why.")), LONGEST, Obeys(desk.plain)])

    def __init__(self, taxpayer: Taxpayer, subject: str) -> None:
        super().__init__(taxpayer, subject, effective_on=now().on)

    def send(self) -> None:
        assert self.amount.data is not None
        assert self.effective_on.data is not None
        wanted = Abatement(self.effective_on.data, Kind(self.what.data), self.amount.data, int(self.year.data or ""))
        if approvals.abate(self.taxpayer, wanted, (self.reason.data or "").strip(), by=actor(), when=now()):
            self.done = RequestForm.done


FORMS: Mapping[str, type[DeedForm]] = {
    "payment": PaymentForm,
    "note": NoteForm,
    "promise": PromiseForm,
    "hold": HoldForm,
    "lift": LiftForm,
    "address": AddressForm,
    "arrival": ArrivalForm,
    "review": ReviewForm,
    "reversal": ReversalForm,
    "release": ReleaseForm,
    "refund": RefundForm,
    "abatement": AbatementForm,
}
DEED = f"/agent/taxpayers/<reference:reference>/<any({', '.join(FORMS)}):name>"


@bp.route(DEED, methods=["GET", "POST"], defaults={"subject": ""})
@bp.route(f"{DEED}/<reference:subject>", methods=["GET", "POST"])
@at_the_desk
def deed(reference: str, name: str, subject: str) -> Response:
    taxpayer, kind = taxpayer_at_hand(reference), FORMS[name]
    if kind.wants_subject is not bool(subject):
        abort(404)
    form = kind(taxpayer, subject)
    if form.carry_out(form.send):
        flash(str(form.done))
        return redirect(f"/agent/taxpayers/{reference}", 303)  # type: ignore[return-value]
    return page("agent/deed.html", form=form, taxpayer=taxpayer, subject=subject)
