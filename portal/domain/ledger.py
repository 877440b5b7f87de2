"""The ledger's accounts and moves: every entry is made of moves, so it balances by construction."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from portal.domain.money import Money
from portal.domain.period import Kind
from portal.domain.waterfall import Applied, Share

LARGEST_POSTING = Money(9_999_999_999)


class EntryKind(StrEnum):
    """Why an entry was made."""

    ASSESSMENT = "assessment"
    CHARGE = "charge"
    ACCRUAL = "accrual"
    PAYMENT = "payment"
    ABATEMENT = "abatement"
    REFUND = "refund"
    REVERSAL = "reversal"


CASH = "cash"
CREDIT = "credit"
# What left a credit again: sent back to the taxpayer, or used as a payment.
REFUNDED = "refunded"
# What is written down as it accrues, and only when a payment makes it due.
ACCRUING = (Kind.FAILURE_TO_PAY, Kind.INTEREST)


def owed_account(kind: Kind) -> str:
    """What the taxpayer owes of a kind; a debit raises it."""
    return f"owed:{kind}"


def charged_account(kind: Kind) -> str:
    """What was charged of a kind over time; the other side of what is owed."""
    return f"charged:{kind}"


def abated_account(kind: Kind) -> str:
    """What was given up of a kind over time."""
    return f"abated:{kind}"


@dataclass(frozen=True, slots=True)
class Move:
    """An amount from one account to another, about one tax year or none. The amount is above zero."""

    debit: str
    credit: str
    amount: Money
    tax_year: int | None = None

    def __post_init__(self) -> None:
        if not Money(0) < self.amount <= LARGEST_POSTING:
            raise ValueError(f"a move of {self.amount} cannot be booked")


def charge_move(kind: Kind, amount: Money, tax_year: int | None) -> Move:
    """The taxpayer owes more."""
    return Move(owed_account(kind), charged_account(kind), amount, tax_year)


def accrual_moves(assessed: Iterable[Share]) -> list[Move]:
    """Accrued penalty and interest become assessed."""
    return [charge_move(share.kind, share.amount, share.tax_year) for share in assessed]


def abatement_move(kind: Kind, amount: Money, tax_year: int) -> Move:
    """A part of a charge is given up. Of what accrues only the rest is ever written down as owed, so that what is
    given up of it is charged and abated at once.
    """
    other = charged_account(kind) if kind in ACCRUING else owed_account(kind)
    return Move(abated_account(kind), other, amount, tax_year)


def payment_moves(applied: Applied) -> list[Move]:
    """Money came in: to each share its part, and what is left to the credit account, out of which it is refunded."""
    moves = [Move(CASH, owed_account(share.kind), share.amount, share.tax_year) for share in applied.shares]
    if left := applied.credit + applied.refunded:
        moves.append(Move(CASH, CREDIT, left))
    return moves
