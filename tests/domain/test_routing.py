"""Routing numbers: nine ASCII digits of a district, with a check digit; and the numbers of accounts."""

import pytest

from portal.domain.routing import (
    BadAccountNumber,
    BadRoutingNumber,
    bare,
    is_valid,
    require_account_number,
    require_valid,
    with_check_digit,
)

from .cast import CASES


@pytest.mark.parametrize("number", CASES["aba"])
def test_a_published_number_is_valid(number: str) -> None:
    require_valid(number)
    assert is_valid(number)


@pytest.mark.parametrize("number", [*CASES["aba"], "325081403", "021000021"])
def test_the_check_digit_follows_from_the_first_eight(number: str) -> None:
    assert with_check_digit(number[:8]) == number


@pytest.mark.parametrize("number", CASES["aba"])
@pytest.mark.parametrize("place", range(9))
def test_one_wrong_digit_is_always_noticed(number: str, place: int) -> None:
    wrong = [number[:place] + digit + number[place + 1 :] for digit in "0123456789" if digit != number[place]]
    assert not any(is_valid(each) for each in wrong)


@pytest.mark.parametrize(
    "number",
    [
        *("", "0", "23138010", "2313801044", " 231380104", "231380104 ", "231380104\n", "231-380-104", "23138010x"),
        *("２３１３８０１０４", "٢٣١٣٨٠١٠٤", "²³¹³⁸⁰¹⁰⁴", "-31380104", "+31380104", "2_1380104", "1" * 5000),
    ],
    ids=lambda number: ascii(number)[:24],
)
def test_what_is_not_nine_ascii_digits_is_no_routing_number(number: str) -> None:
    with pytest.raises(BadRoutingNumber, match="nine digits"):
        require_valid(number)


@pytest.mark.parametrize(
    ("number", "valid"),
    [("000000000", False), ("130000006", False), ("200000004", False), ("330000000", False), ("990000000", False),
     ("010000003", True), ("120000003", True), ("210000007", True), ("320000007", True)],
)  # fmt: skip
def test_the_first_two_digits_are_a_district_of_banks_or_thrifts(number: str, valid: bool) -> None:
    """Each of them passes its check digit; only districts 01-12 and 21-32 exist for taxpayers' banks."""
    weighted = sum(weight * int(digit) for weight, digit in zip((3, 7, 1) * 3, number, strict=True))
    assert weighted % 10 == 0
    assert is_valid(number) == valid


# Numbers of accounts.


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("5550004418", "5550004418"),
        (" 555 000-44 18 ", "5550004418"),
        ("121-042-882", "121042882"),
        ("555\u00a0000\t4418", "5550004418"),
        ("555.000.4418", "555.000.4418"),
        ("5550004418\n", "5550004418\n"),
        ("５５５0004418", "５５５0004418"),
        ("", ""),
    ],
    ids=ascii,
)
def test_spaces_and_dashes_are_taken_out_of_a_number_and_nothing_else(typed: str, number: str) -> None:
    assert bare(typed) == number


@pytest.mark.parametrize("number", ["0001", "1234", "12345678901234567", "00000000000000001", "AB12cd34", "O000"])
def test_an_account_number_has_4_to_17_letters_and_digits(number: str) -> None:
    require_account_number(number)


@pytest.mark.parametrize(
    "number",
    [
        *("", "1", "123", "123456789012345678", "0000", "00000000000000000", "1234 5678", "1234-5678", "1234\n"),
        *("１２３４", "١٢٣٤", "12é4", "1e+5", "12.34", "1_234", "-1234", "1" * 5000),
    ],
    ids=lambda number: ascii(number)[:24],
)
def test_what_no_bank_account_is_called_is_refused(number: str) -> None:
    with pytest.raises(BadAccountNumber, match="4 to 17 letters and digits"):
        require_account_number(number)
