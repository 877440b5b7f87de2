"""Files of the bank: what came is taken, what goes is written; a stop in between is made good the next time."""

import logging

from sqlalchemy.exc import OperationalError

from portal.domain.actor import PORTAL
from portal.domain.calendar import ONE_DAY, business_day_from
from portal.domain.moment import Moment
from portal.gateways.bank import Bank
from portal.gateways.nacha_bank import NachaBank
from portal.models import Payment
from portal.policies import banking_days_off
from portal.services import bank_files, payments

logger = logging.getLogger("portal.close")


def take(when: Moment, bank: Bank) -> int:
    """Take every file that came, and put it away: how many could not be. Those stay where they are."""
    if not isinstance(bank, NachaBank):
        return 0
    return sum(not _take(name, bank, when) for name in bank.names())


def _take(name: str, bank: NachaBank, when: Moment) -> bool:
    try:
        bank_files.take(name, bank.read(name), bank.company, by=PORTAL, when=when)
    except OperationalError:
        raise
    except Exception as error:
        fields = {"message": "left undone", "of": "files from the bank", "error": type(error).__name__}
        logger.exception("left undone", exc_info=error, extra={"fields": fields})
        return False
    bank.put_away(name)
    return True


def submit(payment: Payment, bank: Bank, when: Moment) -> None:
    """Hand a payment to the bank. A file is for a banking day after today; a debit that comes late is taken on the
    first one that is left, and counts from the day that was promised.
    """
    if isinstance(bank, NachaBank) and payment.bank_account_id:
        earliest = business_day_from(when.on + ONE_DAY, banking_days_off())
        bank_files.add(payment, bank.company, max(payment.pay_on, earliest), when=when)
    payments.submit(payment, by=PORTAL, when=when)


def write(when: Moment, bank: Bank) -> int:
    """Write the debits of today into files."""
    if isinstance(bank, NachaBank):
        for file in bank_files.unwritten():
            bank.put(file.name, bank_files.seal(file, bank.company, by=PORTAL, when=when))
            bank_files.mark_written(file, when=when)
    return 0
