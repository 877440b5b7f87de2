"""The lines of a bank file: plain text, 94 characters each, in an order that is data."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from portal.domain.nacha.fields import LINE_CHARACTERS, Unreadable

LARGEST_FILE_MB = 10
BLOCK_LINES = 10
FILLER = "9" * LINE_CHARACTERS
# A file that says that there is nothing has no batch; a batch has an entry.
FOLLOWS = {"": "1", "1": "59", "5": "6", "6": "678", "7": "678", "8": "59", "9": "9"}
# A byte order mark as a character, and the bytes of it as Latin-1: UTF-8, UTF-16 in either order.
MARKS = ("\ufeff", "ï»¿", "ÿþ", "þÿ")


class TooLarge(Unreadable):
    """A bank file of at most %(megabytes)s MB can be read. Nothing was changed."""


class HasByteOrderMark(Unreadable):
    """Line 1 begins with a byte order mark. Take the file as it came from the bank. Nothing was changed."""


class NotPlainText(Unreadable):
    """Line %(line)s has a character that no bank file has. Take the file as it came from the bank. Nothing was
    changed.
    """


class OtherEnding(Unreadable):
    """Line %(line)s does not end as line 1 does. Take the file as it came from the bank. Nothing was changed."""


class WrongLength(Unreadable):
    """Line %(line)s has %(characters)s characters; every line of a bank file has 94. Nothing was changed."""


class OutOfOrder(Unreadable):
    """Line %(line)s cannot stand where it does: the lines of a bank file have a fixed order. Nothing was changed."""


class EndsTooEarly(Unreadable):
    """The file ends after line %(line)s, before it is complete. Ask the bank for it again. Nothing was changed."""


class BadFilling(Unreadable):
    """Line %(line)s: after the last record only lines of nines can follow, to a multiple of ten lines. Nothing was
    changed.
    """


class Line(NamedTuple):
    """A line and its number, from 1."""

    number: int
    text: str

    @property
    def kind(self) -> str:
        """The digit that says what record it is."""
        return self.text[0]


@dataclass(frozen=True, slots=True)
class Lines:
    """The records of a file, how many lines fill its last block, what ends a line and what stands after the last."""

    records: list[Line]
    fillers: int
    ending: str
    closing: str


def split(text: str) -> Lines:
    """The lines of a file, in an order that is possible.

    Refuses (`Unreadable`) what is no plain text of 94 columns, lines in another order, and a block half filled.
    """
    _require_plain(text)
    ending = "\r\n" if "\r\n" in text[: LINE_CHARACTERS + 2] else "\n"
    body = text.removesuffix(ending)
    lines = [_line(number, each) for number, each in enumerate(body.split(ending), 1)] if body else []
    _require_order(lines)
    records = [line for line in lines if line.kind != "9"]
    records.append(lines[len(records)])
    _require_filling(lines, len(records))
    return Lines(records, len(lines) - len(records), ending, text[len(body) :])


def fillers_needed(lines: int) -> int:
    """How many lines of nines make whole blocks of so many lines."""
    return -lines % BLOCK_LINES


def _require_plain(text: str) -> None:
    if len(text) > LARGEST_FILE_MB * 1_000_000:
        raise TooLarge(megabytes=LARGEST_FILE_MB)
    if text.startswith(MARKS):
        raise HasByteOrderMark
    if strange := re.search(r"[^ -~\r\n]", text):
        raise NotPlainText(line=text.count("\n", 0, strange.start()) + 1)


def _line(number: int, text: str) -> Line:
    """The line, if it is one: the first bad one ends the reading, so that millions of empty ones cost nothing."""
    if re.search("[\r\n]", text):
        raise OtherEnding(line=number)
    if len(text) != LINE_CHARACTERS:
        raise WrongLength(line=number, characters=len(text))
    return Line(number, text)


def _require_order(lines: list[Line]) -> None:
    before = ""
    for line in lines:
        if line.kind not in FOLLOWS[before]:
            raise OutOfOrder(line=line.number)
        before = line.kind
    if before != "9":
        raise EndsTooEarly(line=len(lines))


def _require_filling(lines: list[Line], records: int) -> None:
    """All of the block or none of it: some banks leave the filling out."""
    for line in lines[records:]:
        if line.text != FILLER:
            raise BadFilling(line=line.number)
    if len(lines) - records not in (0, fillers_needed(records)):
        raise BadFilling(line=len(lines))
