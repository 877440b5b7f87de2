"""Abatements: a part of a tax, a penalty or interest is given up (IRC 6404), as an entry of its own."""

from datetime import date

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.ledger import EntryKind, abatement_move
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.penalties import failure_to_file
from portal.domain.period import Abatement, Kind
from portal.domain.refusal import Refusal
from portal.domain.waterfall import Account
from portal.domain.working import working
from portal.models import Taxpayer
from portal.models.notice import NoticeKind
from portal.office import office
from portal.queries import accounts
from portal.services import credits, ledger, notices, receipts, trail


class NothingCharged(Refusal):
    """Nothing is assessed for this tax year. Nothing was changed."""

    about = "tax_year"


class TooMuchAbated(Refusal):
    """Until that day %(most)s of it was charged and not abated yet, so no more can be abated. Nothing was changed."""

    about = "amount"


class NotYet(Refusal):
    """An abatement counts from a day between %(first)s and today. Nothing was changed."""

    about = "effective_on"


def abate(taxpayer: Taxpayer, wanted: Abatement, reason: str, *, by: Actor, when: Moment) -> None:
    """Give up a part of what was charged of a kind for a year: what was paid of it pays other debts, or is a credit.

    With a part of the tax goes the part of the penalty for filing late that was computed on it. The agreement in
    force follows, and the taxpayer is told why (`reason`). Refuses (`NothingCharged`, `NotYet`, `TooMuchAbated`).
    """
    with transaction():
        account = accounts.facts(taxpayer.id)
        _require(account, wanted, when.on)
        found = [wanted]
        if wanted.kind is Kind.TAX and (filing := _filing_on(account, wanted)):
            found.append(Abatement(wanted.on, Kind.FAILURE_TO_FILE, filing, wanted.tax_year))
        moves = [abatement_move(each.kind, each.amount, each.tax_year) for each in found]
        ledger.record(taxpayer.id, EntryKind.ABATEMENT, moves, effective_on=wanted.on, when=when)
        db.session.flush()
        ledger.align(taxpayer.id, accounts.facts(taxpayer.id), when=when)
        facts = {
            "year": str(wanted.tax_year), "what": wanted.kind.value, "amount": str(wanted.amount), "reason": reason,
        }  # fmt: skip
        trail.append(
            "account.abated", taxpayer.reference, by=by, when=when, taxpayer_id=taxpayer.id,
            effective_on=wanted.on.isoformat(), **facts,
        )  # fmt: skip
        notices.issue(taxpayer.id, NoticeKind.ABATEMENT, when=when, **facts)
        credits.use(taxpayer.id, by=by, when=when)
        receipts.follow(taxpayer.id, by=by, when=when)


def most(account: Account, kind: Kind, tax_year: int, on: date) -> Money:
    """What was charged of a kind for a year until a day, and not given up yet."""
    done = working(account, office().policy.law_on(on), tax_year, on)
    filed = done.filing.charge.cents if done.filing else 0
    charged = {
        Kind.TAX: done.facts.tax.cents,
        Kind.FAILURE_TO_FILE: filed,
        Kind.FAILURE_TO_PAY: sum(step.charge.cents for step in done.penalty_steps),
        Kind.DISHONORED: sum(each.amount.cents for each in done.dishonored),
        Kind.INTEREST: done.interest_accrued.cents,
    }[kind]
    return Money(max(0, charged - _given_up(account, kind, tax_year)))


def _require(account: Account, wanted: Abatement, on: date) -> None:
    period = next((each for each in account.periods if each.tax_year == wanted.tax_year), None)
    if period is None:
        raise NothingCharged
    if not period.due_on <= wanted.on <= on:
        raise NotYet(first=period.due_on)
    left = most(account, wanted.kind, wanted.tax_year, wanted.on)
    if not Money(0) < wanted.amount <= left:
        raise TooMuchAbated(most=left)


def _filing_on(account: Account, wanted: Abatement) -> Money:
    """The penalty for filing late that was computed on the tax that is given up."""
    period = next(each for each in account.periods if each.tax_year == wanted.tax_year)
    rules, given_up = office().policy.penalties.on(period.assessed_on), _given_up(account, Kind.TAX, period.tax_year)
    before, after = (
        failure_to_file(Money(period.tax.cents - cents), period.due_on, period.filed_on, rules).cents
        for cents in (given_up, given_up + wanted.amount.cents)
    )
    left = most(account, Kind.FAILURE_TO_FILE, period.tax_year, wanted.on)
    return Money(max(0, min(before - after, left.cents)))


def _given_up(account: Account, kind: Kind, tax_year: int) -> int:
    return sum(each.amount.cents for each in account.abatements if (each.kind, each.tax_year) == (kind, tax_year))
