"""Secrets at rest: AES-256-GCM bound to the row, a keyed blind index to find by, and the trail's keyed hash."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.config import BadSetting, kept

NONCE_BYTES = 12


class Unreadable(Exception):
    """A sealed value that none of the keys opens in this row: the row or the key ring was tampered with."""


@dataclass(frozen=True)
class Vault:
    """The key ring. `sealing` holds every encryption key by its id; new values are sealed with `current`."""

    sealing: dict[str, bytes]
    current: str
    indexing: bytes
    trailing: bytes

    def seal(self, text: str, row: str) -> str:
        """Encrypt a text so that it opens only in this row (`table:column:reference`)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self.sealing[self.current]).encrypt(nonce, text.encode(), self._bound(self.current, row))
        return f"{self.current}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, row: str) -> str:
        """The text sealed in this row. Refuses (`Unreadable`) anything moved, changed or of an unknown key."""
        key_id, _, body = sealed.partition(":")
        try:
            raw = base64.b64decode(body, validate=True)
            plain = AESGCM(self.sealing[key_id]).decrypt(
                raw[:NONCE_BYTES], raw[NONCE_BYTES:], self._bound(key_id, row)
            )
        except (InvalidTag, KeyError, ValueError):
            raise Unreadable(row) from None
        return plain.decode()

    def index(self, text: str, field: str) -> str:
        """What equal texts of one field share, and nobody without the key can compute."""
        return hmac.new(self.indexing, f"{field}\0{text}".encode(), hashlib.sha256).hexdigest()

    def chain(self, previous: str, row: str) -> str:
        """The trail's next link: a keyed hash over the link before and the row."""
        return hmac.new(self.trailing, f"{previous}\0{row}".encode(), hashlib.sha256).hexdigest()

    @staticmethod
    def _bound(key_id: str, row: str) -> bytes:
        return f"{key_id}|{row}".encode()


def open_vault(instance: Path) -> Vault:
    """The key ring of the instance folder, made at the first start, readable by its owner only."""
    path = instance / "keyring.json"
    try:
        ring = json.loads(kept(path, _new_ring))
        if ring["current"] not in ring["sealing"]:
            raise ValueError("its current key is missing")
        return Vault(
            sealing={key_id: base64.b64decode(key) for key_id, key in ring["sealing"].items()},
            current=ring["current"],
            indexing=base64.b64decode(ring["indexing"]),
            trailing=base64.b64decode(ring["trailing"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BadSetting(f"{path} is damaged ({error}); put back the copy you keep elsewhere.") from None


def _new_ring() -> str:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    ring = {"current": "k1", "sealing": {"k1": key()}, "indexing": key(), "trailing": key()}
    return json.dumps(ring, indent=1)
