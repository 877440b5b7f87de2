"""Many who change one plan at once, and the daily close in the same moment: one outcome, and the entries match."""

from collections import Counter
from datetime import date
from itertools import count

from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL, Actor
from portal.domain.lifecycle import MethodChangeState, PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.plan import Method
from portal.domain.refusal import Refusal
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import Agreement, MethodChange, Payment, Taxpayer
from portal.models.authorization import AuthorizationKind
from portal.models.bank_account import AccountType
from portal.models.payment import Channel
from portal.queries.method_changes import coming_to
from portal.services import agreements, bank_accounts, method_changes, terms
from portal.services.authorizations import Signature
from portal.services.bank_accounts import NewAccount
from portal.services.changes import ChangedMeanwhile
from portal.services.method_changes import Wish
from portal.services.terms import Proposal
from tests.ledger_text import ROUTING_NUMBER, moment, owing
from tests.test_db import faults_of, together, trail_is_whole

TODAY = date(2026, 11, 23)
THREADS, ROUNDS = 64, 10
SIGNATURE = Signature("Theo Timely", "2026-11", "en_US", {AuthorizationKind.DEBIT: "The text."})
_numbers = count(5_550_100_000)


def test_of_sixty_four_who_change_one_account_at_once_one_wins(committing: Flask) -> None:
    owner, when, told = debited(), moment(TODAY), list[str]()
    drafts = [draft(owner, when) for _number in range(THREADS)]
    shown = coming_to(owner.id, Method.DIRECT_DEBIT, when)

    def sign(number: int) -> None:
        told.append(signed(owner, drafts[number], shown, when))

    together(committing, sign, THREADS)

    assert Counter(told) == {"signed": 1, ChangedMeanwhile.__name__: THREADS - 1}
    [won] = changes_of(owner, MethodChangeState.MADE)
    assert len(changes_of(owner, MethodChangeState.DRAFTED)) == THREADS - 1
    assert [each.bank_account_id for each in promised(owner)] == [won.bank_account_id]
    assert len(terms.history(in_force(owner))) == 2
    assert faults_of(owner.id) == []
    assert trail_is_whole()


def test_one_draft_that_everybody_signs_is_one_change(committing: Flask) -> None:
    owner, when, told = debited(), moment(TODAY), list[str]()
    reference = draft(owner, when)
    shown = coming_to(owner.id, Method.DIRECT_DEBIT, when)

    together(committing, lambda _number: told.append(signed(owner, reference, shown, when)), 16)

    assert Counter(told) == {"signed": 16}
    assert len(terms.history(in_force(owner))) == 2


def test_a_change_in_the_moment_of_the_daily_close_has_one_outcome(committing: Flask) -> None:
    """Either the debit of the day was seen as promised, or the close came first and the owner is told to look again;
    in no case is it taken twice, or from another account than was shown.
    """
    outcomes = Counter[str]()
    for _round in range(ROUNDS):
        owner = debited(first_due_on=date(2026, 12, 1))
        old = terms.history(in_force(owner))[0].bank_account_id
        on, told = date(2026, 12, 1), list[str]()
        when = moment(on)
        reference, shown = draft(owner, when), coming_to(owner.id, Method.DIRECT_DEBIT, when)

        def work(
            which: int, owner: Taxpayer = owner, reference: str = reference, shown: object = shown,
            when: Moment = when, told: list[str] = told,
        ) -> None:  # fmt: skip
            if which:
                close.run(moment(when.on), SandboxBank())
            else:
                told.append(signed(owner, reference, shown, when))

        together(committing, work, 2)

        taken = [each for each in debits(owner) if each.installment_on == on]
        assert [(each.state, each.bank_account_id) for each in taken] == [(PaymentState.SUBMITTED, old)]
        following = {each.bank_account_id for each in promised(owner)}
        made = changes_of(owner, MethodChangeState.MADE)
        assert following in ([{made[0].bank_account_id}, set()] if told == ["signed"] else [{old}])
        assert faults_of(owner.id) == []
        outcomes[told[0]] += 1
    print(outcomes)


# What the tests do.


def debited(first_due_on: date = date(2026, 12, 15)) -> Taxpayer:
    """Somebody new who pays by debit."""
    owner, when = owing("9000.00", year=2025, day=TODAY), moment(TODAY)
    account = bank_accounts.add(
        owner, routing_number=ROUTING_NUMBER, number=str(next(_numbers)), type=AccountType.CHECKING, by=PORTAL,
        when=when,
    )  # fmt: skip
    proposal = Proposal(Money(310_00), first_due_on.day, first_due_on, Method.DIRECT_DEBIT, account)
    agreements.accept(owner, proposal, by=PORTAL, when=when)
    return owner


def draft(owner: Taxpayer, when: Moment) -> str:
    account = NewAccount(AccountType.CHECKING, ROUTING_NUMBER, str(next(_numbers)))
    return method_changes.draft(Wish(Method.DIRECT_DEBIT, account), by=actor(owner), when=when).reference


def signed(owner: Taxpayer, reference: str, shown: object, when: Moment) -> str:
    try:
        method_changes.make(reference, shown, SIGNATURE, by=actor(owner), when=when)  # type: ignore[arg-type]
    except Refusal as refusal:
        return type(refusal).__name__
    return "signed"


def actor(owner: Taxpayer) -> Actor:
    return Actor(None, None, owner.id)


def in_force(owner: Taxpayer) -> Agreement:
    found = agreements.in_force(owner.id)
    assert found is not None
    return found


def changes_of(owner: Taxpayer, state: MethodChangeState) -> list[MethodChange]:
    rows = db.select(MethodChange).where(MethodChange.taxpayer_id == owner.id, MethodChange.state == state)
    return list(db.session.execute(rows).scalars())


def debits(owner: Taxpayer) -> list[Payment]:
    rows = db.select(Payment).where(Payment.taxpayer_id == owner.id, Payment.channel == Channel.DEBIT)
    return list(db.session.execute(rows.where(Payment.state != PaymentState.CANCELLED)).scalars())


def promised(owner: Taxpayer) -> list[Payment]:
    return [each for each in debits(owner) if each.state is PaymentState.SCHEDULED]
