"""Long lists, page by page: where one is, and the address of each page."""

from dataclasses import dataclass

from flask import request


@dataclass(frozen=True, slots=True)
class Pages:
    """Where one is among the pages of an address, which may have a query."""

    number: int
    last: int
    address: str

    def url(self, number: int) -> str:
        return f"{self.address}{'&' if '?' in self.address else '?'}page={number}"


def asked_page() -> int:
    """The page asked for; what is not a number from 1 to a million is the first page."""
    asked = request.args.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 7 and int(asked) else 1
