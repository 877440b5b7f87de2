"""A roster: what an agency brings along, one record to a line of CSV, read into facts or into reasons (docs/import.md)."""

import csv
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from portal.domain import money
from portal.domain.calendar import year_later
from portal.domain.money import Money
from portal.domain.refusal import Refusal


class Kind(StrEnum):
    """What a line is about; a period comes with its assessment."""

    TAXPAYER = "taxpayer"
    PERIOD = "period"
    PAYMENT = "payment"


class NotARoster(Refusal):
    """Line 1 is not the header that docs/import.md describes: %(reason)s."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The days between which a record's dates must lie: the first that the policy has rules for, and today."""

    earliest: date
    today: date


@dataclass(frozen=True, slots=True)
class Record:
    """One line: its facts by column, or why it is none. A bad line may still tell what and whose it is."""

    number: int
    kind: Kind | None
    ssn: str | None
    facts: Mapping[str, Any]
    reasons: tuple[str, ...] = ()


class Unfit(ValueError):
    """A line or a cell that cannot be used; the message completes "line 12: ..." and repeats nothing of it."""


OLDEST_YEARS = 120
LARGEST_AMOUNT = Money(999_999_999)  # what accrues on it for decades still fits a posting
FIRST_PAYMENT_ON = date(1990, 1, 1)
LATEST_DUE_YEARS = 2
CELL_LENGTH = 200
FILING_STATUSES = (
    "single", "married filing jointly", "married filing separately", "head of household",
    "qualifying surviving spouse",
)  # fmt: skip
STATES = frozenset(
    [
        "AL",
        "AK",
        "AZ",
        "AR",
        "CA",
        "CO",
        "CT",
        "DE",
        "DC",
        "FL",
        "GA",
        "HI",
        "ID",
        "IL",
        "IN",
        "IA",
        "KS",
        "KY",
        "LA",
        "ME",
        "MD",
        "MA",
        "MI",
        "MN",
        "MS",
        "MO",
        "MT",
        "NE",
        "NV",
        "NH",
        "NJ",
        "NM",
        "NY",
        "NC",
        "ND",
        "OH",
        "OK",
        "OR",
        "PA",
        "RI",
        "SC",
        "SD",
        "TN",
        "TX",
        "UT",
        "VT",
        "VA",
        "WA",
        "WV",
        "WI",
        "WY",
        "AS",
        "GU",
        "MP",
        "PR",
        "VI",
        "AA",
        "AE",
        "AP",
    ]
)
# An ITIN begins with 9 and has one of these as its fourth and fifth digits (IRM 3.21.263).
ITIN_GROUPS = frozenset([*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)])


def header(line: bytes) -> list[str]:
    """The columns in the order of the file: each of them once. Refuses (`NotARoster`) any other first line."""
    try:
        names = [cell.lower() for cell in cells(line.removeprefix(b"\xef\xbb\xbf"))]
    except Unfit as unfit:
        raise NotARoster(reason=str(unfit)) from None
    if "record" not in names:
        raise NotARoster(reason="it has no column record")
    if unknown := [f"no. {number}" for number, name in enumerate(names, 1) if name not in COLUMNS]:
        raise NotARoster(reason=f"nothing is known of column {_some(unknown)}")
    if missing := [name for name in COLUMNS if name not in names]:
        raise NotARoster(reason=f"it lacks {_some(missing)}")
    if len(names) > len(COLUMNS):
        raise NotARoster(reason="a column stands there twice")
    return names


def read(number: int, line: bytes, columns: Sequence[str], bounds: Bounds) -> Record | None:
    """The record of a line, with every reason against it; None for a line of empty cells."""
    try:
        found = cells(line)
        if not any(found):
            return None
        if len(found) != len(columns):
            raise Unfit(f"{len(columns)} cells are needed, there are {len(found)}")
    except Unfit as unfit:
        return Record(number, None, None, {}, (str(unfit),))
    return _record(number, dict(zip(columns, found, strict=True)), bounds)


def cells(line: bytes) -> list[str]:
    """The trimmed cells of one line of UTF-8. Refuses (`Unfit`) other encodings and characters that do not print."""
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
            return reader(_usable(row[column]), bounds)
        except Unfit as unfit:
            reasons.append(f"{column}: {unfit}")
            return None

    kind, ssn = take("record", _kind), take("ssn", _ssn)
    own = READERS[kind] if kind else {}
    for column, reader in own.items():
        facts[column] = take(column, reader)
    if kind:
        strangers = [name for name in COLUMNS if row[name] and name not in own and name not in SHARED]
        reasons.extend(f"{name}: does not belong on a {kind} line" for name in strangers)
    if kind is Kind.PERIOD and not reasons:
        reasons.extend(_out_of_order(**facts))
    return Record(number, kind, ssn, facts, tuple(reasons))


def _out_of_order(tax_year: int, due_on: date, filed_on: date, assessed_on: date, tax: Money) -> list[str]:
    """Why the dates of a period cannot be: a year ends, is due, is filed, and then is assessed."""
    year_end = date(tax_year, 12, 31)
    wrong = {
        "due_on: the tax year has not ended by then": due_on <= year_end,
        "due_on: more than two years after the tax year": due_on > year_later(year_end, LATEST_DUE_YEARS),
        "filed_on: the tax year has not ended by then": filed_on <= year_end,
        "assessed_on: before filed_on": assessed_on < filed_on,
    }
    return [reason for reason, is_wrong in wrong.items() if is_wrong]


# One reader per column: a text and the bounds in, a value out


def _usable(text: str) -> str:
    if not text:
        raise Unfit("is empty")
    if len(text) > CELL_LENGTH:
        raise Unfit(f"is longer than {CELL_LENGTH} characters")
    return text


def _kind(text: str, _bounds: Bounds) -> Kind:
    try:
        return Kind(text.lower())
    except ValueError:
        raise Unfit("taxpayer, period or payment is needed") from None


def _ssn(text: str, _bounds: Bounds) -> str:
    """An SSN (SSA: no area 000 or 666, no group 00, no serial 0000) or an ITIN."""
    digits = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"\d{9}", digits, re.ASCII):
        raise Unfit("nine digits are needed")
    area, group, serial = int(digits[:3]), int(digits[3:5]), int(digits[5:])
    if not (group in ITIN_GROUPS if area >= 900 else area not in (0, 666) and group and serial):
        raise Unfit("no SSN or ITIN has this number")
    return digits


def _words(longest: int) -> Callable[[str, Bounds], str]:
    def read_words(text: str, _bounds: Bounds) -> str:
        if len(text) > longest:
            raise Unfit(f"is longer than {longest} characters")
        if text[0] in "=+-@":
            raise Unfit("begins with = + - or @, as a formula of a spreadsheet does")
        if not any(character.isalnum() for character in text):
            raise Unfit("has neither a letter nor a digit")
        return text

    return read_words


def _matching(pattern: str, wanted: str) -> Callable[[str, Bounds], str]:
    def read_matching(text: str, _bounds: Bounds) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise Unfit(f"{wanted} is needed")
        return text

    return read_matching


def _state(text: str, _bounds: Bounds) -> str:
    if text.upper() not in STATES:
        raise Unfit("the two letters of a US state or territory are needed")
    return text.upper()


def _filing_status(text: str, _bounds: Bounds) -> str:
    if text.lower() not in FILING_STATUSES:
        raise Unfit(f"one of these is needed: {', '.join(FILING_STATUSES)}")
    return text.lower()


def _tax_year(text: str, bounds: Bounds) -> int:
    least, most = bounds.earliest.year - LATEST_DUE_YEARS, bounds.today.year - 1
    if not re.fullmatch(r"\d{4}", text, re.ASCII) or not least <= int(text) <= most:
        raise Unfit(f"a year from {least} to {most} is needed")
    return int(text)


def _day(text: str, bounds: Bounds) -> date:
    """A day that has come."""
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        day = None
    if day is None:
        raise Unfit("a date like 2026-11-23 is needed")
    if day > bounds.today:
        raise Unfit("is in the future")
    return day


def _birthday(text: str, bounds: Bounds) -> date:
    born_on = _day(text, bounds)
    if born_on < year_later(bounds.today, -OLDEST_YEARS):
        raise Unfit(f"is more than {OLDEST_YEARS} years ago")
    return born_on


def _day_with_rules(text: str, bounds: Bounds) -> date:
    day = _day(text, bounds)
    if day < bounds.earliest:
        raise Unfit(f"no interest rate is published before {bounds.earliest}")
    return day


def _day_of_payment(text: str, bounds: Bounds) -> date:
    day = _day(text, bounds)
    if day < FIRST_PAYMENT_ON:
        raise Unfit(f"is before {FIRST_PAYMENT_ON}")
    return day


def _amount(text: str, _bounds: Bounds) -> Money:
    try:
        amount = money.parse(text)
    except money.NotMoney:
        raise Unfit("dollars and cents like 1250.00 are needed") from None
    if not Money(0) < amount <= LARGEST_AMOUNT:
        raise Unfit(f"must be above 0.00 and at most {LARGEST_AMOUNT}")
    return amount


READERS: Mapping[Kind, Mapping[str, Callable[[str, Bounds], Any]]] = {
    Kind.TAXPAYER: {
        "first_name": _words(60), "last_name": _words(60), "born_on": _birthday, "filing_status": _filing_status,
        "street": _words(100), "city": _words(60), "state": _state,
        "postal_code": _matching(r"\d{5}(-\d{4})?", "a ZIP code like 62701 or 62701-1234"),
    },
    Kind.PERIOD: {
        "tax_year": _tax_year, "due_on": _day_with_rules, "filed_on": _day, "assessed_on": _day_with_rules,
        "tax": _amount,
    },
    Kind.PAYMENT: {
        "reference": _matching(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,39}", "a name of up to 40 letters, digits and - . / _"),
        "paid_on": _day_of_payment, "amount": _amount,
    },
}  # fmt: skip
SHARED = ("record", "ssn")
COLUMNS = (*SHARED, *(column for readers in READERS.values() for column in readers))


def _some(names: Sequence[str]) -> str:
    """The first five of a list, and how many more there are."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
