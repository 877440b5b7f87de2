"""`portal verify`: every balance recomputed from the facts, every invariant of the books checked, row by row."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import groupby, pairwise

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from portal.db import db
from portal.domain.ledger import (
    CASH,
    CREDIT,
    LARGEST_POSTING,
    REFUNDED,
    EntryKind,
    abated_account,
    abatement_move,
    charged_account,
    owed_account,
)
from portal.domain.lifecycle import PAYMENT_MOVES, PaymentState
from portal.domain.money import Money
from portal.domain.penalties import dishonored_payment
from portal.domain.period import ORDER, Kind
from portal.domain.waterfall import replay
from portal.models import Assessment, Entry, Payment, PaymentStep, Posting, Taxpayer, TaxPeriod
from portal.models.payment import Channel
from portal.office import office
from portal.queries import accounts
from portal.services import ledger

CHUNK = 500
FIRST_STEPS = (PaymentState.SCHEDULED, PaymentState.SETTLED)
# What somebody else sends, such as an employer, is on its way when we first hear of it; a debit is promised first.
FIRST_STEPS_OF_OTHERS = (*FIRST_STEPS, PaymentState.SUBMITTED)


def _sides(*kinds: Kind) -> tuple[str, ...]:
    return tuple(name(kind) for kind in kinds for name in (owed_account, charged_account))


ACCOUNTS = {
    EntryKind.ASSESSMENT: _sides(Kind.TAX, Kind.FAILURE_TO_FILE),
    EntryKind.CHARGE: _sides(Kind.FEE, Kind.DISHONORED),
    EntryKind.ACCRUAL: _sides(Kind.FAILURE_TO_PAY, Kind.INTEREST),
    EntryKind.PAYMENT: (CASH, CREDIT, *(owed_account(kind) for kind in Kind)),
    EntryKind.ABATEMENT: tuple(
        name for kind in ORDER for name in (abated_account(kind), abatement_move(kind, Money(1), 0).credit)
    ),
    EntryKind.REFUND: (CREDIT, REFUNDED),
}


def count() -> int:
    """How many accounts there are to check."""
    return db.session.execute(select(func.count()).select_from(Taxpayer)).scalar_one()


def faults() -> Iterator[list[str]]:
    """For each account what is wrong with it, in words; the last one carries what is wrong with the whole."""
    last = 0
    found = list(_of_the_whole())
    while rows := db.session.execute(_next_accounts(last)).all():
        for taxpayer_id, reference in rows:
            yield [*found, *(f"account {reference}: {fault}" for fault in _found_in(taxpayer_id))]
            found = []
        last = rows[-1].id
    if found:
        yield found


def _next_accounts(after: int) -> Select[int, str]:
    wanted = select(Taxpayer.id, Taxpayer.reference).where(Taxpayer.id > after)
    return wanted.order_by(Taxpayer.id).limit(CHUNK)


def _found_in(taxpayer_id: int) -> list[str]:
    """What is wrong with an account. A deed that was half seen is no fault: what is found is looked at once more, and
    by then it is over.
    """
    return _wrong_with(taxpayer_id) and _wrong_with(taxpayer_id)


def _wrong_with(taxpayer_id: int) -> list[str]:
    """The same at a glance; books too damaged to be computed are named as that."""
    found = []
    try:
        for fault in _of_account(taxpayer_id):
            found.append(fault)
    except (LookupError, RuntimeError, TypeError, ValueError) as error:
        found.append(f"its books cannot be computed ({error})")
    return found


def _of_the_whole() -> Iterator[str]:
    """What one query over all rows can find."""
    session = db.session
    sums = select(Posting.entry_id).group_by(Posting.entry_id).having(func.sum(Posting.amount) != Money(0))
    for entry_id in session.execute(sums).scalars():
        yield f"entry {entry_id}: its postings do not balance"
    too_large = select(Posting.id).where(~Posting.amount.between(-LARGEST_POSTING, LARGEST_POSTING))
    for posting_id in session.execute(too_large).scalars():
        yield f"posting {posting_id}: larger than a posting can be"
    empty = select(Entry.id).where(~select(Posting.id).where(Posting.entry_id == Entry.id).exists())
    for entry_id in session.execute(empty).scalars():
        yield f"entry {entry_id}: has no postings"
    earlier = aliased(Entry)
    backwards = (
        select(Entry.id).join(earlier, earlier.id == Entry.id - 1).where(Entry.recorded_at < earlier.recorded_at)
    )
    for entry_id in session.execute(backwards).scalars():
        yield f"entry {entry_id}: written before the entry that precedes it"
    yield from _of_another_kind()
    yield from _unlike_what_they_reverse()
    yield from _wrong_steps()


def _of_another_kind() -> Iterator[str]:
    """An entry moves the accounts of its kind, and what reverses something is a reversal."""
    strange = [and_(Entry.kind == kind, Posting.account.not_in(known)) for kind, known in ACCOUNTS.items()]
    rows = select(Entry.id, Entry.kind).join(Posting, Posting.entry_id == Entry.id).where(or_(*strange)).distinct()
    for entry_id, kind in db.session.execute(rows.order_by(Entry.id)):
        yield f"entry {entry_id}: moves accounts that no {kind} moves"
    unlike = select(Entry.id).where((Entry.kind == EntryKind.REVERSAL) != Entry.reverses_id.is_not(None))
    for entry_id in db.session.execute(unlike).scalars():
        yield f"entry {entry_id}: a reversal of nothing, or what reverses something and is none"


def _unlike_what_they_reverse() -> Iterator[str]:
    """A reversal belongs to the account and day of what it reverses, and nets it to nothing."""
    original = aliased(Entry)
    rows = (
        select(Entry.id)
        .join(original, original.id == Entry.reverses_id)
        .where(
            (Entry.taxpayer_id != original.taxpayer_id)
            | (Entry.effective_on != original.effective_on)
            | (original.kind == EntryKind.REVERSAL)
        )
    )
    for entry_id in db.session.execute(rows).scalars():
        yield f"entry {entry_id}: does not belong to what it reverses"
    both = func.coalesce(Entry.reverses_id, Entry.id)
    pairs = select(Entry.reverses_id).where(Entry.reverses_id.is_not(None))
    left = (
        select(both)
        .join(Posting, Posting.entry_id == Entry.id)
        .where(both.in_(pairs))
        .group_by(both, Posting.account, Posting.tax_year)
        .having(func.sum(Posting.amount) != Money(0))
        .distinct()
    )
    for entry_id in db.session.execute(left).scalars():
        yield f"entry {entry_id}: its reversal leaves something standing"


def _wrong_steps() -> Iterator[str]:
    """Payments move only along the declared ways, and end where their row says."""
    rows = (
        select(Payment.reference, Payment.state, Payment.channel, PaymentStep.state)
        .outerjoin(PaymentStep, PaymentStep.payment_id == Payment.id)
        .order_by(Payment.id, PaymentStep.id)
        .execution_options(yield_per=1000)
    )
    for (reference, state, channel), found in groupby(db.session.execute(rows), lambda row: (row[0], row[1], row[2])):
        steps = [step for *_, step in found if step is not None]
        first_steps = FIRST_STEPS if channel in (Channel.DEBIT, Channel.ONLINE) else FIRST_STEPS_OF_OTHERS
        yield from (f"payment {reference}: {fault}" for fault in _wrong_way(state, steps, first_steps))


def _wrong_way(
    state: PaymentState, steps: list[PaymentState], first_steps: tuple[PaymentState, ...]
) -> Iterator[str]:
    if not steps:
        if state is not PaymentState.DRAFTED:
            yield "has no steps"
        return
    if steps[0] not in first_steps:
        yield f"began as {steps[0]}"
    for old, new in pairwise(steps):
        if new not in PAYMENT_MOVES[old]:
            yield f"went from {old} to {new}"
    if state != steps[-1]:
        yield f"is {state}, but its last step is {steps[-1]}"


def _of_account(taxpayer_id: int) -> Iterator[str]:
    """One account's books against what the engine makes of its facts."""
    yield from _wrong_assessments(taxpayer_id)
    yield from _wrong_penalties(taxpayer_id)
    yield from _unbooked_payments(taxpayer_id)
    yield from _wrong_entries(taxpayer_id)
    yield from _wrong_balances(taxpayer_id)


def _wrong_entries(taxpayer_id: int) -> Iterator[str]:
    """Payments and accruals stand in the books as the engine computes them."""
    account = accounts.facts(taxpayer_id)
    expected = {key: (day, ledger.sides_of(moves)) for key, (day, moves) in ledger.expected_entries(account).items()}
    standing = {key: (day, sides) for key, (_, day, sides) in ledger.live_entries(taxpayer_id).items()}
    for kind, payment_id in sorted(expected.keys() | standing.keys(), key=str):
        if expected.get((kind, payment_id)) != standing.get((kind, payment_id)):
            yield f"the {kind} entry of payment {payment_id} is not what the engine computes"


def _wrong_balances(taxpayer_id: int) -> Iterator[str]:
    """The balance of each account of the ledger is what the engine says stands on the books, the credit too; what is
    owed is never negative.
    """
    books = replay(accounts.facts(taxpayer_id), office().policy.law_on(date.max), date.max)[0]
    expected: Counter[tuple[str, int | None]] = Counter(
        {(owed_account(Kind.FEE), None): books.fee, (CREDIT, None): -books.credit}
    )
    for period in books.periods:
        for kind in Kind:
            if kind is not Kind.FEE:
                expected[owed_account(kind), period.facts.tax_year] = getattr(period, kind)
    rows = (
        select(Posting.account, Posting.tax_year, func.sum(Posting.amount))
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Entry.taxpayer_id == taxpayer_id, or_(Posting.account.startswith("owed:"), Posting.account == CREDIT))
        .group_by(Posting.account, Posting.tax_year)
    )
    found = {(account, year): _cents(amount) for account, year, amount in db.session.execute(rows)}
    for key in sorted(expected.keys() | found.keys(), key=str):
        if expected.get(key, 0) != found.get(key, 0):
            booked, computed = Money(found.get(key, 0)), Money(expected.get(key, 0))
            yield f"{key[0]} of {key[1]}: {booked} on the books, {computed} computed"
        if found.get(key, 0) < 0 and key[0] != CREDIT:
            yield f"{key[0]} of {key[1]}: below zero"


def _unbooked_payments(taxpayer_id: int) -> Iterator[str]:
    """A settled payment stands in the books once, from its day, at its full amount; no other payment does."""
    booked = {payment.reference: (payment.on, payment.amount) for payment in accounts.facts(taxpayer_id).payments}
    rows = select(Payment.id, Payment.reference, Payment.state, Payment.pay_on, Payment.amount)
    for payment_id, reference, state, pay_on, amount in db.session.execute(
        rows.where(Payment.taxpayer_id == taxpayer_id)
    ):
        wanted = (pay_on, amount) if state is PaymentState.SETTLED else None
        if booked.pop(str(payment_id), None) != wanted:
            yield f"payment {reference}: {state}, but the books say otherwise"
    for unknown in booked:
        yield f"payment {unknown}: in the books, but of no payment of this account"


def _wrong_assessments(taxpayer_id: int) -> Iterator[str]:
    """What was assessed is what is on the books, period by period."""
    rows = (
        select(TaxPeriod.tax_year, Assessment.assessed_on, Assessment.tax)
        .join(Assessment, Assessment.tax_period_id == TaxPeriod.id)
        .where(TaxPeriod.taxpayer_id == taxpayer_id, Assessment.tax > Money(0))
    )
    booked = {each.tax_year: (each.assessed_on, each.tax) for each in accounts.facts(taxpayer_id).periods}
    for year, assessed_on, tax in db.session.execute(rows):
        if booked.pop(year, None) != (assessed_on, tax):
            yield f"tax year {year}: assessed {tax} on {assessed_on}, the books say otherwise"
    for year in booked:
        yield f"tax year {year}: on the books, but not assessed"


def _wrong_penalties(taxpayer_id: int) -> Iterator[str]:
    """Each debit that came back cost its penalty once, on the day of its first return, whether or not that was taken
    back since; nothing else did.
    """
    rows = (
        select(Entry.payment_id, Entry.effective_on, func.sum(Posting.amount))
        .join(Posting, and_(Posting.entry_id == Entry.id, Posting.account == owed_account(Kind.DISHONORED)))
        .where(Entry.taxpayer_id == taxpayer_id, Entry.kind == EntryKind.CHARGE)
        .group_by(Entry.id, Entry.payment_id, Entry.effective_on)
    )
    charged = {payment_id: (day, _cents(amount)) for payment_id, day, amount in db.session.execute(rows)}
    returned = (
        select(Payment.id, Payment.reference, Payment.amount, Payment.attempt, PaymentStep.happened_on)
        .join(PaymentStep, and_(PaymentStep.payment_id == Payment.id, PaymentStep.state == PaymentState.RETURNED))
        .where(Payment.taxpayer_id == taxpayer_id)
    )
    for payment_id, reference, amount, attempt, day in db.session.execute(returned):
        penalty = dishonored_payment(amount, office().policy.penalties.on(day)) if attempt == 1 else Money(0)
        if charged.pop(payment_id, None) != ((day, penalty.cents) if penalty else None):
            yield f"payment {reference}: its return on {day} cost {penalty}, the books say otherwise"
    for unknown in charged:
        yield f"payment {unknown}: charged for a return that was none"


def _cents(amount: Money | int) -> int:
    return int(amount.cents if isinstance(amount, Money) else amount)
