"""Questions about the person: who they are, where they live, how they filed, and how to stay in touch."""

import re
from datetime import date

from wtforms import RadioField, StringField, ValidationError
from wtforms.validators import Length

from portal.domain import cells
from portal.domain.answers import Answer, Step
from portal.domain.calendar import year_later
from portal.domain.refusal import Refusal
from portal.queries.people import person
from portal.services import identities
from portal.services.identities import Claim
from portal.web.access import actor, now, signed_in
from portal.web.address import LOOKS, AddressFields, telephone, zip_code
from portal.web.apply import words
from portal.web.apply.desk import Desk
from portal.web.apply.question import Question
from portal.web.forms import DayField, Obeys, OneLine, options, required
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l

OLDEST_YEARS = 120
YES_NO = options({"yes": _l("Yes"), "no": _l("No")})


class NotNineDigits(Refusal):
    """Enter all nine digits of the number, like 123-45-6789."""


def nine_digits(text: str) -> str:
    """An SSN or ITIN without the spaces and dashes between its digits. Refuses (`NotNineDigits`) all else."""
    digits = re.sub(r"[ \u00a0-]", "", text)
    if not re.fullmatch(r"\d{9}", digits, re.ASCII):
        raise NotNineDigits
    return digits


class Identity(Question):
    """Name, SSN and date of birth, held against the record. The SSN is not kept."""

    step = Step.IDENTITY
    heading = _l("Who are you?")
    lead = _l("We compare this with our records, so that nobody else can agree to a plan in your name.")
    looks = {
        "first_name": {"autocomplete": "given-name", "width": "md"},
        "last_name": {"autocomplete": "family-name", "width": "md"},
        "ssn": {
            "hint": _l("Nine digits. We do not keep it with this application, and show it to nobody."),
            "autocomplete": "off", "inputmode": "numeric", "width": "sm", "value": "",
        },
        "born_on": {"autocomplete": "bday", "hint": _l("For example: 4 28 1986")},
    }  # fmt: skip

    first_name = StringField(_l("First name"), [required(_l("Enter your first name.")), Length(max=60), OneLine()])
    last_name = StringField(_l("Last name"), [required(_l("Enter your last name.")), Length(max=60), OneLine()])
    ssn = StringField(
        _l("Social Security number or ITIN"),
        [
            required(_l("Enter your Social Security number or ITIN.")),
            Obeys(nine_digits),
        ],
    )
    born_on = DayField(_l("Date of birth"))

    def given(self) -> Answer:
        """The name as we know it is filled in; what proves who somebody is never is."""
        who = signed_in()
        assert who is not None
        known = person(who.user_id)
        named = self.desk.answers.get(self.step, {})
        return {
            "first_name": named.get("first_name", known.first_name),
            "last_name": named.get("last_name", known.last_name),
        }

    def validate_born_on(self, field: DayField) -> None:
        if field.data is None:
            raise ValidationError(_("Enter your date of birth."))
        if not year_later(now().on, -OLDEST_YEARS) <= field.data < now().on:
            raise ValidationError(_("Enter the day on which you were born: it has to be in the past."))

    def answer(self) -> Answer:
        return {"first_name": self.first_name.data.strip(), "last_name": self.last_name.data.strip()}

    def save(self) -> None:
        claim = Claim(
            self.first_name.data, self.last_name.data, nine_digits(self.ssn.data), self.born_on.data or date.max
        )
        identities.confirm(claim, by=actor(), when=now())
        super().save()


class Address(AddressFields, Question):
    """Where mail and calls reach the taxpayer; filled in with what the agency has."""

    step = Step.ADDRESS
    heading = _l("Where do you live?")
    lead = _l("We write to this address about your plan. If it is new, we change it in our records too.")
    looks = LOOKS

    def given(self) -> Answer:
        who = signed_in()
        assert who is not None
        known = person(who.user_id)
        names = ("street", "city", "state", "postal_code", "phone")
        return {name: getattr(known, name) for name in names} | dict(self.desk.answers.get(self.step, {}))

    def answer(self) -> Answer:
        return {
            **super().answer(),
            "postal_code": zip_code(self.postal_code.data),
            "phone": telephone(self.phone.data),
        }


class FilingStatus(Question):
    """How the latest return was filed."""

    step = Step.FILING_STATUS
    heading = _l("What was the filing status on your latest tax return?")
    looks = {"filing_status": {"hint": _l("Two spouses who filed jointly share one plan, and both see it.")}}

    filing_status = RadioField(_l("Filing status"), validators=[required(_l("Choose your filing status."))])

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.filing_status.choices = [(value, words.filing_status(value)) for value in cells.FILING_STATUSES]

    def given(self) -> Answer:
        who = signed_in()
        assert who is not None
        return self.desk.answers.get(self.step) or {"filing_status": person(who.user_id).filing_status}


class Contact(Question):
    """In which language to write, and whether to remind."""

    step = Step.CONTACT
    heading = _l("How do we stay in touch?")
    looks = {
        "reminders": {"hint": _l("We write to the email address with which you sign in.")},
    }

    language = RadioField(
        _l("Language of these pages, of notices and of mail"), choices=options(words.LANGUAGES),
        validators=[required(_l("Choose a language."))],
    )  # fmt: skip
    reminders = RadioField(
        _l("Do you want to be reminded by email before each payment?"), choices=YES_NO,
        validators=[required(_l("Choose yes or no."))],
    )  # fmt: skip

    def given(self) -> Answer:
        who = signed_in()
        assert who is not None
        known = person(who.user_id)
        wishes = {"language": known.language, "reminders": "yes" if known.wants_reminders else "no"}
        return self.desk.answers.get(self.step, wishes)
