"""The language of a page, and how amounts and dates are written in it."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import flask_babel
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from flask import Flask, g, has_request_context
from flask_babel import Babel, get_locale

from portal.domain.money import Money

babel = Babel()


def begin(app: Flask) -> None:
    babel.init_app(app, locale_selector=chosen)
    app.jinja_env.filters |= {"money": money, "day": day, "shortday": short_day, "number": number}


def gettext(message: str, **values: Any) -> str:
    """The message in the reader's language, its %(names)s filled in."""
    return str(flask_babel.gettext(message, **values))


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """The message for so many, in the reader's language."""
    return str(flask_babel.ngettext(one, many, num, **values))


def chosen() -> str:
    """The language of the person signed in; English before anybody is."""
    return getattr(g, "language", "en_US") if has_request_context() else "en_US"


def money(amount: Money) -> str:
    """$1,234.56, with a minus sign before a negative amount."""
    return _money(amount.cents, chosen())


def day(value: date) -> str:
    """December 15, 2026"""
    return _day(value, "long", chosen())


def short_day(value: date) -> str:
    """Dec 15, 2026"""
    return _day(value, "medium", chosen())


def number(value: int) -> str:
    """12,345"""
    return str(format_decimal(value, locale=get_locale()))


# Writing by Babel costs more than all else of a page, and the same amounts and dates come again and again.
@lru_cache(maxsize=1 << 14)
def _money(cents: int, locale: str) -> str:
    return str(format_currency(Decimal(cents).scaleb(-2), "USD", locale=locale))


@lru_cache(maxsize=1 << 13)
def _day(value: date, length: str, locale: str) -> str:
    return str(format_date(value, length, locale=locale))
