"""The other side: the file in which banks answer a debit file, with returns and with notifications of change. The
portal reads such files; only what stands in for a bank writes them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count as counting

from portal.domain import routing
from portal.domain.money import ZERO
from portal.domain.nacha.debits import trace_number
from portal.domain.nacha.files import Batch, Entry, File, filled
from portal.domain.nacha.records import ChangeAddenda, Detail, FileHeader, ReturnAddenda
from portal.domain.nacha.returns import CHANGES


@dataclass(frozen=True, slots=True)
class Return:
    """A debit is not paid."""

    code: str
    information: str = ""
    died_on: date | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A debit is paid, and the next one should be different (corrections.write makes the data)."""

    code: str
    corrected_data: str


Answer = Return | Change
Answered = tuple[Entry, Answer]


def answer_file(sent: File, answers: Mapping[str, Answer], *, created_at: datetime, modifier: str) -> File:
    """The file that answers a debit file: `answers` by the trace number of the debit; no answer, no entry.

    Every bank that answers has a batch for its returns and one for its changes, under the header of what was sent.
    """
    batches: list[Batch] = []
    sequences = counting(1)
    for batch in sent.batches:
        for answered in _by_bank_and_kind(batch, answers):
            batches.append(_batch(len(batches) + 1, batch, answered, sequences))
    return filled(_file_header(sent.header, created_at, modifier), batches)


def _by_bank_and_kind(batch: Batch, answers: Mapping[str, Answer]) -> list[list[Answered]]:
    groups: dict[tuple[str, type[Answer]], list[Answered]] = {}
    for entry in batch.entries:
        if answer := answers.get(entry.detail.trace_number):
            groups.setdefault((_bank(entry), type(answer)), []).append((entry, answer))
    return list(groups.values())


def _batch(number: int, sent: Batch, answered: Sequence[Answered], sequences: Iterator[int]) -> Batch:
    first, answer = answered[0]
    entry_class = CHANGES if isinstance(answer, Change) else sent.header.entry_class
    header = replace(sent.header, entry_class=entry_class, odfi=_bank(first), batch_number=number)
    return Batch(header, tuple(_entry(sent, entry, answer, next(sequences)) for entry, answer in answered))


def _entry(sent: Batch, entry: Entry, answer: Answer, sequence: int) -> Entry:
    trace = trace_number(_bank(entry), sequence)
    # An answer is addressed to the bank that sent the debit, and its code is that of a return: 26 to a 27.
    detail = replace(
        entry.detail,
        transaction_code=entry.detail.transaction_code[0] + ("6" if entry.detail.is_debit else "1"),
        routing_number=routing.with_check_digit(sent.header.odfi),
        amount=ZERO if isinstance(answer, Change) else entry.detail.amount,
        addenda_indicator="1",
        trace_number=trace,
    )
    return Entry(detail, (_addenda(entry.detail, answer, trace),))


def _addenda(sent: Detail, answer: Answer, trace: str) -> ReturnAddenda | ChangeAddenda:
    bank = sent.routing_number[:8]
    if isinstance(answer, Change):
        return ChangeAddenda(
            code=answer.code,
            original_trace=sent.trace_number,
            original_rdfi=bank,
            corrected_data=answer.corrected_data,
            trace_number=trace,
        )
    return ReturnAddenda(
        code=answer.code,
        original_trace=sent.trace_number,
        date_of_death=f"{answer.died_on:%y%m%d}" if answer.died_on else "",
        original_rdfi=bank,
        information=answer.information,
        trace_number=trace,
    )


def _bank(entry: Entry) -> str:
    """The bank that received an entry, without its check digit."""
    return entry.detail.routing_number[:8]


def _file_header(sent: FileHeader, created_at: datetime, modifier: str) -> FileHeader:
    return replace(
        sent,
        immediate_destination=sent.immediate_origin,
        immediate_origin=sent.immediate_destination,
        destination_name=sent.origin_name,
        origin_name=sent.destination_name,
        created_on=created_at.date(),
        created_time=f"{created_at:%H%M}",
        modifier=modifier,
    )
