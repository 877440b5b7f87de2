"""The tables, and what a row knows about itself."""

from portal.models.agreement import Agreement, Terms
from portal.models.application import Application
from portal.models.approval import Approval
from portal.models.authorization import Authorization
from portal.models.bank_account import BankAccount
from portal.models.bank_file import BankFile, QuarantinedLine
from portal.models.batch import Batch, Tender
from portal.models.business_day import BusinessDay
from portal.models.calendar_feed import CalendarFeed
from portal.models.desk import Hold, Note, PromiseToPay, ReturnReview
from portal.models.ledger import Entry, Posting
from portal.models.mail import Mail
from portal.models.method_change import MethodChange
from portal.models.new_balance import NewBalance
from portal.models.notice import Notice
from portal.models.payment import Payment, PaymentStep
from portal.models.payroll import PayrollDeduction, Remittance
from portal.models.registration import EmailChange, PasswordReset, Registration
from portal.models.second_factor import RecoveryCode, SecondFactor
from portal.models.support import Conflict, Objection, SupportRequest, SupportSession
from portal.models.task import Task
from portal.models.tax_period import Assessment, TaxPeriod
from portal.models.taxpayer import Spouse, Taxpayer
from portal.models.trail import TrailEvent, TrailHead
from portal.models.user import Attempt, SignIn, User

__all__ = [
    "Agreement",
    "Application",
    "Approval",
    "Assessment",
    "Attempt",
    "Authorization",
    "BankAccount",
    "BankFile",
    "Batch",
    "BusinessDay",
    "CalendarFeed",
    "Conflict",
    "EmailChange",
    "Entry",
    "Hold",
    "Mail",
    "MethodChange",
    "NewBalance",
    "Note",
    "Notice",
    "Objection",
    "PasswordReset",
    "Payment",
    "PaymentStep",
    "PayrollDeduction",
    "Posting",
    "PromiseToPay",
    "QuarantinedLine",
    "RecoveryCode",
    "Registration",
    "Remittance",
    "ReturnReview",
    "SecondFactor",
    "SignIn",
    "Spouse",
    "SupportRequest",
    "SupportSession",
    "Task",
    "TaxPeriod",
    "Taxpayer",
    "Tender",
    "Terms",
    "TrailEvent",
    "TrailHead",
    "User",
]
