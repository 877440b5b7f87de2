"""What a notification of change corrects: the account that the next debit should name, by the code of the change."""

import re
from dataclasses import dataclass

from portal.domain import routing

ROUTING = "(?P<routing_number>[0-9]{9})"
ACCOUNT = "(?P<account_number>[0-9A-Za-z-]{1,17})"
TRANSACTION = "(?P<transaction_code>[23][1-46-9])"
# Where banks put less than a full account number on the left or on the right, spaces part it from what is next.
PATTERNS = {
    "C01": ACCOUNT,
    "C02": ROUTING,
    "C03": f"{ROUTING} +{ACCOUNT}",
    "C05": TRANSACTION,
    "C06": f"{ACCOUNT} +{TRANSACTION}",
    "C07": f"{ROUTING}(?:{ACCOUNT} +|(?P<full_account_number>[0-9A-Za-z-]{{17}})){TRANSACTION}",
}
LAYOUTS = {
    "C01": "{account_number}",
    "C02": "{routing_number}",
    "C03": "{routing_number}   {account_number}",
    "C05": "{transaction_code}",
    "C06": "{account_number:<20}{transaction_code}",
    "C07": "{routing_number}{account_number:<17}{transaction_code}",
}


@dataclass(frozen=True, slots=True)
class Correction:
    """What is different from now on; what is None stays as it is."""

    routing_number: str | None = None
    account_number: str | None = None
    is_savings: bool | None = None


def read(code: str, data: str) -> Correction | None:
    """What the data of a change say. None for other codes, and for data that do not say what their code promises:
    somebody has to look at those.
    """
    found = re.fullmatch(PATTERNS.get(code, "(?!)"), data.strip(" "))
    if not found:
        return None
    said = found.groupdict()
    number, transaction = said.get("routing_number"), said.get("transaction_code")
    if number and not routing.is_valid(number):
        return None
    return Correction(
        number,
        said.get("account_number") or said.get("full_account_number"),
        transaction.startswith("3") if transaction else None,
    )


def write(code: str, correction: Correction) -> str:
    """The data of a change, for the codes that are read; all that the code promises has to be there."""
    return LAYOUTS[code].format(
        routing_number=correction.routing_number,
        account_number=correction.account_number,
        transaction_code="37" if correction.is_savings else "27",
    )
