"""The bank: whether an account exists, and what becomes of a debit. The sandbox decides by the account number."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from portal.domain.nacha.corrections import Correction


class Answer(NamedTuple):
    """What a bank says about a debit: nothing but that it was paid, the code of a return (`R01`), or, paid all the
    same, that the account has another number by now (`C01`).
    """

    code: str = ""
    correction: Correction | None = None

    @property
    def is_return(self) -> bool:
        return self.code.startswith("R")


class Bank(Protocol):
    """What the portal asks of a bank. `late_days` after a debit was taken it is asked once more, if it answers so.
    `lead_days` are the banking days before the day of a debit by which it wants to know.
    """

    @property
    def late_days(self) -> int | None: ...

    @property
    def lead_days(self) -> int: ...

    def exists(self, routing_number: str, account_number: str) -> bool:
        """Whether the account is one that can be debited (Nacha: a first WEB debit needs a validated account)."""

    def answer(self, account_number: str, attempt: int) -> Answer | None:
        """What became of the `attempt`-th debit (from 1) of an account; None as long as nobody knows."""

    def late_answer(self, account_number: str) -> Answer | None:
        """What the holder of an account had to say against a debit that had been paid."""


class SandboxBank:
    """A bank that moves no money: it does not know some accounts, certain others return their debits, and every other
    one pays (docs/sandbox-bank.md).
    """

    late_days = 45
    lead_days = 0
    unknown = frozenset({"1000000901", "1000000902", "1000000903"})
    returns_once: Mapping[str, str] = {"1000000101": "R01", "1000000108": "R08"}
    returns_always: Mapping[str, str] = {
        "1000000201": "R01", "1000000202": "R02", "1000000203": "R03", "1000000204": "R04", "1000000207": "R07",
        "1000000208": "R08", "1000000209": "R09", "1000000216": "R16", "1000000220": "R20", "1000000229": "R29",
    }  # fmt: skip
    returns_late: Mapping[str, str] = {"1000000210": "R10"}
    corrects: Mapping[str, str] = {"1000000301": "5550000301"}
    silent = frozenset({"1000000401"})

    def exists(self, routing_number: str, account_number: str) -> bool:
        return account_number not in self.unknown

    def answer(self, account_number: str, attempt: int) -> Answer | None:
        if account_number in self.silent:
            return None
        if account_number in self.corrects:
            return Answer("C01", Correction(account_number=self.corrects[account_number]))
        if attempt == 1 and account_number in self.returns_once:
            return Answer(self.returns_once[account_number])
        return Answer(self.returns_always.get(account_number, ""))

    def late_answer(self, account_number: str) -> Answer | None:
        code = self.returns_late.get(account_number)
        return Answer(code) if code else None
