"""The states of what has a life of its own, and the moves between them that are allowed: as data."""

from collections.abc import Mapping, Set
from enum import StrEnum
from typing import TypeVar

from portal.domain.refusal import Refusal


class AgreementState(StrEnum):
    """Where an agreement stands (IRC 6159)."""

    ACTIVE = "active"
    IN_DEFAULT = "in_default"
    COMPLETED = "completed"
    TERMINATED = "terminated"
    WITHDRAWN = "withdrawn"


class PaymentState(StrEnum):
    """Where a payment stands, from the promise to the money. A draft is not signed yet, so it promises nothing."""

    DRAFTED = "drafted"
    SCHEDULED = "scheduled"
    SUBMITTED = "submitted"
    SETTLED = "settled"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    REVERSED = "reversed"


class ApplicationState(StrEnum):
    """Where an application for a plan stands."""

    DRAFTED = "drafted"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    DROPPED = "dropped"


class DeductionState(StrEnum):
    """Where an employer's part in an agreement stands."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    ENDED = "ended"


class RequestState(StrEnum):
    """Where an agent's request for one action stands. Too late is not written down: it follows from the time."""

    ASKED = "asked"
    ALLOWED = "allowed"
    USED = "used"
    REFUSED = "refused"


class MethodChangeState(StrEnum):
    """Where another way to pay an agreement stands: typed and not signed yet, in force, or taken back. `stopped` is
    one that somebody of the account said was not theirs.
    """

    DRAFTED = "drafted"
    MADE = "made"
    UNDONE = "undone"
    STOPPED = "stopped"


class ApprovalState(StrEnum):
    """Where a request for what two people have to do stands."""

    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class MailState(StrEnum):
    """Where a mail stands; what could not be delivered is given up after some tries."""

    WAITING = "waiting"
    SENT = "sent"
    UNDELIVERED = "undelivered"


A, P, D, Q, M = AgreementState, PaymentState, DeductionState, RequestState, MailState
C = MethodChangeState

AGREEMENT_MOVES: Mapping[AgreementState, frozenset[AgreementState]] = {
    A.ACTIVE: frozenset({A.IN_DEFAULT, A.COMPLETED, A.WITHDRAWN}),
    A.IN_DEFAULT: frozenset({A.ACTIVE, A.COMPLETED, A.TERMINATED, A.WITHDRAWN}),
    A.TERMINATED: frozenset(),
    # A debit that came back long after it was paid: what it had paid off is owed again.
    A.COMPLETED: frozenset({A.ACTIVE}),
    A.WITHDRAWN: frozenset(),
}

# A settled debit can still come back: unauthorized returns reach us for sixty days (Nacha return windows). What was
# posted to the wrong account, or with a wrong amount, is reversed.
PAYMENT_MOVES: Mapping[PaymentState, frozenset[PaymentState]] = {
    P.DRAFTED: frozenset({P.SCHEDULED}),
    P.SCHEDULED: frozenset({P.SUBMITTED, P.CANCELLED}),
    P.SUBMITTED: frozenset({P.SETTLED, P.RETURNED}),
    P.SETTLED: frozenset({P.RETURNED, P.REVERSED}),
    P.RETURNED: frozenset(),
    P.REVERSED: frozenset(),
    P.CANCELLED: frozenset(),
}

# Only a draft changes; who was refused begins a new application.
APPLICATION_MOVES: Mapping[ApplicationState, frozenset[ApplicationState]] = {
    state: frozenset(ApplicationState) - {ApplicationState.DRAFTED}
    if state is ApplicationState.DRAFTED
    else frozenset()
    for state in ApplicationState
}

DEDUCTION_MOVES: Mapping[DeductionState, frozenset[DeductionState]] = {
    D.ASKED: frozenset({D.CONFIRMED, D.DECLINED, D.EXPIRED, D.ENDED}),
    D.CONFIRMED: frozenset({D.ENDED}),
    D.DECLINED: frozenset(),
    D.EXPIRED: frozenset(),
    D.ENDED: frozenset(),
}

# What was opened and then not done, because a form was refused, is open again.
REQUEST_MOVES: Mapping[RequestState, frozenset[RequestState]] = {
    Q.ASKED: frozenset({Q.ALLOWED, Q.REFUSED}),
    Q.ALLOWED: frozenset({Q.USED, Q.REFUSED}),
    Q.USED: frozenset({Q.ALLOWED}),
    Q.REFUSED: frozenset(),
}

METHOD_CHANGE_MOVES: Mapping[MethodChangeState, frozenset[MethodChangeState]] = {
    C.DRAFTED: frozenset({C.MADE}),
    C.MADE: frozenset({C.UNDONE, C.STOPPED}),
    C.UNDONE: frozenset(),
    C.STOPPED: frozenset(),
}

APPROVAL_MOVES: Mapping[ApprovalState, frozenset[ApprovalState]] = {
    state: frozenset(ApprovalState) - {ApprovalState.ASKED} if state is ApprovalState.ASKED else frozenset()
    for state in ApprovalState
}

MAIL_MOVES: Mapping[MailState, frozenset[MailState]] = {
    M.WAITING: frozenset({M.SENT, M.UNDELIVERED}),
    M.SENT: frozenset(),
    M.UNDELIVERED: frozenset(),
}

IN_FORCE = frozenset({A.ACTIVE, A.IN_DEFAULT})
ON_ITS_WAY = frozenset({P.SUBMITTED})
# Sent, or promised for a day to come.
COMING = frozenset({P.SUBMITTED, P.SCHEDULED})


class NotAllowed(Refusal):
    """This cannot go from “%(old)s” to “%(new)s”. Nothing was changed."""


State = TypeVar("State", bound=StrEnum)


def agreement_move(old: AgreementState, new: AgreementState) -> AgreementState:
    """The new state of an agreement. Refuses (`NotAllowed`) a move that the table does not have."""
    return _moved(AGREEMENT_MOVES, old, new)


def payment_move(old: PaymentState, new: PaymentState) -> PaymentState:
    """The new state of a payment. Refuses (`NotAllowed`) a move that the table does not have."""
    return _moved(PAYMENT_MOVES, old, new)


def application_move(old: ApplicationState, new: ApplicationState) -> ApplicationState:
    """The new state of an application. Refuses (`NotAllowed`) a move that the table does not have."""
    return _moved(APPLICATION_MOVES, old, new)


def deduction_move(old: DeductionState, new: DeductionState) -> DeductionState:
    """The new state of a payroll deduction. Refuses (`NotAllowed`) a move that the table does not have."""
    return _moved(DEDUCTION_MOVES, old, new)


def request_move(old: RequestState, new: RequestState) -> RequestState:
    """The new state of an agent's request. Refuses (`NotAllowed`) a move that the table does not have."""
    return _moved(REQUEST_MOVES, old, new)


def method_change_move(old: MethodChangeState, new: MethodChangeState) -> MethodChangeState:
    """The new state of another way to pay. Refuses (`NotAllowed`) a move that the table does not have."""
    return _moved(METHOD_CHANGE_MOVES, old, new)


def approval_move(old: ApprovalState, new: ApprovalState) -> ApprovalState:
    """The new state of a request. Refuses (`NotAllowed`) a move that the table does not have."""
    return _moved(APPROVAL_MOVES, old, new)


def mail_move(old: MailState, new: MailState) -> MailState:
    """The new state of a mail. Refuses (`NotAllowed`) a move that the table does not have."""
    return _moved(MAIL_MOVES, old, new)


def _moved(moves: Mapping[State, Set[State]], old: State, new: State) -> State:
    if new not in moves[old]:
        raise NotAllowed(old=old, new=new)
    return new
