"""A taxpayer: one account of the agency, which the two spouses of a joint return share."""

from datetime import date

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base
from portal.models.columns import belongs_to, new_reference, primary_key


class Taxpayer(Base):
    """Who owes. The SSN or ITIN is sealed; `ssn_index` finds it without opening anything."""

    __tablename__ = "taxpayers"

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("TP"))
    first_name: Mapped[str] = mapped_column(String(60))
    last_name: Mapped[str] = mapped_column(String(60))
    ssn_sealed: Mapped[str] = mapped_column(String(200))
    ssn_index: Mapped[str] = mapped_column(String(64), unique=True)
    born_on: Mapped[date]
    filing_status: Mapped[str] = mapped_column(String(30))
    street: Mapped[str] = mapped_column(String(100))
    city: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(2))
    postal_code: Mapped[str] = mapped_column(String(10))
    phone: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def ssn_row(self) -> str:
        """What the sealed SSN is bound to."""
        return f"taxpayers:ssn:{self.reference}"


class Spouse(Base):
    """The other person of a joint return, who signs in to the same account and shares its agreement."""

    __tablename__ = "spouses"

    id: Mapped[int] = primary_key()
    taxpayer_id: Mapped[int] = belongs_to("taxpayers", unique=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("SP"))
    first_name: Mapped[str] = mapped_column(String(60))
    last_name: Mapped[str] = mapped_column(String(60))
    ssn_sealed: Mapped[str] = mapped_column(String(200))
    ssn_index: Mapped[str] = mapped_column(String(64), unique=True)
    born_on: Mapped[date]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def ssn_row(self) -> str:
        """What the sealed SSN is bound to."""
        return f"spouses:ssn:{self.reference}"
