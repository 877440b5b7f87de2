"""Moves: each takes an amount from one account to another, so that an entry balances by construction."""

from collections import Counter

import pytest
from hypothesis import given

from portal.domain.ledger import (
    CASH,
    CREDIT,
    LARGEST_POSTING,
    Move,
    accrual_moves,
    charge_move,
    charged_account,
    owed_account,
    payment_moves,
)
from portal.domain.money import Money
from portal.domain.period import Kind
from portal.domain.waterfall import Account, Share, replay

from .cast import AS_OF, accounts, day, examples, law, paid, period


@pytest.mark.parametrize("cents", [0, -1, -9_999_999_999, LARGEST_POSTING.cents + 1])
def test_only_amounts_above_zero_can_be_booked(cents: int) -> None:
    with pytest.raises(ValueError, match="cannot be booked"):
        Move(CASH, CREDIT, Money(cents))


def test_the_smallest_and_the_largest_amount_can_be_booked() -> None:
    assert [Move(CASH, CREDIT, Money(cents)).amount.cents for cents in (1, LARGEST_POSTING.cents)] == [
        1,
        9_999_999_999,
    ]


def test_a_charge_raises_what_is_owed() -> None:
    move = charge_move(Kind.TAX, Money(1_000_000), 2024)
    assert (move.debit, move.credit, move.amount, move.tax_year) == (
        "owed:tax",
        "charged:tax",
        Money(1_000_000),
        2024,
    )


def test_a_fee_belongs_to_no_year() -> None:
    assert charge_move(Kind.FEE, Money(2900), None).tax_year is None


def test_accruals_are_charged_kind_by_kind() -> None:
    assessed = [Share(2024, Kind.FAILURE_TO_PAY, Money(91)), Share(2024, Kind.INTEREST, Money(1))]
    assert [(move.debit, move.credit, move.amount.cents) for move in accrual_moves(assessed)] == [
        ("owed:failure_to_pay", "charged:failure_to_pay", 91),
        ("owed:interest", "charged:interest", 1),
    ]


def test_a_payment_moves_cash_to_what_was_owed_and_the_rest_to_the_credit() -> None:
    """36,500 + 182.50 + 10.00 were owed at 10%, and 36,700.00 came in."""
    account = Account((period("2025-04-15", "36500.00"),), (paid("2025-04-16", "36700.00"),))
    applied = replay(account, law(10), day("2025-04-16"))[1][0]
    assert [(move.debit, move.credit, str(move.amount), move.tax_year) for move in payment_moves(applied)] == [
        ("cash", "owed:tax", "36500.00", 2024),
        ("cash", "owed:failure_to_pay", "182.50", 2024),
        ("cash", "owed:interest", "10.00", 2024),
        ("cash", "credit", "7.50", None),
    ]


def test_a_payment_without_a_rest_touches_no_credit() -> None:
    applied = replay(
        Account((period("2025-04-15", "1.00"),), (paid("2025-04-15", "1.00"),)), law(), day("2025-04-15")
    )[1]
    assert [move.credit for move in payment_moves(applied[0])] == ["owed:tax"]


@examples(80)
@given(accounts())
def test_the_moves_of_an_account_balance_and_leave_what_the_books_owe(account: Account) -> None:
    """Balances by account and year: cash holds the payments, the owed accounts what the books still have."""
    books, applied = replay(account, law(7), AS_OF)
    balances: Counter[tuple[str, int | None]] = Counter()
    for running in books.periods:
        year, opened = running.facts.tax_year, Account((running.facts,))
        filing = Money(replay(opened, law(), running.facts.due_on)[0].periods[0].failure_to_file)
        charges = [(Kind.TAX, running.facts.tax), (Kind.FAILURE_TO_FILE, filing)]
        book(balances, [charge_move(kind, amount, year) for kind, amount in charges if amount])
    for each in applied:
        book(balances, accrual_moves(each.assessed))
        book(balances, payment_moves(each))
    assert sum(balances.values()) == 0
    assert sum(amount for (name, _), amount in balances.items() if name == CASH) == sum(
        payment.amount.cents for payment in account.payments
    )
    assert -balances[CREDIT, None] == books.credit
    for running in books.periods:
        for kind in (Kind.TAX, Kind.FAILURE_TO_FILE, Kind.FAILURE_TO_PAY, Kind.INTEREST):
            assert balances[owed_account(kind), running.facts.tax_year] == getattr(running, kind)
            assert balances[charged_account(kind), running.facts.tax_year] <= 0


def book(balances: Counter[tuple[str, int | None]], moves: list[Move]) -> None:
    """Write both sides of each move."""
    for move in moves:
        balances[move.debit, move.tax_year] += move.amount.cents
        balances[move.credit, move.tax_year] -= move.amount.cents
