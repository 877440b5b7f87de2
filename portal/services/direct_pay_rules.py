"""What of a Direct Pay payment is possible: asked when it is drafted, before it is signed, and once more then."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select

from portal.db import db
from portal.domain.actor import Actor
from portal.domain.direct_pay import Timetable
from portal.domain.lifecycle import PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.refusal import Refusal
from portal.models import BankAccount, Payment
from portal.models.payment import Channel, Reason
from portal.office import office
from portal.policies import banking_days_off
from portal.queries.direct_pay import Debit, position
from portal.services.bank_accounts import UnusableAccount


class NoSuchPayment(Refusal):
    """There is no such payment."""


class ReasonIsOver(Refusal):
    """Your account does not need a payment of this kind any more. Choose anew what you pay for."""

    about = "reason"


class TooMuchAtOnce(Refusal):
    """One payment can be %(most)s at most. Make several payments, or call us."""

    about = "amount"


class MoreThanOwed(Refusal):
    """On %(day)s you will owe %(owed)s, with all that is arranged until then. Pay that or less."""

    about = "amount"


class NothingLeftToPay(Refusal):
    """On %(day)s nothing will be left to pay: everything is paid or arranged by then."""

    about = "amount"


class DebitIsGone(Refusal):
    """The debit that you wanted to replace cannot be replaced any more: it was sent to your bank, or it changed. Look
    at your upcoming payments before you pay."""

    about = "debit"


class LessThanTheDebit(Refusal):
    """The debit that you replace is %(amount)s. Pay at least that, or pay in addition to it."""

    about = "amount"


class AfterTheDebit(Refusal):
    """The debit that you replace is on %(day)s. Pay on that day or before it, or pay in addition to it."""

    about = "pay_on"


class TooManyPayments(Refusal):
    """You have signed %(count)s payments within 24 hours, which is the most there can be. Pay tomorrow, or cancel one
    of them."""


class SameAgain(Refusal):
    """You have a payment of this amount on this day already. Tick the box if you want to make a second one."""

    about = "again"


class TooLateToChange(Refusal):
    """This payment cannot be changed or cancelled any more. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose debt is paid, and who is at work. Somebody who did not sign in has no user."""

    taxpayer_id: int
    name: str
    by: Actor

    @property
    def is_guest(self) -> bool:
        return self.by.user_id is None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to pay. `installment_on` is the due date of the debit whose place it takes, `instead` the
    reference of the payment that it changes.
    """

    reason: Reason
    amount: Money
    pay_on: date
    installment_on: date | None = None
    lowers_monthly: bool = False
    instead: str = ""


def timetable(when: Moment) -> Timetable:
    """The days of Direct Pay, as of now."""
    policy = office().policy
    return Timetable(
        when, policy.direct_pay.on(when.on), policy.days.on(when.on), banking_days_off(), office().settings.time_zone
    )


def require_possible(payer: Payer, wish: Wish, account: BankAccount, when: Moment) -> None:
    """Refuses a payment that is not possible as of now, whatever was possible before."""
    days = timetable(when)
    days.require(wish.pay_on)
    ceiling = days.rules.each_of_a_guest if payer.is_guest else days.rules.each
    if not ceiling.admits(wish.amount):
        raise TooMuchAtOnce(most=ceiling.most)
    if account.unusable_since:
        raise UnusableAccount
    _require_changeable(payer, wish.instead, when)
    if _signed_lately(payer, wish.instead, when) >= days.rules.payments_a_day:
        raise TooManyPayments(count=days.rules.payments_a_day)
    if not payer.is_guest:
        _require_owed(payer, wish, when)


def require_wanted_twice(payer: Payer, wish: Wish) -> None:
    """Refuses (`SameAgain`) the same amount on the same day once more. Nobody is told of what others have paid
    without signing in.
    """
    alike = select(Payment.id).where(
        *_signed(payer), Payment.amount == wish.amount, Payment.pay_on == wish.pay_on,
        Payment.reference != wish.instead, *([Payment.user_id.is_(None)] if payer.is_guest else []),
    )  # fmt: skip
    if db.session.execute(alike.limit(1)).first():
        raise SameAgain


def changeable(payment: Payment, when: Moment) -> bool:
    """Promised, made on these pages, and before its cut-off."""
    is_promised = payment.channel is Channel.ONLINE and payment.state is PaymentState.SCHEDULED
    return is_promised and timetable(when).is_changeable(payment.pay_on)


def _require_changeable(payer: Payer, reference: str, when: Moment) -> None:
    if not reference:
        return
    rows = select(Payment).where(Payment.taxpayer_id == payer.taxpayer_id, Payment.reference == reference)
    payment = db.session.execute(rows).scalar_one_or_none()
    if payment is None or not changeable(payment, when):
        raise TooLateToChange


def _signed_lately(payer: Payer, instead: str, when: Moment) -> int:
    """How many payments were signed within 24 hours and still stand, without the one that is changed."""
    rows = select(func.count()).where(
        *_signed(payer), Payment.signed_at > when.at - timedelta(hours=24), Payment.reference != instead
    )
    return db.session.execute(rows).scalar_one()


def _signed(payer: Payer) -> list[ColumnElement[bool]]:
    """Signed here, and neither cancelled nor returned."""
    over = PaymentState.DRAFTED, PaymentState.CANCELLED, PaymentState.RETURNED
    return [Payment.taxpayer_id == payer.taxpayer_id, Payment.channel == Channel.ONLINE, Payment.state.not_in(over)]


def _require_owed(payer: Payer, wish: Wish, when: Moment) -> None:
    """What the account says of it: the reason, the debit to replace, and what will be owed."""
    found = position(payer.taxpayer_id, when.on, wish.instead)
    owed = found.owed_on(wish.pay_on, wish.installment_on)
    if not owed:
        raise NothingLeftToPay(day=wish.pay_on)
    if wish.reason not in found.reasons:
        raise ReasonIsOver
    if wish.installment_on:
        _require_replaceable(wish, found.debit)
    if wish.amount > owed:
        raise MoreThanOwed(day=wish.pay_on, owed=owed)


def _require_replaceable(wish: Wish, debit: Debit | None) -> None:
    if debit is None or debit.installment_on != wish.installment_on:
        raise DebitIsGone
    if wish.pay_on > debit.pay_on:
        raise AfterTheDebit(day=debit.pay_on)
    if wish.amount < debit.amount:
        raise LessThanTheDebit(amount=debit.amount)
