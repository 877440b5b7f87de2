"""Columns that several tables share."""

import secrets
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Enum, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

# Crockford's alphabet: no letter that is taken for a digit or for another letter.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOK_ALIKES = str.maketrans("OIL", "011")

Each = TypeVar("Each", bound=StrEnum)


def primary_key() -> Mapped[int]:
    """A number that never leaves the server."""
    return mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def one_of(kinds: type[Each], **options: Any) -> Mapped[Each]:
    """A column that holds one word of an enumeration, kept as text."""
    words = Enum(kinds, native_enum=False, length=30, values_callable=lambda each: [kind.value for kind in each])
    return mapped_column(words, **options)


def belongs_to(table: str, **options: Any) -> Mapped[Any]:
    """A foreign key with an index, for nothing is looked up without one."""
    return mapped_column(ForeignKey(f"{table}.id"), index=True, **options)


def new_reference(prefix: str, groups: int = 2, length: int = 4) -> str:
    """A public name such as IA-7F3K-2Q9D: random, so that none can be guessed from another."""
    parts = ("".join(secrets.choice(ALPHABET) for _ in range(length)) for _ in range(groups))
    return "-".join([prefix, *parts])


def read_reference(text: str, prefix: str, groups: int = 2, length: int = 4) -> str | None:
    """The public name that somebody typed, whatever its case, spaces and dashes, with 0 for O and 1 for I and L; None
    if it is none of this kind.
    """
    plain = "".join(character for character in text.upper() if character not in " -")
    letters = plain.removeprefix(prefix).translate(LOOK_ALIKES)
    if not plain.startswith(prefix) or len(letters) != groups * length or not set(letters) <= set(ALPHABET):
        return None
    return "-".join([prefix, *(letters[at : at + length] for at in range(0, len(letters), length))])
