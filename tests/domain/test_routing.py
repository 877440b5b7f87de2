"""Routing numbers: nine ASCII digits of a district, with a check digit."""

import pytest

from portal.domain.routing import BadRoutingNumber, is_valid, require_valid

from .cast import CASES


@pytest.mark.parametrize("number", CASES["aba"])
def test_a_published_number_is_valid(number: str) -> None:
    require_valid(number)
    assert is_valid(number)


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
