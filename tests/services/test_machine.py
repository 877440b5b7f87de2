"""A life by chance: whatever people, banks and days do to an account, after each step its books still hold."""

from collections import Counter
from contextlib import ExitStack, suppress
from datetime import date, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.calendar import ONE_DAY
from portal.domain.lifecycle import PAYMENT_MOVES, AgreementState, PaymentState
from portal.domain.money import Money, total
from portal.domain.penalties import Span, dishonored_payment
from portal.domain.period import ORDER, Abatement, Kind, TaxPeriod
from portal.domain.plan import Method
from portal.domain.waterfall import Account, Charge, replay
from portal.domain.waterfall import Payment as Received
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import Agreement, Entry, Payment, PaymentStep, Posting, TrailEvent
from portal.models.payment import Channel
from portal.office import office
from portal.queries import accounts
from portal.queries.standings import account_view
from portal.services import abatements, audit, credits, payments, promises, taxpayers, terms
from portal.services.credits import MoreThanTheCredit, NotCertainYet
from tests.conftest import rolled_back
from tests.ledger_text import agreed, enrolled, moment

BEGINS_ON = date(2025, 3, 3)
ACCOUNTS = (
    "5550001234",
    "1000000101",
    "1000000201",
    "1000000202",
    "1000000207",
    "1000000208",
    "1000000210",
    "1000000301",
)
STEPS, LIVES = 20, 6
cents = st.integers(1, 400_000).map(Money)


class Life(RuleBasedStateMachine):
    """One taxpayer. What was done is remembered here, apart from the database, and held against it."""

    app: Flask

    @initialize()
    def enrol(self) -> None:
        self.stack = ExitStack()
        self.stack.enter_context(rolled_back(self.app))
        self.taxpayer = enrolled(BEGINS_ON)
        self.today = BEGINS_ON
        self.periods: list[TaxPeriod] = []
        self.given_up: Counter[Kind] = Counter()
        self.sent_back = Money(0)
        self.assess(2021, Money(250_000), 0)

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    @rule(
        year=st.integers(2018, 2023), tax=st.integers(1, 900_000).map(Money), days_late=st.sampled_from([0, 20, 90])
    )
    def assess(self, year: int, tax: Money, days_late: int) -> None:
        if year not in {period.tax_year for period in self.periods}:
            due_on = date(year + 1, 4, 15)
            period = TaxPeriod(year, due_on, due_on + timedelta(days=days_late), self.today, tax)
            taxpayers.assess(self.taxpayer, period, by=PORTAL, when=moment(self.today))
            self.periods.append(period)

    @rule(amount=cents, days_ago=st.sampled_from([0, 0, 1, 30, 400, 2000]))
    def receive(self, amount: Money, days_ago: int) -> None:
        payments.receive(
            self.taxpayer, amount, channel=Channel.MAIL, pay_on=self.today - timedelta(days=days_ago), by=PORTAL,
            when=moment(self.today),
        )  # fmt: skip

    @precondition(lambda self: self.owed() and not self.agreements(AgreementState.ACTIVE, AgreementState.IN_DEFAULT))
    @rule(
        monthly=st.integers(100, 200_000), after_days=st.integers(1, 20), number=st.sampled_from(ACCOUNTS),
        method=st.sampled_from([Method.DIRECT_DEBIT, Method.DIRECT_DEBIT, Method.MANUAL]),
    )  # fmt: skip
    def accept(self, monthly: int, after_days: int, number: str, method: Method) -> None:
        first = self.today + timedelta(days=after_days)
        first = first.replace(day=min(first.day, 28)) if first.day > 28 else first
        agreed(self.taxpayer, str(Money(monthly)), first, day=self.today, number=number, method=method)

    @rule(days=st.sampled_from([1, 2, 3, 8]))
    def close_days(self, days: int) -> None:
        for _ in range(days):
            self.today += ONE_DAY
            close.run(moment(self.today), SandboxBank())

    @rule()
    def close_again(self) -> None:
        before = self.count(Entry), self.count(PaymentStep), self.count(TrailEvent)
        close.run(moment(self.today), SandboxBank())
        # A plan may have been accepted, or a debit cancelled, since the last close of the day.
        assert self.count(Entry) >= before[0]
        close.run(moment(self.today), SandboxBank())
        again = self.count(Entry), self.count(PaymentStep), self.count(TrailEvent)
        close.run(moment(self.today), SandboxBank())
        assert (self.count(Entry), self.count(PaymentStep), self.count(TrailEvent)) == again

    @precondition(lambda self: self.debits(PaymentState.SETTLED))
    @rule(which=st.randoms(use_true_random=False), code=st.sampled_from(["R01", "R10"]))
    def return_late(self, which: object, code: str) -> None:
        payment = self.debits(PaymentState.SETTLED)[-1]
        payments.give_back(payment, code, by=PORTAL, when=moment(self.today))

    @precondition(lambda self: self.debits(PaymentState.SCHEDULED))
    @rule()
    def cancel(self) -> None:
        payments.cancel(self.debits(PaymentState.SCHEDULED)[0], by=PORTAL, when=moment(self.today))

    @rule(
        number=st.integers(0, 5), kind=st.sampled_from(ORDER), share=st.sampled_from([1, 3, 10]), late=st.booleans()
    )
    def abate(self, number: int, kind: Kind, share: int, late: bool) -> None:
        period = self.periods[number % len(self.periods)]
        on = self.today if late or kind in (Kind.FAILURE_TO_PAY, Kind.INTEREST, Kind.DISHONORED) else period.due_on
        most = abatements.most(accounts.facts(self.taxpayer.id), kind, period.tax_year, on)
        if amount := Money(most.cents // share):
            wanted = Abatement(on, kind, amount, period.tax_year)
            abatements.abate(self.taxpayer, wanted, "by chance", by=PORTAL, when=moment(self.today))
            self.given_up[kind] += amount.cents

    @precondition(lambda self: account_view(self.taxpayer.id, self.today).standing.credit)
    @rule(share=st.sampled_from([1, 2, 5]))
    def send_back(self, share: int) -> None:
        amount = Money(account_view(self.taxpayer.id, self.today).standing.credit.cents // share)
        with suppress(NotCertainYet, MoreThanTheCredit):
            credits.refund(self.taxpayer, amount, "by chance", by=PORTAL, when=moment(self.today))
            self.sent_back += amount

    @rule()
    def use_the_credit(self) -> None:
        credits.use(self.taxpayer.id, by=PORTAL, when=moment(self.today))
        standing = account_view(self.taxpayer.id, self.today).standing
        assert not (standing.credit and standing.balance)

    @precondition(lambda self: self.agreements(AgreementState.ACTIVE))
    @rule()
    def schedule(self) -> None:
        [agreement] = self.agreements(AgreementState.ACTIVE)
        promises.schedule_next(agreement, by=PORTAL, when=moment(self.today))

    @invariant()
    def verify_finds_nothing(self) -> None:
        assert [fault for found in audit.faults() for fault in found] == []

    @invariant()
    def the_ledger_sums_to_nothing(self) -> None:
        sums = db.session.execute(db.select(db.func.sum(Posting.amount)).group_by(Posting.entry_id)).scalars()
        assert {amount.cents for amount in sums} <= {0}

    @invariant()
    def the_dashboard_shows_what_follows_from_all_that_was_done(self) -> None:
        standing = account_view(self.taxpayer.id, self.today).standing
        books = replay(self.remembered(), office().policy.law_on(self.today), self.today)[0]
        assert standing.owed == books.owed(self.today)
        assert standing.fee == Money(books.fee)
        assert standing.credit == Money(books.credit)

    @invariant()
    def what_was_given_up_and_sent_back_is_what_was_asked_for(self) -> None:
        """With a part of the tax goes a part of the penalty for filing late, which nobody asks for."""
        account, given_up = accounts.facts(self.taxpayer.id), Counter[Kind]()
        for each in account.abatements:
            given_up[each.kind] += each.amount.cents
        assert given_up[Kind.FAILURE_TO_FILE] >= self.given_up[Kind.FAILURE_TO_FILE]
        given_up[Kind.FAILURE_TO_FILE] = self.given_up[Kind.FAILURE_TO_FILE]
        assert given_up == self.given_up
        used = total(each.amount for each in self.rows() if each.channel is Channel.CREDIT)
        assert total(each.amount for each in account.refunds) == self.sent_back + used

    @invariant()
    def the_balance_is_made_of_what_covers_it(self) -> None:
        standing = account_view(self.taxpayer.id, self.today).standing
        assert standing.pending_here + standing.promised + standing.uncovered == standing.balance
        assert min(standing.pending_here, standing.promised, standing.uncovered) >= Money(0)
        assert standing.charged == standing.posted - standing.credit + standing.balance

    @invariant()
    def payments_move_only_along_the_graph(self) -> None:
        rows = db.session.execute(
            db.select(PaymentStep.payment_id, PaymentStep.state, PaymentStep.happened_on).order_by(
                PaymentStep.payment_id, PaymentStep.id
            )
        ).all()
        for (before, old, day), (payment_id, new, later) in pairwise(rows):
            assert before != payment_id or (new in PAYMENT_MOVES[old] and day <= later)

    def remembered(self) -> Account:
        """The account as the rows of payments and agreements tell it: the ledger itself is not asked."""
        rows = self.rows()
        settled = [each for each in rows if each.state is PaymentState.SETTLED]
        plans = list(db.session.execute(db.select(Agreement).order_by(Agreement.id)).scalars())
        rules = office().policy.penalties.on(self.today)
        years = self.charged_years()
        returned = db.select(PaymentStep.payment_id, PaymentStep.happened_on).where(PaymentStep.state == "returned")
        day_of = {each.payment_id: each.happened_on for each in db.session.execute(returned)}
        fees = [
            Charge(each.accepted_on, Kind.FEE, Money(22_00 if self.is_debited(each) else 69_00)) for each in plans
        ]
        penalties = [
            Charge(day_of[each.id], Kind.DISHONORED, dishonored_payment(each.amount, rules), years[each.id])
            for each in rows
            if each.state is PaymentState.RETURNED and each.attempt == 1
        ]
        return Account(
            periods=tuple(self.periods),
            payments=tuple(Received(each.pay_on, each.amount, str(each.id)) for each in settled),
            charges=(*fees, *penalties),
            in_effect=tuple(Span(each.accepted_on, each.ended_on) for each in plans),
            abatements=accounts.facts(self.taxpayer.id).abatements,
            refunds=accounts.facts(self.taxpayer.id).refunds,
        )

    def rows(self) -> list[Payment]:
        return list(db.session.execute(db.select(Payment).order_by(Payment.id)).scalars())

    def charged_years(self) -> dict[int, int]:
        """To which year each return's penalty went: the one thing that only the ledger knows."""
        rows = db.select(Entry.payment_id, Posting.tax_year).join(Posting, Posting.entry_id == Entry.id)
        found = db.session.execute(rows.where(Posting.account == "charged:dishonored"))
        return {each.payment_id: each.tax_year for each in found}

    def is_debited(self, agreement: Agreement) -> bool:
        return terms.current(agreement, agreement.accepted_on).method is Method.DIRECT_DEBIT

    def owed(self) -> bool:
        return bool(account_view(self.taxpayer.id, self.today).standing.owed.total)

    def agreements(self, *states: AgreementState) -> list[Agreement]:
        return list(db.session.execute(db.select(Agreement).where(Agreement.state.in_(states))).scalars())

    def debits(self, state: PaymentState) -> list[Payment]:
        rows = db.select(Payment).where(Payment.state == state, Payment.channel == Channel.DEBIT)
        return list(db.session.execute(rows.order_by(Payment.id)).scalars())

    def count(self, table: type[object]) -> int:
        return int(db.session.execute(db.select(db.func.count()).select_from(table)).scalar_one())


@pytest.fixture
def life(empty_stage: Flask) -> type[Life]:
    return type("LifeInTown", (Life,), {"app": empty_stage})


def test_whatever_happens_to_an_account_its_books_hold(life: type[Life]) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        life,
        settings=settings(
            max_examples=LIVES, stateful_step_count=STEPS, derandomize=True, database=None, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
