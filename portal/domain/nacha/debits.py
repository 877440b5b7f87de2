"""A debit file: what the agency tells its bank to take from the accounts of taxpayers on one day."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.domain import routing
from portal.domain.money import ZERO, Money, total
from portal.domain.nacha.files import Batch, Entry, File, filled
from portal.domain.nacha.records import BatchHeader, Detail, FileHeader
from portal.domain.refusal import Refusal

# What the fields can hold: amounts of ten digits, totals of twelve, six digits to count the entries of a batch.
LARGEST_AMOUNT = Money(9_999_999_999)
LARGEST_TOTAL = Money(999_999_999_999)
MOST_ENTRIES = 999_999
LAST_TRACE = 9_999_999
# Letters that are no plain letter with an accent.
PLAIN = str.maketrans({"Æ": "AE", "Ð": "D", "Ø": "O", "Þ": "TH", "Đ": "D", "Ł": "L", "Œ": "OE", "’": "'"})


class NothingToDebit(Refusal):
    """There is no payment to debit, so there is no bank file to write."""


class TooManyDebits(Refusal):
    """A bank file has room for %(most)s entries, and these are more. Write several files."""


class TotalTooLarge(Refusal):
    """These debits come to %(total)s. A bank file can hold %(most)s. Write several files."""


class NoRoutingNumber(Refusal):
    """%(number)s is not the routing number of a bank, so no bank file can be written. Check the agency's settings."""


class UnfitDebit(Refusal):
    """Why a payment cannot stand in a bank file; `payment` is its reference."""


class ReferenceDoesNotFit(UnfitDebit):
    """A bank file has 15 characters for the reference of a payment. %(payment)s does not fit. Nothing was written."""


class AmountDoesNotFit(UnfitDebit):
    """Payment %(payment)s is for %(amount)s. A debit in a bank file is from 0.01 to %(most)s. Nothing was written."""


class AccountDoesNotFit(UnfitDebit):
    """Payment %(payment)s is from an account with an impossible number. A bank file needs a routing number of nine
    digits, and an account number of up to 17 letters, digits and hyphens. Nothing was written.
    """


class TraceDoesNotFit(UnfitDebit):
    """Payment %(payment)s has no trace number of its own: the numbers of a bank file go up from entry to entry, to
    %(last)s at most. Nothing was written.
    """


class EntryClass(StrEnum):
    """How the taxpayer authorized the debit: on a web page, or in writing."""

    WEB = "WEB"
    PPD = "PPD"


@dataclass(frozen=True, slots=True)
class Offset:
    """The agency's own account, credited with what the debits come to."""

    routing_number: str
    account_number: str
    is_savings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The agency as its bank knows it. `odfi` is the routing number of the bank that sends the debits out;
    `immediate_origin` is ten characters that the bank assigns. Without an offset the bank credits the agency itself.
    """

    name: str
    identification: str
    entry_description: str
    entry_class: EntryClass
    odfi: str
    odfi_name: str
    immediate_destination: str
    immediate_origin: str
    offset: Offset | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Debit:
    """One payment to be taken; `individual_id` is its reference, `trace_sequence` its number with the bank."""

    trace_sequence: int
    routing_number: str
    account_number: str
    is_savings: bool
    is_recurring: bool
    amount: Money
    individual_id: str
    name: str


def debit_file(
    company: Company, *, effective_on: date, created_at: datetime, modifier: str, batch_number: int,
    debits: Sequence[Debit],
) -> File:  # fmt: skip
    """A file with one batch of debits, and with an offset their sum as a credit, which has the trace number after
    the last debit's.

    `created_at` is in the agency's time zone; `modifier` (A to Z, 0 to 9) tells the files of a day apart. Refuses
    (`NothingToDebit`, `TooManyDebits`, `TotalTooLarge`, `NoRoutingNumber`, `UnfitDebit`) what no file can hold.
    """
    _require_company(company)
    _require_debits(company, debits)
    header = _batch_header(company, effective_on, batch_number)
    batch = Batch(header, tuple(_entries(company, debits)))
    return filled(_file_header(company, created_at, modifier), [batch])


def trace_number(odfi: str, sequence: int) -> str:
    """By which a bank names an entry when it comes back: the bank that sent it, and its number."""
    return f"{odfi[:8]}{sequence:07d}"


def plain(text: str, size: int) -> str:
    """A name in the characters that banks share: capitals without accents, digits, and `&',-./`; cut to the size."""
    letters = unicodedata.normalize("NFKD", text.upper().translate(PLAIN))
    unaccented = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub("[^A-Z0-9&',./-]", " ", unaccented).split())[:size].rstrip()


def _require_company(company: Company) -> None:
    offsets = [company.offset.routing_number] if company.offset else []
    for number in (company.odfi, company.immediate_destination, *offsets):
        if not routing.is_valid(number):
            raise NoRoutingNumber(number=number)


def _require_debits(company: Company, debits: Sequence[Debit]) -> None:
    if not debits:
        raise NothingToDebit
    offsets = 1 if company.offset else 0
    if len(debits) > MOST_ENTRIES - offsets:
        raise TooManyDebits(most=f"{MOST_ENTRIES:,}")
    last = 0
    for debit in debits:
        _require_fit(debit)
        if not last < debit.trace_sequence <= LAST_TRACE - offsets:
            raise TraceDoesNotFit(payment=debit.individual_id, last=f"{LAST_TRACE:,}")
        last = debit.trace_sequence
    # The offset is an entry, and its amount has ten digits like any other.
    most = LARGEST_AMOUNT if company.offset else LARGEST_TOTAL
    if (amount := _sum(debits)) > most:
        raise TotalTooLarge(total=amount, most=most)


def _require_fit(debit: Debit) -> None:
    payment = debit.individual_id
    if not re.fullmatch("[0-9A-Za-z-]{1,15}", payment):
        raise ReferenceDoesNotFit(payment=payment)
    if not ZERO < debit.amount <= LARGEST_AMOUNT:
        raise AmountDoesNotFit(payment=payment, amount=debit.amount, most=LARGEST_AMOUNT)
    is_account = re.fullmatch("[0-9A-Za-z-]{1,17}", debit.account_number)
    if not is_account or not routing.is_valid(debit.routing_number):
        raise AccountDoesNotFit(payment=payment)


def _file_header(company: Company, created_at: datetime, modifier: str) -> FileHeader:
    return FileHeader(
        immediate_destination=f" {company.immediate_destination}",
        immediate_origin=company.immediate_origin,
        created_on=created_at.date(),
        created_time=f"{created_at:%H%M}",
        modifier=modifier,
        destination_name=plain(company.odfi_name, 23),
        origin_name=plain(company.name, 23),
    )


def _batch_header(company: Company, effective_on: date, batch_number: int) -> BatchHeader:
    return BatchHeader(
        service_class="200" if company.offset else "225",
        company_name=plain(company.name, 16),
        company_identification=company.identification,
        entry_class=company.entry_class,
        entry_description=plain(company.entry_description, 10),
        effective_date=f"{effective_on:%y%m%d}",
        odfi=company.odfi[:8],
        batch_number=batch_number,
    )


def _entries(company: Company, debits: Sequence[Debit]) -> Iterable[Entry]:
    for debit in debits:
        yield Entry(_debit_detail(company, debit))
    if company.offset:
        yield Entry(_offset_detail(company, company.offset, debits))


def _debit_detail(company: Company, debit: Debit) -> Detail:
    return Detail(
        transaction_code="37" if debit.is_savings else "27",
        routing_number=debit.routing_number,
        account_number=debit.account_number,
        amount=debit.amount,
        individual_id=debit.individual_id,
        # A name in another script leaves nothing to write, and the bank wants something there.
        name=plain(debit.name, 22) or debit.individual_id,
        discretionary=_payment_type(company, "R" if debit.is_recurring else "S"),
        trace_number=trace_number(company.odfi, debit.trace_sequence),
    )


def _offset_detail(company: Company, offset: Offset, debits: Sequence[Debit]) -> Detail:
    return Detail(
        transaction_code="32" if offset.is_savings else "22",
        routing_number=offset.routing_number,
        account_number=offset.account_number,
        amount=_sum(debits),
        individual_id=company.identification,
        name=plain(company.name, 22),
        discretionary=_payment_type(company, "S"),
        trace_number=trace_number(company.odfi, debits[-1].trace_sequence + 1),
    )


def _payment_type(company: Company, letter: str) -> str:
    return letter if company.entry_class is EntryClass.WEB else ""


def _sum(debits: Sequence[Debit]) -> Money:
    return total(debit.amount for debit in debits)
