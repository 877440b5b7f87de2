"""Money in whole cents, and the one place where a text becomes money."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from portal.domain.refusal import Refusal


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount of US dollars as a whole number of cents; negative amounts are allowed, fractions are not."""

    cents: int

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + other.cents)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.cents - other.cents)

    def __neg__(self) -> "Money":
        return Money(-self.cents)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __str__(self) -> str:
        """Two decimals, no separators: "-1234.50"."""
        sign = "-" if self.cents < 0 else ""
        return f"{sign}{abs(self.cents) // 100}.{abs(self.cents) % 100:02d}"

    def times(self, share: Fraction) -> "Money":
        """The share of this amount, rounded half up to a cent."""
        return Money(half_up(self.cents * share.numerator, share.denominator))

    def split(self, parts: int) -> list["Money"]:
        """Equal parts that add up to this amount; the first ones carry the odd cents."""
        each, odd = divmod(self.cents, parts)
        return [Money(each + 1) if part < odd else Money(each) for part in range(parts)]


ZERO = Money(0)


class NotMoney(Refusal):
    """Enter an amount in dollars and cents, like 1,250.00."""


def half_up(numerator: int, denominator: int) -> int:
    """The quotient rounded to the nearest integer, a half away from zero; the denominator is positive."""
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -rounded if numerator < 0 else rounded


def total(amounts: Iterable[Money]) -> Money:
    """The sum of the amounts; nothing adds up to 0.00."""
    return Money(sum(amount.cents for amount in amounts))


_TYPED = re.compile(r"\$? ?(\d{1,12}|\d{1,3}(?:,\d{3}){1,3}|\d{1,3}(?: \d{3}){1,3})(?:\.(\d{1,2}))?", re.ASCII)


def parse(text: str) -> Money:
    """What a person typed as an amount: "$1,234.5", "1234.50", "1 234"; only ASCII digits, never negative.

    Refuses (`NotMoney`) exponents, signs, other scripts' digits, misplaced commas and more than two decimals.
    """
    if not (match := _TYPED.fullmatch(text.strip(" \t"))):
        raise NotMoney
    dollars, decimals = match.groups()
    return Money(int(re.sub("[, ]", "", dollars)) * 100 + int((decimals or "0").ljust(2, "0")))


_WRITTEN = re.compile(r"\d{1,12}\.\d{2}", re.ASCII)


def read(text: str) -> Money:
    """An amount as files and the calculator write it: digits, a point, two decimals. Refuses all else."""
    if not _WRITTEN.fullmatch(text):
        raise NotMoney
    return Money(int(text.replace(".", "")))
