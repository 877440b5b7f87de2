"""A signature: a name typed under texts that were shown, and what tells whether they are still the same."""

import hashlib
from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, HiddenField, StringField, ValidationError
from wtforms.validators import Length

from portal.domain.refusal import Refusal
from portal.services.identities import folded
from portal.web.forms import Form, OneLine, required
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l


class TextsChanged(Refusal):
    """Something in these texts changed since you opened this page, such as a date or what you owe. Nothing was sent.
    Read them again, and sign."""


def typed_name() -> StringField:
    """The field for the name; its form declares it where it stands on the page."""
    return StringField(
        _l("Your full name, as your signature"),
        [required(_l("Type your full name to sign.")), Length(max=130), OneLine()],
    )


class SignatureForm(Form):
    """A typed name under texts; `seen` tells which texts those were. `state` is what else has to be as it was."""

    state = ""
    seen = HiddenField()

    def __init__(self, name: str, texts: Mapping[Any, str]) -> None:
        self.name, self.texts = name, texts
        super().__init__()

    @property
    def another_name(self) -> str:
        """What is said to a name that is not the one that signs."""
        return _("Type your name as we have it: %(name)s.", name=self.name)

    def validate_signature(self, field: StringField) -> None:
        if folded(field.data) != folded(self.name):
            raise ValidationError(self.another_name)

    def show(self) -> None:
        """Remember which texts are shown."""
        self.seen.data = self._fingerprint

    @property
    def _fingerprint(self) -> str:
        return fingerprint({**self.texts, "state": self.state} if self.state else self.texts)

    def signed_name(self) -> str:
        """The name as it was typed. Refuses (`TextsChanged`) to sign other texts than were shown."""
        if self.seen.data != self._fingerprint:
            raise TextsChanged
        return str(self["signature"].data).strip()


class ConsentForm(SignatureForm):
    """The same with a box to be ticked: without it there is no agreement."""

    agreed = BooleanField(_l("I have read all of this and agree to it."))
    signature = typed_name()

    def validate_agreed(self, field: BooleanField) -> None:
        if not field.data:
            raise ValidationError(_("Tick the box if you agree. Without it no plan is possible."))


def fingerprint(shown: Mapping[Any, str]) -> str:
    """Tells texts apart: what is signed has to be what was read."""
    return hashlib.sha256("\n\n\n".join(shown.values()).encode()).hexdigest()
