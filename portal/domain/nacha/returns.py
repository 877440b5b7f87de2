"""What came back from the bank: debits returned, and accounts to be corrected; all of a file or nothing of it."""

from dataclasses import dataclass
from datetime import date

from portal.domain.money import Money
from portal.domain.nacha import corrections
from portal.domain.nacha.corrections import Correction
from portal.domain.nacha.fields import BadColumns, Day, Unreadable
from portal.domain.nacha.files import Batch, Entry, numbered, read_file
from portal.domain.nacha.records import ChangeAddenda, ReturnAddenda

CHANGES = "COR"
UNKNOWN_DATES = ("", "000000")


class NotAnAnswer(Unreadable):
    """Line %(line)s is neither a return nor a notification of change, so this is not a file of answers from the bank.
    Nothing was changed.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A debit that was not paid, or was taken back. `line` is where its entry stands; `original_trace` is the trace
    number under which it was sent, `individual_id` the payment's reference, `code` the reason (R01 and so on).
    """

    line: int
    code: str
    original_trace: str
    amount: Money
    individual_id: str
    company_identification: str
    original_rdfi: str
    died_on: date | None
    information: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A debit that was paid, with what to do otherwise next time (C01 and so on). Without a `correction` nothing in
    it could be read as one, and `corrected_data` is for a person.
    """

    line: int
    code: str
    original_trace: str
    individual_id: str
    company_identification: str
    original_rdfi: str
    corrected_data: str
    correction: Correction | None


def read_returns(text: str) -> tuple[Returned | Corrected, ...]:
    """Every answer in a file, in its order. Whether an answer is about anything that was sent, the caller knows.

    Refuses (`Unreadable`) the whole file with the number of the line if one line is not as it has to be.
    """
    return tuple(_answer(line, batch, entry) for line, batch, entry in numbered(read_file(text)))


def _answer(line: int, batch: Batch, entry: Entry) -> Returned | Corrected:
    is_change = batch.header.entry_class == CHANGES
    match entry.addenda:
        case (ReturnAddenda() as addenda,) if not is_change:
            return _returned(line, batch, entry, addenda)
        case (ChangeAddenda() as addenda,) if is_change:
            return _corrected(line, batch, entry, addenda)
    raise NotAnAnswer(line=line)


def _returned(line: int, batch: Batch, entry: Entry, addenda: ReturnAddenda) -> Returned:
    return Returned(
        line=line,
        code=addenda.code,
        original_trace=addenda.original_trace,
        amount=entry.detail.amount,
        individual_id=entry.detail.individual_id,
        company_identification=batch.header.company_identification,
        original_rdfi=addenda.original_rdfi,
        died_on=_died_on(line + 1, addenda),
        information=addenda.information,
    )


def _corrected(line: int, batch: Batch, entry: Entry, addenda: ChangeAddenda) -> Corrected:
    return Corrected(
        line=line,
        code=addenda.code,
        original_trace=addenda.original_trace,
        individual_id=entry.detail.individual_id,
        company_identification=batch.header.company_identification,
        original_rdfi=addenda.original_rdfi,
        corrected_data=addenda.corrected_data,
        correction=corrections.read(addenda.code, addenda.corrected_data),
    )


def _died_on(line: int, addenda: ReturnAddenda) -> date | None:
    """The taxpayer's date of death, which banks give with R14 and R15."""
    if addenda.date_of_death in UNKNOWN_DATES:
        return None
    try:
        return Day().read(addenda.date_of_death)
    except ValueError:
        raise BadColumns(line=line, first=22, last=27) from None
