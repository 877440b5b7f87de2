"""Debit files: position by position, balanced, blocked, the same bytes each time, and what no file can hold."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import routing
from portal.domain.money import Money, total
from portal.domain.nacha.debits import (
    LARGEST_AMOUNT,
    LAST_TRACE,
    MOST_ENTRIES,
    AccountDoesNotFit,
    AmountDoesNotFit,
    Company,
    EntryClass,
    NoRoutingNumber,
    NothingToDebit,
    Offset,
    ReferenceDoesNotFit,
    TooManyDebits,
    TotalTooLarge,
    TraceDoesNotFit,
    UnfitDebit,
    debit_file,
    plain,
    trace_number,
)
from portal.domain.nacha.fields import DoesNotFit
from portal.domain.nacha.files import read_file, write_file

from ..cast import examples
from .cast import BALANCED, BANKS, CITY, MADE_AT, debit, line, place, sent, text_of

PAPER = replace(CITY, entry_class=EntryClass.PPD)


# Position by position (docs/nacha.md).


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (1, 3, "101"), (4, 13, " 071000013"), (14, 23, "1371234567"), (24, 29, "261124"), (30, 33, "1005"),
        (34, 34, "A"), (35, 37, "094"), (38, 39, "10"), (40, 40, "1"), (41, 63, "FIRST BANK OF SPRINGFIE"),
        (64, 86, "CITY OF SPRINGFIELD REV"), (87, 94, " " * 8),
    ],
)  # fmt: skip
def test_the_file_header_says_who_sends_it_to_whom_and_when(first: int, last: int, written: str) -> None:
    assert line(text_of(), 1, first, last) == written


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (1, 4, "5225"), (5, 20, "CITY OF SPRINGFI"), (21, 40, " " * 20), (41, 50, "1371234567"), (51, 53, "WEB"),
        (54, 63, "TAX PLAN  "), (64, 69, " " * 6), (70, 75, "261125"), (76, 78, "   "), (79, 79, "1"),
        (80, 87, "07100001"), (88, 94, "0000007"),
    ],
)  # fmt: skip
def test_the_batch_header_says_what_for_and_for_which_day(first: int, last: int, written: str) -> None:
    assert line(text_of(), 2, first, last) == written


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (1, 3, "627"), (4, 11, "23138010"), (12, 12, "4"), (13, 29, "5550004418       "), (30, 39, "0000015000"),
        (40, 54, "PY-0012        "), (55, 76, "ROSA DELGADO          "), (77, 78, "R "), (79, 79, "0"),
        (80, 94, "071000010000012"),
    ],
)  # fmt: skip
def test_an_entry_says_whom_from_what_account_and_how_much(first: int, last: int, written: str) -> None:
    assert line(text_of(debit(12)), 3, first, last) == written


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (1, 4, "8225"), (5, 10, "000002"), (11, 20, "0030238011"), (21, 32, "000000015001"), (33, 44, "0" * 12),
        (45, 54, "1371234567"), (55, 73, " " * 19), (74, 79, " " * 6), (80, 87, "07100001"), (88, 94, "0000007"),
    ],
)  # fmt: skip
def test_the_batch_control_says_what_the_entries_come_to(first: int, last: int, written: str) -> None:
    text = text_of(debit(1), debit(2, 1, routing_number=BANKS[1]))

    assert line(text, 5, first, last) == written


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (1, 1, "9"), (2, 7, "000001"), (8, 13, "000001"), (14, 21, "00000002"), (22, 31, "0030238011"),
        (32, 43, "000000015001"), (44, 55, "0" * 12), (56, 94, " " * 39),
    ],
)  # fmt: skip
def test_the_file_control_says_what_the_batches_come_to(first: int, last: int, written: str) -> None:
    text = text_of(debit(1), debit(2, 1, routing_number=BANKS[1]))

    assert line(text, 6, first, last) == written


def test_savings_accounts_have_a_code_of_their_own() -> None:
    assert line(text_of(debit(is_savings=True)), 3, 1, 3) == "637"


def test_web_entries_say_whether_more_will_follow_and_others_say_nothing() -> None:
    once = debit(is_recurring=False)

    assert line(text_of(once), 3, 77, 78) == "S "
    assert line(text_of(once, by=PAPER), 3, 77, 78) == "  "
    assert line(text_of(once, by=PAPER), 2, 51, 53) == "PPD"


def test_a_trace_number_names_the_bank_and_the_entry() -> None:
    assert trace_number("071000013", 12) == "071000010000012"


# Names.


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Rosa Delgado", "ROSA DELGADO"),
        ("José Ñúñez", "JOSE NUNEZ"),
        ("Jose\u0301", "JOSE"),
        ("Straße", "STRASSE"),
        ("Søren Łukasz Æsir", "SOREN LUKASZ AESIR"),
        ("O’Brien-Smith, Jr.", "O'BRIEN-SMITH, JR."),
        ("Ann\n<b>\x00Lee", "ANN B LEE"),
        ("A" * 40, "A" * 22),
        ("Twenty One Letters Is X", "TWENTY ONE LETTERS IS"),
        ("李小龙", ""),
    ],
    ids=ascii,
)
def test_names_are_written_in_the_letters_that_banks_share(name: str, written: str) -> None:
    assert plain(name, 22) == written


def test_a_name_in_another_script_gives_way_to_the_reference() -> None:
    assert line(text_of(debit(name="李小龙")), 3, 55, 76).rstrip() == "PY-0001"


# Hash, blocks, balance.


def test_the_hash_keeps_the_low_ten_digits_of_the_sum() -> None:
    many = [debit(number, routing_number="325081403") for number in range(1, 401)]
    text = text_of(*many)

    assert 400 * 32508140 == 13_003_256_000
    assert line(text, 403, 11, 20) == "3003256000"
    assert line(text, 404, 22, 31) == "3003256000"


@pytest.mark.parametrize(("entries", "blocks", "nines"), [(1, 1, 5), (5, 1, 1), (6, 1, 0), (7, 2, 9), (16, 2, 0)])
def test_the_last_block_is_filled_with_nines(entries: int, blocks: int, nines: int) -> None:
    lines = text_of(*(debit(number) for number in range(1, entries + 1))).splitlines()

    assert len(lines) == 10 * blocks
    assert {len(each) for each in lines} == {94}
    assert [each for each in lines if each == "9" * 94] == ["9" * 94] * nines
    assert lines[entries + 3][7:13] == f"{blocks:06}"


def test_a_balanced_file_credits_the_agency_with_what_it_debits() -> None:
    text = text_of(debit(1, 15000), debit(5, 2599), by=BALANCED)

    assert line(text, 2, 1, 4) == "5200"
    assert line(text, 5, 1, 29) == "62207100001340017723         "
    assert line(text, 5, 30, 39) == "0000017599"
    assert line(text, 5, 40, 76) == f"{'1371234567':15}{'CITY OF SPRINGFIELD RE':22}"
    assert line(text, 5, 77, 94) == "S 0071000010000006"
    assert line(text, 6, 1, 44) == f"8200{3:06}{23138010 * 2 + 7100001:010}{17599:012}{17599:012}"
    assert line(text, 7, 32, 55) == f"{17599:012}" * 2


def test_the_agencys_account_may_be_one_for_savings() -> None:
    saving = replace(CITY, offset=Offset("071000013", "40017723", is_savings=True))

    assert line(text_of(by=saving), 4, 1, 3) == "632"


def test_without_an_account_of_the_agency_there_are_debits_alone() -> None:
    text = text_of(debit(1, 15000))

    assert line(text, 2, 1, 4) == "5225"
    assert line(text, 4, 33, 44) == "0" * 12


# Any debits.

ROUTING_NUMBERS = st.from_regex(r"(0[1-9]|1[0-2]|2[1-9]|3[0-2])[0-9]{6}", fullmatch=True).map(
    routing.with_check_digit
)
ANY_DEBITS = st.lists(
    st.tuples(
        ROUTING_NUMBERS, st.from_regex("[0-9A-Za-z-]{1,17}", fullmatch=True), st.booleans(), st.booleans(),
        st.integers(1, 200_000_000), st.from_regex("[0-9A-Z-]{1,15}", fullmatch=True), st.text(max_size=40),
    ),
    min_size=1, max_size=25,
)  # fmt: skip
NAMES = ("routing_number", "account_number", "is_savings", "is_recurring", "amount", "individual_id", "name")


@examples(300)
@given(ANY_DEBITS, st.sampled_from([CITY, BALANCED, PAPER]))
def test_any_debits_make_a_file_that_reads_back_as_it_was(rows: list[tuple[Any, ...]], by: Company) -> None:
    debits = [
        debit(number, **dict(zip(NAMES, (*row[:4], Money(row[4]), *row[5:]), strict=True)))
        for number, row in enumerate(rows, 1)
    ]
    file = sent(*debits, by=by)
    text = write_file(file)
    details = [entry.detail for entry in file.batches[0].entries]

    assert text.isascii()
    assert read_file(text) == file
    assert write_file(read_file(text)) == text == text_of(*debits, by=by)
    assert text.count("\n") % 10 == 0
    debited = total(detail.amount for detail in details if detail.is_debit)
    credited = total(detail.amount for detail in details if not detail.is_debit)
    assert debited == total(each.amount for each in debits)
    assert credited == (debited if by.offset else Money(0))


# What no file can hold.


@pytest.mark.parametrize(
    ("unfit", "refused"),
    [
        ({"amount": Money(0)}, AmountDoesNotFit),
        ({"amount": Money(-1)}, AmountDoesNotFit),
        ({"amount": Money(10_000_000_000)}, AmountDoesNotFit),
        ({"account_number": ""}, AccountDoesNotFit),
        ({"account_number": "1" * 18}, AccountDoesNotFit),
        ({"account_number": "1234 5678"}, AccountDoesNotFit),
        ({"account_number": "１２３４"}, AccountDoesNotFit),
        ({"account_number": "1234\n"}, AccountDoesNotFit),
        ({"routing_number": "231380105"}, AccountDoesNotFit),
        ({"routing_number": ""}, AccountDoesNotFit),
        ({"individual_id": ""}, ReferenceDoesNotFit),
        ({"individual_id": "PY-4567890123456"}, ReferenceDoesNotFit),
        ({"individual_id": "PY 1"}, ReferenceDoesNotFit),
        ({"trace_sequence": 0}, TraceDoesNotFit),
        ({"trace_sequence": LAST_TRACE + 1}, TraceDoesNotFit),
    ],
    ids=str,
)
def test_a_debit_that_does_not_fit_is_refused(unfit: dict[str, Any], refused: type[UnfitDebit]) -> None:
    with pytest.raises(refused) as refusal:
        sent(debit(**unfit))

    assert refusal.value.facts["payment"] == unfit.get("individual_id", "PY-0001")
    assert "%" not in str(refusal.value)


@pytest.mark.parametrize("second", [1, 0, -1])
def test_trace_numbers_go_up(second: int) -> None:
    with pytest.raises(TraceDoesNotFit):
        sent(debit(1), debit(second))


def test_the_offset_has_the_trace_number_after_the_last() -> None:
    sent(debit(LAST_TRACE))
    sent(debit(LAST_TRACE - 1), by=BALANCED)
    with pytest.raises(TraceDoesNotFit):
        sent(debit(LAST_TRACE), by=BALANCED)


def test_no_debits_make_no_file() -> None:
    with pytest.raises(NothingToDebit):
        debit_file(CITY, effective_on=date(2026, 11, 25), created_at=MADE_AT, modifier="A", batch_number=1, debits=[])


def test_a_batch_counts_its_entries_in_six_digits() -> None:
    with pytest.raises(TooManyDebits):
        sent(*[debit()] * (MOST_ENTRIES + 1))
    with pytest.raises(TooManyDebits):
        sent(*[debit()] * MOST_ENTRIES, by=BALANCED)


def test_the_offset_of_all_debits_has_ten_digits() -> None:
    assert line(text_of(debit(1, LARGEST_AMOUNT.cents), by=BALANCED), 4, 30, 39) == "9999999999"
    with pytest.raises(TotalTooLarge, match=r"100000000\.00"):
        sent(debit(1, LARGEST_AMOUNT.cents), debit(2, 1), by=BALANCED)


def test_a_total_has_twelve_digits() -> None:
    full = [debit(number, LARGEST_AMOUNT.cents) for number in range(1, 101)]

    assert line(text_of(*full), 103, 21, 32) == "999999999900"
    sent(*full, debit(101, 99))
    with pytest.raises(TotalTooLarge, match=r"10000000000\.00.*9999999999\.99"):
        sent(*full, debit(101, 100))


@pytest.mark.parametrize(
    "by",
    [
        replace(CITY, odfi="071000014"),
        replace(CITY, immediate_destination="07100001"),
        replace(CITY, offset=Offset("071000010", "40017723")),
    ],
)
def test_the_agencys_banks_have_routing_numbers(by: Company) -> None:
    with pytest.raises(NoRoutingNumber):
        sent(by=by)


@pytest.mark.parametrize(
    ("by", "where"),
    [
        (replace(CITY, immediate_origin="13712345678"), ("1", 14, 23)),
        (replace(CITY, immediate_origin=""), ("1", 14, 23)),
        (replace(CITY, name="李"), ("5", 5, 20)),
        (replace(CITY, identification="13712345678"), ("5", 41, 50)),
        (replace(CITY, identification=""), ("5", 41, 50)),
        (replace(CITY, identification="é"), ("5", 41, 50)),
        (replace(CITY, entry_description=""), ("5", 54, 63)),
        (replace(CITY, offset=Offset("071000013", "1" * 18)), ("6", 13, 29)),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_with_its_columns(
    by: Company, where: tuple[int | str, int, int]
) -> None:
    with pytest.raises(DoesNotFit) as refusal:
        text_of(by=by)

    assert place(refusal.value) == where


@pytest.mark.parametrize("year", [1999, 2100])
def test_a_file_is_of_this_century(year: int) -> None:
    file = sent()
    with pytest.raises(DoesNotFit) as refusal:
        write_file(replace(file, header=replace(file.header, created_on=date(year, 1, 1))))

    assert place(refusal.value) == ("1", 24, 29)


@pytest.mark.parametrize(
    ("modifier", "batch_number", "where"),
    [("a", 1, ("1", 34, 34)), ("", 1, ("1", 34, 34)), ("A", 10_000_000, ("5", 88, 94)), ("A", -1, ("5", 88, 94))],
)
def test_a_number_of_the_file_that_does_not_fit_is_refused(
    modifier: str, batch_number: int, where: tuple[int | str, int, int]
) -> None:
    file = debit_file(
        CITY, effective_on=date(2026, 11, 25), created_at=MADE_AT, modifier=modifier, batch_number=batch_number,
        debits=[debit()],
    )  # fmt: skip
    with pytest.raises(DoesNotFit) as refusal:
        write_file(file)

    assert place(refusal.value) == where
