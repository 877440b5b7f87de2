"""The records of a bank file, one line each, field by field as Nacha lays them out."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar

from portal.domain.money import Money
from portal.domain.nacha.fields import Cents, Day, Number, Text

Digits8 = Annotated[str, Text(8, "[0-9]{8}")]
Digits9 = Annotated[str, Text(9, "[0-9]{9}")]
Trace = Annotated[str, Text(15, "[0-9]{15}")]
ServiceClass = Annotated[str, Text(3, "200|220|225")]
# IAT and ADV lay out their records differently; neither concerns debits from taxpayers.
EntryClass = Annotated[str, Text(3, "(?!IAT|ADV)[A-Z]{3}")]
# First what kind of account (2 checking, 3 savings, 4 general ledger, 5 loan), then what is done to it.
TransactionCode = Annotated[str, Text(2, "[234][1-46-9]|5[1-56]")]
SOMETHING = " *[!-~][ -~]*"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeader:
    """Who sends the file to whom, and when it was made."""

    opening: ClassVar[str] = "101"

    immediate_destination: Annotated[str, Text(10, SOMETHING)]
    immediate_origin: Annotated[str, Text(10, SOMETHING)]
    created_on: Annotated[date, Day()]
    created_time: Annotated[str, Text(4, "[0-9]{4}|    ")]
    modifier: Annotated[str, Text(1, "[A-Z0-9]")]
    # Characters in a record, records in a block, and the one format there is.
    sizes: Annotated[str, Text(6, "094101")] = "094101"
    destination_name: Annotated[str, Text(23)]
    origin_name: Annotated[str, Text(23)]
    reference: Annotated[str, Text(8)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchHeader:
    """Whose entries follow, what they are for and when they take effect; `odfi` is the bank that sends them."""

    opening: ClassVar[str] = "5"

    service_class: ServiceClass
    company_name: Annotated[str, Text(16, SOMETHING)]
    discretionary: Annotated[str, Text(20)] = ""
    company_identification: Annotated[str, Text(10, SOMETHING)]
    entry_class: EntryClass
    entry_description: Annotated[str, Text(10, SOMETHING)]
    descriptive_date: Annotated[str, Text(6)] = ""
    # No day for certain: banks leave it blank or zero where they answer.
    effective_date: Annotated[str, Text(6, "[0-9]{6}| {6}")]
    settlement_day: Annotated[str, Text(3, "[0-9]{3}| {3}")] = ""
    originator_status: Annotated[str, Text(1)] = "1"
    odfi: Digits8
    batch_number: Annotated[int, Number(7)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What is done to one account. `routing_number` is that of the bank that receives the entry."""

    opening: ClassVar[str] = "6"

    transaction_code: TransactionCode
    routing_number: Digits9
    account_number: Annotated[str, Text(17)]
    amount: Annotated[Money, Cents(10)]
    individual_id: Annotated[str, Text(15)]
    name: Annotated[str, Text(22)]
    # In a WEB batch the payment type: R recurring, S single.
    discretionary: Annotated[str, Text(2)] = ""
    addenda_indicator: Annotated[str, Text(1, "[01]")] = "0"
    trace_number: Trace

    @property
    def is_debit(self) -> bool:
        """Whether it is on the debit side of the totals, as returned debits are too."""
        return self.transaction_code[1] >= "5"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAddenda:
    """A remark that goes with an entry."""

    opening: ClassVar[str] = "705"

    information: Annotated[str, Text(80)]
    sequence: Annotated[int, Number(4)]
    entry_sequence: Annotated[int, Number(7)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAddenda:
    """A notification of change: the entry was paid, and the next one should be made out as corrected."""

    opening: ClassVar[str] = "798"

    code: Annotated[str, Text(3, "C[0-9]{2}")]
    original_trace: Trace
    reserved: Annotated[str, Text(6)] = ""
    original_rdfi: Digits8
    corrected_data: Annotated[str, Text(29)]
    reserved_too: Annotated[str, Text(15)] = ""
    trace_number: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAddenda:
    """A return: the entry was not paid, or is taken back."""

    opening: ClassVar[str] = "799"

    code: Annotated[str, Text(3, "R[0-9]{2}")]
    original_trace: Trace
    date_of_death: Annotated[str, Text(6, "[0-9]{6}| {6}")] = ""
    original_rdfi: Digits8
    information: Annotated[str, Text(44)] = ""
    trace_number: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchControl:
    """What the entries of a batch come to."""

    opening: ClassVar[str] = "8"

    service_class: ServiceClass
    count: Annotated[int, Number(6)]
    entry_hash: Annotated[int, Number(10)]
    debits: Annotated[Money, Cents(12)]
    credits: Annotated[Money, Cents(12)]
    company_identification: Annotated[str, Text(10, SOMETHING)]
    authentication_code: Annotated[str, Text(19)] = ""
    reserved: Annotated[str, Text(6, " *")] = ""
    odfi: Digits8
    batch_number: Annotated[int, Number(7)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileControl:
    """What the batches of a file come to; a block is ten lines, the last one filled up."""

    opening: ClassVar[str] = "9"

    batches: Annotated[int, Number(6)]
    blocks: Annotated[int, Number(6)]
    count: Annotated[int, Number(8)]
    entry_hash: Annotated[int, Number(10)]
    debits: Annotated[Money, Cents(12)]
    credits: Annotated[Money, Cents(12)]
    reserved: Annotated[str, Text(39, " *")] = ""
