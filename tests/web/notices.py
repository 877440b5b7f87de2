"""Notices to try words on: each kind with the facts that it is issued with, and as once, with fewer."""

from portal.models.notice import NoticeKind as Kind

PLAN = {"agreement": "IA-7F3K-2Q9D"}
PAYMENT = {"payment": "PY-7F3K2-2Q9D4-00000", "amount": "310.00", "pay_on": "2026-12-16"}
MISSED = PLAN | {"amount": "310.00", "missed_on": "2026-11-15"}
RETURNED = PAYMENT | {"code": "R01", "penalty": "25.00"}
YEAR = {
    "year": "2025", "beginning": "9000.00", "tax": "0.00", "fees": "29.00", "interest": "512.34",
    "penalties": "210.00", "payments": "3720.00", "credit": "0.00", "ending": "6031.34",
}  # fmt: skip
CHANGED = PLAN | {"monthly": "310.00", "from_on": "2026-11-24", "first_on": "2026-12-22"}
NEW = PLAN | {"year": "2025", "amount": "1218.40", "monthly": "310.00", "add_by": "2026-12-23"}
GIVEN_UP = {"year": "2025", "amount": "120.00", "reason": "Prairie"}
GIVEN_UP_KINDS = ("tax", "failure_to_file", "failure_to_pay", "dishonored", "interest")
CODES = ("R02", "R03", "R04", "R07", "R08", "R10", "R16", "R20", "R29")
CAUSES = ("first_payment", "installment", "returned", "new_balance")

NOTICES: list[tuple[Kind, dict[str, str]]] = [
    (Kind.ACCEPTANCE, PLAN | {"monthly": "310.00", "first_due_on": "2026-12-15", "fee": "29.00"}),
    (Kind.ACCEPTANCE, PLAN | {"monthly": "310.00", "first_due_on": "2026-12-15", "fee": "0.00"}),
    (Kind.RECEIPT, PAYMENT),
    (Kind.REMINDER, PAYMENT | {"installment_on": "2026-12-15"}),
    (Kind.REMINDER, PAYMENT | {"payment": "", "installment_on": "2026-12-15"}),
    (Kind.DEBIT_CHANGED, PAYMENT | {"was_amount": "400.00", "was_pay_on": "2026-12-15"}),
    (Kind.DEBIT_CHANGED, PAYMENT | {"amount": "", "was_amount": "400.00", "was_pay_on": "2026-12-15"}),
    (Kind.BANK_CHANGED, PLAN | {"old_last_four": "1111", "new_last_four": "2222"}),
    (Kind.BANK_CHANGED, PLAN | {"old_last_four": "", "new_last_four": "2222"}),
    (Kind.BANK_CHANGED, PLAN | {"old_last_four": "1", "new_last_four": "2", "begins_on": "2026-12-16"}),
    (Kind.METHOD_CHANGED, PLAN | {"method": "manual", "begins_on": "2026-12-16"}),
    (Kind.METHOD_CHANGED, PLAN | {"method": "payroll", "begins_on": "2026-12-16"}),
    (Kind.CHANGES_FROZEN, PLAN),
    (Kind.PLAN_CHANGED, CHANGED | {"change": "amount", "was_amount": "250.00"}),
    (Kind.PLAN_CHANGED, CHANGED | {"change": "day", "due_day": "22", "was_due_day": "15"}),
    (Kind.PLAN_CHANGED, CHANGED | {"change": "skip", "was_on": "2026-12-15"}),
    (Kind.PLAN_CHANGED, CHANGED | {"change": "slide", "was_on": "2026-12-15"}),
    (Kind.PLAN_CHANGED, CHANGED | {"change": "method"}),
    (Kind.WITHDRAWAL, PLAN | {"amount": "8112.90"}),
    *((Kind.DEBITS_STOPPED, PLAN | {"code": code}) for code in CODES),
    (Kind.RETURNED_PAYMENT, RETURNED),
    (Kind.RETURNED_PAYMENT, RETURNED | {"retry_on": ""}),
    (Kind.RETURNED_PAYMENT, RETURNED | {"retry_on": "2026-12-23", "penalty": "0.00"}),
    (Kind.NEW_BALANCE, NEW),
    (Kind.NEW_BALANCE, NEW | {"least": "341.07"}),
    (Kind.NEW_BALANCE, NEW | {"hindrance": "OwesTooMuch"}),
    *((Kind.ABATEMENT, GIVEN_UP | {"what": kind}) for kind in GIVEN_UP_KINDS),
    (Kind.REFUND, {"refund": "RF-7F3K-2Q9D", "amount": "43.00", "reason": "Prairie"}),
    (Kind.CREDIT_USED, {"payment": PAYMENT["payment"], "amount": "25.00"}),
    (Kind.BALANCE_ADDED, PLAN | {"years": "2024, 2025", "monthly": "341.07"}),
    (Kind.INTENT_TO_TERMINATE, MISSED),
    *((Kind.INTENT_TO_TERMINATE, MISSED | {"cause": cause, "cure_by": "2026-12-23"}) for cause in CAUSES),
    (Kind.CURED, PLAN),
    (Kind.PAYMENT_REVERSED, PAYMENT),
    (Kind.HOLD, {"next_on": "2027-03-15", "ends_on": "2027-02-28"}),
    (Kind.HOLD, {"next_on": "2027-03-15"}),
    (Kind.TERMINATION, PLAN | {"amount": "8112.90", "appeal_by": "2027-01-22"}),
    (Kind.REINSTATEMENT, PLAN | {"fee": "10.00", "monthly": "310.00", "first_due_on": "2026-12-15"}),
    (Kind.REINSTATEMENT, PLAN | {"fee": "0.00", "monthly": "310.00", "first_due_on": "2026-12-15"}),
    (Kind.COMPLETION, PLAN),
    (Kind.COMPLETION, PLAN | {"fee_back": ""}),
    (Kind.COMPLETION, PLAN | {"fee_back": "43.00"}),
    (Kind.ANNUAL_STATEMENT, YEAR),
    (Kind.ANNUAL_STATEMENT, YEAR | {"credit": "12.34", "payments": "9763.68", "ending": "0.00"}),
    (Kind.REFUSAL, {"application": "AP-7F3K-2Q9D", "reasons": "ReturnsMissing InCourt"}),
    (Kind.REGISTRATION_LOCKED, {}),
    (Kind.GUESTS_LOCKED, {}),
    (Kind.PAYROLL_CONFIRMED, {"deduction": "PD-7F3K-2Q9D", "employer": "Prairie Mill"}),
    (Kind.PAYROLL_ENDED, {"deduction": "PD-7F3K-2Q9D", "employer": "Prairie Mill", "reason": "declined"}),
    (Kind.PAYROLL_ENDED, {"deduction": "PD-7F3K-2Q9D", "employer": "Prairie Mill", "reason": "expired"}),
    (Kind.ADDRESS_CHANGED, {}),
    (Kind.SUPPORT_SESSION, {"agent": "Ann Agent", "support_reason": "call", "ticket": "4711"}),
    (Kind.SUPPORT_SESSION, {"agent": "Ann Agent", "support_reason": "review", "ticket": ""}),
    (Kind.OBJECTION, {"agent": "Ann Agent"}),
    (Kind.OBJECTION_REVIEWED, {}),
]  # fmt: skip
