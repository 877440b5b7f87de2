"""A roster: what an agency brings along, one record to a line of CSV, read into facts or reasons (docs/import.md)."""

import csv
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.domain import cells
from portal.domain.calendar import year_later
from portal.domain.cells import COLUMNS, OPTIONAL, READERS, SHARED, Bounds, Kind, Unfit
from portal.domain.money import Money
from portal.domain.refusal import Refusal

LONGEST_LINE_BYTES = 2_000


class NotARoster(Refusal):
    """Line 1 is not the header that docs/import.md describes: %(reason)s."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line: its facts by column, or why it is none. A bad line may still tell what and whose it is."""

    number: int
    kind: Kind | None
    ssn: str | None
    facts: Mapping[str, Any]
    reasons: tuple[str, ...] = ()


def header(line: bytes) -> list[str]:
    """The columns in the order of the file: each of them once, those of a spouse all or none. Refuses (`NotARoster`)
    any other first line.
    """
    try:
        names = [cell.lower() for cell in split(line.removeprefix(b"\xef\xbb\xbf"))]
    except Unfit as unfit:
        raise NotARoster(reason=str(unfit)) from None
    if "record" not in names:
        raise NotARoster(reason="it has no column record")
    if unknown := [f"no. {number}" for number, name in enumerate(names, 1) if name not in COLUMNS]:
        raise NotARoster(reason=f"nothing is known of column {_some(unknown)}")
    has_spouses = any(name in OPTIONAL for name in names)
    needed = [name for name in COLUMNS if has_spouses or name not in OPTIONAL]
    if missing := [name for name in needed if name not in names]:
        raise NotARoster(reason=f"it lacks {_some(missing)}")
    if len(names) > len(needed):
        raise NotARoster(reason="a column stands there twice")
    return names


def read(number: int, line: bytes, columns: Sequence[str], bounds: Bounds) -> Record | None:
    """The record of a line, with every reason against it; None for a line of empty cells."""
    try:
        found = split(line)
        if not any(found):
            return None
        if len(found) != len(columns):
            raise Unfit(f"{len(columns)} cells are needed, there are {len(found)}")
    except Unfit as unfit:
        return Record(number, None, None, {}, (str(unfit),))
    return _record(number, dict(zip(columns, found, strict=True)), bounds)


def split(line: bytes) -> list[str]:
    """The trimmed cells of one line of UTF-8. Refuses (`Unfit`) other encodings and characters that do not print."""
    if len(line) > LONGEST_LINE_BYTES:
        raise Unfit(f"the line is longer than {LONGEST_LINE_BYTES:,} bytes")
    try:
        text = unicodedata.normalize("NFC", line.rstrip(b"\r\n").decode())
    except UnicodeDecodeError:
        raise Unfit("this is not UTF-8 text") from None
    if not text.isprintable():
        raise Unfit("there is a tab, NUL or another character that cannot be printed")
    try:
        return [cell.strip() for row in csv.reader([text], strict=True) for cell in row]
    except csv.Error:
        raise Unfit("the quotes do not match") from None


def _record(number: int, row: Mapping[str, str], bounds: Bounds) -> Record:
    facts: dict[str, Any] = {}
    reasons: list[str] = []

    def take(column: str, reader: Callable[[str, Bounds], Any]) -> Any:
        try:
            return reader(cells.usable(row.get(column, "")), bounds)
        except Unfit as unfit:
            reasons.append(f"{column}: {unfit}")
            return None

    kind, ssn = take("record", cells.kind_of), take("ssn", cells.ssn_of)
    own = READERS[kind] if kind else {}
    for column, reader in own.items():
        facts[column] = take(column, reader)
    if kind:
        strangers = [name for name in COLUMNS if row.get(name) and name not in own and name not in SHARED]
        reasons.extend(f"{name}: does not belong on a {kind} line" for name in strangers)
    if kind is Kind.PERIOD and not reasons:
        reasons.extend(_out_of_order(**facts))
    if kind is Kind.SPOUSE and ssn and facts["spouse_ssn"] == ssn:
        reasons.append("spouse_ssn: is the taxpayer's own")
    return Record(number, kind, ssn, facts, tuple(reasons))


def _out_of_order(tax_year: int, due_on: date, filed_on: date, assessed_on: date, tax: Money) -> list[str]:
    """Why the dates of a period cannot be: a year ends, is due, is filed, and then is assessed."""
    year_end = date(tax_year, 12, 31)
    wrong = {
        "due_on: the tax year has not ended by then": due_on <= year_end,
        "due_on: more than two years after the tax year": due_on > year_later(year_end, cells.LATEST_DUE_YEARS),
        "filed_on: the tax year has not ended by then": filed_on <= year_end,
        "assessed_on: before filed_on": assessed_on < filed_on,
    }
    return [reason for reason, is_wrong in wrong.items() if is_wrong]


def _some(names: Sequence[str]) -> str:
    """The first five of a list, and how many more there are."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
