"""Files of the bank: what came is taken, what goes is written; a stop in between is made good the next time."""

from datetime import date, datetime, time
from functools import partial

from sqlalchemy import ColumnElement, exists

from portal.domain.actor import PORTAL
from portal.domain.calendar import ONE_DAY, business_day_from
from portal.domain.moment import Moment
from portal.gateways.bank import Bank
from portal.gateways.nacha_bank import NachaBank
from portal.jobs import chunks
from portal.models import BankFile, Payment
from portal.office import office
from portal.policies import banking_days_off
from portal.services import bank_files, payments


def take(when: Moment, bank: Bank) -> int:
    """Take every file that came, and put it away: how many could not be. Those stay where they are."""
    if not isinstance(bank, NachaBank):
        return 0
    return sum(
        not chunks.is_done(partial(_take, name, bank, when), of="files from the bank", which=name)
        for name in bank.names()
    )


def _take(name: str, bank: NachaBank, when: Moment) -> None:
    bank_files.take(name, bank.read(name), bank.company, by=PORTAL, when=when)
    bank.put_away(name)


def submit(payment: Payment, bank: Bank, when: Moment) -> None:
    """Hand a payment to the bank. A file is for a banking day after today; a debit that comes late is taken on the
    first one that is left, and counts from the day that was promised.
    """
    if isinstance(bank, NachaBank) and payment.bank_account_id:
        today = when.at.astimezone(office().settings.time_zone).date()
        earliest = business_day_from(max(when.on, today) + ONE_DAY, banking_days_off())
        bank_files.add(payment, bank.company, max(payment.pay_on, earliest), when=when)
    payments.submit(payment, by=PORTAL, when=when)


def write(when: Moment, bank: Bank) -> int:
    """Write the debits of today into files: how many could not be. Their debits wait, and are not booked as paid."""
    if not isinstance(bank, NachaBank):
        return 0
    return sum(
        not chunks.is_done(partial(_write, file, bank, when), of="files for the bank", which=file.name)
        for file in bank_files.unwritten()
    )


def is_with_the_bank(taken_by: date) -> ColumnElement[bool]:
    """Of a payment in a file: the file was there, and its day had come, by the end of a day."""
    day_after = datetime.combine(taken_by + ONE_DAY, time(), office().settings.time_zone)
    return exists().where(
        BankFile.id == Payment.bank_file_id, BankFile.effective_on <= taken_by, BankFile.written_at < day_after
    )


def _write(file: BankFile, bank: NachaBank, when: Moment) -> None:
    bank.put(file.name, bank_files.seal(file, bank.company, by=PORTAL, when=when))
    bank_files.mark_written(file, when=when)
