"""Why a bank sends a debit back, and what helps: as data (Nacha return reason codes)."""

from collections.abc import Mapping
from enum import StrEnum


class Remedy(StrEnum):
    """What follows from a return, beside that the payment does not count."""

    TRY_AGAIN = "try_again"
    NEW_ACCOUNT = "new_account"
    OWN_PAYMENTS = "own_payments"
    PAY_IT = "pay_it"
    LOOK_INTO_IT = "look_into_it"


REMEDIES: Mapping[str, Remedy] = {
    "R01": Remedy.TRY_AGAIN,  # not enough money
    "R02": Remedy.NEW_ACCOUNT,  # closed
    "R03": Remedy.NEW_ACCOUNT,  # no such account
    "R04": Remedy.NEW_ACCOUNT,  # number not valid
    "R07": Remedy.OWN_PAYMENTS,  # authorization taken back
    "R08": Remedy.PAY_IT,  # this payment stopped
    "R09": Remedy.TRY_AGAIN,  # money not there yet
    "R10": Remedy.LOOK_INTO_IT,  # not authorized
    "R11": Remedy.LOOK_INTO_IT,  # not as authorized
    "R16": Remedy.NEW_ACCOUNT,  # frozen
    "R20": Remedy.NEW_ACCOUNT,  # takes no debits
    "R29": Remedy.LOOK_INTO_IT,  # a company says: not authorized
}

UNAUTHORIZED = frozenset(code for code, what in REMEDIES.items() if what is Remedy.LOOK_INTO_IT)


def remedy(code: str) -> Remedy:
    """What helps after a return. After a code that we do not know, the installment has to be paid another way."""
    return REMEDIES.get(code, Remedy.PAY_IT)
