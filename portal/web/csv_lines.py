"""Lines of CSV files, which spreadsheet programs open without taking anything in them for a formula."""

import csv
import io
import re
from collections.abc import Iterable

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
AMOUNT = re.compile(r"-?\d+\.\d\d", re.ASCII)


def csv_line(cells: Iterable[str]) -> str:
    """A line with its line break. What a spreadsheet program would compute begins with an apostrophe (OWASP, CSV
    injection); an amount below zero is none of that.
    """
    out = io.StringIO()
    csv.writer(out).writerow(map(_harmless, cells))
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) and not AMOUNT.fullmatch(cell) else cell
