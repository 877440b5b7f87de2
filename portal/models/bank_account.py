"""Bank accounts that taxpayers pay from."""

from datetime import date
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base
from portal.models.columns import belongs_to, new_reference, one_of, primary_key


class AccountType(StrEnum):
    """What kind of account a bank keeps."""

    CHECKING = "checking"
    SAVINGS = "savings"


class BankAccount(Base):
    """An account to debit. The number is sealed; `number_index` tells equal numbers without opening any.

    `unusable_since`: the bank returned a debit in a way that no later one can mend (closed, unknown, not authorized).
    """

    __tablename__ = "bank_accounts"

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("BA"))
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    routing_number: Mapped[str] = mapped_column(String(9))
    number_sealed: Mapped[str] = mapped_column(String(200))
    number_index: Mapped[str] = mapped_column(String(64), index=True)
    last_four_sealed: Mapped[str] = mapped_column(String(120))
    type: Mapped[AccountType] = one_of(AccountType)
    added_on: Mapped[date]
    unusable_since: Mapped[date | None]

    @property
    def number_row(self) -> str:
        """What the sealed number is bound to."""
        return f"bank_accounts:number:{self.reference}"

    @property
    def last_four_row(self) -> str:
        """What the sealed last four digits are bound to."""
        return last_four_row(self.reference)


def last_four_row(reference: str) -> str:
    """What the sealed last four digits of an account are bound to."""
    return f"bank_accounts:last_four:{reference}"
