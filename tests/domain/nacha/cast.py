"""The small world of these tests: a city, its bank, debits and what the banks of taxpayers answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from portal.domain.money import Money
from portal.domain.nacha.answers import Answer, answer_file
from portal.domain.nacha.debits import Company, Debit, EntryClass, Offset, debit_file, trace_number
from portal.domain.nacha.fields import DoesNotFit, Unreadable
from portal.domain.nacha.files import File, write_file

SAMPLE = (Path(__file__).parent / "ppd-debit.ach").read_text(encoding="ascii")
BANKS = ("231380104", "071000013", "121042882")
CITY = Company(
    name="City of Springfield Revenue",
    identification="1371234567",
    entry_description="Tax plan",
    entry_class=EntryClass.WEB,
    odfi="071000013",
    odfi_name="First Bank of Springfield",
    immediate_destination="071000013",
    immediate_origin="1371234567",
)
BALANCED = replace(CITY, offset=Offset("071000013", "40017723"))
MADE_AT = datetime(2026, 11, 24, 10, 5)  # noqa: DTZ001  (the agency's wall clock, as the file has it)


def debit(sequence: int = 1, cents: int = 15000, **changed: Any) -> Debit:
    """Rosa's installment, with some facts changed."""
    facts = {
        "trace_sequence": sequence, "routing_number": BANKS[0], "account_number": "5550004418", "is_savings": False,
        "is_recurring": True, "amount": Money(cents), "individual_id": f"PY-{sequence:04}", "name": "Rosa Delgado",
    }  # fmt: skip
    return Debit(**(facts | changed))


def sent(*debits: Debit, by: Company = CITY) -> File:
    """The debit file of a day."""
    return debit_file(
        by, effective_on=date(2026, 11, 25), created_at=MADE_AT, modifier="A", batch_number=7,
        debits=debits or [debit()],
    )  # fmt: skip


def text_of(*debits: Debit, by: Company = CITY) -> str:
    return write_file(sent(*debits, by=by))


def answered(answers: Sequence[Answer], by: Company = CITY) -> str:
    """The file in which three banks answer, to one debit each answer."""
    debits = [
        debit(number, 10_000 + number, routing_number=BANKS[number % 3], is_savings=number % 2 == 0)
        for number in range(1, len(answers) + 1)
    ]
    by_trace = {trace_number(by.odfi, number): answer for number, answer in enumerate(answers, 1)}
    return write_file(answer_file(sent(*debits, by=by), by_trace, created_at=MADE_AT, modifier="B"))


def line(text: str, number: int, first: int, last: int) -> str:
    """What stands in some columns of a line, counted from 1 as in the tables of Nacha."""
    return text.splitlines()[number - 1][first - 1 : last]


def changed(text: str, number: int, first: int, new: str) -> str:
    """The text with other characters from a column on."""
    lines = text.split("\n")
    old = lines[number - 1]
    lines[number - 1] = old[: first - 1] + new + old[first - 1 + len(new) :]
    return "\n".join(lines)


def place(refusal: Unreadable | DoesNotFit) -> tuple[int | str, int, int]:
    """Where a refusal says that it is: the line or record, and its columns."""
    facts = refusal.facts
    return facts["line" if "line" in facts else "record"], facts["first"], facts["last"]
