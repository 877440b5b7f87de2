"""`portal verify`: silent on books that the services wrote; what nobody should do to them is found and named."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.ledger import EntryKind
from portal.domain.lifecycle import ApplicationState
from portal.domain.moment import Moment
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import Entry, Payment, PaymentStep, PayrollDeduction, Posting, Taxpayer
from portal.office import office
from portal.services import audit, payments, payroll, trail
from tests.applicant import BY_PAYROLL, actor_of, decide, later, write_draft
from tests.cast import TODAY, taxpayer, user
from tests.conftest import ENGINES, Stages, rolled_back
from tests.ledger_text import told
from tests.services.test_deeds import kept_head

TRIGGERS = {
    "sqlite": [
        f"DROP TRIGGER {table}_keep_{verb}" for table in ("entries", "postings") for verb in ("update", "delete")
    ],
    "postgresql": [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in ("entries", "postings")],
}
STORY = """
    2023-06-05  assessed 2022 tax 800.00, due 2023-04-18, filed 2023-06-01
    2024-06-03  assessed 2023 tax 4,000.00, due 2024-04-15, filed 2024-04-15
    2024-07-30  agreed on 300.00 a month from 2024-08-01 by debit from 1000000101
    2024-08-05  closed
    2024-09-10  paid 1,500.00
    2024-09-20  paid 200.00 as of 2024-08-15
"""


@dataclass
class Scene:
    """An account with a fee, a returned debit, a year paid off, a backdated payment and what it had reversed."""

    taxpayer: Taxpayer

    def entry(self, kind: EntryKind, *, reversed: bool = False) -> Entry:
        """The account's last entry of a kind that stands, or that was reversed."""
        undone = db.select(Entry.reverses_id).where(Entry.reverses_id.is_not(None))
        which = Entry.id.in_(undone) if reversed else Entry.id.not_in(undone)
        query = db.select(Entry).where(Entry.taxpayer_id == self.taxpayer.id, Entry.kind == kind, which)
        return db.session.execute(query.order_by(Entry.id.desc()).limit(1)).scalar_one()

    def posting(self, entry: Entry) -> Posting:
        query = db.select(Posting).where(Posting.entry_id == entry.id).order_by(Posting.id)
        return db.session.execute(query.limit(1)).scalar_one()

    def payment(self, state: str) -> Payment:
        query = db.select(Payment).where(Payment.taxpayer_id == self.taxpayer.id, Payment.state == state)
        return db.session.execute(query.order_by(Payment.id).limit(1)).scalar_one()


def nobody_else() -> None:
    """A stage of this module's own."""


@pytest.fixture(scope="module", params=ENGINES)
def story(request: pytest.FixtureRequest, stages: Stages) -> Iterator[Scene]:
    """The scene, made once: the triggers are gone, as they would be for who means harm."""
    with rolled_back(stages(request.param, nobody_else)):
        taxpayer = told(STORY).taxpayer
        assert faults() == []
        run(*TRIGGERS[db.engine.dialect.name])
        db.session.commit()
        yield Scene(taxpayer)


@pytest.fixture
def scene(story: Scene) -> Iterator[Scene]:
    """The scene, put back after each test: nothing in one is committed."""
    yield story
    db.session.rollback()


Corruption = Callable[[Scene], str]
CORRUPTIONS: dict[str, Corruption] = {}


def corruption(deed: Corruption) -> Corruption:
    """One thing that nobody should do; it answers with what the verdict has to name."""
    CORRUPTIONS[deed.__name__.replace("_", " ")] = deed
    return deed


@corruption
def a_posting_s_amount_changed(scene: Scene) -> str:
    entry = scene.entry(EntryKind.PAYMENT)
    run(f"UPDATE postings SET amount = amount + 1 WHERE id = {scene.posting(entry).id}")
    return f"entry {entry.id}: its postings do not balance"


@corruption
def both_sides_of_a_payment_changed(scene: Scene) -> str:
    entry = scene.entry(EntryKind.PAYMENT)
    run(f"UPDATE postings SET amount = amount * 2 WHERE entry_id = {entry.id}")
    return f"payment entry of payment {entry.payment_id}"


@corruption
def a_posting_removed(scene: Scene) -> str:
    entry = scene.entry(EntryKind.PAYMENT)
    run(f"DELETE FROM postings WHERE id = {scene.posting(entry).id}")
    return f"entry {entry.id}: its postings do not balance"


@corruption
def a_posting_larger_than_any(scene: Scene) -> str:
    posting = scene.posting(scene.entry(EntryKind.PAYMENT))
    run(f"UPDATE postings SET amount = -10000000000 WHERE id = {posting.id}")
    return f"posting {posting.id}: larger"


@corruption
def a_posting_s_year_changed(scene: Scene) -> str:
    entry = scene.entry(EntryKind.PAYMENT)
    run(f"UPDATE postings SET tax_year = 2022 WHERE entry_id = {entry.id}")
    return f"payment entry of payment {entry.payment_id}"


@corruption
def an_entry_without_postings(scene: Scene) -> str:
    entry = scene.entry(EntryKind.PAYMENT)
    run(f"DELETE FROM postings WHERE entry_id = {entry.id}")
    return f"entry {entry.id}: has no postings"


@corruption
def a_payment_made_an_accrual(scene: Scene) -> str:
    entry = scene.entry(EntryKind.PAYMENT)
    run(f"UPDATE entries SET kind = 'accrual' WHERE id = {entry.id}")
    return f"payment {entry.payment_id}"


@corruption
def an_assessment_made_a_charge(scene: Scene) -> str:
    entry = scene.entry(EntryKind.ASSESSMENT)
    run(f"UPDATE entries SET kind = 'charge' WHERE id = {entry.id}")
    return f"entry {entry.id}"


@corruption
def a_charge_made_a_reversal(scene: Scene) -> str:
    entry = scene.entry(EntryKind.CHARGE)
    run(f"UPDATE entries SET kind = 'reversal' WHERE id = {entry.id}")
    return f"entry {entry.id}: a reversal of nothing"


@corruption
def a_payment_s_entry_counting_from_another_day(scene: Scene) -> str:
    entry = scene.entry(EntryKind.PAYMENT)
    run(f"UPDATE entries SET effective_on = '2024-08-20' WHERE id = {entry.id}")
    return f"payment {db.session.get_one(Payment, entry.payment_id).reference}"


@corruption
def an_assessment_counting_from_another_day(scene: Scene) -> str:
    run(f"UPDATE entries SET effective_on = '2024-06-30' WHERE id = {scene.entry(EntryKind.ASSESSMENT).id}")
    return "tax year 2023: assessed 4000.00 on 2024-06-03"


@corruption
def a_charge_counting_from_another_day(scene: Scene) -> str:
    run(f"UPDATE entries SET effective_on = '2024-09-30' WHERE id = {scene.entry(EntryKind.CHARGE).id}")
    return f"payment {scene.payment('returned').reference}: its return"


@corruption
def a_payment_booked_twice(scene: Scene) -> str:
    entry = scene.entry(EntryKind.PAYMENT)
    copy(entry)
    return f"payment {db.session.get_one(Payment, entry.payment_id).reference}"


@corruption
def a_reversal_removed(scene: Scene) -> str:
    reversal = scene.entry(EntryKind.REVERSAL)
    run(f"DELETE FROM postings WHERE entry_id = {reversal.id}", f"DELETE FROM entries WHERE id = {reversal.id}")
    return f"account {scene.taxpayer.reference}"


@corruption
def a_reversal_of_another_day(scene: Scene) -> str:
    reversal = scene.entry(EntryKind.REVERSAL)
    run(f"UPDATE entries SET effective_on = '2024-09-11' WHERE id = {reversal.id}")
    return f"entry {reversal.id}: does not belong to what it reverses"


@corruption
def a_reversal_that_undoes_less(scene: Scene) -> str:
    reversal = scene.entry(EntryKind.REVERSAL)
    run(f"UPDATE postings SET amount = amount / 2 WHERE entry_id = {reversal.id}")
    return f"entry {reversal.reverses_id}: its reversal leaves something standing"


@corruption
def an_entry_written_before_the_one_before_it(scene: Scene) -> str:
    entry = scene.entry(EntryKind.PAYMENT)
    run(f"UPDATE entries SET recorded_at = '2020-01-01 00:00:00.000000' WHERE id = {entry.id}")
    return f"entry {entry.id}: written before the entry that precedes it"


@corruption
def a_settled_payment_called_cancelled(scene: Scene) -> str:
    payment = scene.payment("settled")
    run(f"UPDATE payments SET state = 'cancelled' WHERE id = {payment.id}")
    return f"payment {payment.reference}: is cancelled, but its last step is settled"


@corruption
def a_payment_of_another_amount(scene: Scene) -> str:
    payment = scene.payment("settled")
    run(f"UPDATE payments SET amount = amount + 1 WHERE id = {payment.id}")
    return f"payment {payment.reference}: settled, but the books say otherwise"


@corruption
def a_payment_of_another_day(scene: Scene) -> str:
    payment = scene.payment("settled")
    run(f"UPDATE payments SET pay_on = '2024-09-09' WHERE id = {payment.id}")
    return f"payment {payment.reference}: settled, but the books say otherwise"


@corruption
def the_last_step_missing(scene: Scene) -> str:
    payment = scene.payment("returned")
    run(f"DELETE FROM payment_steps WHERE id = {steps(payment)[-1]}")
    return f"payment {payment.reference}: is returned, but its last step is submitted"


@corruption
def a_step_in_the_middle_missing(scene: Scene) -> str:
    payment = scene.payment("returned")
    run(f"DELETE FROM payment_steps WHERE id = {steps(payment)[1]}")
    return f"payment {payment.reference}: went from scheduled to returned"


@corruption
def the_first_step_missing(scene: Scene) -> str:
    payment = scene.payment("returned")
    run(f"DELETE FROM payment_steps WHERE id = {steps(payment)[0]}")
    return f"payment {payment.reference}: began as submitted"


@corruption
def every_step_missing(scene: Scene) -> str:
    payment = scene.payment("settled")
    run(f"DELETE FROM payment_steps WHERE payment_id = {payment.id}")
    return f"payment {payment.reference}: has no steps"


@corruption
def an_assessment_of_another_amount(scene: Scene) -> str:
    run("UPDATE assessments SET tax = tax - 100 WHERE tax = 400000")
    return "tax year 2023: assessed 3999.00 on 2024-06-03, the books say otherwise"


@corruption
def an_assessment_missing(scene: Scene) -> str:
    run("DELETE FROM assessments WHERE tax = 400000")
    return "tax year 2023"


@corruption
def an_assessment_off_the_books(scene: Scene) -> str:
    entry = scene.entry(EntryKind.ASSESSMENT)
    run(f"DELETE FROM postings WHERE entry_id = {entry.id}", f"DELETE FROM entries WHERE id = {entry.id}")
    return "tax year 2023"


@corruption
def an_assessment_booked_to_a_year_that_is_not_there(scene: Scene) -> str:
    entry = scene.entry(EntryKind.ASSESSMENT)
    run(f"UPDATE postings SET tax_year = 2021 WHERE entry_id = {entry.id}")
    return f"account {scene.taxpayer.reference}"


@corruption
def a_penalty_booked_to_a_year_that_is_not_there(scene: Scene) -> str:
    entry = scene.entry(EntryKind.CHARGE)
    run(f"UPDATE postings SET tax_year = 2021 WHERE entry_id = {entry.id}")
    return f"account {scene.taxpayer.reference}"


@corruption
def a_return_filed_on_another_day(scene: Scene) -> str:
    run("UPDATE tax_periods SET filed_on = '2023-04-18' WHERE tax_year = 2022")
    return f"account {scene.taxpayer.reference}"


@corruption
def a_balance_below_zero(scene: Scene) -> str:
    original = scene.entry(EntryKind.ASSESSMENT)
    entry = Entry(taxpayer_id=scene.taxpayer.id, kind=EntryKind.ACCRUAL, effective_on=original.effective_on,
                  recorded_at=scene.entry(EntryKind.PAYMENT).recorded_at)  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    for account, amount in (("owed:interest", -9900), ("charged:interest", 9900)):
        values = f"({entry.id}, '{account}', 2023, {amount})"
        run(f"INSERT INTO postings (entry_id, account, tax_year, amount) VALUES {values}")
    return "owed:interest of 2023: below zero"


@corruption
def a_penalty_taken_off_the_books(scene: Scene) -> str:
    entry = scene.entry(EntryKind.CHARGE)
    run(f"DELETE FROM postings WHERE entry_id = {entry.id}", f"DELETE FROM entries WHERE id = {entry.id}")
    return f"payment {scene.payment('returned').reference}: its return"


@corruption
def a_penalty_made_smaller(scene: Scene) -> str:
    run(f"UPDATE postings SET amount = amount / 25 WHERE entry_id = {scene.entry(EntryKind.CHARGE).id}")
    return f"payment {scene.payment('returned').reference}: its return"


@corruption
def a_payment_moved_to_another_account(scene: Scene) -> str:
    other = told("2024-06-03  assessed 2023 tax 1.00, due 2024-04-15, filed 2024-04-15").taxpayer
    run(f"UPDATE entries SET taxpayer_id = {other.id} WHERE id = {scene.entry(EntryKind.PAYMENT).id}")
    return f"account {other.reference}"


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_what_nobody_should_do_is_found_and_named(scene: Scene, name: str) -> None:
    named = CORRUPTIONS[name](scene)
    db.session.expire_all()

    found = faults()

    assert any(named in fault for fault in found), found


def test_the_cast_is_without_faults(app: Flask) -> None:
    assert faults() == []
    assert audit.count() == 6


def test_applications_that_were_accepted_and_sixty_days_of_daily_close_leave_no_fault(app: Flask) -> None:
    """A debited plan, one paid by payroll whose employer reports each payday, and a short-term one."""
    write_draft("owing")
    write_draft("stranger", **BY_PAYROLL)
    write_draft("overlimit", plan={"kind": "short_term"}, amount={"monthly": "13000.00"})
    for role in ("owing", "stranger", "overlimit"):
        assert decide(actor_of(user(role))).state is ApplicationState.ACCEPTED
    deduction = db.session.execute(db.select(PayrollDeduction)).scalar_one()

    for days in range(1, 61):
        if days == 3:
            payroll.confirm(deduction, name="Pat Payer", when=later(days=days))
        if days % 14 == 4:
            remitted(deduction, later(days=days), is_here=days < 40)
        close.run(later(days=days), SandboxBank())

    assert faults() == []
    assert states("owing") == {"scheduled": 1, "settled": 2}
    assert states("stranger") == {"settled": 3, "submitted": 2}
    assert states("overlimit") == {"scheduled": 1, "settled": 2}
    assert not list(trail.faults(office().vault, kept_head()))


def remitted(deduction: PayrollDeduction, when: Moment, *, is_here: bool) -> None:
    """An employer reports a payday, and the agency's clerk has its money, or not yet."""
    payment = payroll.report(deduction, deduction.per_paycheck, paid_on=when.on, when=when)
    if is_here:
        payments.settle(payment, by=PORTAL, when=when)


def states(role: str) -> dict[str, int]:
    """How many payments since the application stand where."""
    rows = db.select(Payment.state).where(Payment.taxpayer_id == taxpayer(role).id, Payment.pay_on > TODAY)
    return dict(Counter(state.value for state in db.session.execute(rows).scalars()))


def faults() -> list[str]:
    return [fault for found in audit.faults() for fault in found]


def run(*statements: str) -> None:
    for statement in statements:
        db.session.execute(text(statement))


def steps(payment: Payment) -> list[int]:
    query = db.select(PaymentStep.id).where(PaymentStep.payment_id == payment.id).order_by(PaymentStep.id)
    return list(db.session.execute(query).scalars())


def copy(entry: Entry) -> None:
    """The same entry with the same postings once more."""
    facts: dict[str, Any] = {
        "taxpayer_id": entry.taxpayer_id, "kind": entry.kind, "effective_on": entry.effective_on,
        "recorded_at": entry.recorded_at, "payment_id": entry.payment_id,
    }  # fmt: skip
    postings = db.session.execute(db.select(Posting).where(Posting.entry_id == entry.id)).scalars().all()
    twin = Entry(**facts)
    db.session.add(twin)
    db.session.flush()
    for each in postings:
        db.session.add(Posting(entry_id=twin.id, account=each.account, tax_year=each.tax_year, amount=each.amount))
    db.session.flush()
