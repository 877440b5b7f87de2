"""Lines of CSV files, which spreadsheet programs open without taking anything in them for a formula."""

import csv
import io
from collections.abc import Iterable

from portal.domain.money import Money

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def csv_line(cells: Iterable[str | Money]) -> str:
    """A line with its line break. A text that a spreadsheet program would compute begins with an apostrophe (OWASP,
    CSV injection); an amount is an amount, also below zero.
    """
    out = io.StringIO()
    csv.writer(out).writerow(map(_harmless, cells))
    return out.getvalue()


def _harmless(cell: str | Money) -> str:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else str(cell)
