"""The language of a page, and how amounts and dates are written in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from gettext import NullTranslations
from typing import Any

import flask_babel
from babel.dates import format_date
from babel.numbers import format_currency
from flask import Flask
from flask_babel import Babel

from portal.domain.money import Money

babel = Babel()
ENGLISH = "en_US"
_chosen: ContextVar[str] = ContextVar("language", default=ENGLISH)


def begin(app: Flask) -> None:
    babel.init_app(app, locale_selector=chosen)
    app.before_request(lambda: choose(ENGLISH))
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
    """The language of the person signed in; English before anybody is."""
    return _chosen.get()


def gettext(message: str, **values: Any) -> str:
    """The message in the reader's language, its %(names)s filled in."""
    said = _catalog(_chosen.get()).gettext(message)
    return said % values if values else said


def marked(message: str) -> str:
    """A message that is translated later, where it is said: the mark lets the catalog find it."""
    return message


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """The message for so many, in the reader's language."""
    return _catalog(_chosen.get()).ngettext(one, many, num) % (values | {"num": num})


@cache
def _catalog(language: str) -> NullTranslations:
    """Flask-Babel's catalog of a language, looked up once: a page asks for some hundred messages."""
    with flask_babel.force_locale(language):
        catalog: NullTranslations = flask_babel.get_translations()
        return catalog


def money(amount: Money) -> str:
    """$1,234.56, with a minus sign before a negative amount."""
    return _money(amount.cents, chosen())


def day(value: date) -> str:
    """December 15, 2026"""
    return _day(value, "long", chosen())


def short_day(value: date) -> str:
    """Dec 15, 2026"""
    return _day(value, "medium", chosen())


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
