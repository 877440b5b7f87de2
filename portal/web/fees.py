"""The user fees, and the table of low income, as the policy has them today."""

from datetime import date
from typing import Any

from portal.domain.money import Money
from portal.domain.plan import Method
from portal.domain.policy import IncomeLine
from portal.office import office
from portal.web import words
from portal.web.language import gettext as _
from portal.web.language import money

PEOPLE = 6
Column = tuple[str, str, str]


def fee_rows(on: date) -> list[dict[str, str]]:
    """What a long-term plan costs by each way to pay: asked for here, asked for otherwise, and with a low income."""
    fees = office().policy.fees.on(on)
    debit = (fees.online_debit, fees.assisted_debit, fees.low_income_debit)
    other = (fees.online_other, fees.assisted_other, fees.low_income_other)
    return [
        {"way": way, **{key: _amount(fee) for key, fee in zip(("online", "assisted", "low"), row, strict=True)}}
        for way, row in ((words.method(Method.DIRECT_DEBIT), debit), (_("Other ways"), other))
    ]


def fee_columns() -> list[Column]:
    return [
        ("way", _("How you pay"), ""),
        ("online", _("Asked for here"), "number"),
        ("assisted", _("By phone or mail"), "number"),
        ("low", _("With a low income"), "number"),
    ]


def _amount(fee: Money) -> str:
    return money(fee) if fee else _("none")


def low_income_rows(on: date) -> tuple[list[dict[str, Any]], list[Column]]:
    """The most that a household of so many people may earn a year, with the columns: in general, then by state."""
    table = office().policy.low_income.on(on)
    lines = {"everywhere": table.everywhere, **table.elsewhere}
    columns = [("people", _("People"), ""), ("everywhere", _("In general"), "money")]
    columns += [(state, state, "money") for state in table.elsewhere]
    rows = [_row(str(people), lines, people) for people in range(1, PEOPLE + 1)]
    further = {name: line.further for name, line in lines.items()}
    return [*rows, {"people": _("Each further"), **further}], columns


def _row(label: str, lines: dict[str, IncomeLine], people: int) -> dict[str, Any]:
    return {"people": label, **{name: line.of(people) for name, line in lines.items()}}
