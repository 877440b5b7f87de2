"""The languages that people are spoken to in."""

from enum import StrEnum


class Language(StrEnum):
    """A language as it is spoken in the United States, by the name of its locale."""

    ENGLISH = "en_US"
    SPANISH = "es_US"
