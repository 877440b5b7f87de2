"""What was signed: the exact text, its version, and the name typed under it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant
from portal.models.columns import belongs_to, new_reference, one_of, primary_key
from portal.models.ledger import refuse_change


class AuthorizationKind(StrEnum):
    """What a signature allows."""

    TERMS = "terms"
    DEBIT = "debit"
    PAYROLL = "payroll"
    CHANGE = "change"


class Authorization(Base):
    """A text as it was signed, in the language in which it was read; never changed, only followed by a newer one."""

    __tablename__ = "authorizations"

    id: Mapped[int] = primary_key()
    reference: Mapped[str] = mapped_column(String(20), unique=True, default=lambda: new_reference("AU"))
    taxpayer_id: Mapped[int] = belongs_to("taxpayers")
    agreement_id: Mapped[int] = belongs_to("agreements")
    user_id: Mapped[int | None] = belongs_to("users")
    kind: Mapped[AuthorizationKind] = one_of(AuthorizationKind)
    version: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(String(130))
    signed_at: Mapped[datetime] = mapped_column(Instant)


event.listen(Authorization, "before_update", refuse_change)
event.listen(Authorization, "before_delete", refuse_change)
