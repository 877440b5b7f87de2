"""The parts of an address: what does not look like one is no address at all (404)."""

from flask import Flask
from werkzeug.routing import BaseConverter

from portal.domain.answers import Step


class Year(BaseConverter):
    """Four digits."""

    regex = "[12][0-9]{3}"


class Reference(BaseConverter):
    """A public reference such as IA-7F3K-2Q9D."""

    regex = "[A-Z]{2}(?:-[0-9A-Z]{4,5}){2,3}"


class Question(BaseConverter):
    """A question of an application."""

    regex = "|".join(Step)


class Token(BaseConverter):
    """What a mailed link ends with: 32 random bytes."""

    regex = "[0-9A-Za-z_-]{43}"


def begin(app: Flask) -> None:
    app.url_map.converters |= {"year": Year, "reference": Reference, "step": Question, "token": Token}
