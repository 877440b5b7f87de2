"""The names of banks by routing number: some large ones that come with the portal, or the agency's own whole list."""

import csv
from functools import cache
from pathlib import Path

from portal.domain.routing import is_valid

OURS = Path(__file__).parent / "banks.csv"


@cache
def names(path: Path | None = None) -> dict[str, str]:
    """The banks of a file with the columns routing_number and name, or of the portal's own. Refuses (`ValueError`) a
    number that is none.
    """
    path = path or OURS
    with path.open(encoding="utf-8", newline="") as lines:
        found = {row["routing_number"]: row["name"] for row in csv.DictReader(lines)}
    if wrong := [number for number in found if not is_valid(number)]:
        raise ValueError(f"says that {wrong[0]!r} is a routing number ({path})")
    return found
