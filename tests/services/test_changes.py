"""Changes of an agreement: what each comes to before the yes, from when it holds, and what it leaves."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from portal.calculate import calculate
from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.calendar import ONE_DAY
from portal.domain.change import Change, ChangeKind, InForce, Simulation
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import Method
from portal.domain.projection import Schedule
from portal.domain.simulator import TooLittle, TooMuch, minimum, simulate
from portal.models import Notice, Payment, Taxpayer, TrailEvent
from portal.models.notice import NoticeKind
from portal.office import office
from portal.queries import changes as queries
from portal.services import changes
from portal.services.changes import ChangedMeanwhile, Seen, ShownAnew
from tests.ledger_text import agreed, closed, dollars, moment, owing, paid

AGREED_ON, FIRST = date(2026, 9, 1), date(2026, 9, 15)
# Fourteen banking days before December 15, 2026.
CUT_OFF = date(2026, 11, 24)
DECEMBER, JANUARY = date(2026, 12, 15), date(2027, 1, 15)


def plan(
    monthly: str = "150.00",
    *,
    tax: str = "4000.00",
    on: date = date(2026, 11, 20),
    method: Method = Method.DIRECT_DEBIT,
) -> Taxpayer:
    """Somebody whose plan began in September, due on the 15th, and who has paid until today."""
    taxpayer = owing(tax, year=2024, day=date(2025, 6, 2))
    agreed(taxpayer, monthly, FIRST, day=AGREED_ON, method=method)
    closed(AGREED_ON, on)
    return taxpayer


def in_force(taxpayer: Taxpayer, on: date) -> InForce:
    found = queries.agreed(taxpayer.id, moment(on))
    assert found is not None
    return found


def changed(taxpayer: Taxpayer, change: Change, on: date) -> Simulation:
    """Say yes to what a change comes to."""
    seen = simulate(in_force(taxpayer, on), change)
    version = in_force(taxpayer, on).version
    return changes.make(taxpayer.id, change, Seen(version, seen.shown), by=PORTAL, when=moment(on))


def amount(monthly: str) -> Change:
    return Change(ChangeKind.AMOUNT, monthly=dollars(monthly))


def promised(taxpayer: Taxpayer) -> list[str]:
    """The debits that are promised, as day, amount and the installment they are for."""
    rows = db.select(Payment).where(Payment.taxpayer_id == taxpayer.id, Payment.state == "scheduled")
    found = db.session.execute(rows.order_by(Payment.pay_on)).scalars()
    return [f"{each.pay_on} {each.amount} for {each.installment_on}" for each in found]


def rows_of(schedule: Schedule) -> Sequence[tuple[str, str, str]]:
    return [(row.on.isoformat(), str(row.amount), str(row.balance_after)) for row in schedule.installments]


def by_own_payments() -> Taxpayer:
    """The same by checks, which no holiday of a bank moves. The fee of 69.00 is paid by the first of them."""
    taxpayer = plan(method=Method.MANUAL, on=date(2026, 9, 14))
    for day in (FIRST, date(2026, 10, 15), date(2026, 11, 16)):
        paid(taxpayer, "150.00", day)
    return taxpayer


def calculated(first: date, monthly: str) -> Sequence[tuple[str, str, str]]:
    """What `portal calculate` says of the payments of that debt at an amount, from a day on."""
    scenario = {
        "as_of": "2026-11-20",
        "periods": [{"tax_year": 2024, "due_on": "2025-04-15", "filed_on": "2025-04-15", "assessed_on": "2025-06-02",
                     "tax": "4000.00"}],
        "payments": [{"on": "2026-09-15", "amount": "81.00"}, {"on": "2026-10-15", "amount": "150.00"},
                     {"on": "2026-11-16", "amount": "150.00"}],
        "agreement": {"accepted_on": "2026-09-01", "ended_on": None},
        "plan": {"first_due_on": first.isoformat(), "due_day": first.day, "term_months": 240, "monthly": monthly},
    }  # fmt: skip
    answer = json.loads(calculate(json.dumps(scenario), office().policy))["plan"]
    return [(row["on"], row["amount"], row["balance_after"]) for row in answer["payments"]]


@pytest.mark.parametrize(
    ("change", "first", "monthly"),
    [
        (amount("275.00"), DECEMBER, "275.00"),
        (amount("90.00"), DECEMBER, "90.00"),
        (Change(ChangeKind.DAY, due_day=20), date(2026, 12, 20), "150.00"),
        (Change(ChangeKind.DAY, due_day=3), date(2026, 12, 3), "150.00"),
        (Change(ChangeKind.SKIP), JANUARY, "150.00"),
    ],
)
def test_both_schedules_of_the_simulator_agree_with_portal_calculate_to_the_cent(
    empty: Flask, change: Change, first: date, monthly: str
) -> None:
    result = simulate(in_force(by_own_payments(), date(2026, 11, 20)), change)

    assert rows_of(result.old) == calculated(DECEMBER, "150.00")
    assert rows_of(result.new) == calculated(first, monthly)
    assert result.costs_more == result.new.total_paid - result.old.total_paid


def test_another_amount_in_time_changes_the_next_debit_and_is_told(empty: Flask) -> None:
    taxpayer = plan()
    assert promised(taxpayer) == ["2026-12-15 150.00 for 2026-12-15"]

    result = changed(taxpayer, amount("210.00"), date(2026, 11, 20))

    assert (result.first.on, result.terms.begins_on) == (DECEMBER, date(2026, 11, 20))
    assert promised(taxpayer) == ["2026-12-15 210.00 for 2026-12-15"]
    [notice] = db.session.execute(db.select(Notice).where(Notice.kind == NoticeKind.PLAN_CHANGED)).scalars()
    assert notice.facts["monthly"] == "210.00"
    assert notice.facts["was_amount"] == "150.00"
    [event] = db.session.execute(db.select(TrailEvent).where(TrailEvent.event == "agreement.changed")).scalars()
    assert event.details["first_on"] == "2026-12-15"


def test_a_change_after_the_cut_off_leaves_the_next_debit_as_it_was_promised(empty: Flask) -> None:
    taxpayer = plan(on=CUT_OFF + timedelta(days=1))

    result = changed(taxpayer, amount("210.00"), CUT_OFF + timedelta(days=1))

    assert f"{result.holds_from:%Y-%m-%d %H:%M %Z}" == "2026-12-16 00:00 EST"
    assert f"{result.until:%Y-%m-%d %H:%M %Z}" == "2026-12-24 23:45 EST"
    assert result.first == (JANUARY, dollars("210.00"))
    assert [(each.on, str(each.amount)) for each in result.leaving] == [(DECEMBER, "150.00")]
    assert promised(taxpayer) == ["2026-12-15 150.00 for 2026-12-15"]
    closed(CUT_OFF + timedelta(days=1), date(2026, 12, 17))
    assert promised(taxpayer) == ["2027-01-15 210.00 for 2027-01-15"]


def test_the_cut_off_is_exact_to_the_minute(empty: Flask) -> None:
    taxpayer = plan(on=CUT_OFF)
    last = Moment(datetime(2026, 11, 25, 4, 44, 59, tzinfo=UTC), CUT_OFF)
    over = Moment(datetime(2026, 11, 25, 4, 45, 0, tzinfo=UTC), CUT_OFF)

    first = [
        simulate(found, amount("210.00")).first.on
        for when in (last, over)
        if (found := queries.agreed(taxpayer.id, when))
    ]

    assert first == [DECEMBER, JANUARY]


def test_the_amount_is_between_what_pays_in_time_and_what_is_owed(empty: Flask) -> None:
    found = in_force(plan(), date(2026, 11, 20))
    least = minimum(found)
    assert least is not None

    simulate(found, Change(ChangeKind.AMOUNT, monthly=least))
    with pytest.raises(TooLittle) as too_little:
        simulate(found, Change(ChangeKind.AMOUNT, monthly=least - Money(1)))
    with pytest.raises(TooMuch) as too_much:
        simulate(found, Change(ChangeKind.AMOUNT, monthly=found.balance + Money(1)))

    assert too_little.value.facts == {"minimum": least, "last": found.last_on}
    assert too_much.value.facts == {"most": found.balance}


def test_whoever_changes_what_another_has_changed_meanwhile_is_told(empty: Flask) -> None:
    taxpayer, on = plan(), date(2026, 11, 20)
    found = in_force(taxpayer, on)
    mine = simulate(found, amount("210.00"))
    changed(taxpayer, amount("300.00"), on)

    with pytest.raises(ChangedMeanwhile):
        changes.make(taxpayer.id, mine.change, Seen(found.version, mine.shown), by=PORTAL, when=moment(on))

    assert promised(taxpayer) == ["2026-12-15 300.00 for 2026-12-15"]


def test_what_was_shown_before_the_cut_off_is_shown_again_after_it(empty: Flask) -> None:
    taxpayer = plan(on=CUT_OFF)
    found = in_force(taxpayer, CUT_OFF)
    mine = simulate(found, amount("210.00"))

    with pytest.raises(ShownAnew):
        changes.make(
            taxpayer.id, mine.change, Seen(found.version, mine.shown), by=PORTAL, when=moment(CUT_OFF + ONE_DAY)
        )

    assert promised(taxpayer) == ["2026-12-15 150.00 for 2026-12-15"]
