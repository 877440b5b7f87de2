"""What the dashboard says of an account is what its ledger says, on every day and for everybody."""

from datetime import date, timedelta

import pytest
from flask import Flask

from portal.db import db
from portal.domain.lifecycle import PaymentState
from portal.domain.money import Money, total
from portal.domain.waterfall import known_on, replay
from portal.models import Payment
from portal.models.payment import Channel
from portal.office import office
from portal.queries import accounts, payments, periods
from portal.queries.payments import PAGE_ROWS, Filter
from portal.queries.standings import account_view
from tests.cast import TODAY, taxpayer
from tests.ledger_text import agreed, closed, moment, owing, paid

ROLES = ("owing", "ontime", "indefault", "payroll", "overlimit", "stranger")


@pytest.mark.parametrize("role", ROLES)
def test_the_balance_is_made_of_what_covers_it(app: Flask, role: str) -> None:
    standing = account_view(taxpayer(role).id, TODAY).standing

    assert standing.pending_here + standing.promised + standing.uncovered == standing.balance
    assert standing.owed.total == total(year.owed.total for year in standing.years)
    assert standing.charged == standing.posted - standing.credit + standing.balance
    assert min(standing.pending_here, standing.promised, standing.uncovered) >= Money(0)


@pytest.mark.parametrize("role", ROLES)
def test_the_balance_is_what_the_ledger_and_the_days_since_make(app: Flask, role: str) -> None:
    person = taxpayer(role)
    standing = account_view(person.id, TODAY).standing
    books = replay(accounts.facts(person.id), office().policy.law_on(TODAY), TODAY)[0]

    assert standing.balance == books.owed(TODAY).total + Money(books.fee)
    for year in standing.years:
        lines = periods.ledger(person.id, year.facts.tax_year, TODAY)
        booked = lines[-1].owed_after if lines else Money(0)
        assert Money(0) <= booked <= year.owed.total
        assert lines[-1].owed_after == total(line.amount for line in lines)


@pytest.mark.parametrize("role", ROLES)
def test_all_that_was_received_is_in_the_history(app: Flask, role: str) -> None:
    person = taxpayer(role)
    settled = payments.every(person.id, Filter(state=PaymentState.SETTLED))

    assert total(line.amount for line in settled) == account_view(person.id, TODAY).standing.posted


@pytest.mark.parametrize("role", ROLES)
def test_where_each_payment_went_adds_up_to_it(app: Flask, role: str) -> None:
    person = taxpayer(role)
    for line in payments.every(person.id, Filter(state=PaymentState.SETTLED)):
        view = payments.one(person.id, line.reference)
        assert view is not None
        assert total(share.amount for share in view.shares) == line.amount
        assert view.steps[-1].state is PaymentState.SETTLED


def test_a_returned_payment_says_what_it_cost_and_that_it_paid_nothing(app: Flask) -> None:
    person = taxpayer("indefault")
    line = next(payments.every(person.id, Filter(state=PaymentState.RETURNED)))

    view = payments.one(person.id, line.reference)

    assert view is not None
    assert (view.shares, view.penalty, line.return_code) == ((), Money(25_00), "R08")
    assert view.bank_account is not None
    assert len(view.bank_account.last_four) == 4


def test_what_belongs_to_others_does_not_exist(app: Flask) -> None:
    line = next(payments.every(taxpayer("ontime").id, Filter()))

    assert payments.one(taxpayer("stranger").id, line.reference) is None
    assert payments.one(taxpayer("ontime").id, "PY-NONE") is None


def test_the_history_is_paged_without_losing_or_doubling_a_payment(app: Flask) -> None:
    person = owing("90000.00")
    for number in range(2 * PAGE_ROWS + 1):
        paid(person, "10.00", date(2024, 7, 1) + timedelta(days=number))
    every = [line.reference for line in payments.every(person.id, Filter())]

    pages = [payments.history(person.id, Filter(), number) for number in (1, 2, 3)]

    assert [line.reference for page in pages for line in page.lines] == every
    assert [(page.number, page.last, page.count) for page in pages] == [(1, 3, 41), (2, 3, 41), (3, 3, 41)]
    assert payments.history(person.id, Filter(), 99).number == 3
    assert [line.pay_on for line in pages[0].lines] == sorted((line.pay_on for line in pages[0].lines), reverse=True)


def test_the_history_is_narrowed_by_year_channel_and_state(app: Flask) -> None:
    person = owing("90000.00")
    paid(person, "10.00", date(2024, 12, 31))
    paid(person, "20.00", date(2025, 1, 1))

    assert payments.years(person.id) == [2025, 2024]
    assert [str(line.amount) for line in payments.every(person.id, Filter(year=2024))] == ["10.00"]
    assert payments.history(person.id, Filter(channel=Channel.DEBIT), 1).count == 0
    assert payments.history(person.id, Filter(channel=Channel.MAIL, state=PaymentState.SETTLED), 1).count == 2


def test_what_is_only_promised_is_no_history(app: Flask) -> None:
    person = taxpayer("ontime")

    assert PaymentState.SCHEDULED not in {line.state for line in payments.every(person.id, Filter())}
    assert account_view(person.id, TODAY).scheduled is not None


def test_money_on_its_way_is_pending_until_it_settles(app: Flask) -> None:
    person = owing("1000.00", year=2024, day=date(2025, 6, 2))
    agreed(person, "100.00", date(2026, 11, 24), day=date(2026, 11, 20))

    closed(date(2026, 11, 23), date(2026, 11, 24))
    on_its_way = account_view(person.id, date(2026, 11, 24)).standing
    assert (on_its_way.pending, on_its_way.posted) == (Money(100_00), Money(0))

    closed(date(2026, 11, 24), date(2026, 11, 27))
    settled = account_view(person.id, date(2026, 11, 27)).standing
    assert (settled.pending, settled.posted) == (Money(0), Money(100_00))


def test_the_next_due_date_is_the_one_for_which_no_money_is_here_yet(app: Flask) -> None:
    person = owing("1000.00", year=2024, day=date(2025, 6, 2))
    agreed(person, "100.00", date(2026, 11, 24), day=date(2026, 11, 20))
    closed(date(2026, 11, 23), date(2026, 11, 24))

    schedule = account_view(person.id, date(2026, 11, 24)).standing.schedule

    assert schedule is not None
    assert schedule.installments[0].on == date(2026, 12, 24)


def test_an_account_as_it_stood_on_a_day_knows_nothing_later(app: Flask) -> None:
    person = owing("1000.00")
    paid(person, "10.00", date(2024, 7, 1))
    paid(person, "20.00", date(2024, 8, 1))

    known = known_on(accounts.facts(person.id), date(2024, 7, 15))

    assert [payment.amount for payment in known.payments] == [Money(10_00)]
    assert known_on(known, date(2024, 6, 2)).periods == ()


def test_a_look_leaves_nothing_behind(app: Flask) -> None:
    before = db.session.execute(db.select(db.func.count()).select_from(Payment)).scalar_one()
    for role in ROLES:
        account_view(taxpayer(role).id, TODAY)

    assert not db.session.new
    assert not db.session.dirty
    assert db.session.execute(db.select(db.func.count()).select_from(Payment)).scalar_one() == before


def test_a_payment_s_timeline_keeps_the_day_apart_from_the_instant(app: Flask) -> None:
    person = owing("1000.00")
    payment = paid(person, "10.00", date(2024, 7, 2), as_of=date(2024, 6, 15))

    view = payments.one(person.id, payment.reference)

    assert view is not None
    assert view.line.pay_on == date(2024, 6, 15)
    assert [step.happened_on for step in view.steps] == [date(2024, 7, 2)]
    assert view.steps[0].recorded_at.date() == moment(date(2024, 7, 2)).at.date()
