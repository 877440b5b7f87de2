"""Addresses: what their parts look like (what does not is none: 404), and which ones are gone back to."""

from datetime import date

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter, ValidationError

from portal.domain.answers import Step


class Year(BaseConverter):
    """Four digits."""

    regex = "[12][0-9]{3}"


class StatementTime(BaseConverter):
    """A year, or a month of it: 2026 or 2026-10."""

    regex = "[12][0-9]{3}(?:-(?:0[1-9]|1[0-2]))?"


class Reference(BaseConverter):
    """A public reference such as IA-7F3K-2Q9D."""

    regex = "[A-Z]{2}(?:-[0-9A-Z]{4,5}){2,3}"


class Question(BaseConverter):
    """A question of an application."""

    regex = "|".join(Step)


class Day(BaseConverter):
    """A date like 2026-11-23."""

    regex = "[12][0-9]{3}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None


class Token(BaseConverter):
    """What a mailed link ends with: 32 random bytes."""

    regex = "[0-9A-Za-z_-]{43}"


def begin(app: Flask) -> None:
    app.url_map.converters |= {
        "year": Year,
        "statement": StatementTime,
        "reference": Reference,
        "step": Question,
        "day": Day,
        "token": Token,
    }


def own_page(wanted: str | None) -> str | None:
    """The address if it is a page of this portal, never of another site."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or not wanted.isprintable():
        return None
    if "\\" in wanted:
        return None
    try:
        current_app.url_map.bind("").match(wanted.partition("?")[0], "GET")
    except HTTPException:
        return None
    return wanted


def came_from() -> str:
    """The page of this portal on which a button was pressed; the start, if it was on none."""
    host, referrer = request.host_url, request.referrer or ""
    return own_page(f"/{referrer.removeprefix(host)}") or "/" if referrer.startswith(host) else "/"
