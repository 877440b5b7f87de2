"""Routing numbers of US banks (ABA), nine digits with a check digit, and the numbers of accounts."""

import re

from portal.domain.refusal import Refusal

WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)
DISTRICTS = frozenset((*range(1, 13), *range(21, 33)))


class BadRoutingNumber(Refusal):
    """This is not a routing number. It has nine digits and stands at the bottom left of a check."""

    about = "routing_number"


class BadAccountNumber(Refusal):
    """This is not an account number. It has 4 to 17 letters and digits, and stands after the routing number."""

    about = "account_number"


def is_valid(number: str) -> bool:
    """Nine digits, of a Federal Reserve district for banks or thrifts, whose weighted sum ends in 0."""
    if len(number) != 9 or not (number.isascii() and number.isdigit()):
        return False
    weighted = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number, strict=True))
    return weighted % 10 == 0 and int(number[:2]) in DISTRICTS


def with_check_digit(eight: str) -> str:
    """The nine digits of the number that a bank file names by its first eight."""
    weighted = sum(weight * int(digit) for weight, digit in zip(WEIGHTS[:8], eight, strict=True))
    return f"{eight}{-weighted % 10}"


def require_valid(number: str) -> None:
    """Refuse (`BadRoutingNumber`) a number that cannot belong to a bank."""
    if not is_valid(number):
        raise BadRoutingNumber


def bare(typed: str) -> str:
    """A number as typed, without the spaces and dashes that people put into it."""
    return re.sub(r"[ \t\u00a0-]", "", typed)


def require_account_number(number: str) -> None:
    """Refuse (`BadAccountNumber`) what no bank account is called: too short, too long, nothing but zeros."""
    if not re.fullmatch(r"[0-9A-Za-z]{4,17}", number, re.ASCII) or not number.strip("0"):
        raise BadAccountNumber
