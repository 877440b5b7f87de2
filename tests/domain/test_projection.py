"""Plans: their schedules, the smallest payment that clears the debt in time, and what another one would change."""

from datetime import date

from hypothesis import assume, given
from hypothesis import strategies as st

from portal.domain.money import Money, total
from portal.domain.penalties import Span
from portal.domain.period import Kind, TaxPeriod
from portal.domain.projection import Plan, Schedule, minimum_monthly, projected, schedule, what_if
from portal.domain.waterfall import Account, Books, Charge, Payment, replay
from portal.policies import banking_days_off
from tests.reference.day_loop import calculate

from .cast import AS_OF, as_scenario, day, dollars, examples, law, paid, period, periods, published_law, rates_of

# 1,000.00 due on 2026-04-15, at 0%: 2.50 for month one (from 16 April), then 0.25% of the tax that is left.
DUE = period("2026-04-15", "1000.00")


def books_of(*owing: TaxPeriod, as_of: str = "2026-04-15", spans: tuple[Span, ...] = ()) -> Books:
    return projected(Account(owing, in_effect=spans), law(), day(as_of))


def plan(term_months: int | None = None, first_due_on: str = "2026-05-15") -> Plan:
    return Plan(day(first_due_on), term_months)


def rows(made: Schedule) -> list[tuple[str, str, str]]:
    return [(row.on.isoformat(), str(row.amount), str(row.balance_after)) for row in made.installments]


def test_a_schedule_ends_with_what_is_left() -> None:
    """Month one 2.50, month two 0.25% of 600 = 1.50, month three 0.25% of 200 = 0.50: 1,004.50 in all."""
    made = schedule(books_of(DUE), plan(3), dollars("400.00"))
    assert rows(made) == [
        ("2026-05-15", "400.00", "602.50"),
        ("2026-06-15", "400.00", "204.00"),
        ("2026-07-15", "204.50", "0.00"),
    ]
    assert (made.months, made.paid_off_on, made.clears) == (3, day("2026-07-15"), True)
    assert (made.final_payment, made.total_paid) == (dollars("204.50"), dollars("1004.50"))


def test_the_minimum_is_the_least_that_clears_in_the_term() -> None:
    """Two payments of m cents: the second must cover 100,000 - m + 250 + 0.25% of (100,000 - m), rounded.

    m = 50,187 leaves 49,813 + 374.53 = 50,188: a cent too much. m = 50,188 leaves 49,812 + 374.53 = 50,187.
    """
    books = books_of(DUE)
    assert minimum_monthly(books, plan(2)) == dollars("501.88")
    assert schedule(books, plan(2), dollars("501.88")).final_payment == dollars("501.87")
    assert not schedule(books, plan(2), dollars("501.87")).clears


def test_a_seventy_second_of_the_balance_does_not_clear_it_in_seventy_two_months() -> None:
    """20,000.00 at 277.78, 7% and 0.25% a month: about 8,000.00 are left, the classic complaint."""
    account = Account((period("2026-04-15", "20000.00"),))
    books = projected(account, law(7), day("2026-04-15"))
    made = schedule(books, plan(72), dollars("277.78"))
    assert (made.clears, len(made.installments)) == (False, 72)
    assert dollars("7000.00") < made.installments[-1].balance_after < dollars("9000.00")
    assert minimum_monthly(books, plan(72)) > dollars("340.00")


def test_the_running_month_is_charged_as_under_the_agreement_in_the_projection_only() -> None:
    """On 2026-04-20 month one stands at 0.5% = 5.00; in the projection it is 2.50."""
    account = Account((DUE,))
    assert replay(account, law(), day("2026-04-20"))[0].owed(day("2026-04-20")).penalty == dollars("5.00")
    assert projected(account, law(), day("2026-04-20")).owed(day("2026-04-20")).penalty == dollars("2.50")


def test_a_month_that_ended_before_the_projection_keeps_its_full_charge() -> None:
    """Month one ended on 15 May without an agreement: 5.00; month two begins on 16 May: 2.50."""
    assert books_of(DUE, as_of="2026-05-16").owed(day("2026-05-16")).penalty == dollars("7.50")


def test_an_agreement_that_has_ended_halves_nothing_in_the_projection() -> None:
    ended = Span(day("2026-04-01"), day("2026-04-15"))
    made = schedule(books_of(DUE, spans=(ended,)), plan(), dollars("2000.00"))
    assert made.total_paid == dollars("1005.00")


def test_paying_on_the_collection_date_itself_is_in_time() -> None:
    last_day = period("2026-04-15", "1000.00", assessed_on="2016-05-15")
    assert minimum_monthly(books_of(last_day), plan()) == dollars("1002.50")


def test_no_amount_clears_what_must_be_paid_before_the_first_due_date() -> None:
    too_late = books_of(period("2026-04-15", "1000.00", assessed_on="2016-05-14"))
    assert minimum_monthly(too_late, plan()) is None
    assert not schedule(too_late, plan(), dollars("9999.00")).clears


def test_each_period_must_be_cleared_by_its_own_collection_date() -> None:
    """The older 100.00 must go at once, the rest has ten years. Months one and two touch 15 April: 0.50."""
    older = period("2026-03-15", "100.00", tax_year=2023, assessed_on="2016-05-15")
    assert minimum_monthly(books_of(older, DUE), plan()) == dollars("100.50")


def test_a_plan_that_is_too_late_runs_to_the_first_due_date_after_the_last_collection_date() -> None:
    made = schedule(books_of(period("2026-04-15", "1000.00", assessed_on="2016-06-14")), plan(), dollars("400.00"))
    assert [row.on.isoformat() for row in made.installments] == ["2026-05-15", "2026-06-15"]
    assert (made.clears, made.months, made.paid_off_on, made.final_payment) == (False, None, None, None)


def test_a_due_date_on_the_last_collection_date_is_not_yet_after_it() -> None:
    """Collection ends on 2026-05-15: with too little paid on that day, one more due date follows."""
    last_day = period("2026-04-15", "1000.00", assessed_on="2016-05-15")
    made = schedule(books_of(last_day), plan(), dollars("400.00"))
    assert [row.on.isoformat() for row in made.installments] == ["2026-05-15", "2026-06-15"]


def test_what_falls_on_a_day_off_is_taken_on_the_next_business_day() -> None:
    """15 August 2026 is a Saturday, 15 November a Sunday; the months after keep their fifteenth."""
    banking = Plan(day("2026-08-15"), 4, banking_days_off())
    taken = [row.on.isoformat() for row in schedule(books_of(DUE), banking, dollars("10.00")).installments]
    assert taken == ["2026-08-17", "2026-09-15", "2026-10-15", "2026-11-16"]


def test_a_payment_that_is_taken_after_the_collection_date_is_too_late() -> None:
    """Collection ends on Saturday, 15 August 2026; the money would come on Monday."""
    ends = period("2026-04-15", "1000.00", assessed_on="2016-08-15")
    assert minimum_monthly(books_of(ends), Plan(day("2026-08-15"), None)) is not None
    assert minimum_monthly(books_of(ends), Plan(day("2026-08-15"), None, banking_days_off())) is None


def test_a_plan_that_is_too_small_runs_to_its_term() -> None:
    """After 100.00 twice: 1,000 + 2.50 + 0.25% of 900 - 200 = 804.75."""
    made = schedule(books_of(DUE), plan(2), dollars("100.00"))
    assert rows(made) == [("2026-05-15", "100.00", "902.50"), ("2026-06-15", "100.00", "804.75")]
    assert (made.clears, made.total_paid) == (False, dollars("200.00"))


def test_nothing_owed_needs_no_payment() -> None:
    cleared = projected(Account((DUE,), (paid("2026-04-15", "1000.00"),)), law(), day("2026-04-15"))
    made = schedule(cleared, plan(72), dollars("400.00"))
    assert minimum_monthly(cleared, plan(72)) == Money(0)
    assert (made.months, made.paid_off_on, made.installments, made.clears) == (0, None, (), True)
    assert (made.total_paid, made.final_payment) == (Money(0), Money(0))


def test_the_user_fee_is_part_of_what_a_plan_pays() -> None:
    """1,002.50 and a fee of 29.00 at once; the balance after a payment counts the fee that is left."""
    fee = Charge(day("2026-04-15"), Kind.FEE, dollars("29.00"))
    books = projected(Account((DUE,), charges=(fee,)), law(), day("2026-04-15"))
    assert minimum_monthly(books, plan(1)) == dollars("1031.50")
    assert schedule(books, plan(1), dollars("20.00")).installments[0].balance_after == dollars("1011.50")


def test_a_schedule_past_the_table_names_the_last_published_day() -> None:
    """150.00 a month needs seven payments, the last on 2026-11-15; 120.00 needs nine, to 2027-01-15."""
    books = books_of(DUE)
    assert schedule(books, plan(), dollars("150.00")).assumed_rate_after(law()) is None
    assert schedule(books, plan(), dollars("120.00")).assumed_rate_after(law()) == day("2026-12-31")


def test_a_schedule_leaves_the_books_as_they_were() -> None:
    books = books_of(DUE)
    schedule(books, plan(3), dollars("400.00"))
    assert books.owed(day("2026-04-15")).total == dollars("1000.00")


def test_asking_for_the_minimum_leaves_the_books_as_they_were() -> None:
    books = books_of(DUE)
    minimum_monthly(books, plan(3))
    assert books.owed(day("2026-04-15")).total == dollars("1000.00")


def test_what_if_says_how_much_is_saved_and_how_much_earlier_it_ends() -> None:
    """400.00: 1,004.50 in three months; 600.00: 1,003.50 in two (2.50, and 0.25% of 400)."""
    compared = what_if(books_of(DUE), plan(), dollars("400.00"), dollars("600.00"))
    assert (compared.costs_more, compared.months_more) == (-dollars("1.00"), -1)


def test_what_if_compares_nothing_with_a_plan_that_does_not_clear() -> None:
    compared = what_if(books_of(DUE), plan(3), dollars("400.00"), dollars("10.00"))
    assert (compared.costs_more, compared.months_more) == (None, None)


def test_rounding_can_make_a_larger_payment_cost_a_cent_more() -> None:
    """Each assessed figure is rounded half up: less interest can become a cent more. 6.00 at 7%, due in 2025."""
    books = projected(Account((period("2025-04-15", "6.00"),)), law(7), AS_OF)
    compared = what_if(books, plan(72, "2026-12-15"), dollars("0.59"), dollars("0.60"))
    assert (compared.old.total_paid, compared.costs_more) == (dollars("7.61"), dollars("0.01"))


# Any debt.

FIRST_DUE_ON = date(2026, 12, 15)
TERMS = st.sampled_from([72, 72, 36, 12, 1, None])


def in_time(owing: tuple[TaxPeriod, ...]) -> Books:
    return projected(Account(owing), published_law(), AS_OF)


@examples(40)
@given(periods(), TERMS)
def test_the_minimum_clears_and_one_cent_less_does_not(owing: tuple[TaxPeriod, ...], term: int | None) -> None:
    books, asked = in_time(owing), Plan(FIRST_DUE_ON, term)
    least = minimum_monthly(books, asked)
    assert least is not None
    made = schedule(books, asked, least)
    assert made.clears
    assert term is None or len(made.installments) <= term
    if least > Money(1):
        assert not schedule(books, asked, least - Money(1)).clears


@examples(40)
@given(periods(), st.integers(0, 50_000), st.integers(100, 50_000))
def test_paying_more_a_month_never_ends_later_nor_costs_more(
    owing: tuple[TaxPeriod, ...], above: int, more: int
) -> None:
    """But for the cent by which each assessed figure may be rounded up."""
    books, asked = in_time(owing), Plan(FIRST_DUE_ON, 72)
    least = minimum_monthly(books, asked)
    assume(least)
    compared = what_if(books, asked, least + Money(above), least + Money(above + more))
    assert compared.months_more <= 0
    roundings = len(assessed_by(owing, compared.old)) + len(assessed_by(owing, compared.new))
    assert compared.costs_more <= Money(roundings)


@examples(40)
@given(periods(), st.integers(0, 50_000))
def test_the_payments_of_a_schedule_are_what_was_owed_and_what_accrued(
    owing: tuple[TaxPeriod, ...], above: int
) -> None:
    """Paid into the account one by one they leave nothing owed and no credit; the books say what they charged."""
    books, asked = in_time(owing), Plan(FIRST_DUE_ON, 72)
    least = minimum_monthly(books, asked)
    assume(least)
    made = schedule(books, asked, least + Money(above))
    after, _ = replay(pledged(owing, made), published_law(), made.paid_off_on)
    assert (after.is_clear, after.credit) == (True, 0)
    filing = sum(running.failure_to_file for running in in_time(owing).periods)
    charged = total(facts.tax for facts in owing) + Money(filing) + total(assessed_by(owing, made))
    assert made.total_paid == charged
    assert made.total_paid >= in_time(owing).owed(AS_OF).total


@examples(8)
@given(st.integers(100, 900_000), st.integers(1, 12))
def test_who_pays_a_schedule_owes_nothing_by_the_reference_either(cents: int, term: int) -> None:
    """A loop over the days that never heard of schedules: nothing owed, and not a cent too much."""
    owing = (TaxPeriod(2025, date(2026, 4, 15), date(2026, 4, 15), date(2026, 6, 1), Money(cents)),)
    books, asked = in_time(owing), Plan(FIRST_DUE_ON, term)
    made = schedule(books, asked, minimum_monthly(books, asked))
    scenario = as_scenario(pledged(owing, made), made.paid_off_on)
    scenario["agreement"] = {"accepted_on": AS_OF.isoformat(), "ended_on": None}
    answer = calculate(scenario, rates_of(published_law().rates))
    assert (answer["total"]["total"], answer["credit"]) == ("0.00", "0.00")


def pledged(owing: tuple[TaxPeriod, ...], made: Schedule) -> Account:
    """The account of somebody who paid every installment on its day."""
    payments = tuple(Payment(row.on, row.amount) for row in made.installments)
    return Account(owing, payments, in_effect=(Span(AS_OF, None),))


def assessed_by(owing: tuple[TaxPeriod, ...], made: Schedule) -> list[Money]:
    """Every accrual that the payments of a schedule had assessed."""
    applied = replay(pledged(owing, made), published_law(), made.installments[-1].on)[1]
    return [share.amount for each in applied for share in each.assessed]
