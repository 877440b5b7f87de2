"""Taxpayers and their tax periods: enrolment and assessment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain import period as domain
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import Assessment, Spouse, Taxpayer, TaxPeriod
from portal.models.columns import new_reference
from portal.models.notice import NoticeKind
from portal.models.taxpayer import LAST_FOUR, SSN
from portal.office import office
from portal.services import ledger, new_balances, notices, trail

ADDRESS = ("street", "city", "state", "postal_code", "phone")


class AlreadyAssessed(Refusal):
    """Tax year %(year)s is already assessed for this taxpayer. Nothing was changed."""


class AlreadyMarried(Refusal):
    """This account has a spouse already, or this person is the spouse of another account. Nothing was changed."""


class OwnSpouse(Refusal):
    """Nobody is their own spouse. Check the SSN or ITIN. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who a taxpayer is. `ssn` is nine digits, an SSN or an ITIN."""

    first_name: str
    last_name: str
    ssn: str
    born_on: date
    filing_status: str
    street: str
    city: str
    state: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Partner:
    """Who a spouse is. `ssn` is nine digits, an SSN or an ITIN."""

    first_name: str
    last_name: str
    ssn: str
    born_on: date


def by_ssn(ssn: str) -> Taxpayer | None:
    """The taxpayer with this number, if there is one."""
    index = office().vault.index(ssn, SSN)
    return db.session.execute(select(Taxpayer).where(Taxpayer.ssn_index == index)).scalar_one_or_none()


def by_reference(reference: str) -> Taxpayer | None:
    """The taxpayer whose account has this reference, if there is one."""
    return db.session.execute(select(Taxpayer).where(Taxpayer.reference == reference)).scalar_one_or_none()


def enrol(person: Person, *, by: Actor, when: Moment) -> Taxpayer:
    """Open an account for somebody who owes. The SSN is sealed; it must be new here."""
    vault = office().vault
    with transaction():
        taxpayer = Taxpayer(
            reference=new_reference("TP"), first_name=person.first_name, last_name=person.last_name,
            ssn_index=vault.index(person.ssn, SSN), born_on=person.born_on, filing_status=person.filing_status,
            street=person.street, city=person.city, state=person.state, postal_code=person.postal_code,
        )  # fmt: skip
        taxpayer.ssn_sealed = vault.seal(person.ssn, taxpayer.ssn_row)
        taxpayer.last_four_index = vault.index(person.ssn[-4:], LAST_FOUR)
        db.session.add(taxpayer)
        db.session.flush()
        trail.append("taxpayer.enrolled", taxpayer.reference, by=by, when=when, taxpayer_id=taxpayer.id)
        return taxpayer


def move(taxpayer: Taxpayer, address: Mapping[str, str], *, by: Actor, when: Moment) -> None:
    """Take over the address and telephone number that a taxpayer gives, where they are new."""
    changed = [name for name in ADDRESS if getattr(taxpayer, name) != address[name]]
    if not changed:
        return
    with transaction():
        for name in changed:
            setattr(taxpayer, name, address[name])
        db.session.flush()
        trail.append(
            "taxpayer.moved", taxpayer.reference, by=by, when=when, taxpayer_id=taxpayer.id,
            changed=" ".join(changed),
        )  # fmt: skip


def change_address(taxpayer: Taxpayer, address: Mapping[str, str], *, by: Actor, when: Moment) -> None:
    """The same by itself: a notice tells everybody of the account."""
    with transaction():
        if any(getattr(taxpayer, name) != address[name] for name in ADDRESS):
            move(taxpayer, address, by=by, when=when)
            notices.issue(taxpayer.id, NoticeKind.ADDRESS_CHANGED, when=when)


def add_spouse(taxpayer: Taxpayer, partner: Partner, *, by: Actor, when: Moment) -> Spouse:
    """Let the other person of a joint return share the account. The SSN is sealed. Refuses (`AlreadyMarried`) a
    second spouse and the spouse of another account, and (`OwnSpouse`) the taxpayer's own number.

    A spouse may have an account of their own as well, from the years before the joint return.
    """
    vault = office().vault
    index = vault.index(partner.ssn, SSN)
    if index == taxpayer.ssn_index:
        raise OwnSpouse
    with transaction():
        taken = select(Spouse.id).where((Spouse.taxpayer_id == taxpayer.id) | (Spouse.ssn_index == index))
        if db.session.execute(taken).first():
            raise AlreadyMarried
        spouse = Spouse(
            taxpayer_id=taxpayer.id, reference=new_reference("SP"), first_name=partner.first_name,
            last_name=partner.last_name, ssn_index=index, born_on=partner.born_on,
        )  # fmt: skip
        spouse.ssn_sealed = vault.seal(partner.ssn, spouse.ssn_row)
        spouse.last_four_index = vault.index(partner.ssn[-4:], LAST_FOUR)
        db.session.add(spouse)
        db.session.flush()
        trail.append("spouse.added", taxpayer.reference, by=by, when=when, taxpayer_id=taxpayer.id)
        return spouse


def spouse_of(taxpayer: Taxpayer) -> Spouse | None:
    """The spouse who shares the account, if there is one."""
    return db.session.execute(select(Spouse).where(Spouse.taxpayer_id == taxpayer.id)).scalar_one_or_none()


def assess(taxpayer: Taxpayer, facts: domain.TaxPeriod, *, by: Actor, when: Moment) -> None:
    """Put a year's tax on the books; an agreement in force is asked to take it in. Refuses (`AlreadyAssessed`) a year
    that has an assessment.
    """
    with transaction():
        year = select(TaxPeriod.id).where(TaxPeriod.taxpayer_id == taxpayer.id, TaxPeriod.tax_year == facts.tax_year)
        if db.session.execute(year).first():
            raise AlreadyAssessed(year=facts.tax_year)
        row = TaxPeriod(
            taxpayer_id=taxpayer.id, tax_year=facts.tax_year, due_on=facts.due_on, filed_on=facts.filed_on
        )
        db.session.add(row)
        db.session.flush()
        db.session.add(Assessment(tax_period_id=row.id, assessed_on=facts.assessed_on, tax=facts.tax))
        ledger.assess(taxpayer.id, facts, when=when)
        trail.append(
            "tax_period.assessed", taxpayer.reference, by=by, when=when, taxpayer_id=taxpayer.id,
            year=str(facts.tax_year), tax=str(facts.tax),
        )  # fmt: skip
        new_balances.arrive(taxpayer.id, [facts.tax_year], by=by, when=when)
