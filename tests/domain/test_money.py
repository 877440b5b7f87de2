"""Money: whole cents, one rounding, and the one parser that turns a text into an amount."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.money import Money, NotMoney, half_up, parse, read, total

from .cast import CASES, dollars, examples

AMOUNTS = st.builds(Money, st.integers(0, 99_999_999_999_999))

TYPED = {
    "0": 0,
    "0.00": 0,
    "1234.50": 123450,
    "1234.5": 123450,
    "$1,234.5": 123450,
    " 1 234.50 ": 123450,
    "1,234,567.89": 123456789,
    "$ 25": 2500,
    "\t25.00\t": 2500,
    "00012": 1200,
    "0.01": 1,
    "999,999,999,999.99": 99999999999999,
    "999999999999.99": 99999999999999,
}
NEVER_MONEY = [
    *("", " ", ".", "$", ",", "-", "NaN", "nan", "sNaN", "-sNaN", "inf", "Infinity", "None", "true", "ten"),
    *("-0", "-5", "+5", "$-5", "5-", "(5.00)", "1e5", "1E5", "1e-2", "0x10", "0b1", "1_0", "1_000.00"),
    *(
        "5.",
        ".50",
        "1.234",
        "1.2.3",
        "1,23.00",
        "12,3456",
        "1,,000",
        ",100",
        "100,",
        "1.000,50",
        "1,234.",
        "1,000.5,0",
    ),
    *(
        "１２",
        "１２.００",
        "१२",
        "١٢",
        "Ⅻ",
        "½",
        "²",
        "１,０００",
        "1\u200b0",
        "\u202e10",
        "\ufeff10",
        "10\u00a0",
        "1\u20090",
    ),
    *(
        "1\x00",
        "\x0010",
        "10\n",
        "10\r\n",
        "\n10",
        "10\x0b",
        "\ud800",
        "10;DROP",
        "<b>10</b>",
        "$$5",
        "5$",
        "€5",
        "USD 5",
    ),
    *("1234567890123", "1,000,000,000,000", "9" * 30, "9" * 5_000, "0" * 5_000, "1" * 1_000_000, "1." + "0" * 5_000),
]


@pytest.mark.parametrize(("text", "cents"), TYPED.items(), ids=map(repr, TYPED))
def test_what_a_person_types_is_read_as_money(text: str, cents: int) -> None:
    assert parse(text) == Money(cents)


@pytest.mark.parametrize("text", NEVER_MONEY, ids=[ascii(text)[:24] for text in NEVER_MONEY])
def test_nothing_else_is_money(text: str) -> None:
    with pytest.raises(NotMoney):
        parse(text)


@pytest.mark.parametrize("text", [*NEVER_MONEY, "10", "10.0", "1,000.00", " 10.00", "10.00 ", "$10.00", "10.000"])
def test_files_write_digits_a_point_and_two_decimals(text: str) -> None:
    assert read("1250.00") == Money(125000)
    with pytest.raises(NotMoney):
        read(text)


@examples(300)
@given(st.text("0123456789" * 3 + "$,,.. \t-+eE_\n\x00１٣Ⅻ½²\u200b\u00a0", max_size=24))
def test_any_text_is_an_amount_or_a_refusal_and_an_amount_has_only_ascii_digits(text: str) -> None:
    try:
        amount = parse(text)
    except NotMoney:
        return
    assert amount >= Money(0)
    assert set(text) <= set("0123456789$,. \t")


@examples(100)
@given(AMOUNTS)
def test_an_amount_that_was_written_is_read_back(amount: Money) -> None:
    assert parse(str(amount)) == read(str(amount)) == amount
    assert parse(f"${amount.cents // 100:,}.{amount.cents % 100:02d}") == amount


def test_an_amount_is_written_with_two_decimals_and_no_separators() -> None:
    assert [str(Money(cents)) for cents in (0, 5, -5, 123450, -123450)] == [
        "0.00",
        "0.05",
        "-0.05",
        "1234.50",
        "-1234.50",
    ]


def test_amounts_add_subtract_and_compare() -> None:
    assert Money(150) + Money(50) - Money(20) == Money(180)
    assert -Money(150) < Money(0) < Money(1)
    assert total([]) == Money(0)
    assert total([Money(1), Money(2)]) == Money(3)
    assert not Money(0)
    assert Money(-1)


def test_an_amount_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Money(1).cents = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(1, 2, 1), (3, 2, 2), (5, 2, 3), (-1, 2, -1), (-5, 2, -3), (49, 100, 0), (-49, 100, 0), (51, 100, 1), (0, 7, 0)],
)
def test_a_half_is_rounded_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert half_up(numerator, denominator) == rounded


def test_half_up_is_exact_for_numbers_that_a_float_cannot_hold() -> None:
    assert half_up(10**40 + 1, 2) == 5 * 10**39 + 1
    assert half_up(10**40 - 1, 2 * 10**40) == 0


@examples(100)
@given(AMOUNTS, st.integers(1, 400))
def test_a_split_adds_up_and_its_parts_differ_by_a_cent_at_most(amount: Money, parts: int) -> None:
    split = amount.split(parts)
    assert total(split) == amount
    assert len(split) == parts
    assert max(split).cents - min(split).cents <= 1
    assert split == sorted(split, reverse=True)


def test_form_9465_divides_what_remains_by_seventy_two() -> None:
    together = total(map(dollars, ("17642.18", "9315.40", "6088.55")))
    remaining = together - dollars("2000.00")
    assert [str(amount) for amount in (together, remaining, remaining.times(Fraction(1, 72)))] == CASES["form-9465"]


def test_a_guaranteed_agreement_divides_by_thirty_six() -> None:
    remaining = dollars("11318.00") - dollars("1500.00")
    shares = [remaining.times(Fraction(1, months)) for months in (72, 36)]
    assert [str(amount) for amount in (remaining, *shares)] == CASES["guaranteed"]


def test_simple_interest_of_the_regulation_is_rounded_once() -> None:
    """26 CFR 301.6622-1(c)(2): 10,000 x 20% x 260/365."""
    assert str(dollars("10000.00").times(Fraction(20, 100) * Fraction(260, 365))) == CASES["reg-6622-simple"]
