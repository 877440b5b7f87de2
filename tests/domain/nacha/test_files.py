"""Files: the public sample, what is written is what was read, and every refusal with the number of its line."""

from datetime import date

import pytest

from portal.domain.money import Money
from portal.domain.nacha.fields import BadColumns, Unreadable, columns_of
from portal.domain.nacha.files import Batch, DoesNotAddUp, Entry, File, filled, numbered, read_file, write_file
from portal.domain.nacha.lines import (
    BadFilling,
    EndsTooEarly,
    HasByteOrderMark,
    NotPlainText,
    OtherEnding,
    OutOfOrder,
    TooLarge,
    WrongLength,
)
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

from .cast import BALANCED, SAMPLE, changed, debit, place, text_of

SAMPLE_FILE = File(
    FileHeader(
        immediate_destination=" 231380104",
        immediate_origin="0121042882",
        created_on=date(2019, 6, 24),
        created_time="0000",
        modifier="A",
        destination_name="Federal Reserve Bank",
        origin_name="My Bank Name",
    ),
    (
        Batch(
            BatchHeader(
                service_class="225",
                company_name="Name on Account",
                company_identification="121042882",
                entry_class="PPD",
                entry_description="REG.SALARY",
                effective_date="190625",
                odfi="12104288",
                batch_number=1,
            ),
            (
                Entry(
                    Detail(
                        transaction_code="27",
                        routing_number="231380104",
                        account_number="12345678",
                        amount=Money(100_000_000),
                        individual_id="",
                        name="Receiver Account Name",
                        trace_number="121042880000001",
                    )
                ),
            ),
        ),
    ),
    fillers=0,
)
GOOD = text_of(debit(1), debit(2))


def with_remark() -> str:
    """A file whose entry has an addenda record of its own."""
    header, batch = SAMPLE_FILE.header, SAMPLE_FILE.batches[0]
    (entry,) = batch.entries
    detail = Detail(
        transaction_code="27", routing_number=entry.detail.routing_number, account_number="12345678",
        amount=Money(1), individual_id="", name="", addenda_indicator="1", trace_number=entry.detail.trace_number,
    )  # fmt: skip
    remark = PaymentAddenda(information="Plan IA-7F3K-2Q9D", sequence=1, entry_sequence=1)
    return write_file(filled(header, [Batch(batch.header, (Entry(detail, (remark,)),), "a code of the bank")]))


def test_the_public_sample_is_read_and_written_back() -> None:
    assert read_file(SAMPLE) == SAMPLE_FILE
    assert write_file(SAMPLE_FILE) == SAMPLE


@pytest.mark.parametrize(
    "kind",
    [
        *(FileHeader, BatchHeader, Detail, PaymentAddenda, ChangeAddenda, ReturnAddenda, BatchControl, FileControl),
    ],
)
def test_every_record_has_94_columns(kind: type[FileHeader]) -> None:
    assert columns_of(kind)[-1].last == 94


@pytest.mark.parametrize("text", [SAMPLE, GOOD, text_of(by=BALANCED), with_remark()])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("closing", ["", "\n"])
def test_what_is_written_is_what_was_read(text: str, ending: str, closing: str) -> None:
    file = (text.rstrip("\n") + closing).replace("\n", ending)

    assert write_file(read_file(file)) == file


def test_a_file_without_batches_says_that_there_is_nothing() -> None:
    text = write_file(filled(SAMPLE_FILE.header, []))

    assert read_file(text).batches == ()
    assert text.count("\n") == 10


def test_entries_are_numbered_by_their_lines() -> None:
    text = text_of(debit(1), debit(2))
    batch = read_file(text).batches[0]
    file = filled(SAMPLE_FILE.header, [batch, *read_file(with_remark()).batches, batch])

    assert [number for number, _batch, _entry in numbered(file)] == [3, 4, 7, 11, 12]
    lines = write_file(file).splitlines()
    assert all(lines[number - 1][79:] == entry.detail.trace_number for number, _batch, entry in numbered(file))


# What is refused.


def dropped(number: int) -> str:
    lines = GOOD.split("\n")
    return "\n".join(lines[: number - 1] + lines[number:])


def twice(number: int) -> str:
    lines = GOOD.split("\n")
    return "\n".join(lines[:number] + lines[number - 1 :])


@pytest.mark.parametrize(
    ("text", "refused", "number"),
    [
        ("\ufeff" + GOOD, HasByteOrderMark, None),
        ("ï»¿" + GOOD, HasByteOrderMark, None),
        (GOOD.encode("utf-16").decode("latin-1"), HasByteOrderMark, None),
        (GOOD.encode("utf-16-le").decode("latin-1"), NotPlainText, 1),
        (changed(GOOD, 3, 60, "\x00"), NotPlainText, 3),
        (changed(GOOD, 4, 60, "é"), NotPlainText, 4),
        (changed(GOOD, 2, 60, "\t"), NotPlainText, 2),
        (changed(GOOD, 2, 60, "\x7f"), NotPlainText, 2),
        (changed(GOOD, 2, 60, "\u2028"), NotPlainText, 2),
        (changed(GOOD, 2, 60, "\ud800"), NotPlainText, 2),
        ("", EndsTooEarly, 0),
        ("\n", EndsTooEarly, 0),
        ("1" * 10_000_001, TooLarge, None),
        ("1" * 1_000_000, WrongLength, 1),
        ("\n" * 10_000_000, WrongLength, 1),
        (GOOD.replace("\n", "\r"), OtherEnding, 1),
        (GOOD.replace("\n", "\r\n", 1), OtherEnding, 2),
        (GOOD.replace("\n", "\r\n").replace("\r\n", "\n", 2).replace("\n", "\r\n", 1), OtherEnding, 2),
        (GOOD + "\n", WrongLength, 11),
        (GOOD.replace("\n", " \n", 1), WrongLength, 1),
        (GOOD.replace("ROSA ", "ROSA", 1), WrongLength, 3),
        (GOOD.replace("\n", "\n\n", 1), WrongLength, 2),
        (GOOD.replace("\n", ""), WrongLength, 1),
        (dropped(1), OutOfOrder, 1),
        (dropped(2), OutOfOrder, 2),
        (dropped(5), OutOfOrder, 5),
        (twice(1), OutOfOrder, 2),
        (twice(2), OutOfOrder, 3),
        (twice(5), OutOfOrder, 6),
        (changed(GOOD, 3, 1, "2"), OutOfOrder, 3),
        (changed(GOOD, 3, 79, "1"), OutOfOrder, 4),
        (changed(with_remark(), 3, 79, "0"), OutOfOrder, 4),
        (GOOD[: 95 * 5], EndsTooEarly, 5),
        (GOOD[: 95 * 3], EndsTooEarly, 3),
        (GOOD[: 95 * 8], BadFilling, 8),
        (GOOD + "9" * 94 + "\n", BadFilling, 11),
        (twice(6), BadFilling, 7),
        (changed(GOOD, 8, 50, "8"), BadFilling, 8),
    ],
    ids=range(38),
)
def test_a_text_that_is_no_bank_file_is_refused_with_its_line(
    text: str, refused: type[Unreadable], number: int | None
) -> None:
    with pytest.raises(refused) as refusal:
        read_file(text)

    assert refusal.value.facts.get("line") == number
    assert "%" not in str(refusal.value)


@pytest.mark.parametrize(
    ("number", "first", "new", "where"),
    [
        (1, 2, "02", (1, 1, 3)),
        (1, 4, " " * 10, (1, 4, 13)),
        (1, 24, "261324", (1, 24, 29)),
        (1, 24, "      ", (1, 24, 29)),
        (1, 30, "10 5", (1, 30, 33)),
        (1, 34, "a", (1, 34, 34)),
        (1, 35, "080", (1, 35, 40)),
        (2, 2, "280", (2, 2, 4)),
        (2, 51, "IAT", (2, 51, 53)),
        (2, 51, "ADV", (2, 51, 53)),
        (2, 51, "ppd", (2, 51, 53)),
        (2, 70, "tomorr", (2, 70, 75)),
        (2, 88, "      7", (2, 88, 94)),
        (3, 2, "20", (3, 2, 3)),
        (3, 2, "67", (3, 2, 3)),
        (3, 4, "23138010X", (3, 4, 12)),
        (3, 30, "     15000", (3, 30, 39)),
        (3, 30, "-000015000", (3, 30, 39)),
        (3, 30, "+000015000", (3, 30, 39)),
        (3, 30, "00000_5000", (3, 30, 39)),
        (3, 79, "2", (3, 79, 79)),
        (3, 80, " ", (3, 80, 94)),
        (5, 74, "x", (5, 74, 79)),
        (6, 56, "x", (6, 56, 94)),
    ],
)
def test_a_field_that_cannot_hold_what_stands_in_it_is_refused(
    number: int, first: int, new: str, where: tuple[int, int, int]
) -> None:
    with pytest.raises(BadColumns) as refusal:
        read_file(changed(GOOD, number, first, new))

    assert place(refusal.value) == where


@pytest.mark.parametrize("kind", ["02", "10", "97", "  "])
def test_an_addenda_record_of_another_kind_is_refused(kind: str) -> None:
    with pytest.raises(BadColumns) as refusal:
        read_file(changed(with_remark(), 4, 2, kind))

    assert place(refusal.value) == (4, 2, 3)


@pytest.mark.parametrize(
    ("number", "first", "new", "where"),
    [
        (5, 2, "200", (5, 2, 4)),
        (5, 5, "000003", (5, 5, 10)),
        (5, 11, "0046276021", (5, 11, 20)),
        (5, 21, "000000030001", (5, 21, 32)),
        (5, 21, "999999999999", (5, 21, 32)),
        (5, 33, "000000000001", (5, 33, 44)),
        (5, 45, "1371234568", (5, 45, 54)),
        (5, 80, "07100002", (5, 80, 87)),
        (5, 88, "0000008", (5, 88, 94)),
        (6, 2, "000002", (6, 2, 7)),
        (6, 8, "000002", (6, 8, 13)),
        (6, 14, "00000003", (6, 14, 21)),
        (6, 22, "0046276021", (6, 22, 31)),
        (6, 32, "000000030001", (6, 32, 43)),
        (6, 44, "000000000001", (6, 44, 55)),
        (3, 30, "9999999999", (5, 21, 32)),
        (3, 2, "22", (5, 21, 32)),
        (3, 4, "231380112", (5, 11, 20)),
        (2, 41, "1371234568", (5, 45, 54)),
    ],
)
def test_controls_that_do_not_agree_with_the_entries_are_refused(
    number: int, first: int, new: str, where: tuple[int, int, int]
) -> None:
    with pytest.raises(DoesNotAddUp) as refusal:
        read_file(changed(GOOD, number, first, new))

    assert place(refusal.value) == where


def test_amounts_that_come_to_more_than_a_control_can_say_do_not_add_up() -> None:
    """A hundred and one full amounts are more than twelve digits."""
    lines = text_of(debit(1, 1)).split("\n")
    full = lines[2][:29] + "9" * 10 + lines[2][39:]

    with pytest.raises(DoesNotAddUp):
        read_file("\n".join([*lines[:2], *[full] * 101, *lines[3:5]]))


def test_one_entry_more_does_not_add_up() -> None:
    with pytest.raises(DoesNotAddUp) as refusal:
        read_file(twice(3).removesuffix("9" * 94 + "\n"))

    assert place(refusal.value) == (6, 5, 10)
