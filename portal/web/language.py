"""The language of a page, and how messages, amounts and dates are written in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency
from flask import Flask, request, session

from portal.domain.language import Language
from portal.domain.money import Money

TRANSLATIONS = Path(__file__).parent.parent / "translations"
# Each language under its tag in HTML and HTTP, called as it calls itself.
SPOKEN = {"en": (Language.ENGLISH, "English"), "es": (Language.SPANISH, "Español")}
_chosen: ContextVar[str] = ContextVar("language", default=Language.ENGLISH)


def begin(app: Flask) -> None:
    app.before_request(lambda: choose(_asked_for()))
    app.jinja_env.globals |= {"_": gettext, "gettext": gettext, "ngettext": ngettext}
    app.jinja_env.filters |= {"money": money, "day": day, "shortday": short_day}


def choose(language: str) -> None:
    """Speak this language for the rest of the request."""
    _chosen.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak this language meanwhile: for a reader who is not the one before the screen."""
    before = _chosen.set(language)
    try:
        yield
    finally:
        _chosen.reset(before)


def chosen() -> str:
    """The language of the person signed in; before anybody is, the one asked for in this browser."""
    return _chosen.get()


def keep(language: str) -> None:
    """Speak this language from now on in this browser, signed in or not."""
    session["language"] = language
    choose(language)


def tag() -> str:
    """The language of the page, as HTML and HTTP call it."""
    return chosen().partition("_")[0]


def others() -> list[tuple[str, str, str]]:
    """The languages that one can change to: what each calls itself, its locale, and its tag."""
    return [(name, language, tag) for tag, (language, name) in SPOKEN.items() if language != chosen()]


def _asked_for() -> str:
    """What this browser was last spoken to in; else the first of its own languages that is spoken here."""
    if kept := session.get("language"):
        return str(kept)
    wanted = (each.partition("-")[0].lower() for each, quality in request.accept_languages if quality)
    return next((SPOKEN[each][0] for each in wanted if each in SPOKEN), Language.ENGLISH)


def gettext(message: str, **values: Any) -> str:
    """The message in the reader's language, its %(names)s filled in."""
    # Under no message at all a catalog keeps what it says about itself.
    said = _catalog(_chosen.get()).gettext(message) if message else ""
    return said % values if values else said


def marked(message: str) -> str:
    """A message that is translated later, where it is said: the mark lets the catalog find it."""
    return message


class Later:
    """A message that is translated each time it is read."""

    def __init__(self, message: str) -> None:
        self._message = message

    def __str__(self) -> str:
        return gettext(self._message)


def lazy_gettext(message: str) -> Any:
    """For what is written before anybody asks, like a form's labels; it stands wherever a text may."""
    return Later(message)


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """The message for so many, in the reader's language."""
    return plural(one, many, num) % (values | {"num": num})


def plural(one: str, many: str, num: int) -> str:
    """The same, not filled in."""
    return _catalog(_chosen.get()).ngettext(one, many, num)


@cache
def _catalog(language: str) -> NullTranslations:
    """The messages of a language, compiled once in a process; those of the code itself are English."""
    file = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    if not file.exists():
        return NullTranslations()
    # Imported where they are needed: who is spoken to in English does not wait for them.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with file.open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def money(amount: Money) -> str:
    """$1,234.56, with a minus sign before a negative amount."""
    return _money(amount.cents, chosen())


def day(value: date) -> str:
    """December 15, 2026"""
    return _day(value, "long", chosen())


def short_day(value: date) -> str:
    """Dec 15, 2026"""
    return _day(value, "medium", chosen())


def month(value: date) -> str:
    """December 2026"""
    return str(format_skeleton("yMMMM", value, locale=chosen()))


def instant(at: datetime) -> str:
    """Tuesday, December 1, 2026, 11:45 PM: on the clock of the instant's own time zone."""
    return f"{format_date(at.date(), 'full', locale=chosen())}, {time_of_day(at)}"


def time_of_day(at: datetime) -> str:
    """11:45 PM: on the clock of the instant's own time zone."""
    return str(format_time(at.time(), "short", locale=chosen())).replace("\u202f", " ").replace("\xa0", " ")


def written(fact: Any) -> Any:
    """A fact as it stands in a sentence: amounts and dates as people write them, all else as it is."""
    if isinstance(fact, Money):
        return money(fact)
    if isinstance(fact, datetime):
        return instant(fact)
    return day(fact) if isinstance(fact, date) else fact


def percent(basis_points: int) -> str:
    """0.25 for 25 basis points"""
    return f"{basis_points / 100:g}"


# Writing by Babel costs more than all else of a page, and the same amounts and dates come again and again.
@lru_cache(maxsize=1 << 14)
def _money(cents: int, locale: str) -> str:
    return str(format_currency(Decimal(cents).scaleb(-2), "USD", locale=locale))


@lru_cache(maxsize=1 << 13)
def _day(value: date, length: str, locale: str) -> str:
    return str(format_date(value, length, locale=locale))
