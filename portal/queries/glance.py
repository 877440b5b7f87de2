"""One taxpayer at a glance: who it is, what was written down and promised, and everything that happened."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from portal.db import db
from portal.domain.lifecycle import PaymentState
from portal.domain.money import Money
from portal.models import Hold, Note, Notice, Payment, PromiseToPay, Spouse, Taxpayer, TrailEvent, User
from portal.models.notice import NoticeKind
from portal.models.payment import Channel
from portal.office import office

NEWEST = 40


@dataclass(frozen=True, slots=True)
class Contact:
    """Who owes, as far as the desk sees it: the number by its last four digits."""

    last_four: str
    born_on: date
    address: str
    phone: str
    emails: tuple[str, ...]
    spouse: str | None


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note, by whom and when."""

    written_at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class PromiseView:
    """A promise to pay, and what came of it from the day on which it was made through its day."""

    amount: Money
    made_on: date
    pay_by: date
    by: str
    came: Money

    @property
    def is_kept(self) -> bool:
        return self.came >= self.amount


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened: an event of the trail by its name, or a notice by its kind; by whom, if by anybody."""

    at: datetime
    event: str
    by: str | None
    subject: str
    facts: dict[str, str]
    notice: NoticeKind | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """A payment that an employer says it sent, and that is not here."""

    reference: str
    amount: Money
    pay_on: date


def contact(taxpayer_id: int) -> Contact:
    """Where somebody is reached, and how they are told from others of the same name."""
    row = db.session.execute(select(Taxpayer.__table__).where(Taxpayer.id == taxpayer_id)).one()
    users = select(User.email).where(User.taxpayer_id == taxpayer_id, User.disabled_at.is_(None)).order_by(User.id)
    spouse = select(Spouse.first_name, Spouse.last_name).where(Spouse.taxpayer_id == taxpayer_id)
    found = db.session.execute(spouse).one_or_none()
    ssn = office().vault.open(row.ssn_sealed, f"taxpayers:ssn:{row.reference}")
    return Contact(
        ssn[-4:], row.born_on, f"{row.street}, {row.city}, {row.state} {row.postal_code}", row.phone,
        tuple(db.session.execute(users).scalars()), " ".join(found) if found else None,
    )  # fmt: skip


def notes(taxpayer_id: int) -> list[NoteView]:
    """The notes about an account, newest first."""
    rows = select(Note.written_at, User.name, Note.text).join(User, User.id == Note.user_id)
    rows = rows.where(Note.taxpayer_id == taxpayer_id).order_by(Note.id.desc()).limit(NEWEST)
    return [NoteView(*row) for row in db.session.execute(rows)]


def promises(taxpayer_id: int) -> list[PromiseView]:
    """The promises of an account, the latest day first, each with what came in time."""
    came = (
        select(func.coalesce(func.sum(Payment.amount), 0))
        .where(
            Payment.taxpayer_id == PromiseToPay.taxpayer_id, Payment.state == PaymentState.SETTLED,
            Payment.pay_on.between(PromiseToPay.made_on, PromiseToPay.pay_by),
        )
        .scalar_subquery()
    )  # fmt: skip
    rows = (
        select(PromiseToPay.amount, PromiseToPay.made_on, PromiseToPay.pay_by, User.name, came)
        .join(User, User.id == PromiseToPay.user_id)
        .where(PromiseToPay.taxpayer_id == taxpayer_id)
        .order_by(PromiseToPay.pay_by.desc(), PromiseToPay.id.desc())
        .limit(NEWEST)
    )
    return [PromiseView(row[0], row[1], row[2], row[3], _money(row[4])) for row in db.session.execute(rows)]


def hold(taxpayer_id: int, on: date) -> date | None:
    """The last day of the hold that an account has on a day."""
    rows = select(Hold.ends_on).where(Hold.taxpayer_id == taxpayer_id, Hold.ends_on >= on, Hold.lifted_on.is_(None))
    return db.session.execute(rows).scalar_one_or_none()


def from_employers(taxpayer_id: int) -> list[Coming]:
    """What employers say they sent, and is not here yet."""
    rows = select(Payment.reference, Payment.amount, Payment.pay_on).where(
        Payment.taxpayer_id == taxpayer_id, Payment.channel == Channel.PAYROLL,
        Payment.state == PaymentState.SUBMITTED,
    )  # fmt: skip
    return [Coming(*row) for row in db.session.execute(rows.order_by(Payment.id))]


def happened(taxpayer_id: int, before: datetime | None = None) -> list[Happened]:
    """Everything that happened, newest first: the trail's events and the notices; or what was before a moment."""
    events = (
        select(TrailEvent.at, TrailEvent.event, User.name, TrailEvent.subject, TrailEvent.details)
        .outerjoin(User, User.id == TrailEvent.user_id)
        .where(TrailEvent.taxpayer_id == taxpayer_id)
        .order_by(TrailEvent.number.desc())
        .limit(NEWEST)
    )
    told = (
        select(Notice.recorded_at, Notice.kind, Notice.reference, Notice.facts)
        .where(Notice.taxpayer_id == taxpayer_id)
        .order_by(Notice.id.desc())
        .limit(NEWEST)
    )
    if before:
        events, told = events.where(TrailEvent.at < before), told.where(Notice.recorded_at < before)
    found = [Happened(*row) for row in db.session.execute(events)]
    found += [
        Happened(at, "notice.issued", None, reference, facts, kind)
        for at, kind, reference, facts in db.session.execute(told)
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)[:NEWEST]


def _money(amount: Any) -> Money:
    """A sum as it comes from the database."""
    return amount if isinstance(amount, Money) else Money(int(amount))
