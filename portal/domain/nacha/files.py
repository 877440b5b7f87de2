"""A bank file: batches of entries, read and written so that what is written is what was read, to the last byte."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from portal.domain.money import total
from portal.domain.nacha import fields
from portal.domain.nacha.fields import BadColumns, R, Record, Unreadable, columns_of
from portal.domain.nacha.lines import BLOCK_LINES, FILLER, Line, OutOfOrder, fillers_needed, split
from portal.domain.nacha.records import (
    BatchControl,
    BatchHeader,
    ChangeAddenda,
    Detail,
    FileControl,
    FileHeader,
    PaymentAddenda,
    ReturnAddenda,
)

Addenda = PaymentAddenda | ChangeAddenda | ReturnAddenda
ADDENDA: dict[str, type[Addenda]] = {kind.opening: kind for kind in (PaymentAddenda, ChangeAddenda, ReturnAddenda)}
HASH_MODULUS = 10**10


class DoesNotAddUp(Unreadable):
    """Line %(line)s, columns %(first)s to %(last)s: this is not what the lines before it come to. Ask the bank for
    the file again. Nothing was changed.
    """


@dataclass(frozen=True, slots=True)
class Entry:
    """What is done to one account, and the records that say more about it."""

    detail: Detail
    addenda: tuple[Addenda, ...] = ()

    @property
    def lines(self) -> int:
        """How many lines it takes."""
        return 1 + len(self.addenda)


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries of one company for one purpose and day; what they come to is computed."""

    header: BatchHeader
    entries: tuple[Entry, ...]
    authentication_code: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file, how many lines of nines fill its last block, what ends a line and what stands after the last one."""

    header: FileHeader
    batches: tuple[Batch, ...]
    fillers: int
    ending: str = "\n"
    closing: str = "\n"


def filled(header: FileHeader, batches: Iterable[Batch]) -> File:
    """A new file, its last block filled up."""
    held = tuple(batches)
    return File(header, held, fillers_needed(_line_count(held)))


def read_file(text: str) -> File:
    """The file that a text is; bytes are to be decoded as Latin-1 before, so that each is a character.

    Refuses (`Unreadable`) with the number of the line what is not plain ASCII in lines of 94 characters, what is out
    of order or no value of its field, and counts, hashes and totals that do not agree with the entries.
    """
    lines = split(text)
    first, *between, last = lines.records
    header = fields.read(FileHeader, *first)
    batches = tuple(_batch(each) for each in _sections(between, "5"))
    _require_equal(fields.read(FileControl, *last), _file_control(batches), last.number)
    return File(header, batches, lines.fillers, lines.ending, lines.closing)


def write_file(file: File) -> str:
    """The text of a file. Refuses (`DoesNotFit`) a value or a total that is too long for its field."""
    lines = [fields.write(record) for record in _records(file)]
    return file.ending.join([*lines, *[FILLER] * file.fillers]) + file.closing


def numbered(file: File) -> Iterator[tuple[int, Batch, Entry]]:
    """Every entry with the number of its line and its batch."""
    number = 1
    for batch in file.batches:
        number += 1
        for entry in batch.entries:
            yield number + 1, batch, entry
            number += entry.lines
        number += 1


def _batch(lines: Sequence[Line]) -> Batch:
    first, *between, last = lines
    control = fields.read(BatchControl, *last)
    batch = Batch(
        fields.read(BatchHeader, *first),
        tuple(_entry(each) for each in _sections(between, "6")),
        control.authentication_code,
    )
    _require_equal(control, _batch_control(batch), last.number)
    return batch


def _entry(lines: Sequence[Line]) -> Entry:
    first, *more = lines
    detail = fields.read(Detail, *first)
    if detail.addenda_indicator != _indicator(more):
        raise OutOfOrder(line=first.number + 1)
    return Entry(detail, tuple(_addenda(line) for line in more))


def _addenda(line: Line) -> Addenda:
    kind = ADDENDA.get(line.text[:3])
    if kind is None:
        raise BadColumns(line=line.number, first=2, last=3)
    return fields.read(kind, *line)


def _indicator(addenda: Sequence[object]) -> str:
    return "1" if addenda else "0"


def _sections(lines: Sequence[Line], opening: str) -> Iterator[Sequence[Line]]:
    """The lines in parts, each from a line of the opening kind up to the next one."""
    starts = [at for at, line in enumerate(lines) if line.kind == opening]
    for start, end in pairwise([*starts, len(lines)]):
        yield lines[start:end]


def _require_equal(found: R, counted: R, line: int) -> None:
    for column in columns_of(type(found)):
        if getattr(found, column.name) != getattr(counted, column.name):
            raise DoesNotAddUp(line=line, first=column.first, last=column.last)


def _records(file: File) -> Iterator[Record]:
    yield file.header
    for batch in file.batches:
        yield batch.header
        for entry in batch.entries:
            yield entry.detail
            yield from entry.addenda
        yield _batch_control(batch)
    yield _file_control(file.batches)


def _batch_control(batch: Batch) -> BatchControl:
    header, details = batch.header, [entry.detail for entry in batch.entries]
    return BatchControl(
        service_class=header.service_class,
        count=_count(batch),
        # The bank's eight digits without the check digit; of the sum the ten low-order digits.
        entry_hash=sum(int(detail.routing_number[:8]) for detail in details) % HASH_MODULUS,
        debits=total(detail.amount for detail in details if detail.is_debit),
        credits=total(detail.amount for detail in details if not detail.is_debit),
        company_identification=header.company_identification,
        authentication_code=batch.authentication_code,
        odfi=header.odfi,
        batch_number=header.batch_number,
    )


def _file_control(batches: Sequence[Batch]) -> FileControl:
    controls = [_batch_control(batch) for batch in batches]
    return FileControl(
        batches=len(batches),
        blocks=-(-_line_count(batches) // BLOCK_LINES),
        count=sum(control.count for control in controls),
        entry_hash=sum(control.entry_hash for control in controls) % HASH_MODULUS,
        debits=total(control.debits for control in controls),
        credits=total(control.credits for control in controls),
    )


def _line_count(batches: Iterable[Batch]) -> int:
    """How many lines a file of these batches takes, headers and controls included, before it is filled up."""
    return 2 + sum(2 + _count(batch) for batch in batches)


def _count(batch: Batch) -> int:
    return sum(entry.lines for entry in batch.entries)
