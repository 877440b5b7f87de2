"""What may stand in a cell of a roster: one reader per column, a text and the bounds in, a value out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from portal.domain import money
from portal.domain.calendar import year_later
from portal.domain.money import Money


class Kind(StrEnum):
    """What a line is about; a period comes with its assessment."""

    TAXPAYER = "taxpayer"
    PERIOD = "period"
    PAYMENT = "payment"
    SPOUSE = "spouse"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The days between which a record's dates must lie: the first with rates and rules, and today."""

    earliest: date
    today: date


class Unfit(ValueError):
    """A line or a cell that cannot be used; the message completes "line 12: ..." and repeats nothing of it."""


OLDEST_YEARS = 120
LARGEST_AMOUNT = Money(999_999_999)  # what accrues on it for decades still fits a posting
FIRST_PAYMENT_ON = date(1990, 1, 1)
LATEST_DUE_YEARS = 2
LONGEST_CELL = 200
FILING_STATUSES = (
    "single", "married filing jointly", "married filing separately", "head of household",
    "qualifying surviving spouse",
)  # fmt: skip
STATES = frozenset((
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AS", "GU", "MP", "PR", "VI", "AA",
    "AE", "AP",
))  # fmt: skip
# An ITIN begins with 9 and has one of these as its fourth and fifth digits (IRM 3.21.263).
ITIN_GROUPS = frozenset([*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)])


def usable(text: str) -> str:
    """A text that is there, and not longer than any cell may be."""
    if not text:
        raise Unfit("is empty")
    if len(text) > LONGEST_CELL:
        raise Unfit(f"is longer than {LONGEST_CELL} characters")
    return text


def kind_of(text: str, _bounds: Bounds) -> Kind:
    """What the line is about, by its own word."""
    try:
        return Kind(text.lower())
    except ValueError:
        raise Unfit("taxpayer, spouse, period or payment is needed") from None


def ssn_of(text: str, _bounds: Bounds) -> str:
    """The nine digits of an ITIN, or of an SSN: no area 000 or 666, no group 00, no serial 0000 (SSA)."""
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
    Kind.SPOUSE: {
        "spouse_ssn": ssn_of, "spouse_first_name": _words(60), "spouse_last_name": _words(60),
        "spouse_born_on": _birthday,
    },
}  # fmt: skip
SHARED = ("record", "ssn")
COLUMNS = (*SHARED, *(column for readers in READERS.values() for column in readers))
# A file without any of them is a file without spouses.
OPTIONAL = tuple(READERS[Kind.SPOUSE])
