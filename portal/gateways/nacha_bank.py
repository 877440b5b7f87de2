"""A real bank, by files: debits go into one folder, answers come out of another (docs/nacha.md)."""

import os
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.domain.nacha.debits import Company, EntryClass, Offset
from portal.domain.routing import is_valid
from portal.gateways.bank import Answer

NAMES = ("name", "identification", "entry_description", "odfi_name", "immediate_origin")
ROUTING = ("odfi", "immediate_destination")
KNOWN = {*NAMES, *ROUTING, "entry_class", "outgoing", "incoming", "lead_days", "offset"}
TAKEN = "taken"


@dataclass(frozen=True)
class NachaBank:
    """The agency's bank. No news is good news: a debit of which nothing comes back was paid. Whether an account
    exists it tells by returning the first debit.
    """

    company: Company
    outgoing: Path
    incoming: Path
    lead_days: int
    late_days: None = None

    def exists(self, routing_number: str, account_number: str) -> bool:
        return True

    def answer(self, account_number: str, attempt: int) -> Answer:
        return Answer()

    def late_answer(self, account_number: str) -> None:
        return None

    def put(self, name: str, text: str) -> None:
        """Lay a file into the outgoing folder, whole or not at all; the same file again changes nothing."""
        self.outgoing.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=self.outgoing, prefix=".")
        with os.fdopen(descriptor, "w", encoding="ascii", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self.outgoing / name)

    def names(self) -> list[str]:
        """The files that came and were not taken yet, in order of their names."""
        if not self.incoming.is_dir():
            return []
        return sorted(path.name for path in self.incoming.iterdir() if path.is_file() and path.name[0] != ".")

    def read(self, name: str) -> bytes:
        """What stands in a file that came."""
        return (self.incoming / name).read_bytes()

    def put_away(self, name: str) -> None:
        """Move a file that was taken out of the way."""
        (self.incoming / TAKEN).mkdir(exist_ok=True)
        os.replace(self.incoming / name, self.incoming / TAKEN / name)


def open_bank(path: Path) -> NachaBank:
    """The bank that a file describes. Refuses (`ValueError`, with the file's name) what is missing or unknown."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := set(data) - KNOWN:
            raise ValueError(f"{min(unknown)} is not known")
        return NachaBank(
            company=_company(data),
            outgoing=path.parent / data["outgoing"],
            incoming=path.parent / data["incoming"],
            lead_days=int(data.get("lead_days", 1)),
        )
    except KeyError as error:
        raise ValueError(f"describes no bank: {error.args[0]} is missing ({path})") from None
    except (OSError, ValueError) as error:
        raise ValueError(f"describes no bank: {error} ({path})") from None


def _company(data: dict[str, Any]) -> Company:
    for name in ROUTING:
        if not is_valid(data[name]):
            raise ValueError(f"{name} is not a routing number")
    offset = data.get("offset")
    return Company(
        **{name: data[name] for name in (*NAMES, *ROUTING)},
        entry_class=EntryClass(data["entry_class"]),
        offset=Offset(offset["routing_number"], offset["account_number"]) if offset else None,
    )
