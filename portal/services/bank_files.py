"""Files to the bank and from it: which debits stand in one, and what the answers in another do."""

import hashlib
from datetime import date

from sqlalchemy import func, select

from portal.db import db, transaction
from portal.domain.actor import Actor
from portal.domain.lifecycle import PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.nacha.debits import (
    LARGEST_AMOUNT,
    LAST_TRACE,
    MOST_ENTRIES,
    Company,
    Debit,
    debit_file,
    trace_number,
)
from portal.domain.nacha.fields import Unreadable
from portal.domain.nacha.files import write_file
from portal.domain.nacha.masked import masked
from portal.domain.nacha.returns import Corrected, Returned, read_returns
from portal.models import BankAccount, BankFile, Payment, QuarantinedLine, Taxpayer
from portal.models.bank_account import AccountType
from portal.models.bank_file import Direction
from portal.models.payment import Channel
from portal.office import office
from portal.services import bank_accounts, receipts, trail

MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
NAME_LENGTH = 100


def add(payment: Payment, company: Company, effective_on: date, *, when: Moment) -> None:
    """Put a debit into the file that is open for its day; part of the deed that hands it to the bank."""
    file = _open_file(effective_on, payment.amount, when)
    payment.bank_file_id = file.id
    payment.trace = trace_number(company.odfi, payment.id % LAST_TRACE)


def unwritten() -> list[BankFile]:
    """Files that are not in the outgoing folder yet."""
    rows = select(BankFile).where(BankFile.direction == Direction.SENT, BankFile.written_at.is_(None))
    return list(db.session.execute(rows.order_by(BankFile.id)).scalars())


def seal(file: BankFile, company: Company, *, by: Actor, when: Moment) -> str:
    """Close a file: no debit is added any more, and its text is the same whenever it is asked for again."""
    with transaction():
        debits = _debits(file)
        modifier = MODIFIERS[_number_of_day(file) % len(MODIFIERS)]
        created_at = file.recorded_at.astimezone(office().settings.time_zone)
        text = write_file(
            debit_file(
                company, effective_on=file.effective_on or file.business_day, created_at=created_at,
                modifier=modifier, batch_number=file.id, debits=debits,
            )
        )  # fmt: skip
        if file.digest is None:
            file.digest, file.entries = _digest(text.encode("ascii")), len(debits)
            file.total = sum((debit.amount for debit in debits), Money(0))
            trail.append(
                "bank_file.sealed", file.name, by=by, when=when, entries=str(file.entries), total=str(file.total)
            )
        return text


def mark_written(file: BankFile, *, when: Moment) -> None:
    """The file lies in the outgoing folder."""
    with transaction():
        file.written_at = when.at


def take(name: str, content: bytes, company: Company, *, by: Actor, when: Moment) -> BankFile:
    """Book every answer in a file from the bank, all of them or none; the same file again does nothing. What cannot
    be booked is quarantined, with the reason: a line, or the file as a whole.
    """
    digest = _digest(content)
    with transaction():
        known = db.session.execute(select(BankFile).where(BankFile.digest == digest)).scalar_one_or_none()
        if known:
            return known
        file = BankFile(
            direction=Direction.RECEIVED, name=f"{name[:NAME_LENGTH]} {digest[:8]}", digest=digest,
            business_day=when.on, entries=0, total=Money(0), recorded_at=when.at, written_at=when.at,
        )  # fmt: skip
        db.session.add(file)
        db.session.flush()
        text = content.decode("latin-1")
        try:
            answers = read_returns(text)
        except Unreadable as refusal:
            db.session.add(QuarantinedLine(bank_file_id=file.id, line=0, why=_short(str(refusal))))
            answers = ()
        for answer in answers:
            if why := _book(answer, company, by=by, when=when):
                _quarantine(file, answer, text, why)
        file.entries = len(answers)
        file.total = sum((each.amount for each in answers if isinstance(each, Returned)), Money(0))
        trail.append("bank_file.taken", file.name, by=by, when=when, entries=str(file.entries), total=str(file.total))
        return file


def _book(answer: Returned | Corrected, company: Company, *, by: Actor, when: Moment) -> str:
    """Book an answer, or say why it cannot be."""
    if answer.company_identification != company.identification:
        return "It is for another company."
    found = select(Payment).where(Payment.trace == answer.original_trace)
    payment = db.session.execute(found).scalar_one_or_none()
    if payment is None:
        return "No debit was sent under this trace number."
    if isinstance(answer, Corrected):
        if answer.correction is None:
            return "What is to be corrected cannot be read."
        account = db.session.get_one(BankAccount, payment.bank_account_id)
        bank_accounts.correct(account, answer.correction, by=by, when=when)
        return ""
    if answer.amount != payment.amount:
        return f"The debit was for {payment.amount}, and this is for {answer.amount}."
    if payment.state not in (PaymentState.SUBMITTED, PaymentState.SETTLED):
        return f"The debit is {payment.state}, so it cannot come back."
    receipts.take_return(payment, answer.code, by=by, when=when)
    return ""


def _quarantine(file: BankFile, answer: Returned | Corrected, text: str, why: str) -> None:
    """Keep a line with the one that belongs to it, of which the numbers are masked."""
    records = text.splitlines()[answer.line - 1 : answer.line + 1]
    amount = answer.amount if isinstance(answer, Returned) else Money(0)
    db.session.add(
        QuarantinedLine(
            bank_file_id=file.id, line=answer.line, trace=answer.original_trace, code=answer.code, why=_short(why),
            content="\n".join(map(masked, records)), amount=amount,
        )
    )  # fmt: skip


def _short(why: str) -> str:
    return " ".join(why.split())[:300]


def _open_file(effective_on: date, amount: Money, when: Moment) -> BankFile:
    """The file for a day of debits that is open and has room for one more, or a new one."""
    rows = select(BankFile).where(
        BankFile.direction == Direction.SENT, BankFile.business_day == when.on,
        BankFile.effective_on == effective_on, BankFile.digest.is_(None),
    )  # fmt: skip
    for found in db.session.execute(rows.order_by(BankFile.id)).scalars():
        if _has_room(found, amount):
            return found
    number = _count_of_day(when.on) + 1
    file = BankFile(
        direction=Direction.SENT, name=f"debits-{when.on}-{number:02d}.ach", business_day=when.on,
        effective_on=effective_on, entries=0, total=Money(0), recorded_at=when.at,
    )  # fmt: skip
    db.session.add(file)
    db.session.flush()
    return file


def _has_room(file: BankFile, amount: Money) -> bool:
    """One more debit fits, with the offset that balances them all."""
    inside = select(func.count(), func.sum(Payment.amount)).where(Payment.bank_file_id == file.id)
    count, sum_ = db.session.execute(inside).one()
    return count + 1 < MOST_ENTRIES and (sum_ or Money(0)) + amount <= LARGEST_AMOUNT


def _count_of_day(day: date) -> int:
    rows = select(func.count()).where(BankFile.direction == Direction.SENT, BankFile.business_day == day)
    return db.session.execute(rows).scalar_one()


def _number_of_day(file: BankFile) -> int:
    rows = select(func.count()).where(
        BankFile.direction == Direction.SENT, BankFile.business_day == file.business_day, BankFile.id < file.id
    )
    return db.session.execute(rows).scalar_one()


def _debits(file: BankFile) -> list[Debit]:
    rows = (
        select(Payment, BankAccount, Taxpayer)
        .join(BankAccount, BankAccount.id == Payment.bank_account_id)
        .join(Taxpayer, Taxpayer.id == Payment.taxpayer_id)
        .where(Payment.bank_file_id == file.id)
        .order_by(Payment.trace)
    )
    return [
        Debit(
            trace_sequence=int((payment.trace or "")[8:]),
            routing_number=account.routing_number,
            account_number=bank_accounts.number_of(account),
            is_savings=account.type is AccountType.SAVINGS,
            is_recurring=payment.channel is Channel.DEBIT,
            amount=payment.amount,
            individual_id=payment.reference.removeprefix("PY-").replace("-", ""),
            name=taxpayer.name,
        )
        for payment, account, taxpayer in db.session.execute(rows)
    ]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
