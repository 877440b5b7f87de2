"""The catalogs: every word that the code says is in each of them, said in its language, with the same facts in it."""

import pytest
from babel.messages.catalog import Catalog

from portal.web.language import _catalog
from tests import messages
from tests.messages import catalog, file_of, locales, placeholders, strings, text_of, untranslated, updated, used


@pytest.mark.parametrize("locale", locales())
def test_every_message_is_translated(locale: str) -> None:
    """A new sentence fails here until `make messages` was run and somebody has translated it."""
    assert untranslated(updated(catalog(locale), used())) == []


@pytest.mark.parametrize("locale", locales())
def test_a_catalog_is_as_the_tool_writes_it(locale: str) -> None:
    """Nothing left over, sorted, without places, dates and names: `make messages` would change nothing."""
    assert file_of(locale).read_text(encoding="utf-8") == text_of(updated(catalog(locale), used()))


@pytest.mark.parametrize("locale", locales())
def test_a_translation_is_filled_in_with_the_same_facts(locale: str) -> None:
    differing = [
        (original, translated)
        for message in catalog(locale)
        if message.id
        for original, translated in zip(both(message.id), strings(message), strict=True)
        if placeholders(original) != placeholders(translated)
    ]

    assert differing == []


@pytest.mark.parametrize("locale", locales())
def test_a_translation_ends_as_its_sentence_does(locale: str) -> None:
    """Full stops and colons where the original has them: a label stays a label."""
    differing = [
        (original, translated)
        for message in catalog(locale)
        if message.id
        for original, translated in zip(both(message.id), strings(message), strict=True)
        if end(original) != end(translated)
    ]

    assert differing == []


def both(words: str | tuple[str, str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else words


def end(sentence: str) -> str:
    """A greeting ends with a comma in English and with a colon in Spanish."""
    return sentence[-1].replace(",", ":") if sentence[-1] in ".,:?!" else ""


# The tool finds what is said, and loses nothing.


SAID = """
_("One"); N_("Two"); field.gettext("Three"); ngettext("a thing", "things", count)
_("Four" "teen"); _(name); _(" ".join(parts)); _(f"{name}"); other("Five")
RETURNS.get(code, _("Six"))
"""


def test_words_are_found_where_they_stand_as_they_are() -> None:
    found = set(messages._of_python(SAID))

    assert found == {"One", "Two", "Three", ("a thing", "things"), "Fourteen", "Six"}


def test_words_of_templates_are_found() -> None:
    template = (
        "{{ _('One', day=day) }}{{ ui.x(ngettext('a', 'b', 2), [(_('Two'), _(line))]) }}{% call x(_('Three')) %}"
    )

    assert set(messages._of_template(template + "{% endcall %}")) == {"One", ("a", "b"), "Two", "Three"}


def test_what_refusals_say_is_found() -> None:
    """Docstrings over two lines in one, the way back in, and no family of refusals."""
    found = used()

    assert "Pay %(pay_now)s today and this is no longer in the way." in found
    assert "This field is required." in found, "what WTForms says by itself"
    assert any(isinstance(each, str) and each.endswith("wait 15 minutes and try again.") for each in found)
    assert not [each for each in found if isinstance(each, str) and each.startswith("Why a plan is not possible")]


def test_a_translation_outlives_new_words_and_ends_with_its_own() -> None:
    old = Catalog("es_US")
    old.add("Year", "Año")
    old.add("Gone", "Ido")
    old.add(("one", "many"), ("uno", "muchos"))
    new = updated(old, {"Year", "New", ("one", "many")})

    said = {each.id: each.string for each in new if each.id}

    assert said | {"New": ""} == {"New": "", "Year": "Año", ("one", "many"): ("uno", "muchos")}
    assert untranslated(new) == ["New"]
    assert "Ido" not in text_of(new)
    assert text_of(new) == text_of(updated(new, {("one", "many"), "New", "Year"}))


def test_what_is_not_translated_is_said_in_english() -> None:
    spanish = _catalog("es_US")

    assert spanish.gettext("Nobody has said this yet.") == "Nobody has said this yet."
    assert spanish.ngettext("%(num)s cat", "%(num)s cats", 2) == "%(num)s cats"
