"""Fields of a fixed width: how a value stands in its columns, and how it is read from them again."""

import re
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar, get_type_hints

from portal.domain.money import Money
from portal.domain.refusal import Refusal

LINE_CHARACTERS = 94
CENTURY = 2000


class Unreadable(Refusal):
    """A bank file that cannot be read; `line` counts from 1. Nothing of the file is used."""


class BadColumns(Unreadable):
    """Line %(line)s: what stands in columns %(first)s to %(last)s is not possible there. Nothing was changed."""


class DoesNotFit(Refusal):
    """This does not fit into a bank file: record %(record)s, columns %(first)s to %(last)s. Nothing was written."""


class Field(Protocol):
    """What may stand in the columns of a field; what may not is a ValueError, either way."""

    @property
    def size(self) -> int: ...

    def read(self, cell: str) -> Any: ...

    def write(self, value: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Text:
    """Text on the left, then spaces. The pattern is that of the whole field, spaces included."""

    size: int
    pattern: str = "[ -~]*"

    def read(self, cell: str) -> str:
        if not re.fullmatch(self.pattern, cell):
            raise ValueError("text of another pattern")
        return cell.rstrip(" ")

    def write(self, value: str) -> str:
        cell = value.ljust(self.size)
        self.read(cell)
        return cell


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number on the right, zeros before it."""

    size: int

    def read(self, cell: str) -> int:
        if not re.fullmatch("[0-9]+", cell):
            raise ValueError("not a number")
        return int(cell)

    def write(self, value: int) -> str:
        cell = str(value).rjust(self.size, "0")
        self.read(cell)
        return cell


@dataclass(frozen=True, slots=True)
class Cents:
    """An amount as a number of cents."""

    size: int

    def read(self, cell: str) -> Money:
        return Money(Number(self.size).read(cell))

    def write(self, value: Money) -> str:
        return Number(self.size).write(value.cents)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of this century as YYMMDD."""

    size: int = 6

    def read(self, cell: str) -> date:
        year, month, day = (Number(2).read(cell[at : at + 2]) for at in (0, 2, 4))
        return date(CENTURY + year, month, day)

    def write(self, value: date) -> str:
        if not CENTURY <= value.year < CENTURY + 100:
            raise ValueError("a day of another century")
        return f"{value:%y%m%d}"


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a record and where it stands: the first and the last of its columns, counted from 1."""

    name: str
    first: int
    last: int
    field: Field


class Record(Protocol):
    """One line: a dataclass whose annotations are its fields in their order, after what all lines of its kind begin
    with.
    """

    opening: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=Record)


@cache
def columns_of(kind: type[Record]) -> tuple[Column, ...]:
    """The columns of a kind of record."""
    hints = get_type_hints(kind, include_extras=True)
    columns: list[Column] = []
    first = len(kind.opening) + 1
    for each in fields(kind):
        field: Field = hints[each.name].__metadata__[0]
        columns.append(Column(each.name, first, first + field.size - 1, field))
        first += field.size
    return tuple(columns)


def read(kind: type[R], line: int, text: str) -> R:
    """The record of a line of 94 characters. Refuses (`BadColumns`) what a field cannot hold."""
    if not text.startswith(kind.opening):
        raise BadColumns(line=line, first=1, last=len(kind.opening))
    values: dict[str, Any] = {}
    for column in columns_of(kind):
        try:
            values[column.name] = column.field.read(text[column.first - 1 : column.last])
        except ValueError:
            raise BadColumns(line=line, first=column.first, last=column.last) from None
    return kind(**values)


def write(record: Record) -> str:
    """The line of a record, 94 characters. Refuses (`DoesNotFit`) values that are too long or of the wrong kind."""
    cells = [record.opening]
    for column in columns_of(type(record)):
        try:
            cell = column.field.write(getattr(record, column.name))
        except ValueError:
            cell = ""
        if len(cell) != column.field.size:
            raise DoesNotFit(record=record.opening[0], first=column.first, last=column.last)
        cells.append(cell)
    return "".join(cells)
