"""A roster's lines: what is read from a good one, and every reason against a bad one, which repeats nothing of it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import roster
from portal.domain.admission import Known, admit
from portal.domain.cells import COLUMNS, FILING_STATUSES, OPTIONAL, Bounds, Kind
from portal.domain.roster import NotARoster, Record

from .cast import dollars, examples

BOUNDS = Bounds(earliest=date(2011, 9, 30), today=date(2026, 11, 23))
SSN = "900-81-0001"
ROWS = {
    "taxpayer": {
        "first_name": "Rosa", "last_name": "Delgado", "born_on": "1979-03-14", "filing_status": "single",
        "street": "12 Maple Street", "city": "Springfield", "state": "IL", "postal_code": "62701",
    },
    "period": {
        "tax_year": "2023", "due_on": "2024-04-15", "filed_on": "2024-04-15", "assessed_on": "2024-06-03",
        "tax": "6200.00",
    },
    "payment": {"reference": "CHK-20871", "paid_on": "2024-09-12", "amount": "1000.00"},
    "spouse": {
        "spouse_ssn": "900-81-1001", "spouse_first_name": "Ana", "spouse_last_name": "Delgado",
        "spouse_born_on": "1981-07-02",
    },
}  # fmt: skip


def line(record: str, **changed: str) -> bytes:
    """A good line of a kind, with some cells changed."""
    row = {"record": record, "ssn": SSN, **ROWS.get(record.lower(), {}), **changed}
    return ",".join(f'"{row.get(column, "")}"' for column in COLUMNS).encode()


def read(raw: bytes, number: int = 2) -> Record:
    record = roster.read(number, raw, COLUMNS, BOUNDS)
    assert record is not None
    return record


def test_a_taxpayer_is_read() -> None:
    record = read(line("Taxpayer", state="il", filing_status="Head of Household"))

    assert record.reasons == ()
    assert (record.kind, record.ssn) == (Kind.TAXPAYER, "900810001")
    assert record.facts["born_on"] == date(1979, 3, 14)
    assert (record.facts["state"], record.facts["filing_status"]) == ("IL", "head of household")


def test_a_period_and_a_payment_are_read() -> None:
    assert read(line("period", tax="$11,480.5")).facts == {
        "tax_year": 2023, "due_on": date(2024, 4, 15), "filed_on": date(2024, 4, 15),
        "assessed_on": date(2024, 6, 3), "tax": dollars("11480.50"),
    }  # fmt: skip
    assert read(line("payment")).facts == {
        "reference": "CHK-20871", "paid_on": date(2024, 9, 12), "amount": dollars("1000.00"),
    }  # fmt: skip


def test_a_spouse_is_read() -> None:
    record = read(line("spouse"))

    assert (record.kind, record.ssn, record.reasons) == (Kind.SPOUSE, "900810001", ())
    assert record.facts == {
        "spouse_ssn": "900811001", "spouse_first_name": "Ana", "spouse_last_name": "Delgado",
        "spouse_born_on": date(1981, 7, 2),
    }  # fmt: skip


def test_a_file_may_know_nothing_of_spouses() -> None:
    """As files were before spouses could be told."""
    older = [column for column in COLUMNS if column not in OPTIONAL]
    cells = {"record": "spouse", "ssn": SSN}
    spouse = roster.read(2, ",".join(cells.get(column, "") for column in older).encode(), older, BOUNDS)

    assert roster.header(",".join(older).encode()) == older
    assert spouse is not None
    assert spouse.reasons == tuple(f"{column}: is empty" for column in OPTIONAL)


@pytest.mark.parametrize("status", FILING_STATUSES)
def test_every_filing_status_is_known(status: str) -> None:
    assert read(line("taxpayer", filing_status=status)).reasons == ()


@pytest.mark.parametrize("number", ["900 81 0001", "123456789", "899-99-9999", "001-01-0001", "999-99-0000"])
def test_a_number_that_can_exist_is_taken(number: str) -> None:
    assert read(line("payment", ssn=number)).reasons == ()


def test_a_name_is_one_name_however_its_accents_are_written() -> None:
    composed, decomposed = line("taxpayer", first_name="José"), line("taxpayer", first_name="Jose\u0301")

    assert read(composed) == read(decomposed)


NO_NUMBER = "ssn: no SSN or ITIN has this number"
IN_FUTURE = "is in the future"
A_DATE = "a date like 2026-11-23 is needed"
NOT_MONEY = "dollars and cents like 1250.00 are needed"
FORMULA = "begins with = + - or @, as a formula of a spreadsheet does"
BAD = [
    ("invoice", {}, "record: taxpayer, spouse, period or payment is needed"),
    ("", {}, "record: is empty"),
    *(
        ("payment", {"ssn": ssn}, "ssn: nine digits are needed")
        for ssn in ("12345678", "１２３４５６７８９", "12345678x")
    ),
    *(("payment", {"ssn": ssn}, NO_NUMBER) for ssn in ("000-12-3456", "666-12-3456", "123-00-4567", "123-45-0000")),
    *(("payment", {"ssn": ssn}, NO_NUMBER) for ssn in ("900-49-1234", "900-69-1234", "900-89-1234", "900-93-1234")),
    ("payment", {"ssn": ""}, "ssn: is empty"),
    ("taxpayer", {"first_name": ""}, "first_name: is empty"),
    ("taxpayer", {"first_name": "x" * 61}, "first_name: is longer than 60 characters"),
    ("taxpayer", {"street": "x" * 201}, "street: is longer than 200 characters"),
    ("taxpayer", {"last_name": "***"}, "last_name: has neither a letter nor a digit"),
    ("taxpayer", {"last_name": "=1+1"}, f"last_name: {FORMULA}"),
    ("taxpayer", {"city": "@SUM(A1)"}, f"city: {FORMULA}"),
    ("taxpayer", {"street": "+1"}, f"street: {FORMULA}"),
    ("taxpayer", {"street": "-1"}, f"street: {FORMULA}"),
    ("taxpayer", {"born_on": "03/14/1979"}, f"born_on: {A_DATE}"),
    ("taxpayer", {"born_on": "1979-02-30"}, f"born_on: {A_DATE}"),
    ("taxpayer", {"born_on": "19790314"}, f"born_on: {A_DATE}"),
    ("taxpayer", {"born_on": "2026-11-24"}, f"born_on: {IN_FUTURE}"),
    ("taxpayer", {"born_on": "1906-11-22"}, "born_on: is more than 120 years ago"),
    (
        "taxpayer",
        {"filing_status": "married"},
        f"filing_status: one of these is needed: {', '.join(FILING_STATUSES)}",
    ),
    ("taxpayer", {"state": "ZZ"}, "state: the two letters of a US state or territory are needed"),
    ("taxpayer", {"postal_code": "6270"}, "postal_code: a ZIP code like 62701 or 62701-1234 is needed"),
    ("taxpayer", {"amount": "5.00"}, "amount: does not belong on a taxpayer line"),
    ("period", {"tax_year": "2008"}, "tax_year: a year from 2009 to 2025 is needed"),
    ("period", {"tax_year": "2026"}, "tax_year: a year from 2009 to 2025 is needed"),
    ("period", {"tax_year": "２０２３"}, "tax_year: a year from 2009 to 2025 is needed"),
    ("period", {"due_on": "2023-12-31"}, "due_on: the tax year has not ended by then"),
    ("period", {"due_on": "2026-01-01"}, "due_on: more than two years after the tax year"),
    ("period", {"due_on": "2027-04-15"}, f"due_on: {IN_FUTURE}"),
    ("period", {"due_on": "2011-09-29"}, "due_on: no interest rate is published before 2011-09-30"),
    ("period", {"filed_on": "2023-12-31"}, "filed_on: the tax year has not ended by then"),
    ("period", {"filed_on": "2026-11-24"}, f"filed_on: {IN_FUTURE}"),
    ("period", {"assessed_on": "2024-04-14"}, "assessed_on: before filed_on"),
    ("period", {"assessed_on": "2026-11-24"}, f"assessed_on: {IN_FUTURE}"),
    *(("period", {"tax": tax}, f"tax: {NOT_MONEY}") for tax in ("-5", "1e5", "１２", "1.234", "NaN")),
    ("period", {"tax": "0.00"}, "tax: must be above 0.00 and at most 9999999.99"),
    ("period", {"tax": "10,000,000"}, "tax: must be above 0.00 and at most 9999999.99"),
    ("period", {"first_name": "Rosa"}, "first_name: does not belong on a period line"),
    ("spouse", {"spouse_ssn": "000-12-3456"}, "spouse_ssn: no SSN or ITIN has this number"),
    ("spouse", {"spouse_ssn": SSN}, "spouse_ssn: is the taxpayer's own"),
    ("spouse", {"spouse_first_name": "=1"}, f"spouse_first_name: {FORMULA}"),
    ("spouse", {"spouse_born_on": "2026-11-24"}, f"spouse_born_on: {IN_FUTURE}"),
    ("spouse", {"first_name": "Ana"}, "first_name: does not belong on a spouse line"),
    ("taxpayer", {"spouse_ssn": "900-81-1001"}, "spouse_ssn: does not belong on a taxpayer line"),
    ("payment", {"amount": "0"}, "amount: must be above 0.00 and at most 9999999.99"),
    ("payment", {"paid_on": "1989-12-31"}, "paid_on: is before 1990-01-01"),
    ("payment", {"paid_on": "2026-11-24"}, f"paid_on: {IN_FUTURE}"),
    ("payment", {"reference": ""}, "reference: is empty"),
    ("payment", {"reference": "=cmd"}, "reference: a name of up to 40 letters, digits and - . / _ is needed"),
    ("payment", {"reference": "x" * 41}, "reference: a name of up to 40 letters, digits and - . / _ is needed"),
]


@pytest.mark.parametrize(("record", "changed", "reason"), BAD)
def test_a_bad_cell_is_named_with_its_reason(record: str, changed: dict[str, str], reason: str) -> None:
    assert read(line(record, **changed)).reasons == (reason,)


def test_every_reason_is_given_at_once() -> None:
    record = read(line("payment", ssn="1", paid_on="yesterday", amount="much"))

    assert record.reasons == ("ssn: nine digits are needed", f"paid_on: {A_DATE}", f"amount: {NOT_MONEY}")


HOSTILE = {
    "this is not UTF-8 text": "José,a".encode("latin-1"),
    "there is a tab, NUL or another character that cannot be printed": b"payment,900\x0081-0001",
    "the quotes do not match": b'payment,"900-81-0001',
    "22 cells are needed, there are 2": b"payment,900-81-0001",
    "the line is longer than 2,000 bytes": b"x" * 2001,
}


@pytest.mark.parametrize(("reason", "raw"), HOSTILE.items())
def test_a_line_that_is_none_is_bad_as_a_whole(reason: str, raw: bytes) -> None:
    assert read(raw) == Record(2, None, None, {}, (reason,))


@pytest.mark.parametrize("raw", [b"", b"\r\n", b" , ,", b",,,,,,,,,,,,,,,,,"])
def test_an_empty_line_is_passed_over(raw: bytes) -> None:
    assert roster.read(2, raw, COLUMNS, BOUNDS) is None


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode) | st.lists(st.text(max_size=9)).map(
    lambda found: ",".join(["payment", *found]).encode(errors="replace")))  # fmt: skip
@examples(300)
def test_no_line_is_more_than_bad(raw: bytes) -> None:
    record = roster.read(2, raw, COLUMNS, BOUNDS)

    assert record is None or record.reasons


def test_a_header_may_stand_in_any_order_and_case_and_begin_with_a_byte_order_mark() -> None:
    turned = [*reversed(COLUMNS)]

    assert roster.header(b"\xef\xbb\xbf" + ", ".join(turned).upper().encode() + b"\r\n") == turned


HEADERS = {
    "it has no column record": b"",
    "this is not UTF-8 text": "record,ssn".encode("utf-16"),
    "there is a tab, NUL or another character that cannot be printed": b"record\tssn",
    "the line is longer than 2,000 bytes": b"x" * 2001,
    "nothing is known of column no. 1, no. 24": ",".join(["note", *COLUMNS, "900-81-0001"]).encode(),
    "nothing is known of column no. 23, no. 24, no. 25, no. 26, no. 27 and 2 more": ",".join(
        [*COLUMNS, *"abcdefg"]
    ).encode(),
    "it lacks paid_on, amount": ",".join(COLUMNS[:16]).encode(),
    "it lacks spouse_last_name, spouse_born_on": ",".join(COLUMNS[:-2]).encode(),
    "a column stands there twice": ",".join([*COLUMNS, "ssn"]).encode(),
}


@pytest.mark.parametrize(("reason", "raw"), HEADERS.items())
def test_another_first_line_is_no_header(reason: str, raw: bytes) -> None:
    with pytest.raises(NotARoster) as refused:
        roster.header(raw)

    assert refused.value.facts == {"reason": reason}


# One taxpayer's lines beside each other and beside what is here


def verdicts(*lines: bytes, known: Known | None = None) -> dict[int, Any]:
    """What becomes of each line, by its number: new, here, or its reasons."""
    found = admit([read(raw, number) for number, raw in enumerate(lines, 2)], known or {})
    return {
        **{record.number: "new" for record in found.new},
        **{record.number: "here" for record in found.here},
        **{record.number: record.reasons for record in found.bad},
    }


def known(*lines: bytes) -> Known:
    """What is here once these lines were imported."""
    names = {Kind.TAXPAYER: "", Kind.SPOUSE: "", Kind.PERIOD: "tax_year", Kind.PAYMENT: "reference"}
    records = [read(raw) for raw in lines]
    return {(each.kind, each.facts.get(names[each.kind])): each.facts for each in records if each.kind}


HOUSEHOLD = (line("taxpayer"), line("period"), line("payment"))


def test_nobody_is_known_at_first() -> None:
    assert verdicts(*HOUSEHOLD) == {2: "new", 3: "new", 4: "new"}


def test_equal_facts_are_here_already() -> None:
    assert verdicts(*HOUSEHOLD, known=known(*HOUSEHOLD)) == {2: "here", 3: "here", 4: "here"}


def test_later_lines_need_no_taxpayer_line() -> None:
    more = line("payment", reference="2"), line("period", tax_year="2022")

    assert verdicts(*more, known=known(*HOUSEHOLD)) == {2: "new", 3: "new"}


def test_facts_that_differ_are_named() -> None:
    changed = (
        line("taxpayer", street="1 Elm Street", city="Peoria"),
        line("period", tax="6300.00"),
        line("payment", amount="1.00"),
    )

    assert verdicts(*changed, known=known(*HOUSEHOLD)) == {
        2: ("not what is here already: street, city",),
        3: ("not what is here already: tax",),
        4: ("not what is here already: amount",),
    }


def test_each_fact_stands_once() -> None:
    assert verdicts(*HOUSEHOLD, *HOUSEHOLD) == {
        2: "new", 3: "new", 4: "new",
        5: ("this taxpayer already stands on line 2",),
        6: ("this period already stands on line 3",),
        7: ("this payment already stands on line 4",),
    }  # fmt: skip


def test_a_taxpayer_has_one_spouse() -> None:
    ana, eva = line("spouse"), line("spouse", spouse_ssn="900-81-1002", spouse_first_name="Eva")
    here = known(*HOUSEHOLD, ana)

    assert verdicts(*HOUSEHOLD, ana) == {2: "new", 3: "new", 4: "new", 5: "new"}
    assert verdicts(*HOUSEHOLD, ana, eva)[6] == ("this spouse already stands on line 5",)
    assert verdicts(ana, known=here) == {2: "here"}
    assert verdicts(eva, known=here) == {2: ("not what is here already: spouse_ssn, spouse_first_name",)}


def test_somebody_must_be_named_before_what_they_owe() -> None:
    nobody = ("nobody here has this ssn, and no taxpayer line of it comes before",)

    assert verdicts(line("period"), line("payment"), line("taxpayer")) == {2: nobody, 3: nobody, 4: "new"}


def test_a_bad_taxpayer_line_is_the_only_mistake_of_its_household() -> None:
    bad = verdicts(line("taxpayer", state="ZZ"), *HOUSEHOLD[1:])

    assert bad == {2: ("state: the two letters of a US state or territory are needed",), 3: "new", 4: "new"}


def test_a_payment_before_any_year_was_due_is_no_payment_of_it() -> None:
    early = ("paid_on: before any year of this taxpayer was due; take the amount off that year's tax instead",)

    assert verdicts(line("taxpayer"), line("payment", paid_on="2024-04-14"), line("period"))[3] == early
    assert verdicts(line("taxpayer"), line("payment", paid_on="2024-04-15"), line("period"))[3] == "new"
    assert verdicts(line("taxpayer"), line("payment"))[3] == early
    assert verdicts(line("taxpayer"), line("payment"), line("period", tax="much"))[3] == "new"
