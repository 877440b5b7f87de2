"""Looking a taxpayer up by whatever the caller says. Each kind of question is answered by an index, however many
taxpayers there are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, bindparam, select

from portal.db import look
from portal.domain import money
from portal.domain.lifecycle import PaymentState
from portal.domain.names import phone_key, words_of
from portal.domain.refusal import Refusal
from portal.models import Agreement, Payment, Spouse, Taxpayer, User
from portal.models.columns import read_reference
from portal.models.taxpayer import LAST_FOUR, SSN
from portal.office import office

MOST = 20
# No sign of a name comes after it.
LAST_SIGN = chr(0x10FFFF)
taxpayers, spouses, users = Taxpayer.__table__, Spouse.__table__, User.__table__
agreements, payments = Agreement.__table__, Payment.__table__


class Sought(StrEnum):
    """What kind of thing was typed."""

    ACCOUNT = "account"
    AGREEMENT = "agreement"
    PAYMENT = "payment"
    NUMBER = "number"
    LAST_FOUR = "last_four"
    EMAIL = "email"
    PHONE = "phone"
    AMOUNT = "amount"
    AMOUNT_AND_DATE = "amount_and_date"
    NAME = "name"
    NAME_AND_LAST_FOUR = "name_and_last_four"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Found:
    """A taxpayer in a list of those who may be meant."""

    reference: str
    first_name: str
    last_name: str
    last_four: str
    city: str
    state: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what was typed: what it is, and what the statements for that kind are asked with."""

    kind: Sought
    asked: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Who fits, as what, and whether there are more than are told."""

    kind: Sought
    found: tuple[Found, ...]
    has_more: bool = False


FOUND = select(
    taxpayers.c.reference, taxpayers.c.first_name, taxpayers.c.last_name, taxpayers.c.ssn_sealed, taxpayers.c.city,
    taxpayers.c.state,
).limit(MOST + 1)  # fmt: skip


def _own(table: Any) -> Select[*tuple[Any, ...]]:
    """The taxpayers to whom the rows of another table belong."""
    return FOUND.join(table, table.c.taxpayer_id == taxpayers.c.id)


def _named(table: Any, rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Whose name begins so, in order of names."""
    key = table.c.name_key
    begins = (key >= bindparam("name"), key < bindparam("after"), key.like(bindparam("like")))
    return rows.where(*begins).order_by(key)


def _numbered(table: Any, rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return rows.where(table.c.last_four_index == bindparam("last_four")).order_by(table.c.name_key)


# A draft is not signed yet, and only who made it sees it.
PAYMENTS = _own(payments).where(payments.c.state != PaymentState.DRAFTED)
OF_AMOUNT = (
    select(payments.c.id, payments.c.taxpayer_id, payments.c.pay_on)
    .where(payments.c.amount == bindparam("amount"), payments.c.state != PaymentState.DRAFTED)
    .order_by(payments.c.pay_on.desc(), payments.c.id.desc())
    .limit(MOST + 1)
)


def _newest(rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Whose the newest of these payments are. They are cut off before anything is looked up beside them."""
    newest = rows.subquery()
    return _own(newest).order_by(newest.c.pay_on.desc(), newest.c.id.desc())


# A joint return has two people, and either may call.
STATEMENTS: Mapping[Sought, tuple[Select[*tuple[Any, ...]], ...]] = {
    Sought.ACCOUNT: (FOUND.where(taxpayers.c.reference == bindparam("reference")),),
    Sought.AGREEMENT: (_own(agreements).where(agreements.c.reference == bindparam("reference")),),
    Sought.PAYMENT: (PAYMENTS.where(payments.c.reference == bindparam("reference")),),
    Sought.NUMBER: (
        FOUND.where(taxpayers.c.ssn_index == bindparam("number")),
        _own(spouses).where(spouses.c.ssn_index == bindparam("number")),
    ),
    Sought.LAST_FOUR: (_numbered(taxpayers, FOUND), _numbered(spouses, _own(spouses))),
    Sought.EMAIL: (_own(users).where(users.c.email == bindparam("email")),),
    Sought.PHONE: (FOUND.where(taxpayers.c.phone_key == bindparam("phone")).order_by(taxpayers.c.name_key),),
    Sought.AMOUNT: (_newest(OF_AMOUNT),),
    Sought.AMOUNT_AND_DATE: (_newest(OF_AMOUNT.where(payments.c.pay_on == bindparam("on"))),),
    Sought.NAME: (_named(taxpayers, FOUND), _named(spouses, _own(spouses))),
    Sought.NAME_AND_LAST_FOUR: (
        _named(taxpayers, _numbered(taxpayers, FOUND).order_by(None)),
        _named(spouses, _numbered(spouses, _own(spouses)).order_by(None)),
    ),
}


def answer(text: str) -> Answer:
    """Who is meant by what was typed: the first way to read it that fits anybody."""
    kind = Sought.NOTHING
    for reading in readings(text.strip()):
        kind = reading.kind if kind is Sought.NOTHING else kind
        rows = [row for each in STATEMENTS[reading.kind] for row in look(each, **reading.asked)]
        if rows:
            found = tuple(dict.fromkeys(map(_found, rows)))
            return Answer(reading.kind, found[:MOST], len(rows) > MOST)
    return Answer(kind, ())


def readings(text: str) -> Iterator[Reading]:
    """What a text can be, the likeliest first."""
    if "@" in text:
        yield Reading(Sought.EMAIL, {"email": text.lower()})
        return
    yield from _references(text)
    digits = re.sub(r"[ ().+-]", "", text)
    if digits.isascii() and digits.isdigit():
        yield from _digits(digits, text)
    yield from _amounts(text)
    yield from _names(words_of(text))


def _references(text: str) -> Iterator[Reading]:
    """With or without the two letters before it, where there is a digit in it: else it may be a name."""
    shapes = {Sought.ACCOUNT: ("TP", 2, 4), Sought.AGREEMENT: ("IA", 2, 4), Sought.PAYMENT: ("PY", 3, 5)}
    for kind, (prefix, groups, length) in shapes.items():
        reference = read_reference(text, prefix, groups, length)
        if reference is None and any(each.isdigit() for each in text):
            reference = read_reference(prefix + text, prefix, groups, length)
        if reference:
            yield Reading(kind, {"reference": reference})


def _digits(digits: str, text: str) -> Iterator[Reading]:
    vault = office().vault
    if len(digits) == 4 and "." not in text:
        yield Reading(Sought.LAST_FOUR, {"last_four": vault.index(digits, LAST_FOUR)})
    if len(digits) == 9:
        yield Reading(Sought.NUMBER, {"number": vault.index(digits, SSN)})
    if phone := phone_key(digits):
        yield Reading(Sought.PHONE, {"phone": phone})


def _amounts(text: str) -> Iterator[Reading]:
    """$310, 310.00, or either with the day from which the payment counts: 310 11/5/2026."""
    dated = re.fullmatch(r"(.+?)[ ,]+(?:on )?(\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2})", text, re.ASCII)
    amount = dated[1] if dated else text
    if not dated and not re.search(r"[$.]", amount):
        return
    try:
        asked: dict[str, Any] = {"amount": money.parse(amount)}
        if dated:
            asked["on"] = _day(dated[2])
    except (Refusal, ValueError):
        return
    yield Reading(Sought.AMOUNT_AND_DATE if dated else Sought.AMOUNT, asked)


def _day(text: str) -> date:
    if "-" in text:
        return date.fromisoformat(text)
    month, day, year = map(int, text.split("/"))
    return date(year, month, day)


def _names(words: list[str]) -> Iterator[Reading]:
    """The last name or its beginning, alone or with the first name before or behind it, or with the last four."""
    asked: dict[str, Any] = {}
    kind = Sought.NAME
    if len(words) > 1 and re.fullmatch(r"\d{4}", words[-1], re.ASCII):
        kind, asked = Sought.NAME_AND_LAST_FOUR, {"last_four": office().vault.index(words.pop(), LAST_FOUR)}
    orders = (words, [*words[-1:], *words[:-1]], [*words[1:], *words[:1]])
    for name in dict.fromkeys(" ".join(order) for order in orders if order):
        yield Reading(kind, {**asked, **_begins(name), "like": "%"})
    if len(words) == 2:
        # Of two last names only the first is said: Ana García is found as García López, Ana.
        yield Reading(kind, {**asked, **_begins(f"{words[1]} "), "like": f"% {words[0]}%"})


def _begins(name: str) -> dict[str, str]:
    return {"name": name, "after": name + LAST_SIGN}


def _found(row: Any) -> Found:
    ssn = office().vault.open(row.ssn_sealed, f"taxpayers:ssn:{row.reference}")
    return Found(row.reference, row.first_name, row.last_name, ssn[-4:], row.city, row.state)
