"""Forms: what is typed, what is refused in words, and what is carried out."""

from datetime import date

import pytest
from flask import Flask
from wtforms import StringField
from wtforms.validators import Length

from portal import config, create_app
from portal.domain.money import Money
from portal.domain.refusal import Refusal
from portal.web.forms import ChoiceField, DayField, Filters, Form, MoneyField, OneLine, required, said


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application; forms ask nothing of its database."""
    return create_app(config.load({}, {"instance": str(tmp_path_factory.mktemp("forms"))}))


class NotKnown(Refusal):
    """Your address on %(street)s
    is not known."""


class Everything(Filters):
    """One field of each kind."""

    amount = MoneyField("Amount")
    day = DayField("Day")
    kind = ChoiceField("Kind", default="")
    name = StringField("Name", [required("Say it."), Length(max=5), OneLine()])

    def __init__(self) -> None:
        super().__init__()
        self.kind.choices = [("", "All"), ("mail", "By mail")]


class Posted(Form):
    """A form that is sent by POST."""

    class Meta(Form.Meta):
        csrf = False

    name = StringField("Name", [required("Say it.")])


def filled(app: Flask, query: str) -> Everything:
    with app.test_request_context(f"/?{query}"):
        form = Everything()
        form.validate()
        return form


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        *(("310", 31_000), ("310.5", 31_050), ("1,250.00", 125_000), ("%241 250", 125_000), ("0", 0), ("", None)),
        *(("+", None), ("1e5", None), ("sNaN", None), ("-0", None), ("1_0", None), ("%EF%BC%91%EF%BC%92", None)),
        *(("9" * 5_000, None), ("Infinity", None), ("0x1f", None), ("1.234", None), ("1,2", None), ("%00", None)),
    ],
)
def test_an_amount_is_read_as_people_write_it(app: Flask, typed: str, cents: int | None) -> None:
    form = filled(app, f"amount={typed}")

    assert form.amount.data == (None if cents is None else Money(cents))


def test_an_amount_that_is_none_comes_back_as_it_was_typed(app: Flask) -> None:
    form = filled(app, "amount=1e5")

    assert form.amount.errors
    assert form.amount._value() == "1e5"


@pytest.mark.parametrize(
    ("month", "day", "year", "read"),
    [
        ("11", "23", "2026", date(2026, 11, 23)),
        (" 2 ", "29", "2024", date(2024, 2, 29)),
        ("02", "03", "0001", date(1, 2, 3)),
    ],
)
def test_a_day_is_month_day_and_year(app: Flask, month: str, day: str, year: str, read: date) -> None:
    assert filled(app, f"day={month}&day={day}&day={year}").day.data == read


@pytest.mark.parametrize(
    "parts",
    [
        *(["2", "30", "2026"], ["13", "1", "2026"], ["0", "1", "2026"], ["1", "1", "0"], ["1", "1", "10000"]),
        *(["1", "1", "9" * 20], ["9" * 20, "1", "2026"], ["1", "1", "9" * 5_000], ["-1", "1", "2026"], ["1", "1"]),
        *(["1"], ["1", "1", "2026", "1"], ["x", "y", "z"], ["1", "", "2026"], ["１", "1", "2026"], ["1.0", "1", "1"]),
    ],
)  # fmt: skip
def test_a_day_that_does_not_exist_is_refused_in_words(app: Flask, parts: list[str]) -> None:
    form = filled(app, "&".join(f"day={part}" for part in parts))

    assert form.day.data is None
    assert form.day.errors


def test_no_day_is_no_error(app: Flask) -> None:
    for query in ("", "day=", "day=&day=&day=", "day=+&day=&day="):
        form = filled(app, query)

        assert form.day.data is None
        assert not form.day.errors


@pytest.mark.parametrize(
    ("kind", "is_known"), [("", True), ("mail", True), ("Mail", False), ("0", False), ("%00", False)]
)
def test_a_choice_is_one_of_the_list(app: Flask, kind: str, is_known: bool) -> None:
    assert (not filled(app, f"kind={kind}").kind.errors) is is_known


@pytest.mark.parametrize("typed", ["a%00b", "a%0Ab", "a%0D", "a%09b", "%E2%80%AE", "%E2%80%8B", "%7F"])
def test_a_line_holds_what_a_keyboard_types(app: Flask, typed: str) -> None:
    assert filled(app, f"name={typed}").name.errors


@pytest.mark.parametrize("typed", ["Zoë", "O'Ra", "%E6%9D%8E", "a b-c"])
def test_names_of_all_scripts_are_fine(app: Flask, typed: str) -> None:
    assert not filled(app, f"name={typed}").name.errors


def test_the_length_is_refused_in_words(app: Flask) -> None:
    """WTForms fills in its own message; the catalog gives it as it stands."""
    assert "5" in filled(app, "name=abcdef").name.errors[0]


def test_what_is_missing_is_said_in_the_forms_words(app: Flask) -> None:
    assert filled(app, "name=").name.errors == ["Say it."]


# Carrying out.


def posted(app: Flask, name: str, refusal: Refusal | None = None) -> tuple[Posted, list[str], bool]:
    """A form sent with a name: the form, what was done, and whether it says that it was."""
    done: list[str] = []
    with app.test_request_context("/", method="POST", data={"name": name}):
        form = Posted()

        def deed() -> None:
            if refusal:
                raise refusal
            done.append(form.name.data)

        was_done = form.carry_out(deed)
    return form, done, was_done


def test_a_deed_is_done_once_the_answers_hold(app: Flask) -> None:
    _form, done, was_done = posted(app, "Ada")

    assert was_done
    assert done == ["Ada"]


def test_nothing_is_done_while_an_answer_is_missing(app: Flask) -> None:
    form, done, was_done = posted(app, "")

    assert not was_done
    assert done == []
    assert form.name.errors


def test_a_refusal_stands_in_the_form_with_its_facts(app: Flask) -> None:
    form, done, was_done = posted(app, "Ada", NotKnown(street="Elm Street"))

    assert not was_done
    assert done == []
    assert form.form_errors == ["Your address on Elm Street is not known."]
    assert form.errors


def test_a_form_that_was_only_asked_for_does_nothing(app: Flask) -> None:
    with app.test_request_context("/"):
        assert not Posted().carry_out(lambda: pytest.fail("nobody asked for this"))


def test_a_failure_is_no_refusal(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"name": "Ada"}), pytest.raises(ZeroDivisionError):
        Posted().carry_out(lambda: 1 // 0)


def test_a_refusal_is_said_in_one_line(app: Flask) -> None:
    with app.test_request_context("/"):
        assert said(NotKnown(street="100% Street")) == "Your address on 100% Street is not known."
