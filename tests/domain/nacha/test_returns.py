"""Answers of banks: returns, notifications of change by each code, and five thousand files with something wrong."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import routing
from portal.domain.money import Money
from portal.domain.nacha import corrections
from portal.domain.nacha.answers import Answer, Change, Return
from portal.domain.nacha.corrections import Correction
from portal.domain.nacha.debits import EntryClass
from portal.domain.nacha.fields import BadColumns, Unreadable
from portal.domain.nacha.files import read_file, write_file
from portal.domain.nacha.returns import Corrected, NotAnAnswer, Returned, read_returns

from ..cast import examples
from .cast import BALANCED, BANKS, CITY, SAMPLE, answered, changed, line, place, text_of

MOVED = Change("C03", corrections.write("C03", Correction("121042882", "777001")))
MIXED: list[Answer] = [Return("R01"), MOVED, Return("R15", died_on=date(2026, 11, 2)), Return("R02", "CLOSED IN MAY")]


def only(text: str) -> Returned | Corrected:
    (answer,) = read_returns(text)
    return answer


def test_a_return_says_which_debit_came_back_and_why() -> None:
    assert only(answered([Return("R01")])) == Returned(
        line=3,
        code="R01",
        original_trace="071000010000001",
        amount=Money(10_001),
        individual_id="PY-0001",
        company_identification="1371234567",
        original_rdfi=BANKS[1][:8],
        died_on=None,
        information="",
    )


def test_a_return_stands_in_its_columns() -> None:
    text = answered([Return("R15", "SEE LETTER", date(2026, 11, 2))])

    assert line(text, 1, 4, 23) == "1371234567 071000013"
    assert line(text, 3, 1, 12) == "626071000013"
    assert line(text, 3, 79, 94) == "1071000010000001"
    assert line(text, 4, 1, 6) == "799R15"
    assert line(text, 4, 7, 21) == "071000010000001"
    assert line(text, 4, 22, 27) == "261102"
    assert line(text, 4, 28, 35) == "07100001"
    assert line(text, 4, 36, 79).rstrip() == "SEE LETTER"
    assert line(text, 4, 80, 94) == "071000010000001"


def test_a_notification_of_change_stands_in_its_columns() -> None:
    text = answered([MOVED])

    assert line(text, 2, 51, 53) == "COR"
    assert line(text, 3, 30, 39) == "0" * 10
    assert line(text, 4, 1, 35) == "798C03071000010000001      07100001"
    assert line(text, 4, 36, 64) == f"{'121042882   777001':29}"
    assert line(text, 4, 65, 79) == " " * 15


def test_answers_of_several_banks_are_read_with_their_lines() -> None:
    text = answered(MIXED)
    answers = read_returns(text)

    assert [(answer.line, answer.code, answer.original_trace[-1]) for answer in answers] == [
        (3, "R01", "1"), (5, "R02", "4"), (9, "C03", "2"), (13, "R15", "3"),
    ]  # fmt: skip
    assert [text.splitlines()[answer.line - 1][0] for answer in answers] == ["6"] * 4
    returned = [answer for answer in answers if isinstance(answer, Returned)]
    assert [answer.died_on for answer in returned] == [None, None, date(2026, 11, 2)]
    assert [answer.information for answer in returned] == ["", "CLOSED IN MAY", ""]


def test_a_day_without_answers_has_a_file_without_any() -> None:
    assert read_returns(answered([])) == ()


def test_a_code_that_nobody_knows_is_read_like_any_other() -> None:
    assert only(answered([Return("R99")])).code == "R99"


def test_a_date_of_death_of_zeros_is_none() -> None:
    answer = only(changed(answered([Return("R14")]), 4, 22, "000000"))

    assert isinstance(answer, Returned)
    assert answer.died_on is None


# What is corrected.


@pytest.mark.parametrize(
    ("code", "data", "correction"),
    [
        ("C01", "777001", Correction(account_number="777001")),
        ("C01", "           777001", Correction(account_number="777001")),
        ("C01", "A-1", Correction(account_number="A-1")),
        ("C02", "121042882", Correction("121042882")),
        ("C03", "121042882   777001", Correction("121042882", "777001")),
        ("C03", "121042882              777001", Correction("121042882", "777001")),
        ("C03", "121042882   12345678901234567", Correction("121042882", "12345678901234567")),
        ("C05", "37", Correction(is_savings=True)),
        ("C05", "27", Correction(is_savings=False)),
        ("C05", "22", Correction(is_savings=False)),
        ("C06", "777001              37", Correction(account_number="777001", is_savings=True)),
        ("C06", "12345678901234567   27", Correction(account_number="12345678901234567", is_savings=False)),
        ("C07", "121042882777001           37", Correction("121042882", "777001", True)),
        ("C07", "1210428821234567890123456727", Correction("121042882", "12345678901234567", False)),
    ],
)
def test_a_change_says_what_to_do_otherwise(code: str, data: str, correction: Correction) -> None:
    answer = only(answered([Change(code, data)]))

    assert isinstance(answer, Corrected)
    assert (answer.corrected_data, answer.correction) == (data, correction)


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("C01", ""), ("C01", "123456789012345678"), ("C01", "12 34"), ("C02", "121042883"), ("C02", "12104288"),
        ("C02", "121042882 777001"), ("C03", "121042882"), ("C03", "777001   121042882"), ("C05", "47"),
        ("C05", "20"), ("C05", "savings"), ("C06", "777001"), ("C06", "37"), ("C07", "121042882777001"),
        ("C07", "121042883777001           37"), ("C04", "ROSA DELGADO"), ("C08", "37"), ("C09", "PY-0002"),
        ("C10", "777001"), ("C11", "777001"), ("C12", "777001"), ("C13", "777001"), ("C61", "121042882"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_as_a_correction_is_kept_as_it_stands(code: str, data: str) -> None:
    answer = only(answered([Change(code, data)]))

    assert isinstance(answer, Corrected)
    assert (answer.code, answer.corrected_data, answer.correction) == (code, data, None)


ACCOUNTS = st.from_regex("[0-9A-Za-z-]{1,17}", fullmatch=True)
ROUTING_NUMBERS = st.from_regex("(0[1-9]|2[1-9])[0-9]{6}", fullmatch=True).map(routing.with_check_digit)
PARTS = {
    "C01": ("account_number",),
    "C02": ("routing_number",),
    "C03": ("routing_number", "account_number"),
    "C05": ("is_savings",),
    "C06": ("account_number", "is_savings"),
    "C07": ("routing_number", "account_number", "is_savings"),
}


@examples(300)
@given(st.sampled_from(sorted(PARTS)), ROUTING_NUMBERS, ACCOUNTS, st.booleans())
def test_any_correction_is_read_as_it_was_written(code: str, number: str, account: str, is_savings: bool) -> None:
    all_of_it = {"routing_number": number, "account_number": account, "is_savings": is_savings}
    correction = Correction(**{part: all_of_it[part] for part in PARTS[code]})

    assert corrections.read(code, corrections.write(code, correction)) == correction


DAYS = st.none() | st.dates(date(2001, 1, 1), date(2099, 12, 31))
REMARKS = st.from_regex("([!-~][ -~]{0,42})?[!-~]|", fullmatch=True)
RETURNS = st.builds(Return, st.from_regex("R[0-9]{2}", fullmatch=True), REMARKS, DAYS)
CHANGES = st.builds(Change, st.from_regex("C[0-9]{2}", fullmatch=True), REMARKS.map(lambda text: text[:29].rstrip()))


@examples(200)
@given(st.lists(RETURNS | CHANGES, max_size=12))
def test_any_answers_are_read_as_they_were_given(answers: list[Answer]) -> None:
    read = read_returns(answered(answers))

    by_sequence = {int(each.original_trace[8:]): each for each in read}
    assert len(read) == len(by_sequence) == len(answers)
    for sequence, answer in enumerate(answers, 1):
        assert given_as(by_sequence[sequence]) == answer


def given_as(read: Returned | Corrected) -> Answer:
    if isinstance(read, Corrected):
        return Change(read.code, read.corrected_data)
    return Return(read.code, read.information, read.died_on)


# What is refused.


@pytest.mark.parametrize(
    "text",
    [
        SAMPLE,
        text_of(by=BALANCED),
        changed(answered([Return("R01")]), 2, 51, "COR"),
        changed(answered([MOVED]), 2, 51, "WEB"),
    ],
)
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(NotAnAnswer) as refusal:
        read_returns(text)

    assert refusal.value.facts["line"] == 3


@pytest.mark.parametrize(
    ("answer", "first", "new", "where"),
    [
        (Return("R01"), 4, "C01", (4, 4, 6)),
        (Return("R01"), 4, "R1 ", (4, 4, 6)),
        (Return("R01"), 7, " ", (4, 7, 21)),
        (Return("R01"), 22, "261399", (4, 22, 27)),
        (Return("R01"), 22, "nobody", (4, 22, 27)),
        (Return("R01"), 28, "X", (4, 28, 35)),
        (Return("R01"), 80, "X", (4, 80, 94)),
        (MOVED, 4, "R01", (4, 4, 6)),
        (MOVED, 7, "X", (4, 7, 21)),
        (MOVED, 28, " ", (4, 28, 35)),
    ],
)
def test_an_addenda_record_that_cannot_be_read_is_refused_with_its_line(
    answer: Answer, first: int, new: str, where: tuple[int, int, int]
) -> None:
    with pytest.raises(BadColumns) as refusal:
        read_returns(changed(answered([answer]), 4, first, new))

    assert place(refusal.value) == where


# Five thousand files with something wrong.

CODES = ("R01", "R02", "R03", "R04", "R07", "R08", "R09", "R10", "R11", "R16", "R20", "R29", "R99")
Mutation = Callable[[random.Random, str], str]


def shapes() -> list[str]:
    """Twenty files as banks send them: one answer and many, either ending, filled up and not."""
    made = [answered([Return(code)]) for code in CODES]
    made += [answered([MOVED]), answered([Change("C01", "777001")]), answered(MIXED), answered(MIXED * 4)]
    made += [answered(MIXED, by=replace(CITY, entry_class=EntryClass.PPD))]
    return [*made, answered(MIXED).replace("\n", "\r\n"), "\n".join(answered(MIXED).split("\n")[:16])]


def flip(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice("0123456789 RCX-z") + text[at + 1 :]


def spoil(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice("\x00\t\r\n\x7fé\ufeff\ud800") + text[at + 1 :]


def delete(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text))
    return text[:at] + text[at + chance.choice((1, 2, 94, 95)) :]


def insert(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text))
    new = chance.choice(("0", " ", "\n", "\r", "\x00", "\ufeff", "é", "\x1a", "9" * 94 + "\n", "A" * 100_000))
    return text[:at] + new + text[at:]


def swap(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def double(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    return "\n".join(lines)


def drop(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    del lines[chance.randrange(len(lines))]
    return "\n".join(lines)


def truncate(chance: random.Random, text: str) -> str:
    return text[: chance.randrange(len(text))]


def recode(chance: random.Random, text: str) -> str:
    if chance.random() < 0.5:
        return text.replace("\n", chance.choice(("\r\n", "\r", "\n\n", "", "\u2028")))
    encoding = chance.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp037"))
    return text.encode(encoding, "surrogatepass" if "utf" in encoding else "replace").decode("latin-1")


def miscount(chance: random.Random, text: str) -> str:
    """Other digits somewhere in a control."""
    lines = text.split("\n")
    at = chance.choice([number for number, each in enumerate(lines) if each[:1] in ("8", "9")] or [0])
    column = chance.randrange(1, 55)
    lines[at] = lines[at][:column] + str(chance.randrange(10)) * chance.randrange(1, 13) + lines[at][column + 1 :]
    return "\n".join(lines)[: len(text)]


def reletter(chance: random.Random, text: str) -> str:
    """Other letters in a name or a remark: a file that stays good, most of the time."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    column = chance.randrange(35, 80)
    lines[at] = lines[at][:column] + chance.choice("ABC xyz~!") + lines[at][column + 1 :]
    return "\n".join(lines)


MUTATIONS: tuple[Mutation, ...] = (
    *(flip, flip, flip, flip, miscount, miscount, reletter, swap, swap, double, drop),
    *(spoil, delete, insert, truncate, recode),
)  # fmt: skip


def test_five_thousand_mutated_files_are_read_or_refused_and_nothing_else() -> None:
    """What is read can be written as it was, so nothing in it was passed over."""
    chance = random.Random(7_5)
    files, read, refused, sentences = shapes(), 0, set(), set()
    assert len(files) == 20
    for _ in range(5_000):
        text = chance.choice(files)
        for mutate in chance.choices(MUTATIONS, k=chance.choice((1, 1, 1, 2, 3))):
            text = mutate(chance, text) if text else text
        try:
            read_returns(text)
        except Unreadable as refusal:
            refused.add(type(refusal).__name__)
            sentences.add(str(refusal))
        else:
            read += 1
            assert write_file(read_file(text)) == text

    assert read > 100
    assert not [sentence for sentence in sentences if "%" in sentence]
    assert refused == {
        "BadColumns", "BadFilling", "DoesNotAddUp", "EndsTooEarly", "HasByteOrderMark", "NotAnAnswer",
        "NotPlainText", "OtherEnding", "OutOfOrder", "WrongLength",
    }  # fmt: skip


@examples(300)
@given(st.text(max_size=400) | st.binary(max_size=400).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_returns(text)
