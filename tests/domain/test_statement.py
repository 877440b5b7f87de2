"""The statement of a year adds up to the cent, and every year begins where the one before ended."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.money import Money, total
from portal.domain.period import Kind
from portal.domain.statement import Statement, annual
from portal.domain.waterfall import Account, Charge, replay

from .cast import accounts, day, dollars, examples, law, paid, period, published_law

DUE = period("2024-04-15", "1000.00", assessed_on="2024-06-03")
FEE = Charge(date(2024, 7, 1), Kind.FEE, dollars("29.00"))


def figures(statement: Statement) -> list[str]:
    return [
        str(each)
        for each in (
            statement.beginning, statement.tax, statement.fees, statement.interest, statement.penalties,
            statement.payments, statement.credit, statement.ending,
        )
    ]  # fmt: skip


def test_the_year_of_the_assessment_begins_with_nothing_and_has_the_tax_in_it() -> None:
    """1,000.00 from 2024-04-15 at no interest: months 1 to 8 cost 40.00 by 2024-12-31, the ninth began on 12-16."""
    account = Account((DUE,), charges=(FEE,))

    assert figures(annual(account, law(), 2023)) == ["0.00"] * 8
    assert figures(annual(account, law(), 2024)) == [
        "0.00", "1000.00", "29.00", "0.00", "45.00", "0.00", "0.00", "1074.00",
    ]  # fmt: skip


def test_payments_of_the_year_are_taken_off_and_what_is_too_much_is_said() -> None:
    """2025: the penalty of 45.00 has grown by 5.00 when all is paid on the first day of the tenth month."""
    account = Account((DUE,), (paid("2025-01-16", "1100.00"),), charges=(FEE,))

    assert figures(annual(account, law(), 2025)) == [
        "1074.00", "0.00", "0.00", "0.00", "5.00", "1100.00", "21.00", "0.00",
    ]  # fmt: skip


def test_what_is_paid_on_new_year_s_eve_belongs_to_the_old_year() -> None:
    account = Account((DUE,), (paid("2024-12-31", "100.00"), paid("2025-01-01", "200.00")))

    assert [str(annual(account, law(), year).payments) for year in (2024, 2025)] == ["100.00", "200.00"]


def test_a_debt_and_its_charges_count_from_the_assessment_on() -> None:
    """A year that was filed late and assessed in 2025 is not in the statement of 2024."""
    late = period("2024-04-15", "500.00", tax_year=2023, assessed_on="2025-02-03")
    dishonored = Charge(day("2025-03-01"), Kind.DISHONORED, dollars("25.00"), 2023)
    account = Account((late,), charges=(dishonored,))

    assert figures(annual(account, law(), 2024)) == ["0.00"] * 8
    assert annual(account, law(), 2025).tax == dollars("500.00")


@given(accounts(), st.data())
@examples(150)
def test_every_year_adds_up_and_begins_where_the_one_before_ended(account: Account, data: st.DataObject) -> None:
    days = st.dates(date(2018, 1, 1), date(2026, 11, 23))
    fees = st.builds(Charge, days, st.just(Kind.FEE), st.builds(Money, st.integers(1, 20_000)))
    year_of = st.sampled_from([each.tax_year for each in account.periods])
    returned = st.builds(Charge, days, st.just(Kind.DISHONORED), st.builds(Money, st.integers(1, 9_000)), year_of)
    account = replace(account, charges=tuple(data.draw(st.lists(fees | returned, max_size=3))))

    statements = [annual(account, published_law(), year) for year in range(2018, 2027)]

    for each in statements:
        charged = total((each.tax, each.fees, each.interest, each.penalties))
        assert each.beginning + charged - each.payments + each.credit == each.ending
        within = [payment for payment in account.payments if payment.on.year == each.year]
        assert each.payments == total(payment.amount for payment in within)
        assert each.fees == total(
            charge.amount for charge in account.charges if (charge.kind, charge.on.year) == (Kind.FEE, each.year)
        )
    for before, after in pairwise(statements):
        assert before.ending == after.beginning


@given(accounts())
@examples(50)
def test_the_end_is_what_is_owed_that_day(account: Account) -> None:
    last = date(2026, 12, 31)
    books = replay(account, published_law(), last)[0]

    assert annual(account, published_law(), 2026).ending == books.owed(last).total
