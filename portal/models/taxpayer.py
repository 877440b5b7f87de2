"""A taxpayer: one account of the agency, which the two spouses of a joint return share."""

from datetime import date

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from portal.db import Base
from portal.domain.names import name_key, phone_key
from portal.models.columns import belongs_to, new_reference, primary_key

# What the keyed hashes of a number are made for.
SSN, LAST_FOUR = "ssn", "last_four"


def found_by(length: int) -> Mapped[str]:
    """What somebody is looked up by; sorted by its bytes on both databases, so that a beginning finds it."""
    kind = String(length).with_variant(String(length, "C"), "postgresql")
    return mapped_column(kind, index=True, default="", server_default=text("''"))


class Taxpayer(Base):
    """Who owes. The SSN or ITIN is sealed; `ssn_index` and `last_four_index` find it without opening anything."""

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
    last_four_index: Mapped[str] = found_by(64)
    name_key: Mapped[str] = found_by(130)
    phone_key: Mapped[str] = found_by(10)

    @validates("first_name", "last_name")
    def _named(self, part: str, name: str) -> str:
        """A name is looked up as it is now."""
        self.name_key = name_key(*_names_of(self, part, name))
        return name

    @validates("phone")
    def _called(self, _column: str, phone: str) -> str:
        """So is a telephone number."""
        self.phone_key = phone_key(phone)
        return phone

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
    last_four_index: Mapped[str] = found_by(64)
    name_key: Mapped[str] = found_by(130)

    @validates("first_name", "last_name")
    def _named(self, part: str, name: str) -> str:
        """A name is looked up as it is now."""
        self.name_key = name_key(*_names_of(self, part, name))
        return name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def ssn_row(self) -> str:
        """What the sealed SSN is bound to."""
        return f"spouses:ssn:{self.reference}"


def _names_of(person: Taxpayer | Spouse, part: str, name: str) -> tuple[str, str]:
    """First and last name, one of which is being written."""
    names = {"first_name": person.first_name or "", "last_name": person.last_name or ""} | {part: name}
    return names["first_name"], names["last_name"]
