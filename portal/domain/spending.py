"""What somebody has to live on each month, and what a plan leaves of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.domain.money import Money, total


@dataclass(frozen=True, slots=True)
class Budget:
    """A household's month: what comes in, and what living costs."""

    income: Money
    spending: Money

    @property
    def free(self) -> Money:
        """What is left to pay with; below zero where living costs more than comes in."""
        return self.income - self.spending

    def left_after(self, monthly: Money) -> Money:
        """What a plan of so much a month leaves; below zero is what is missing."""
        return self.free - monthly


def budget(income: Iterable[Money], spending: Iterable[Money]) -> Budget:
    """The month made of these amounts."""
    return Budget(total(income), total(spending))
