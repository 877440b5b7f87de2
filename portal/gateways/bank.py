"""The bank: whether an account exists, and whether a debit is paid. The sandbox decides by the account number."""

from typing import Protocol


class Bank(Protocol):
    """What the portal asks of a bank."""

    def exists(self, routing_number: str, account_number: str) -> bool:
        """Whether the account is one that can be debited (Nacha: a first WEB debit needs a validated account)."""

    def outcome(self, account_number: str, attempt: int) -> str | None:
        """The return code of the `attempt`-th debit (from 1) of an account, or None if it was paid."""


class SandboxBank:
    """A bank that moves no money: it does not know some accounts, certain others return their debits, and every other
    one pays (docs/sandbox-bank.md).
    """

    unknown = frozenset({"1000000901", "1000000902", "1000000903"})
    returns_once = {"1000000101": "R01"}
    returns_always = {"1000000201": "R01", "1000000202": "R02", "1000000203": "R03", "1000000204": "R04"}

    def exists(self, routing_number: str, account_number: str) -> bool:
        return account_number not in self.unknown

    def outcome(self, account_number: str, attempt: int) -> str | None:
        if attempt == 1 and account_number in self.returns_once:
            return self.returns_once[account_number]
        return self.returns_always.get(account_number)
