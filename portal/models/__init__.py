"""The tables, and what a row knows about itself."""

from portal.models.agreement import Agreement, Terms
from portal.models.bank_account import BankAccount
from portal.models.ledger import Entry, Posting
from portal.models.notice import Notice
from portal.models.payment import Payment, PaymentStep
from portal.models.tax_period import Assessment, TaxPeriod
from portal.models.taxpayer import Taxpayer
from portal.models.trail import TrailEvent, TrailHead
from portal.models.user import Attempt, SignIn, User

__all__ = [
    "Agreement",
    "Assessment",
    "Attempt",
    "BankAccount",
    "Entry",
    "Notice",
    "Payment",
    "PaymentStep",
    "Posting",
    "SignIn",
    "TaxPeriod",
    "Taxpayer",
    "Terms",
    "TrailEvent",
    "TrailHead",
    "User",
]
