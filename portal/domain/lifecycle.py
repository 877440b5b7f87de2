"""The states of agreements and payments, and the moves between them that are allowed: as data."""

from collections.abc import Mapping
from enum import StrEnum

from portal.domain.refusal import Refusal


class AgreementState(StrEnum):
    """Where an agreement stands (IRC 6159)."""

    ACTIVE = "active"
    IN_DEFAULT = "in_default"
    COMPLETED = "completed"
    TERMINATED = "terminated"
    WITHDRAWN = "withdrawn"


class PaymentState(StrEnum):
    """Where a payment stands, from the promise to the money."""

    SCHEDULED = "scheduled"
    SUBMITTED = "submitted"
    SETTLED = "settled"
    RETURNED = "returned"
    CANCELLED = "cancelled"


A, P = AgreementState, PaymentState

AGREEMENT_MOVES: Mapping[AgreementState, frozenset[AgreementState]] = {
    A.ACTIVE: frozenset({A.IN_DEFAULT, A.COMPLETED, A.WITHDRAWN}),
    A.IN_DEFAULT: frozenset({A.ACTIVE, A.COMPLETED, A.TERMINATED, A.WITHDRAWN}),
    A.TERMINATED: frozenset({A.ACTIVE}),
    A.COMPLETED: frozenset(),
    A.WITHDRAWN: frozenset(),
}

# A settled debit can still come back: unauthorized returns reach us for sixty days (Nacha return windows).
PAYMENT_MOVES: Mapping[PaymentState, frozenset[PaymentState]] = {
    P.SCHEDULED: frozenset({P.SUBMITTED, P.CANCELLED}),
    P.SUBMITTED: frozenset({P.SETTLED, P.RETURNED}),
    P.SETTLED: frozenset({P.RETURNED}),
    P.RETURNED: frozenset(),
    P.CANCELLED: frozenset(),
}

IN_FORCE = frozenset({A.ACTIVE, A.IN_DEFAULT})
ON_ITS_WAY = frozenset({P.SUBMITTED})


class NotAllowed(Refusal):
    """This cannot go from “%(old)s” to “%(new)s”. Nothing was changed."""


def agreement_move(old: AgreementState, new: AgreementState) -> AgreementState:
    """The new state of an agreement. Refuses (`NotAllowed`) a move that the table does not have."""
    if new not in AGREEMENT_MOVES[old]:
        raise NotAllowed(old=old, new=new)
    return new


def payment_move(old: PaymentState, new: PaymentState) -> PaymentState:
    """The new state of a payment. Refuses (`NotAllowed`) a move that the table does not have."""
    if new not in PAYMENT_MOVES[old]:
        raise NotAllowed(old=old, new=new)
    return new
