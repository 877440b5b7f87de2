"""The bank: whether a debit is paid. The sandbox decides by the account number, from a table in the docs."""

from typing import Protocol


class Bank(Protocol):
    """What the portal asks of a bank."""

    def outcome(self, account_number: str, attempt: int) -> str | None:
        """The return code of the `attempt`-th debit (from 1) of an account, or None if it was paid."""


class SandboxBank:
    """A bank that moves no money: certain account numbers return their debits, every other one pays."""

    returns_once = {"1000000101": "R01"}
    returns_always = {"1000000201": "R01", "1000000202": "R02", "1000000203": "R03", "1000000204": "R04"}

    def outcome(self, account_number: str, attempt: int) -> str | None:
        if attempt == 1 and account_number in self.returns_once:
            return self.returns_once[account_number]
        return self.returns_always.get(account_number)
