"""A roster on disk: opened, bounded, and read line by line, so that memory does not grow with the file."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BufferedReader
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path

from portal.domain import roster
from portal.domain.cells import Bounds, Kind
from portal.domain.refusal import Refusal
from portal.domain.roster import Record

LARGEST_BYTES = 25_000_000
MOST_LINES = 100_000
MOST_LINES_EACH = 1_000

Told = Callable[[int], object]


def nobody(_bytes_read: int) -> None:
    """Who is told when nobody waits."""


class NoSuchFile(Refusal):
    """The file cannot be read: %(reason)s."""


class TooLarge(Refusal):
    """A file of at most %(megabytes)s MB can be imported. Split it between two taxpayers; nothing was changed."""


class TooManyLines(Refusal):
    """A file of at most %(lines)s lines can be imported. Split it between two taxpayers; nothing was changed."""


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """A roster, open at its beginning. Refuses what is not a file (`NoSuchFile`) and one that is `TooLarge`."""
    try:
        if not path.is_file():
            raise NoSuchFile(reason="there is no such file")
        file = path.open("rb")
    except OSError as error:
        raise NoSuchFile(reason=error.strerror) from None
    with file:
        if file.seek(0, os.SEEK_END) > LARGEST_BYTES:
            raise TooLarge(megabytes=LARGEST_BYTES // 1_000_000)
        file.seek(0)
        yield file


def digest(file: BufferedReader) -> str:
    """The SHA-256 of the whole file, which is then at its beginning again."""
    found = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return found


def households(file: BufferedReader, bounds: Bounds, told: Told) -> Iterator[tuple[str, list[Record]]]:
    """The lines of each taxpayer together, by ssn; a line whose ssn cannot be read goes with the one before it.

    Bad are the lines of a taxpayer that stand apart from the first ones, those beyond `MOST_LINES_EACH`, and a spouse
    who stands with two taxpayers.
    `told` hears of the bytes as they are read. Refuses `NotARoster` and `TooManyLines`.
    """
    began_on: dict[str, int] = {}
    married_on: dict[str, int] = {}
    for ssn, run in groupby(_with_owner(records(file, bounds, told)), key=itemgetter(0)):
        household = [record for _ssn, record in islice(run, MOST_LINES_EACH)]
        first = began_on.setdefault(ssn, household[0].number)
        if ssn and first != household[0].number:
            household = [_also(each, f"this taxpayer's lines begin on line {first}; let them stand together")
                         for each in household]  # fmt: skip
        yield ssn, [_also_married(each, married_on) for each in household]
        for _ssn, record in run:
            yield ssn, [_also(record, f"there are more than {MOST_LINES_EACH:,} lines of this taxpayer")]


def _with_owner(found: Iterable[Record]) -> Iterator[tuple[str, Record]]:
    owner = ""
    for record in found:
        owner = record.ssn or owner
        yield owner, record


def _also_married(record: Record, married_on: dict[str, int]) -> Record:
    number = record.facts.get("spouse_ssn") if record.kind is Kind.SPOUSE else None
    if number is None or married_on.setdefault(number, record.number) == record.number:
        return record
    return _also(record, f"this spouse already stands on line {married_on[number]}")


def _also(record: Record, reason: str) -> Record:
    return replace(record, reasons=(*record.reasons, reason))


def records(file: BufferedReader, bounds: Bounds, told: Told) -> Iterator[Record]:
    """Every line under the header that is not empty. Refuses `NotARoster` and `TooManyLines`."""
    numbered = enumerate(_lines(file, told), 1)
    columns = roster.header(next(numbered, (1, b""))[1])
    count = 0
    for number, line in numbered:
        if record := roster.read(number, line, columns, bounds):
            count += 1
            if count > MOST_LINES:
                raise TooManyLines(lines=f"{MOST_LINES:,}")
            yield record


def _lines(file: BufferedReader, told: Told) -> Iterator[bytes]:
    """The lines of a file; of one that is too long only as much as shows that it is."""
    while line := file.readline(roster.LONGEST_LINE_BYTES + 1):
        told(len(line))
        rest = line
        while len(rest) > roster.LONGEST_LINE_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(roster.LONGEST_LINE_BYTES + 1)
            told(len(rest))
        yield line
