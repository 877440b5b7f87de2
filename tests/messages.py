"""`python -m tests.messages`: brings every catalog up to date with the words that the code uses.

What is translated already stays, what nobody says any more goes, and what is new is listed. The same words make the
same file: sorted, one line a message, without places and dates.
"""

import ast
import inspect
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

import portal
from portal.config import Settings
from portal.demo.cast import CAST
from portal.domain.refusal import Refusal
from portal.web.language import SPOKEN, TRANSLATIONS

Words = str | tuple[str, str]

PORTAL = Path(portal.__file__).parent
TEMPLATES = portal.beside("templates")
# What takes a message, by its names here, and how many of its arguments are one.
KEYWORDS = dict.fromkeys(("_", "_l", "N_", "gettext", "lazy_gettext", "marked"), 1) | {"ngettext": 2, "plural": 2}
HEADER = """\
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


# What the code says.


def used() -> set[Words]:
    """Every message of the portal; one that counts is the pair of its forms for one and for many."""
    house = modules()
    return {
        *(each for path in PORTAL.rglob("*.py") for each in _of_python(path.read_text(encoding="utf-8"))),
        *(each for path in TEMPLATES.rglob("*.*") for each in _of_template(path.read_text(encoding="utf-8"))),
        *_of_refusals(),
        *_of_wtforms(house),
        *(member.about for member in CAST),
        *str(Settings().agency_contact).split("|"),
    }


def modules() -> list[ModuleType]:
    """Every module of the portal but those that Alembic runs."""
    names = (each.name for each in walk_packages(portal.__path__, "portal."))
    return [import_module(name) for name in names if not name.startswith("portal.migrations")]


def _of_python(source: str) -> Iterator[Words]:
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call):
            name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
            yield from _words(name, [getattr(each, "value", None) for each in call.args])


def _of_template(source: str) -> Iterator[Words]:
    for _line, name, words in extract_from_ast(Environment().parse(source), list(KEYWORDS), babel_style=False):
        yield from _words(name, list(words))


def _words(name: str, arguments: list[object]) -> Iterator[Words]:
    """The message of a call, if it stands there as it is: what is put together is none."""
    words = [each for each in arguments[: KEYWORDS.get(name, 0)] if isinstance(each, str)]
    if words and len(words) == KEYWORDS[name]:
        yield words[0] if len(words) == 1 else (words[0], words[1])


def _of_refusals() -> Iterator[str]:
    """What each refusal says, and the way back in; a family of refusals says nothing by itself."""
    for kind in _below(Refusal):
        for sentence in (kind.__doc__ or "", getattr(kind, "remedy", "")):
            if sentence:
                yield " ".join(sentence.split())


def _below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith("portal."):
            nearer = list(_below(each))
            yield from nearer or [each]


def _of_wtforms(house: Iterable[ModuleType]) -> Iterator[Words]:
    """What the fields and validators that our forms use say by themselves."""
    named = {value for module in house for value in vars(module).values() if isinstance(value, type)}
    kinds = {kind for each in named for kind in each.__mro__ if kind.__module__.startswith("wtforms.")}
    for kind in kinds:
        yield from _of_python(inspect.getsource(kind))


# What the catalogs have.


def locales() -> list[str]:
    """The languages that need a catalog: all but that of the code."""
    return [language for language, _name in SPOKEN.values() if language != "en_US"]


def catalog(locale: str) -> Catalog:
    """The catalog as it stands in the project; an empty one for a new language."""
    file = file_of(locale)
    if not file.exists():
        return Catalog(locale)
    with file.open("rb") as written:
        return read_po(written, locale=locale)


def file_of(locale: str) -> Path:
    return TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"


def updated(old: Catalog, words: Iterable[Words]) -> Catalog:
    """The same translations under the words in use; what is new has none yet."""
    new = Catalog(old.locale)
    for each in words:
        known = old.get(each if isinstance(each, str) else each[0])
        is_same = known is not None and known.id == each
        new.add(each, known.string if known is not None and is_same else None)
    return new


def text_of(catalog: Catalog) -> str:
    """The file, as it is always written."""
    body = BytesIO()
    write_po(body, catalog, width=0, no_location=True, omit_header=True, sort_output=True)
    header = HEADER.format(locale=catalog.locale, plurals=catalog.plural_forms)
    return header + body.getvalue().decode().strip() + "\n"


def untranslated(catalog: Catalog) -> list[Words]:
    """The messages that cannot be said yet: without words, or without those for many."""
    found = [each.id for each in catalog if each.id and (each.fuzzy or not all(strings(each)))]
    return sorted(found, key=str)


def strings(message: Message) -> tuple[str, ...]:
    """The translation: one text, or one for each form of the plural."""
    return message.string if isinstance(message.string, tuple) else (str(message.string or ""),)


def placeholders(text: str) -> Counter[str]:
    """What is filled in, and the per cent signs that stay."""
    return Counter(re.findall(r"%(?:\(\w+\))?.", text))


def main() -> None:
    for locale in locales():
        old = catalog(locale)
        new = updated(old, used())
        file_of(locale).parent.mkdir(parents=True, exist_ok=True)
        file_of(locale).write_text(text_of(new), encoding="utf-8")
        gone = sorted((each.string for each in old if each.id and each.string and each.id not in new), key=str)
        print(f"{locale}: {len(new)} messages")
        for heading, lines in (("to translate", untranslated(new)), ("taken out, as nobody says it", gone)):
            for line in lines:
                print(f"  {heading}: {line}")


if __name__ == "__main__":
    main()
