"""The rules as data, and their loader: a policy file, its rates, and the two calendars of days off."""

import csv
import tomllib
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from portal.domain import money
from portal.domain.calendar import DaysOff
from portal.domain.penalties import FilingFloor, PenaltyRules
from portal.domain.policy import (
    Ceiling,
    Changes,
    Dated,
    Days,
    Desk,
    DirectPay,
    Fees,
    IncomeLine,
    Limits,
    LowIncome,
    MethodChanges,
    Policy,
)
from portal.domain.rates import Rate, RateTable

HERE = Path(__file__).parent
Value = TypeVar("Value")
WHOLE_NUMBERS = ("filing_months", "floor_after_days", "levy_days")
ENTRIES = {
    "name", "rates", "penalties", "filing_floors", "limits", "days", "fees", "low_income", "direct_pay", "changes",
    "method_changes",
    "desk",
}  # fmt: skip


@cache
def load(path: Path = HERE / "us-irs.toml") -> Policy:
    """The policy of a file. Refuses (`ValueError`, with the file's name) a missing, unknown or malformed entry."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := set(data) - ENTRIES:
            raise KeyError(min(unknown))
        floors = _filing_floors(data["filing_floors"])
        return Policy(
            name=data["name"],
            rates=load_rates(path.parent / data["rates"]),
            penalties=_dated(data["penalties"], lambda row: _penalties(row, floors)),
            limits=_dated(data["limits"], _limits),
            days=_dated(data["days"], lambda row: _made(Days, row)),
            fees=_dated(data["fees"], lambda row: _made(Fees, _with_money(row))),
            low_income=_dated(data["low_income"], _low_income),
            direct_pay=_dated(data["direct_pay"], _direct_pay),
            changes=_dated(data["changes"], lambda row: _made(Changes, row)),
            method_changes=_dated(data["method_changes"], lambda row: _made(MethodChanges, row)),
            desk=_dated(data["desk"], lambda row: _made(Desk, row | _ceilings(row))),
        )
    except (KeyError, TypeError, ValueError, money.NotMoney) as error:
        raise ValueError(f"the policy {path.name} cannot be read: {error}") from error


def load_rates(path: Path) -> RateTable:
    """The published rates of a CSV file with quarter_begins_on, underpayment_percent and source."""
    with path.open(encoding="utf-8", newline="") as lines:
        return RateTable(
            Rate(
                date.fromisoformat(row["quarter_begins_on"]),
                _basis_points(row["underpayment_percent"]),
                row["source"],
            )
            for row in csv.DictReader(lines)
        )


@cache
def banking_days_off() -> DaysOff:
    """The Federal Reserve's holidays, on which no bank settles: Saturday holidays are not moved."""
    import holidays

    return holidays.financial_holidays("FED")


@cache
def legal_days_off() -> DaysOff:
    """The legal holidays of the District of Columbia, which move a due date (IRC 7503)."""
    import holidays

    return holidays.country_holidays("US", subdiv="DC")


@cache
def common_passwords() -> frozenset[str]:
    """Long passwords that many people think of, as their letters and digits in small."""
    return frozenset((HERE / "common-passwords.txt").read_text(encoding="utf-8").split())


def _dated(rows: list[dict[str, Any]], build: Callable[[dict[str, Any]], Value]) -> Dated[Value]:
    if any(type(row["from"]) is not date for row in rows):
        raise TypeError("from: a date is needed")
    entries = [(row["from"], build({key: row[key] for key in row if key != "from"})) for row in rows]
    return Dated(tuple(sorted(entries, key=lambda entry: entry[0])))


def _made(kind: type[Value], values: dict[str, Any]) -> Value:
    """A value of this kind. Refuses (`TypeError`) an entry that is not of its field's type."""
    made = kind(**values)
    for field in fields(made):  # type: ignore[arg-type]
        if isinstance(field.type, type) and type(getattr(made, field.name)) is not field.type:
            raise TypeError(f"{field.name}: {field.type.__name__} is needed")
    return made


def _filing_floors(rows: list[dict[str, Any]]) -> tuple[FilingFloor, ...]:
    floors = (FilingFloor(row["from"], money.read(row["amount"])) for row in rows)
    return tuple(sorted(floors, key=lambda floor: floor.from_due_on))


def _penalties(row: dict[str, Any], floors: tuple[FilingFloor, ...]) -> PenaltyRules:
    values: dict[str, Any] = {
        key: value if key in WHOLE_NUMBERS else _basis_points(value)
        for key, value in row.items()
        if key not in ("dishonored_from", "dishonored_below")
    }
    values |= {
        "filing_floors": floors,
        "dishonored_from": money.read(row["dishonored_from"]),
        "dishonored_below": money.read(row["dishonored_below"]),
    }
    return _made(PenaltyRules, values)


def _limits(row: dict[str, Any]) -> Limits:
    due_days = row["due_days"]
    if not due_days or any(type(day) is not int or not 1 <= day <= 28 for day in due_days):
        raise ValueError("due_days: days from 1 to 28 are needed")
    return _made(Limits, row | _ceilings(row) | {"due_days": tuple(sorted(set(due_days)))})


def _direct_pay(row: dict[str, Any]) -> DirectPay:
    return _made(DirectPay, row | _ceilings(row))


def _ceilings(row: dict[str, Any]) -> dict[str, Ceiling]:
    return {key: _ceiling(key, value) for key, value in row.items() if isinstance(value, dict)}


def _ceiling(name: str, row: dict[str, str]) -> Ceiling:
    """A limit as { below = "50000.00" } or { at_most = "50000.00" }."""
    if len(row) != 1 or not row.keys() <= {"below", "at_most"}:
        raise ValueError(f"{name}: either below or at_most is needed")
    [(word, amount)] = row.items()
    return Ceiling(money.read(amount), is_within=word == "at_most")


def _low_income(row: dict[str, Any]) -> LowIncome:
    lines = {state: _made(IncomeLine, _with_money(line)) for state, line in row.pop("elsewhere", {}).items()}
    return LowIncome(_made(IncomeLine, _with_money(row)), lines)


def _with_money(row: dict[str, Any]) -> dict[str, Any]:
    return {key: money.read(value) if isinstance(value, str) else value for key, value in row.items()}


def _basis_points(percent: str) -> int:
    """Hundredths of a percent: "4.5" is 450."""
    if not isinstance(percent, str):
        raise TypeError(f"{percent!r} is not a percentage in quotes")
    whole, _, decimals = percent.partition(".")
    if not percent.isascii() or not (whole + decimals).isdigit() or len(decimals) > 2:
        raise ValueError(f"{percent!r} is not a percentage with at most two decimals")
    return int(whole) * 100 + int(decimals.ljust(2, "0"))
