"""A statement adds up to the cent, begins where the one before ended, and says what was written late."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.calendar import ONE_DAY, corresponding_day
from portal.domain.money import Money, total
from portal.domain.period import PENALTIES, Kind, Law
from portal.domain.statement import Fact, History, Statement, Written, restated, statement
from portal.domain.waterfall import Charge, Payment, known_on, replay

from .cast import AS_OF, accounts, day, dollars, examples, law, paid, period, published_law

DUE = period("2024-04-15", "1000.00", assessed_on="2024-06-03")
FEE = Charge(date(2024, 7, 1), Kind.FEE, dollars("29.00"))


def no_interest(_day: date) -> Law:
    """1,000.00 from 2024-04-15 at no interest: each month, the first on 04-16, costs 5.00."""
    return law()


def published(_day: date) -> Law:
    return published_law()


def books(*facts: Fact | tuple[Fact, str] | tuple[Fact, str, str]) -> History:
    """Facts written on the day from which they count, unless another follows; and when they were undone."""
    return History(tuple(_written(each) for each in facts))


def _written(fact: Fact | tuple[Fact, str] | tuple[Fact, str, str]) -> Written:
    if isinstance(fact, tuple):
        return Written(fact[0], *map(day, fact[1:]))
    return Written(fact, fact.assessed_on if fact is DUE else fact.on)  # type: ignore[union-attr]


def year(history: History, of: int) -> Statement:
    return statement(history, no_interest, date(of, 1, 1), date(of, 12, 31))


def month(history: History, first: str) -> Statement:
    first_on = day(first)
    return statement(history, no_interest, first_on, corresponding_day(first_on, 1) - ONE_DAY)


def figures(found: Statement) -> list[str]:
    came = (found.came_to(Kind.TAX), found.came_to(Kind.FEE), found.came_to(Kind.INTEREST), found.came_to(*PENALTIES))
    paid_of_it = found.received - found.taken_back
    return [str(each) for each in (found.opening, *came, paid_of_it, found.credit, found.closing)]


def test_the_year_of_the_assessment_begins_with_nothing_and_has_the_tax_in_it() -> None:
    history = books(DUE, FEE)

    assert figures(year(history, 2023)) == ["0.00"] * 8
    assert figures(year(history, 2024)) == ["0.00", "1000.00", "29.00", "0.00", "45.00", "0.00", "0.00", "1074.00"]


def test_payments_of_the_year_are_taken_off_and_what_is_too_much_is_said() -> None:
    """2025: the penalty of 45.00 has grown by 5.00 when all is paid on the first day of the tenth month."""
    history = books(DUE, FEE, paid("2025-01-16", "1100.00"))

    assert figures(year(history, 2025)) == ["1074.00", "0.00", "0.00", "0.00", "5.00", "1100.00", "21.00", "0.00"]


def test_what_is_paid_on_new_year_s_eve_belongs_to_the_old_year() -> None:
    history = books(DUE, paid("2024-12-31", "100.00"), paid("2025-01-01", "200.00"))

    assert [str(year(history, of).received) for of in (2024, 2025)] == ["100.00", "200.00"]


def test_a_debt_and_its_charges_count_from_the_assessment_on() -> None:
    """A year that was filed late and assessed in 2025 is not in the statement of 2024."""
    late = period("2024-04-15", "500.00", tax_year=2023, assessed_on="2025-02-03")
    dishonored = Charge(day("2025-03-01"), Kind.DISHONORED, dollars("25.00"), 2023)
    history = books((late, "2025-02-03"), (dishonored, "2025-03-01"))

    assert figures(year(history, 2024)) == ["0.00"] * 8
    assert year(history, 2025).came_to(Kind.TAX) == dollars("500.00")


def test_a_month_names_each_kind_of_each_year() -> None:
    found = month(books(DUE, FEE, paid("2024-07-20", "200.00")), "2024-07-01")

    assert [(each.tax_year, each.kind, str(each.opening), str(each.charged), str(each.paid), str(each.closing))
            for each in found.lines] == [
        (2023, Kind.TAX, "1000.00", "0.00", "171.00", "829.00"),
        (2023, Kind.FAILURE_TO_PAY, "15.00", "5.00", "0.00", "20.00"),
        (None, Kind.FEE, "0.00", "29.00", "29.00", "0.00"),
    ]  # fmt: skip


# What is written late.


def test_a_payment_that_is_written_late_leaves_the_older_statement_as_it_was_and_stands_in_the_newer_one() -> None:
    """2024-09-10: 1,000.00 arrived on 2024-07-10 by a detour. The tax was paid, so 5.00 for each of July to September
    was not due.
    """
    late = (paid("2024-07-10", "1000.00"), "2024-09-10")
    before, after = books(DUE), books(DUE, late)

    assert month(after, "2024-07-01") == month(before, "2024-07-01")
    assert str(month(after, "2024-07-01").closing) == "1020.00"

    found = month(after, "2024-09-01")
    assert (str(found.opening), str(found.closing)) == ("1025.00", "15.00")
    assert [(each.kind, str(each.charged), str(each.corrected)) for each in found.lines] == [
        (Kind.TAX, "0.00", "0.00"), (Kind.FAILURE_TO_PAY, "0.00", "-10.00"),
    ]  # fmt: skip

    known_now = restated(after, no_interest, day("2024-07-31"), AS_OF)
    assert [(each.on, each.counts_from) for each in known_now.changes] == [(day("2024-09-10"), day("2024-07-10"))]
    assert str(known_now.closing) == "15.00"
    assert restated(before, no_interest, day("2024-07-31"), AS_OF) == ((), dollars("1020.00"))


def test_a_payment_that_came_back_is_named_where_it_came_back() -> None:
    returned = (paid("2024-07-10", "300.00"), "2024-07-12", "2024-08-05")
    history = books(DUE, returned)
    july, august = month(history, "2024-07-01"), month(history, "2024-08-01")

    assert (july.received, july.taken_back) == (dollars("300.00"), Money(0))
    assert (august.received, august.taken_back) == (Money(0), dollars("300.00"))
    assert str(august.closing) == "1025.00"
    assert [each.is_undone for each in august.changes] == [True]


def test_a_payment_that_came_and_went_within_a_month_is_said_twice() -> None:
    found = month(books(DUE, (paid("2024-07-10", "300.00"), "2024-07-12", "2024-07-20")), "2024-07-01")

    assert found.received == found.taken_back == dollars("300.00")
    assert found.closing == dollars("1020.00")


def test_what_was_only_booked_anew_is_no_change() -> None:
    """The books reverse a payment and write it again on one day when another one comes between."""
    payment = paid("2024-07-10", "300.00")
    history = books(DUE, (payment, "2024-07-12", "2024-09-01"), (payment, "2024-09-01"))

    assert month(history, "2024-09-01").changes == ()
    assert restated(history, no_interest, day("2024-07-31"), AS_OF).changes == ()


# By chance.


@st.composite
def histories(draw: st.DrawFn) -> History:
    """An account whose facts are often written late, and now and then undone."""
    account = draw(accounts())
    days = st.dates(date(2018, 1, 1), AS_OF)
    fees = st.builds(Charge, days, st.just(Kind.FEE), st.builds(Money, st.integers(1, 20_000)))
    year_of = st.sampled_from([each.tax_year for each in account.periods])
    returned = st.builds(Charge, days, st.just(Kind.DISHONORED), st.builds(Money, st.integers(1, 9_000)), year_of)
    payments = [Payment(each.on, each.amount, str(number)) for number, each in enumerate(account.payments)]
    written = [Written(each, each.assessed_on + draw(late)) for each in account.periods]
    written += [Written(each, each.on + draw(late)) for each in draw(st.lists(fees | returned, max_size=3))]
    for each in payments:
        on = each.on + draw(late)
        written.append(Written(each, on, draw(st.none() | st.just(on + timedelta(40)) | st.just(on))))
    return History(tuple(written))


late = st.sampled_from([0, 0, 0, 2, 31, 500]).map(timedelta)


def months(first_on: date, count: int) -> Iterator[tuple[date, date]]:
    for number in range(count):
        begins_on = corresponding_day(first_on, number)
        yield begins_on, corresponding_day(first_on, number + 1) - ONE_DAY


@given(histories(), st.dates(date(2018, 1, 1), AS_OF))
@examples(150)
def test_every_statement_adds_up_and_begins_where_the_one_before_ended(history: History, chosen: date) -> None:
    by_year = [statement(history, published, date(of, 1, 1), date(of, 12, 31)) for of in range(2018, 2027)]
    by_month = [statement(history, published, *days) for days in months(chosen.replace(day=1), 4)]

    for found in (*by_year, *by_month):
        came = found.came_to(*Kind)
        assert found.opening + came - found.received + found.taken_back + found.credit == found.closing
        assert total(line.paid for line in found.lines) == found.received - found.taken_back - found.credit
        assert all(line.closing >= Money(0) for line in found.lines)
    for before, after in (*pairwise(by_year), *pairwise(by_month)):
        assert before.closing == after.opening
        assert ends(before) == begins(after)


def ends(found: Statement) -> dict[object, Money]:
    return {(each.tax_year, each.kind): each.closing for each in found.lines if each.closing}


def begins(found: Statement) -> dict[object, Money]:
    return {(each.tax_year, each.kind): each.opening for each in found.lines if each.opening}


@given(histories())
@examples(50)
def test_the_end_is_what_the_books_owe_that_day(history: History) -> None:
    last = date(2026, 12, 31)
    account = history.account(last)
    books, _applied = replay(account, published_law(), last)

    found = statement(history, published, date(2026, 1, 1), last)

    assert found.closing == books.owed(last).total + Money(books.fee)
    assert restated(history, published, last, last) == ((), found.closing)
    assert known_on(account, last) == account
