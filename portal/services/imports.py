"""`portal import`: what an agency brings along, from a CSV file; all of it or nothing (docs/import.md)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select

from portal.db import db, transaction
from portal.domain import admission
from portal.domain.actor import Actor
from portal.domain.admission import Admission, Known
from portal.domain.calendar import ONE_DAY
from portal.domain.cells import READERS, Bounds, Kind
from portal.domain.lifecycle import PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.period import TaxPeriod
from portal.domain.refusal import Refusal
from portal.domain.roster import Record
from portal.domain.waterfall import Account
from portal.domain.waterfall import Payment as Received
from portal.gateways import rosters
from portal.gateways.rosters import Told, nobody
from portal.models import Assessment, Payment, PaymentStep, Spouse, Taxpayer
from portal.models import TaxPeriod as PeriodRow
from portal.models.columns import ALPHABET
from portal.models.payment import Channel
from portal.models.taxpayer import SSN
from portal.office import office
from portal.queries import accounts
from portal.services import ledger, new_balances, taxpayers, trail
from portal.services.taxpayers import Partner, Person

FAULTS_KEPT = 200
PAYMENT = "earlier payment"
COUNTED = {
    Kind.TAXPAYER: "taxpayers", Kind.SPOUSE: "spouses", Kind.PERIOD: "tax periods", Kind.PAYMENT: "payments",
}  # fmt: skip


class HasBadLines(Refusal):
    """%(bad)s lines are bad. Nothing was changed."""


class ChangedMeanwhile(Refusal):
    """The file or the accounts changed between the check and the import. Nothing was changed; import it again."""


@dataclass
class Tally:
    """What a file comes to: lines that are new by kind, lines whose facts are here, bad lines and why."""

    digest: str
    new: Counter[Kind] = field(default_factory=Counter)
    here: int = 0
    bad: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, found: Admission) -> None:
        self.new.update(record.kind for record in found.new if record.kind)
        self.here += len(found.here)
        self.bad += len(found.bad)
        for record in found.bad[: FAULTS_KEPT - len(self.faults)]:
            self.faults.append(f"Line {record.number}: {'; '.join(record.reasons)}.")

    def sentences(self) -> Iterator[str]:
        """What was found, for the person who imports: each bad line, then the sums."""
        yield from self.faults
        if more := self.bad - len(self.faults):
            yield f"And {more:,} more bad lines."
        new = ", ".join(f"{self.new[kind]:,} {words}" for kind, words in COUNTED.items())
        yield f"New: {new}. Here already: {self.here:,} lines. Bad: {self.bad:,} lines."


def dry_run(path: Path, *, when: Moment, told: Told = nobody) -> Tally:
    """Check every line of a file and change nothing. `told` hears of the bytes as they are read."""
    with rosters.opened(path) as file:
        tally = Tally(rosters.digest(file))
        for ssn, lines in rosters.households(file, _bounds(when), told):
            tally.add(_admitted(ssn, lines)[1])
    return tally


def carry_out(path: Path, checked: Tally, *, by: Actor, when: Moment, told: Told = nobody) -> None:
    """Import a file that the dry run found good: all that is new in it, in one deed; nothing new, nothing written.

    Every line is checked again under the lock. Refuses (`ChangedMeanwhile`) what is no longer as it was checked.
    """
    if checked.bad:
        raise HasBadLines(bad=checked.bad)
    if not checked.new:
        return
    with rosters.opened(path) as file, transaction():
        done = Tally(rosters.digest(file))
        for ssn, lines in rosters.households(file, _bounds(when), told):
            taxpayer, found = _admitted(ssn, lines)
            done.add(found)
            if found.bad:
                break
            if found.new and taxpayer:
                _add_to(taxpayer, ssn, found, by=by, when=when)
            elif found.new:
                _enrol(ssn, found, by=by, when=when)
        if done != checked:
            raise ChangedMeanwhile
        trail.append(
            "import.finished", done.digest[:16], by=by, when=when, taxpayers=str(done.new[Kind.TAXPAYER]),
            spouses=str(done.new[Kind.SPOUSE]), periods=str(done.new[Kind.PERIOD]),
            payments=str(done.new[Kind.PAYMENT]),
        )  # fmt: skip


def _bounds(when: Moment) -> Bounds:
    """Interest runs from the day after the due date, so the last day before the rates is early enough."""
    policy = office().policy
    first_rules_on = policy.penalties.entries[0][0]
    return Bounds(earliest=max(policy.rates.published_from - ONE_DAY, first_rules_on), today=when.on)


# Comparing


def _admitted(ssn: str, lines: list[Record]) -> tuple[Taxpayer | None, Admission]:
    """The account of a number, and what becomes of its lines."""
    taxpayer, known = _known(ssn, lines)
    return taxpayer, admission.admit([_unless_married(line, taxpayer) for line in lines], known)


def _unless_married(line: Record, taxpayer: Taxpayer | None) -> Record:
    """The line of a spouse, which is bad if that person is the spouse of another account."""
    if line.kind is not Kind.SPOUSE or line.reasons:
        return line
    index = office().vault.index(line.facts["spouse_ssn"], SSN)
    owner = db.session.execute(select(Spouse.taxpayer_id).where(Spouse.ssn_index == index)).scalar_one_or_none()
    if owner is None or (taxpayer and owner == taxpayer.id):
        return line
    return replace(line, reasons=("spouse_ssn: is the spouse of another account",))


def _known(ssn: str, lines: Iterable[Record]) -> tuple[Taxpayer | None, Known]:
    """The account of a number, and what a roster could say of it: the people, the years, the payments named."""
    taxpayer = taxpayers.by_ssn(ssn) if ssn else None
    if taxpayer is None:
        return None, {}
    columns = READERS[Kind.TAXPAYER]
    known: dict[admission.Key, Mapping[str, Any]] = {
        admission.TAXPAYER: {column: getattr(taxpayer, column) for column in columns}
    }
    if spouse := taxpayers.spouse_of(taxpayer):
        number = office().vault.open(spouse.ssn_sealed, spouse.ssn_row)
        known[Kind.SPOUSE, None] = {
            "spouse_ssn": number, "spouse_first_name": spouse.first_name, "spouse_last_name": spouse.last_name,
            "spouse_born_on": spouse.born_on,
        }  # fmt: skip
    for row in db.session.execute(_assessed(taxpayer.id)).mappings():
        known[Kind.PERIOD, row["tax_year"]] = dict(row)
    names = {reference_of(ssn, each.facts["reference"]): each.facts["reference"]
             for each in lines if each.kind is Kind.PAYMENT and not each.reasons}  # fmt: skip
    for reference, paid_on, amount in db.session.execute(_received(names)):
        name = names[reference]
        known[Kind.PAYMENT, name] = {"reference": name, "paid_on": paid_on, "amount": amount}
    return taxpayer, known


def _assessed(taxpayer_id: int) -> Select[Any, Any, Any, Any, Any]:
    return (
        select(PeriodRow.tax_year, PeriodRow.due_on, PeriodRow.filed_on, Assessment.assessed_on, Assessment.tax)
        .join(Assessment, Assessment.tax_period_id == PeriodRow.id)
        .where(PeriodRow.taxpayer_id == taxpayer_id)
    )


def _received(references: Iterable[str]) -> Select[str, date, Money]:
    return select(Payment.reference, Payment.pay_on, Payment.amount).where(Payment.reference.in_(references))


def reference_of(ssn: str, name: str) -> str:
    """The public name of an earlier payment: made of the agency's own name for it, so that it is found again.

    Keyed, so that nobody without the key can tell or guess it.
    """
    bits = int(office().vault.index(f"{ssn}\0{name}", PAYMENT), 16)
    letters = "".join(ALPHABET[bits >> 5 * place & 31] for place in range(15))
    return f"PY-{letters[:5]}-{letters[5:10]}-{letters[10:]}"


# Writing


def _enrol(ssn: str, found: Admission, *, by: Actor, when: Moment) -> None:
    """Write a household that nobody here knew: nothing of it is in the books yet, so nothing is compared."""
    person = Person(ssn=ssn, **found.new_of(Kind.TAXPAYER)[0])
    taxpayer = taxpayers.enrol(person, by=by, when=when)
    account = _enter(taxpayer, ssn, found, Account(()), by=by, when=when)
    for (kind, payment_id), (day, moves) in ledger.expected_entries(account).items():
        ledger.record(taxpayer.id, kind, moves, effective_on=day, payment_id=payment_id, when=when)


def _add_to(taxpayer: Taxpayer, ssn: str, found: Admission, *, by: Actor, when: Moment) -> None:
    """Write what is new of somebody who is here, align the ledger once, and ask an agreement to take in new years."""
    account = _enter(taxpayer, ssn, found, accounts.facts(taxpayer.id), by=by, when=when)
    ledger.align(taxpayer.id, account, when=when)
    new_balances.arrive(taxpayer.id, [each["tax_year"] for each in found.new_of(Kind.PERIOD)], by=by, when=when)


def _enter(taxpayer: Taxpayer, ssn: str, found: Admission, account: Account, *, by: Actor, when: Moment) -> Account:
    for facts in found.new_of(Kind.SPOUSE):
        partner = Partner(**{column.removeprefix("spouse_"): value for column, value in facts.items()})
        taxpayers.add_spouse(taxpayer, partner, by=by, when=when)
    periods = [TaxPeriod(**facts) for facts in found.new_of(Kind.PERIOD)]
    _assess(taxpayer, periods, by=by, when=when)
    received = _receive(taxpayer, ssn, found.new_of(Kind.PAYMENT), by=by, when=when)
    return replace(account, periods=(*account.periods, *periods), payments=(*account.payments, *received))


def _assess(taxpayer: Taxpayer, periods: list[TaxPeriod], *, by: Actor, when: Moment) -> None:
    """`taxpayers.assess` for several years at once: the caller aligns the ledger after the last one."""
    rows = [
        PeriodRow(taxpayer_id=taxpayer.id, tax_year=each.tax_year, due_on=each.due_on, filed_on=each.filed_on)
        for each in periods
    ]
    db.session.add_all(rows)
    db.session.flush()
    db.session.add_all(
        Assessment(tax_period_id=row.id, assessed_on=each.assessed_on, tax=each.tax)
        for row, each in zip(rows, periods, strict=True)
    )
    for facts in periods:
        ledger.book_assessment(taxpayer.id, facts, when=when)
        trail.append(
            "tax_period.assessed", taxpayer.reference, by=by, when=when, taxpayer_id=taxpayer.id,
            year=str(facts.tax_year), tax=str(facts.tax),
        )  # fmt: skip


def _receive(
    taxpayer: Taxpayer, ssn: str, lines: list[Mapping[str, Any]], *, by: Actor, when: Moment
) -> list[Received]:
    """`payments.receive` for several payments at once: the caller aligns the ledger after the last one."""
    rows = [
        Payment(
            reference=reference_of(ssn, facts["reference"]), taxpayer_id=taxpayer.id, channel=Channel.EARLIER,
            state=PaymentState.SETTLED, amount=facts["amount"], pay_on=facts["paid_on"],
        )
        for facts in lines
    ]  # fmt: skip
    db.session.add_all(rows)
    db.session.flush()
    db.session.add_all(
        PaymentStep(payment_id=row.id, state=row.state, happened_on=when.on, recorded_at=when.at) for row in rows
    )
    for row in rows:
        trail.append(
            "payment.settled", row.reference, by=by, when=when, taxpayer_id=taxpayer.id,
            amount=str(row.amount), pay_on=row.pay_on.isoformat(),
        )  # fmt: skip
    return [Received(row.pay_on, row.amount, str(row.id)) for row in rows]
