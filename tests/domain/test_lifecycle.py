"""States: only the moves of the table are possible, and some states are the end."""

from itertools import pairwise, product

import pytest

from portal.domain.lifecycle import (
    AGREEMENT_MOVES,
    APPLICATION_MOVES,
    DEDUCTION_MOVES,
    IN_FORCE,
    MAIL_MOVES,
    METHOD_CHANGE_MOVES,
    ON_ITS_WAY,
    PAYMENT_MOVES,
    REQUEST_MOVES,
    AgreementState,
    ApplicationState,
    ApprovalState,
    DeductionState,
    MailState,
    MethodChangeState,
    NotAllowed,
    PaymentState,
    RequestState,
    agreement_move,
    application_move,
    approval_move,
    deduction_move,
    mail_move,
    method_change_move,
    payment_move,
    request_move,
)

A, P = AgreementState, PaymentState
D, E, M, Q = ApplicationState, DeductionState, MailState, RequestState
C = MethodChangeState
AGREEMENT_STORIES = [
    [A.ACTIVE, A.COMPLETED],
    [A.ACTIVE, A.WITHDRAWN],
    [A.ACTIVE, A.IN_DEFAULT, A.ACTIVE, A.COMPLETED],
    [A.ACTIVE, A.IN_DEFAULT, A.COMPLETED],
    [A.ACTIVE, A.IN_DEFAULT, A.WITHDRAWN],
    [A.ACTIVE, A.IN_DEFAULT, A.TERMINATED],
    [A.ACTIVE, A.COMPLETED, A.ACTIVE],
]
PAYMENT_STORIES = [
    [P.DRAFTED, P.SCHEDULED, P.CANCELLED],
    [P.SCHEDULED, P.SUBMITTED, P.SETTLED],
    [P.SCHEDULED, P.SUBMITTED, P.RETURNED],
    [P.SCHEDULED, P.SUBMITTED, P.SETTLED, P.RETURNED],
    [P.SETTLED, P.REVERSED],
]
APPLICATION_STORIES = [
    [D.DRAFTED, D.ACCEPTED],
    [D.DRAFTED, D.REFUSED],
    [D.DRAFTED, D.EXPIRED],
    [D.DRAFTED, D.DROPPED],
]
DEDUCTION_STORIES = [
    [E.ASKED, E.CONFIRMED, E.ENDED],
    [E.ASKED, E.DECLINED],
    [E.ASKED, E.EXPIRED],
    [E.ASKED, E.ENDED],
]
REQUEST_STORIES = [
    [Q.ASKED, Q.ALLOWED, Q.USED, Q.ALLOWED],
    [Q.ASKED, Q.REFUSED],
    [Q.ASKED, Q.ALLOWED, Q.REFUSED],
]
METHOD_CHANGE_STORIES = [[C.DRAFTED, C.MADE, C.UNDONE], [C.DRAFTED, C.MADE, C.STOPPED]]
MAIL_STORIES = [[M.WAITING, M.SENT], [M.WAITING, M.UNDELIVERED]]


def told(stories: list) -> set:
    return {move for story in stories for move in pairwise(story)}


def test_every_state_has_a_row_in_its_table() -> None:
    assert set(AGREEMENT_MOVES) == set(AgreementState)
    assert set(PAYMENT_MOVES) == set(PaymentState)
    assert set(APPLICATION_MOVES) == set(ApplicationState)
    assert set(DEDUCTION_MOVES) == set(DeductionState)
    assert set(MAIL_MOVES) == set(MailState)
    assert set(REQUEST_MOVES) == set(RequestState)
    assert set(METHOD_CHANGE_MOVES) == set(MethodChangeState)


@pytest.mark.parametrize("move", list(product(A, A)), ids=lambda move: " to ".join(move))
def test_an_agreement_moves_as_the_stories_tell_and_in_no_other_way(move: tuple[A, A]) -> None:
    if move in told(AGREEMENT_STORIES):
        assert agreement_move(*move) is move[1]
    else:
        with pytest.raises(NotAllowed):
            agreement_move(*move)


@pytest.mark.parametrize("move", list(product(P, P)), ids=lambda move: " to ".join(move))
def test_a_payment_moves_as_the_stories_tell_and_in_no_other_way(move: tuple[P, P]) -> None:
    if move in told(PAYMENT_STORIES):
        assert payment_move(*move) is move[1]
    else:
        with pytest.raises(NotAllowed):
            payment_move(*move)


@pytest.mark.parametrize("move", list(product(D, D)), ids=lambda move: " to ".join(move))
def test_an_application_moves_as_the_stories_tell_and_in_no_other_way(move: tuple[D, D]) -> None:
    if move in told(APPLICATION_STORIES):
        assert application_move(*move) is move[1]
    else:
        with pytest.raises(NotAllowed):
            application_move(*move)


@pytest.mark.parametrize("move", list(product(E, E)), ids=lambda move: " to ".join(move))
def test_a_deduction_moves_as_the_stories_tell_and_in_no_other_way(move: tuple[E, E]) -> None:
    if move in told(DEDUCTION_STORIES):
        assert deduction_move(*move) is move[1]
    else:
        with pytest.raises(NotAllowed):
            deduction_move(*move)


@pytest.mark.parametrize("move", list(product(C, C)), ids=lambda move: " to ".join(move))
def test_another_way_to_pay_moves_as_the_stories_tell_and_in_no_other_way(move: tuple[C, C]) -> None:
    if move in told(METHOD_CHANGE_STORIES):
        assert method_change_move(*move) is move[1]
    else:
        with pytest.raises(NotAllowed):
            method_change_move(*move)


@pytest.mark.parametrize("move", list(product(M, M)), ids=lambda move: " to ".join(move))
def test_a_mail_moves_as_the_stories_tell_and_in_no_other_way(move: tuple[M, M]) -> None:
    if move in told(MAIL_STORIES):
        assert mail_move(*move) is move[1]
    else:
        with pytest.raises(NotAllowed):
            mail_move(*move)


@pytest.mark.parametrize("move", list(product(Q, Q)), ids=lambda move: " to ".join(move))
def test_an_agents_request_moves_as_the_stories_tell_and_in_no_other_way(move: tuple[Q, Q]) -> None:
    if move in told(REQUEST_STORIES):
        assert request_move(*move) is move[1]
    else:
        with pytest.raises(NotAllowed):
            request_move(*move)


@pytest.mark.parametrize("move", list(product(ApprovalState, ApprovalState)), ids=lambda move: " to ".join(move))
def test_an_approval_is_decided_once(move: tuple[ApprovalState, ApprovalState]) -> None:
    if move[0] is ApprovalState.ASKED and move[1] is not ApprovalState.ASKED:
        assert approval_move(*move) is move[1]
    else:
        with pytest.raises(NotAllowed):
            approval_move(*move)


def test_nothing_leaves_a_state_that_is_the_end() -> None:
    assert {state for state, moves in PAYMENT_MOVES.items() if not moves} == {
        P.CANCELLED, P.RETURNED, P.REVERSED,
    }  # fmt: skip
    assert {state for state, moves in AGREEMENT_MOVES.items() if not moves} == {A.TERMINATED, A.WITHDRAWN}
    assert {state for state, moves in APPLICATION_MOVES.items() if moves} == {D.DRAFTED}
    assert {state for state, moves in DEDUCTION_MOVES.items() if moves} == {E.ASKED, E.CONFIRMED}
    assert {state for state, moves in METHOD_CHANGE_MOVES.items() if moves} == {C.DRAFTED, C.MADE}
    assert {state for state, moves in MAIL_MOVES.items() if moves} == {M.WAITING}
    assert {state for state, moves in REQUEST_MOVES.items() if not moves} == {Q.REFUSED}


def test_a_refused_move_says_from_where_to_where() -> None:
    with pytest.raises(NotAllowed) as refusal:
        agreement_move(A.TERMINATED, A.ACTIVE)
    assert str(refusal.value) == "This cannot go from “terminated” to “active”. Nothing was changed."


def test_an_agreement_in_default_is_still_in_force_until_it_is_terminated() -> None:
    assert set(IN_FORCE) == {A.ACTIVE, A.IN_DEFAULT}
    assert set(ON_ITS_WAY) == {P.SUBMITTED}
