"""What the books say after payments, accruals, returns and agreements: each test's docstring is its ledger."""

from datetime import date

from flask import Flask
from sqlalchemy.orm import aliased

from portal.db import db
from portal.domain.ledger import EntryKind
from portal.models import Entry, Posting, Taxpayer
from portal.services import audit
from portal.services.ledger import live_entries
from tests.ledger_text import Told, books_of, owing, paid
from tests.ledger_text import told as play


def test_a_payment_clears_the_year_whose_collection_ends_first(told: Told) -> None:
    """
    56 days of interest and two penalty months of 2022 are assessed and paid; what is left reaches 2023.

    2024-06-03  assessed 2022 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-06-04  assessed 2023 tax 2,000.00, due 2024-04-15, filed 2024-04-15
    2024-06-10  paid 1,500.00
    books
    tax  2023  1,522.31
    """
    assert told.books == told.expected


def test_the_year_assessed_first_is_paid_first_even_if_it_is_the_later_year(told: Told) -> None:
    """
    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-09-02  assessed 2022 tax 1,000.00, due 2023-04-18, filed 2023-04-18
    2024-09-10  paid 1,000.00
    books
    tax             2022  1,000.00
    failure_to_pay  2023     25.00
    interest        2023     32.88
    """
    assert told.books == told.expected


def test_in_a_year_tax_comes_before_penalty_and_penalty_before_interest(told: Told) -> None:
    """
    Filed 30 days late: 4.5% of 1,000.00. 1,060.00 pays the tax, that penalty, and 15.00 of the 25.00 that failure
    to pay has come to; interest is reached by nothing.

    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-05-15
    2024-09-10  paid 1,060.00
    books
    failure_to_pay  2023  10.00
    interest        2023  34.35
    """
    assert told.books == told.expected


def test_a_payment_that_leaves_tax_unpaid_assesses_nothing(told: Told) -> None:
    """
    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-09-10  paid 999.99
    books
    tax  2023  0.01
    """
    assert told.books == told.expected


def test_what_accrued_is_assessed_when_the_tax_reaches_zero(told: Told) -> None:
    """
    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-09-10  paid 1,000.00
    books
    failure_to_pay  2023  25.00
    interest        2023  32.88
    """
    assert told.books == told.expected


def test_what_no_year_owes_is_a_credit(told: Told) -> None:
    """
    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-09-10  paid 1,100.00
    books
    credit  42.12
    """
    assert told.books == told.expected


def test_money_that_comes_before_a_year_is_due_is_a_credit_that_nothing_draws_on(told: Told) -> None:
    """
    2024-03-01  paid 400.00
    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-06-10  paid 100.00
    books
    credit        400.00
    tax     2023  900.00
    """
    assert told.books == told.expected


def test_the_user_fee_is_paid_before_any_tax(told: Told) -> None:
    """
    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-09-02  agreed on 100.00 a month from 2024-10-15 by check
    2024-09-03  paid 50.00
    2024-09-04  paid 50.00
    books
    tax  2023  969.00
    """
    assert told.books == told.expected


def test_a_returned_debit_never_counted_and_what_came_after_it_is_booked_again(told: Told) -> None:
    """
    The debit of October had paid the fee of 22.00 and 378.00 of tax, and November's 700.00 had cleared the tax.
    Once October's is reversed, November's pays the fee and 678.00; October's return costs 25.00.

    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-10-11  agreed on 400.00 a month from 2024-10-15 by debit
    2024-10-17  closed
    2024-11-12  paid 700.00
    2024-11-13  returned R10 of 2024-10-15
    books
    tax         2023  322.00
    dishonored  2023   25.00
    """
    assert told.books == told.expected


def test_a_dishonored_payment_of_1250_or_more_costs_two_percent_of_it(told: Told) -> None:
    """
    2024-06-03  assessed 2023 tax 9,000.00, due 2024-04-15, filed 2024-04-15
    2024-10-11  agreed on 1,250.00 a month from 2024-10-15 by debit from 1000000201
    2024-10-17  closed
    books
    fee                 22.00
    tax         2023  9,000.00
    dishonored  2023     25.00
    """
    assert told.books == told.expected


def test_a_large_dishonored_payment_costs_two_percent_of_it(told: Told) -> None:
    """
    2024-06-03  assessed 2023 tax 9,000.00, due 2024-04-15, filed 2024-04-15
    2024-10-11  agreed on 2,000.50 a month from 2024-10-15 by debit from 1000000201
    2024-10-17  closed
    books
    fee                 22.00
    tax         2023  9,000.00
    dishonored  2023     40.01
    """
    assert told.books == told.expected


def test_a_small_dishonored_payment_costs_no_more_than_itself(told: Told) -> None:
    """
    2024-06-03  assessed 2023 tax 9,000.00, due 2024-04-15, filed 2024-04-15
    2024-10-11  agreed on 19.50 a month from 2024-10-15 by debit from 1000000201
    2024-10-17  closed
    books
    fee                 22.00
    tax         2023  9,000.00
    dishonored  2023     19.50
    """
    assert told.books == told.expected


IN_ORDER = """
    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-06-04  assessed 2022 tax 500.00, due 2023-04-18, filed 2023-06-30
    2024-07-01  paid 300.00
    2024-07-01  paid 450.00
    2024-08-01  paid 800.00
    2024-10-01  paid 60.00
"""
BACKDATED = """
    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-06-04  assessed 2022 tax 500.00, due 2023-04-18, filed 2023-06-30
    2024-10-01  paid 60.00
    2024-11-01  paid 800.00 as of 2024-08-01
    2024-11-02  paid 300.00 as of 2024-07-01
    2024-11-03  paid 450.00 as of 2024-07-01
"""
WITH_ONE_RETURNED = """
    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-07-30  agreed on 300.00 a month from 2024-08-01 by debit
    2024-08-05  closed
    2024-08-20  paid 1,100.00
    2024-09-10  returned R10 of 2024-08-01
"""
WITHOUT_IT = """
    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-07-30  agreed on 300.00 a month from 2024-08-01 by debit
    2024-08-20  paid 1,100.00
"""


def test_backdated_payments_leave_the_books_of_the_same_payments_in_order(empty: Flask) -> None:
    backdated = play(BACKDATED)
    assert _faults() == []

    in_order = play(IN_ORDER)
    assert backdated.books == in_order.books
    assert _standing(backdated.taxpayer) == _standing(in_order.taxpayer)


def test_after_a_return_the_entries_are_those_of_the_payments_that_are_left(empty: Flask) -> None:
    returned = play(WITH_ONE_RETURNED)
    assert _faults() == []

    without = play(WITHOUT_IT)
    assert _standing(returned.taxpayer) == _standing(without.taxpayer)
    assert set(returned.books) - set(without.books) == {"dishonored 2023 25.00"}
    assert set(without.books) <= set(returned.books)


def test_a_reversal_counts_from_the_day_of_what_it_undoes_and_nets_it_to_nothing(empty: Flask) -> None:
    story = play(WITH_ONE_RETURNED)
    original = aliased(Entry)

    pairs = db.session.execute(
        db.select(Entry, original).join(original, original.id == Entry.reverses_id)
        .where(Entry.taxpayer_id == story.taxpayer.id)
    ).all()  # fmt: skip

    assert pairs
    for reversal, undone in pairs:
        assert reversal.kind is EntryKind.REVERSAL
        assert reversal.effective_on == undone.effective_on
        assert reversal.recorded_at > undone.recorded_at
        assert _sides(reversal.id) == {side: -amount for side, amount in _sides(undone.id).items()}


def test_what_is_the_same_afterwards_is_not_touched(empty: Flask) -> None:
    taxpayer = owing("5000.00")
    for month in (7, 8, 9):
        paid(taxpayer, "100.00", date(2024, month, 1))

    paid(taxpayer, "100.00", date(2024, 10, 1), as_of=date(2024, 7, 15))

    reversals = db.select(db.func.count()).where(Entry.taxpayer_id == taxpayer.id, Entry.reverses_id.is_not(None))
    assert db.session.execute(reversals).scalar_one() == 0
    assert books_of(taxpayer) == ["tax 2023 4600.00"]


def test_every_entry_balances_and_the_whole_ledger_sums_to_nothing(empty: Flask) -> None:
    for story in (IN_ORDER, BACKDATED, WITH_ONE_RETURNED):
        play(story)

    by_entry = db.select(db.func.sum(db.cast(Posting.amount, db.BigInteger))).group_by(Posting.entry_id)
    assert {int(amount) for amount in db.session.execute(by_entry).scalars()} == {0}


def test_payments_of_one_day_apply_in_the_order_in_which_they_came(empty: Flask) -> None:
    taxpayer = owing("1000.00")
    first = paid(taxpayer, "600.00", date(2024, 7, 1))
    second = paid(taxpayer, "600.00", date(2024, 7, 1))

    entries = live_entries(taxpayer.id)

    assert set(entries[EntryKind.PAYMENT, first.id][2]) == {
        ("cash", 2023, 60000), ("owed:tax", 2023, -60000)
    }  # fmt: skip
    assert ("owed:tax", 2023, -40000) in entries[EntryKind.PAYMENT, second.id][2]


def _standing(taxpayer: Taxpayer) -> list[tuple[str, date, list[tuple[tuple[str, int | None, int], int]]]]:
    """What stands in the books of payments, in words that do not depend on who was first."""
    entries = live_entries(taxpayer.id).items()
    return sorted(
        (str(kind), day, sorted(sides.items(), key=str)) for (kind, _payment), (_entry, day, sides) in entries
    )


def _sides(entry_id: int) -> dict[tuple[str, int | None], int]:
    rows = db.session.execute(
        db.select(Posting.account, Posting.tax_year, Posting.amount).where(Posting.entry_id == entry_id)
    )
    sides: dict[tuple[str, int | None], int] = {}
    for account, year, amount in rows:
        sides[account, year] = sides.get((account, year), 0) + amount.cents
    return sides


def _faults() -> list[str]:
    return [fault for found in audit.faults() for fault in found]
