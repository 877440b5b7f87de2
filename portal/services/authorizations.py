"""What was signed, kept as it was read."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert

from portal.db import db
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.models import Agreement, Authorization
from portal.models.authorization import AuthorizationKind
from portal.models.columns import new_reference


@dataclass(frozen=True, slots=True)
class Signature:
    """A name typed under texts, each by what it allows, in the version and language in which they were read."""

    name: str
    version: str
    language: str
    texts: Mapping[AuthorizationKind, str]


def keep(agreement: Agreement, signature: Signature, *, by: Actor, when: Moment) -> None:
    """Write down what was signed; part of the deed that it allows."""
    common = {
        "taxpayer_id": agreement.taxpayer_id, "agreement_id": agreement.id, "user_id": by.user_id,
        "version": signature.version, "language": signature.language, "signature": signature.name,
        "signed_at": when.at,
    }  # fmt: skip
    rows = [
        {**common, "reference": new_reference("AU"), "kind": kind, "text": text}
        for kind, text in signature.texts.items()
    ]
    db.session.execute(insert(Authorization), rows)
