"""Why a plan is not possible, and the way back in, in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.domain.eligibility import Reason
from portal.domain.money import Money
from portal.web.forms import filled_in, said


@dataclass(frozen=True, slots=True)
class Why:
    """A reason as a person reads it: what failed and what is needed, and what to do about it. `pay_now` is what
    removes it if it is paid today, `clears_on` the day on which it is gone by itself.
    """

    name: str
    sentence: str
    remedy: str
    pay_now: Money | None
    clears_on: date | None

    @property
    def pay_href(self) -> str | None:
        """Where just that much is paid."""
        return f"/pay?amount={self.pay_now}" if self.pay_now else None


def told(reasons: Iterable[Reason]) -> list[Why]:
    """Every reason in the reader's language; the page writes them with `ui.reasons`."""
    return [
        Why(
            reason.name, said(reason), filled_in(reason.remedy, reason.facts),
            reason.facts.get("pay_now"), reason.facts.get("clears_on"),
        )
        for reason in reasons
    ]  # fmt: skip
