"""What becomes of one taxpayer's lines of a roster: new, here already, or at odds with what is here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from portal.domain.cells import Kind
from portal.domain.roster import Record

Key = tuple[Kind, Any]
Known = Mapping[Key, Mapping[str, Any]]

NAMED_BY = {Kind.PERIOD: "tax_year", Kind.PAYMENT: "reference"}
TAXPAYER: Key = (Kind.TAXPAYER, None)


@dataclass(frozen=True, slots=True)
class Admission:
    """One taxpayer's lines, told apart. Nothing may be written while `bad` is not empty."""

    new: tuple[Record, ...]
    here: tuple[Record, ...]
    bad: tuple[Record, ...]

    def new_of(self, kind: Kind) -> list[Mapping[str, Any]]:
        """The facts of the new lines of a kind."""
        return [record.facts for record in self.new if record.kind is kind]


def key_of(record: Record) -> Key:
    """What tells a record from the others of its taxpayer: a year, or the agency's own name for a payment."""
    assert record.kind is not None
    return record.kind, record.facts.get(NAMED_BY.get(record.kind, ""))


def admit(records: Sequence[Record], known: Known) -> Admission:
    """Compare the lines of one taxpayer with each other and with what the portal knows of that taxpayer."""
    new, here, bad = [], [], []
    stands_on: dict[Key, int] = {}
    first_due_on = _first_due_on(records, known)
    for record in records:
        reasons = record.reasons or _reasons_against(record, stands_on, known, first_due_on)
        if record.ssn and record.kind and (record.kind is Kind.TAXPAYER or not record.reasons):
            stands_on.setdefault(key_of(record), record.number)
        if reasons:
            bad.append(replace(record, reasons=reasons))
        elif key_of(record) in known:
            here.append(record)
        else:
            new.append(record)
    return Admission(tuple(new), tuple(here), tuple(bad))


def _reasons_against(
    record: Record, stands_on: Mapping[Key, int], known: Known, first_due_on: date | None
) -> tuple[str, ...]:
    key = key_of(record)
    if key in stands_on:
        return (f"this {record.kind} already stands on line {stands_on[key]}",)
    if key in known:
        differing = [column for column, value in record.facts.items() if known[key][column] != value]
        return (f"not what is here already: {', '.join(differing)}",) if differing else ()
    if record.kind is not Kind.TAXPAYER and TAXPAYER not in stands_on and TAXPAYER not in known:
        return ("nobody here has this ssn, and no taxpayer line of it comes before",)
    # IRC 6651(b): what was paid by the due date is no part of the tax that penalties are counted on.
    if record.kind is Kind.PAYMENT and (first_due_on is None or record.facts["paid_on"] < first_due_on):
        return ("paid_on: before any year of this taxpayer was due; take the amount off that year's tax instead",)
    return ()


def _first_due_on(records: Sequence[Record], known: Known) -> date | None:
    """The day from which a payment finds something to pay; the first of all days while a period is not readable."""
    periods = [record for record in records if record.kind is Kind.PERIOD]
    if any(period.reasons for period in periods):
        return date.min
    days = [facts["due_on"] for (kind, _name), facts in known.items() if kind is Kind.PERIOD]
    return min([*days, *(period.facts["due_on"] for period in periods)], default=None)
