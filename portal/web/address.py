"""The questions about where somebody lives."""

import re

from wtforms import StringField
from wtforms.validators import Length

from portal.domain import cells
from portal.domain.refusal import Refusal
from portal.web.forms import ChoiceField, Obeys, OneLine, required
from portal.web.language import lazy_gettext as _l


class NotAZipCode(Refusal):
    """Enter a ZIP code of five digits, or nine, like 62701 or 62701-1234."""


class NotATelephone(Refusal):
    """Enter a US telephone number of ten digits, like 217-555-0142."""


def zip_code(text: str) -> str:
    """62701 or 62701-1234. Refuses (`NotAZipCode`) all else."""
    match = re.fullmatch(r"\s*(\d{5})(?:[ -]?(\d{4}))?\s*", text, re.ASCII)
    if match is None:
        raise NotAZipCode
    return f"{match[1]}-{match[2]}" if match[2] else match[1]


def telephone(text: str) -> str:
    """217-555-0142, with or without the country's 1 before it. Refuses (`NotATelephone`) all else."""
    match = re.fullmatch(r"(?:\+?1)?(\d{3})(\d{3})(\d{4})", re.sub(r"[ \u00a0().-]", "", text), re.ASCII)
    if match is None:
        raise NotATelephone
    return "-".join(match.groups())


LOOKS = {
    "street": {"autocomplete": "street-address", "width": "lg"},
    "city": {"autocomplete": "address-level2", "width": "md"},
    "state": {"autocomplete": "address-level1", "width": "xs"},
    "postal_code": {"autocomplete": "postal-code", "inputmode": "numeric", "width": "sm"},
    "phone": {
        "autocomplete": "tel-national", "inputmode": "tel", "width": "sm",
        "hint": _l("Ten digits. We call only if something about your plan does not work."),
    },
}  # fmt: skip


class AddressFields:
    """Street, city, state, ZIP code and telephone, each required."""

    street = StringField(
        _l("Street address"), [required(_l("Enter your street and number.")), Length(max=100), OneLine()]
    )
    city = StringField(_l("City"), [required(_l("Enter your city.")), Length(max=60), OneLine()])
    state = ChoiceField(_l("State"), [required(_l("Choose your state."))], choices=["", *sorted(cells.STATES)])
    postal_code = StringField(
        _l("ZIP code"),
        [
            required(_l("Enter your ZIP code.")),
            Obeys(zip_code),
        ],
    )
    phone = StringField(
        _l("Telephone"),
        [
            required(_l("Enter a telephone number.")),
            Obeys(telephone),
        ],
    )
