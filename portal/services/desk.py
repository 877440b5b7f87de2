"""The agent's desk: looking somebody up, opening an account, and what is written down about it. Looking is a deed
here, and stands in the trail.
"""

import re
from datetime import date, timedelta

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.refusal import Refusal
from portal.domain.returns import UNAUTHORIZED
from portal.models import Note, Payment, PromiseToPay, ReturnReview, Taxpayer
from portal.queries import search
from portal.queries.search import Answer
from portal.services import taxpayers, trail

# As many digits as an SSN has, however they are spaced; more may be an account's. A telephone number is none.
WHOLE_NUMBER = re.compile(r"\d(?:[ -]?\d){8,}")
TELEPHONE = re.compile(r"\d{3}[ -]\d{3}[ -]\d{4}")
LONGEST_PROMISE = timedelta(days=366)


class HoldsANumber(Refusal):
    """This holds a whole number, such as an SSN or an account. Write its last four digits only. Nothing was saved."""

    about = "text"


class PromiseInThePast(Refusal):
    """A promise is for today or a day within a year. Choose another day. Nothing was saved."""

    about = "pay_by"


class NothingToReview(Refusal):
    """This payment was not returned as unauthorized, or it was looked into already. Nothing was saved."""


def look_up(text: str, *, by: Actor, when: Moment) -> Answer:
    """Who is meant by what was typed. The trail keeps what kind it was and how many it fits, not the words."""
    answer = search.answer(text)
    with transaction():
        count = str(len(answer.found))
        trail.append("search.made", str(by.user_id), by=by, when=when, kind=answer.kind, found=count)
    return answer


def open_account(reference: str, *, by: Actor, when: Moment) -> Taxpayer | None:
    """The taxpayer of this reference, opened by somebody of the agency; None if there is none."""
    with transaction():
        taxpayer = taxpayers.by_reference(reference)
        if taxpayer:
            trail.append("taxpayer.opened", reference, by=by, when=when, taxpayer_id=taxpayer.id)
        return taxpayer


def note(taxpayer: Taxpayer, text: str, *, by: Actor, when: Moment) -> None:
    """Write a note about an account, to stay. Refuses (`HoldsANumber`) a whole number in it."""
    with transaction():
        db.session.add(Note(taxpayer_id=taxpayer.id, user_id=by.user_id, text=plain(text), written_at=when.at))
        trail.append("note.written", taxpayer.reference, by=by, when=when, taxpayer_id=taxpayer.id)


def plain(text: str) -> str:
    """Words that may be kept as they are. Refuses (`HoldsANumber`) a whole number in them."""
    if any(not TELEPHONE.fullmatch(each[0]) for each in WHOLE_NUMBER.finditer(text)):
        raise HoldsANumber
    return text.strip()


def promise(taxpayer: Taxpayer, amount: Money, pay_by: date, *, by: Actor, when: Moment) -> None:
    """Write down what somebody says to pay by a day. Refuses (`PromiseInThePast`) a day that is over."""
    with transaction():
        if not when.on <= pay_by <= when.on + LONGEST_PROMISE:
            raise PromiseInThePast
        db.session.add(
            PromiseToPay(
                taxpayer_id=taxpayer.id, user_id=by.user_id, amount=amount, made_on=when.on, pay_by=pay_by,
                recorded_at=when.at,
            )
        )  # fmt: skip
        trail.append(
            "promise.made", taxpayer.reference, by=by, when=when, taxpayer_id=taxpayer.id, amount=str(amount),
            pay_by=pay_by.isoformat(),
        )  # fmt: skip


def review_return(taxpayer: Taxpayer, reference: str, finding: str, *, by: Actor, when: Moment) -> None:
    """Write down what was found about a debit that came back as unauthorized. Refuses (`NothingToReview`) another
    one, and one that was looked into.
    """
    with transaction():
        reviewed = select(ReturnReview.id).where(ReturnReview.payment_id == Payment.id)
        rows = select(Payment).where(
            Payment.taxpayer_id == taxpayer.id, Payment.reference == reference,
            Payment.return_code.in_(UNAUTHORIZED), ~reviewed.exists(),
        )  # fmt: skip
        payment = db.session.execute(rows).scalar_one_or_none()
        if payment is None:
            raise NothingToReview
        db.session.add(
            ReturnReview(payment_id=payment.id, user_id=by.user_id, finding=plain(finding), reviewed_at=when.at)
        )
        trail.append("return.reviewed", reference, by=by, when=when, taxpayer_id=taxpayer.id)
