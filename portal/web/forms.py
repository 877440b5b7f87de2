"""Forms: what can be seen in the answers is checked here; what must be known, the domain refuses."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, request, session
from flask_wtf import CSRFProtect, FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, StopValidation

from portal.domain import money
from portal.domain.money import Money
from portal.domain.refusal import Refusal
from portal.web import typed
from portal.web.access import signed_in
from portal.web.language import gettext, plural, written

View = TypeVar("View", bound=Callable[..., Any])
csrf = CSRFProtect()
MOST_FIELDS = 100
MOST = Money(999_999_999)


def begin(app: Flask) -> None:
    csrf.init_app(app)
    app.before_request(_from_this_site)
    app.before_request(_of_a_sane_size)


def _from_this_site() -> None:
    """Browsers say where a form comes from; one of another site is refused even with a token."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        abort(403)


def takes(most: int) -> Callable[[View], View]:
    """A view whose form has more answers than others."""

    def marked(view: View) -> View:
        view.most_fields = most  # type: ignore[attr-defined]
        return view

    return marked


def _of_a_sane_size() -> None:
    """The limit on the parts of a form does not count those of an address-encoded one."""
    view = current_app.view_functions.get(request.endpoint or "")
    most = getattr(view, "most_fields", MOST_FIELDS)
    if request.method == "POST" and sum(map(len, request.form.listvalues())) > most:
        abort(413)


class Translations:
    """WTForms' own messages, through the same catalog as everything else."""

    gettext = staticmethod(gettext)
    # Not filled in: WTForms does that itself, with more than the number.
    ngettext = staticmethod(plural)


class Form(FlaskForm):
    """A form of the portal. `carry_out` runs one deed with its answers."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, _form: Any) -> Any:
            return Translations

        def wrap_formdata(self, _form: Any, formdata: Any) -> Any:
            """Answers are text: what was sent as a file or as JSON is none."""
            if isinstance(formdata, MultiDict):
                return formdata
            return request.form if request.method == "POST" else kept_answers()

    def carry_out(self, deed: Callable[[], Any]) -> bool:
        """True if the answers were sent, hold, and the deed was done; what was refused stands in the form."""
        if not self.validate_on_submit():
            return False
        try:
            deed()
        except Refusal as refusal:
            self.refuse(refusal)
            return False
        return True

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal beside the answer that it is about, or above all of them."""
        field = self._fields.get(refusal.about)
        if field is None:
            self.form_errors.append(said(refusal))
        else:
            field.errors = [*field.errors, said(refusal)]


def kept_answers() -> MultiDict[str, str] | None:
    """What was typed into this page before the sign-in ended, if it was by who is signed in now."""
    if typed.TYPED not in session and "typed" not in g:
        return None
    who = signed_in()
    return typed.answers(who.user_id) if who else None


class Filters(Form):
    """A form that is sent by GET and changes nothing: no token, nothing required."""

    class Meta(Form.Meta):
        csrf = False

    def __init__(self, **values: Any) -> None:
        super().__init__(request.args, **values)


def said(refusal: Refusal) -> str:
    """The refusal in the reader's language, its amounts and dates written out."""
    return filled_in(refusal.sentence, refusal.facts)


def filled_in(sentence: str, facts: Mapping[str, Any]) -> str:
    """A sentence of the domain in the reader's language, with these facts in it."""
    return gettext(" ".join(sentence.split()), **{name: written(fact) for name, fact in facts.items()})


def required(message: str) -> InputRequired:
    """An answer that cannot be left out, and what to say if it is."""
    return InputRequired(message)


def options(labels: Mapping[str, Any]) -> list[SelectChoice]:
    """The choices of a field, by value: labels that are said in the reader's language when they are shown."""
    return [SelectChoice(value, label) for value, label in labels.items()]


class MoneyField(StringField):
    """An amount in dollars and cents; spaces, commas and a dollar sign are welcome."""

    data: Money | None

    def _value(self) -> str:
        """As it was typed, but for NUL, which no page can hold."""
        return self.raw_data[0].replace("\0", "") if self.raw_data else str(self.data or "")

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = money.parse(valuelist[0])
        except Refusal as refusal:
            self.data = None
            raise ValueError(said(refusal)) from None


class DayField(Field):
    """A date as month, day and year, under one name; left empty it is None."""

    data: date | None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        parts = [part.strip() for part in valuelist]
        self.raw_data = parts if any(parts) else []
        if not self.raw_data:
            return
        try:
            month, day, year = (int(part) if part.isascii() and part.isdigit() else 0 for part in parts)
            self.data = date(year, month, day)
        except (ValueError, OverflowError):
            raise ValueError(gettext("Enter a date that exists, like 11 23 2026.")) from None


class ChoiceField(SelectField):
    """One of a few words; anything else is refused in words."""

    def pre_validate(self, _form: Any) -> None:
        if not any(matches for _value, _label, matches, *_ in self.iter_choices()):
            raise ValidationError(gettext("Choose one of the list."))


class OneLine:
    """Refuses characters that no keyboard types into one line of text: line breaks, NUL and their like."""

    def __call__(self, _form: Any, field: Field) -> None:
        if field.data and not all(character.isprintable() for character in field.data):
            raise StopValidation(gettext("Use letters, digits and ordinary signs only."))


class Once:
    """Refuses a question that was answered more than once: which answer is meant cannot be known."""

    def __call__(self, _form: Any, field: Field) -> None:
        if len(field.raw_data or ()) > 1:
            raise StopValidation(gettext("Give one answer here, not several."))


class OfTheList:
    """Refuses answers that were not offered, in our own words: for fields with `validate_choice=False`."""

    def __call__(self, _form: Any, field: Any) -> None:
        given = field.data if isinstance(field.data, list) else [field.data]
        if not set(given) <= {choice[0] for choice in field.iter_choices()}:
            raise StopValidation(gettext("Choose from the list."))


class AtMost:
    """Refuses an amount above the largest that these pages compute with."""

    def __init__(self, most: Money) -> None:
        self.most = most

    def __call__(self, _form: Any, field: MoneyField) -> None:
        if field.data and field.data > self.most:
            raise StopValidation(gettext("Enter at most %(most)s.", most=written(self.most)))


class Obeys:
    """Refuses what a rule of the services refuses, in its words."""

    def __init__(self, rule: Callable[[str], Any]) -> None:
        self._rule = rule

    def __call__(self, _form: Any, field: Field) -> None:
        try:
            self._rule(field.data or "")
        except Refusal as refusal:
            raise StopValidation(said(refusal)) from None
