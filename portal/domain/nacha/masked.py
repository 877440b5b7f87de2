"""A record of a bank file as people may see it: of account numbers only the last four digits are left."""

import re

# Where an account number stands in an entry, and where one may stand in what a change corrects.
ACCOUNT, CORRECTED = slice(12, 29), slice(35, 64)
CHANGE = "798"
WORD = re.compile(r"[0-9A-Za-z-]{5,}")


def masked(record: str) -> str:
    """The record with its account numbers masked: of an entry (6) columns 13 to 29, of a change (7, 98) columns 36 to
    64. What is neither has none.
    """
    if record.startswith("6"):
        return _with(record, ACCOUNT)
    return _with(record, CORRECTED) if record.startswith(CHANGE) else record


def _with(record: str, where: slice) -> str:
    hidden = WORD.sub(lambda word: "*" * (len(word[0]) - 4) + word[0][-4:], record[where])
    return f"{record[: where.start]}{hidden}{record[where.stop :]}"
