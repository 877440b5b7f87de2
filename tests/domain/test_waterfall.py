"""Payments: the fee first, then period by period, and in a period tax, penalty, interest; the rest is a credit."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.money import Money, total
from portal.domain.period import Kind
from portal.domain.waterfall import Account, Applied, Charge, Payment, Share, open_books, replay
from tests.reference.day_loop import calculate

from .cast import accounts, as_scenario, day, dollars, examples, law, paid, period, rates_of


def figures(account: Account, on: str, percent: int = 0) -> list[str]:
    """Tax, penalty, interest and credit at the end of a day."""
    books = replay(account, law(percent), day(on))[0]
    owed = books.owed(day(on))
    return [str(owed.tax), str(owed.penalty), str(owed.interest), str(Money(books.credit))]


def shares(applied: Applied) -> list[tuple[int | None, str, str]]:
    return [(share.tax_year, share.kind, str(share.amount)) for share in applied.shares]


DUE = period("2025-04-15", "36500.00")


@pytest.mark.parametrize(
    ("amount", "left"),
    [
        ("36499.00", ["1.00", "182.50", "10.00", "0.00"]),
        ("36600.00", ["0.00", "82.50", "10.00", "0.00"]),
        ("36690.00", ["0.00", "0.00", "2.50", "0.00"]),
        ("36692.50", ["0.00", "0.00", "0.00", "0.00"]),
        ("36700.00", ["0.00", "0.00", "0.00", "7.50"]),
    ],
)
def test_a_payment_takes_tax_then_penalty_then_interest_and_the_rest_is_credit(amount: str, left: list[str]) -> None:
    """On the first day after the due date 36,500.00 + 182.50 + 10.00 = 36,692.50 are owed at 10%."""
    assert figures(Account((DUE,), (paid("2025-04-16", amount),)), "2025-04-16", percent=10) == left


def test_within_the_penalty_late_filing_goes_first_and_a_dishonored_payment_last() -> None:
    """1,000.00 filed a day late: 45.00 and 5.00; a returned payment added 25.00."""
    account = Account(
        (period("2025-04-15", "1000.00", filed_on="2025-04-16"),),
        payments=(paid("2025-04-16", "1060.00"),),
        charges=(Charge(day("2025-04-16"), Kind.DISHONORED, dollars("25.00"), 2024),),
    )
    books, (applied,) = replay(account, law(), day("2025-04-16"))
    assert shares(applied) == [
        (2024, "tax", "1000.00"),
        (2024, "failure_to_file", "45.00"),
        (2024, "failure_to_pay", "5.00"),
        (2024, "dishonored", "10.00"),
    ]
    assert str(books.owed(day("2025-04-16")).penalty) == "15.00"


def test_a_payment_clears_the_period_whose_collection_ends_first() -> None:
    """Three periods of 100.00; of two that end together the earlier year is first."""
    owing = (
        period("2025-04-15", "100.00", tax_year=2024, assessed_on="2025-06-02"),
        period("2025-04-15", "100.00", tax_year=2023, assessed_on="2025-06-02"),
        period("2025-04-15", "100.00", tax_year=2025, assessed_on="2025-06-01"),
    )
    applied = replay(Account(owing, (paid("2025-04-15", "250.00"),)), law(), day("2025-06-02"))[1]
    assert shares(applied[0]) == [(2025, "tax", "100.00"), (2023, "tax", "100.00"), (2024, "tax", "50.00")]


def test_the_user_fee_is_taken_before_any_tax() -> None:
    """Of 30.00 the fee takes 29.00; what is owed does not count it."""
    account = Account(
        (DUE,), (paid("2025-04-15", "30.00"),), charges=(Charge(day("2025-04-15"), Kind.FEE, dollars("29.00")),)
    )
    books, (applied,) = replay(account, law(), day("2025-04-15"))
    assert shares(applied) == [(None, "fee", "29.00"), (2024, "tax", "1.00")]
    assert books.owed(day("2025-04-15")).total == dollars("36499.00")


def test_a_fee_that_one_payment_does_not_cover_is_taken_from_the_next_as_well() -> None:
    payments = paid("2025-04-15", "10.00"), paid("2025-04-16", "20.00")
    account = Account((DUE,), payments, charges=(Charge(day("2025-04-15"), Kind.FEE, dollars("29.00")),))
    books, applied = replay(account, law(), day("2025-04-16"))
    assert [shares(each) for each in applied] == [
        [(None, "fee", "10.00")],
        [(None, "fee", "19.00"), (2024, "tax", "1.00")],
    ]
    assert books.fee == 0


def test_accounts_with_a_fee_alone_are_not_clear() -> None:
    account = Account(
        (period("2025-04-15", "0.00"),), charges=(Charge(day("2025-04-15"), Kind.FEE, dollars("29.00")),)
    )
    assert replay(account, law(), day("2025-04-14"))[0].is_clear
    assert not replay(account, law(), day("2025-04-15"))[0].is_clear


def test_a_payment_before_a_due_date_passes_the_period_over_and_stays_a_credit() -> None:
    """150.00 on 2025-04-14 clears the older period (100.00 + 6.00 for twelve months) and reaches no other."""
    owing = (
        period("2025-04-15", "100.00", tax_year=2024, assessed_on="2024-01-01"),
        period("2024-04-15", "100.00", tax_year=2023, assessed_on="2024-06-01"),
    )
    early = Account(owing, (paid("2025-04-14", "150.00"),))
    in_time = Account(owing, (paid("2025-04-15", "150.00"),))
    assert figures(early, "2025-04-15") == ["100.00", "0.00", "0.00", "44.00"]
    assert figures(in_time, "2025-04-15") == ["50.00", "6.00", "0.00", "0.00"]


def test_nothing_draws_on_a_credit_by_itself() -> None:
    """A surplus of 44.00, and a year later a new tax: it is owed whole."""
    owing = period("2024-04-15", "100.00"), period("2025-04-15", "100.00")
    account = Account(owing, (paid("2024-04-15", "144.00"), paid("2025-04-15", "1.00")))
    assert figures(account, "2025-04-15") == ["99.00", "0.00", "0.00", "44.00"]


def test_payments_apply_by_date_whatever_their_order_of_entry() -> None:
    """5,000 on the due date and 1,000 in month one: 25.00 and 20.00 for the two months."""
    account = Account(
        (period("2025-04-15", "10000.00"),), (paid("2025-05-01", "1000.00"), paid("2025-04-15", "5000.00"))
    )
    assert figures(account, "2025-05-16")[1] == "45.00"


def test_payments_of_one_day_apply_in_order_of_receipt() -> None:
    first = Payment(day("2025-04-16"), dollars("30000.00"), "first")
    second = Payment(day("2025-04-16"), dollars("6500.00"), "second")
    applied = replay(Account((DUE,), (first, second)), law(), day("2025-04-16"))[1]
    assert [(each.payment.reference, len(each.assessed)) for each in applied] == [("first", 0), ("second", 1)]


def test_a_payment_of_tomorrow_has_done_nothing_yet() -> None:
    account = Account((DUE,), (paid("2025-04-16", "36500.00"),))
    assert figures(account, "2025-04-15") == ["36500.00", "0.00", "0.00", "0.00"]


def test_accruals_are_assessed_when_a_payment_brings_the_tax_to_zero() -> None:
    """182.50 at 1%: half a cent of interest becomes a cent, a penalty of 91.25 cents becomes 91."""
    due = period("2025-04-15", "182.50")
    books, (applied,) = replay(Account((due,), (paid("2025-04-16", "182.50"),)), law(1), day("2025-04-16"))
    assert applied.assessed == (
        Share(2024, Kind.FAILURE_TO_PAY, Money(91)),
        Share(2024, Kind.INTEREST, Money(1)),
    )
    assert str(books.owed(day("2025-04-16")).total) == "0.92"


def test_a_payment_that_leaves_tax_unpaid_assesses_nothing() -> None:
    applied = replay(Account((DUE,), (paid("2025-09-30", "36499.99"),)), law(7), day("2025-09-30"))[1]
    assert applied[0].assessed == ()


def test_books_that_were_copied_go_their_own_way() -> None:
    books = open_books(Account((DUE,)), law(10))
    twin = books.copy()
    twin.apply(paid("2025-04-16", "40000.00"))
    assert twin.is_clear
    assert books.owed(day("2025-04-16")).total == dollars("36692.50")
    assert books.credit == 0


def test_a_period_can_be_asked_for_by_its_year() -> None:
    books = open_books(Account((period("2024-04-15", "1.00"), period("2025-04-15", "2.00"))), law())
    assert books.period(2024).facts.tax == dollars("2.00")


@examples(75)
@given(accounts(), st.randoms(use_true_random=False))
def test_the_order_in_which_one_days_payments_arrive_does_not_matter(account: Account, chance: Random) -> None:
    """What is owed and what is left over is the same; only the split into shares differs."""
    shuffled = Account(account.periods, tuple(chance.sample(account.payments, len(account.payments))))
    on = day("2026-11-23")
    (one, _), (other, _) = replay(account, law(7), on), replay(shuffled, law(7), on)
    assert [one_period.owed(on) for one_period in one.periods] == [each.owed(on) for each in other.periods]
    assert one.credit == other.credit


@examples(75)
@given(accounts())
def test_credit_and_shares_add_up_to_the_payment_and_nothing_is_negative(account: Account) -> None:
    books, applied = replay(account, law(7), day("2026-11-23"))
    for each in applied:
        assert total(share.amount for share in each.shares) + each.credit == each.payment.amount
        assert all(share.amount > Money(0) for share in (*each.shares, *each.assessed))
        assert each.credit >= Money(0)
    assert total(each.credit for each in applied) == Money(books.credit)
    for running in books.periods:
        owed = running.owed(day("2026-11-23"))
        assert min(owed) >= Money(0)
        assert running.is_clear == (owed.total == Money(0))


@examples(75)
@given(accounts())
def test_what_was_charged_was_paid_or_is_still_owed(account: Account) -> None:
    """Tax, late filing and everything assessed on one side; shares and what stands on the books on the other."""
    books, applied = replay(account, law(7), day("2026-11-23"))
    for running in books.periods:
        mine = [share for each in applied for share in each.shares if share.tax_year == running.facts.tax_year]
        assessed = [share for each in applied for share in each.assessed if share.tax_year == running.facts.tax_year]
        filing = open_books(Account((running.facts,)), law()).periods[0].failure_to_file
        charged = running.facts.tax + Money(filing) + total(share.amount for share in assessed)
        on_the_books = Money(running.tax + running.failure_to_file + running.failure_to_pay + running.interest)
        assert charged == total(share.amount for share in mine) + on_the_books


@examples(40)
@given(accounts(most_payments=4), st.integers(0, 150))
def test_closed_segments_come_to_the_cent_that_a_loop_over_days_finds(account: Account, days: int) -> None:
    """The reference lives each day; short histories keep it quick."""
    last_due_on = max(facts.due_on for facts in account.periods)
    facts = tuple(facts for facts in account.periods if facts.due_on == last_due_on)
    on = max(last_due_on, facts[0].assessed_on) + timedelta(days=days)
    payments = tuple(
        Payment(last_due_on + timedelta(days=number * days // 4), payment.amount)
        for number, payment in enumerate(account.payments)
    )
    short = Account(facts, payments)
    expected = calculate(as_scenario(short, on), rates_of(law(7).rates))
    shown = expected["total"]
    assert figures(short, on.isoformat(), percent=7) == [
        *(shown["tax"], shown["penalty"], shown["interest"], expected["credit"])
    ]
