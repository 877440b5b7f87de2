"""`portal calculate`: a scenario in JSON in, what is owed and what a plan comes to in JSON out (docs/engine.md 7)."""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from portal.domain import money
from portal.domain.money import Money
from portal.domain.penalties import Span
from portal.domain.period import Law, TaxPeriod
from portal.domain.policy import Policy
from portal.domain.projection import Plan, Schedule, minimum_monthly, projected, schedule
from portal.domain.rates import RateNotPublished
from portal.domain.waterfall import Account, Books, Payment, replay

Value = TypeVar("Value")
LONGEST_TERM = 1200


class BadScenario(ValueError):
    """A scenario that cannot be computed; the message names the field and what is wrong with it."""


def calculate(text: str, policy: Policy) -> str:
    """The answer to a scenario or to a list of them; in a list, a bad one is answered by its error.

    Refuses (`BadScenario`) what is not JSON and a single bad scenario.
    """
    try:
        asked = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except RecursionError:
        raise BadScenario("input: nested too deeply") from None
    except ValueError as error:
        raise BadScenario(f"input: not JSON ({error})") from None
    answer = (
        [_answered(scenario, policy) for scenario in asked] if isinstance(asked, list) else answer_to(asked, policy)
    )
    return json.dumps(answer, indent=2)


def answer_to(scenario: object, policy: Policy) -> dict[str, Any]:
    """What one scenario comes to. Refuses (`BadScenario`) anything docs/engine.md 7 does not allow."""
    keys = _object("scenario", scenario, ("as_of", "periods"), ("payments", "agreement", "levy_notice_on", "plan"))
    as_of = _date("as_of", keys["as_of"])
    law = policy.law_on(as_of)
    try:
        law.rates.require(as_of)
    except RateNotPublished as error:
        raise BadScenario(f"as_of: {error}") from None
    account = _account(keys, as_of, law)
    plan, monthly = _plan(keys["plan"], as_of) if keys["plan"] is not None else (None, None)
    books = replay(account, law, as_of)[0]
    answer = _owed(account, books, as_of)
    if plan:
        answer["plan"] = _projection(projected(account, law, as_of), plan, monthly, law)
    return answer


def _answered(scenario: object, policy: Policy) -> dict[str, Any]:
    try:
        return answer_to(scenario, policy)
    except BadScenario as error:
        return {"error": str(error)}


# What comes out


def _owed(account: Account, books: Books, as_of: date) -> dict[str, Any]:
    rows = []
    for facts in account.periods:
        owed = books.period(facts.tax_year).owed(as_of)
        rows.append(
            {"tax_year": facts.tax_year, "tax": str(owed.tax), "penalty": str(owed.penalty),
             "interest": str(owed.interest), "total": str(owed.total),
             "collection_ends_on": facts.collection_ends_on.isoformat()}
        )  # fmt: skip
    owed = books.owed(as_of)
    totals = {"tax": str(owed.tax), "penalty": str(owed.penalty), "interest": str(owed.interest)}
    return {
        "as_of": as_of.isoformat(),
        "periods": rows,
        "total": {**totals, "total": str(owed.total)},
        "credit": str(Money(books.credit)),
        "plan": None,
    }


def _projection(books: Books, plan: Plan, asked: Money | None, law: Law) -> dict[str, Any]:
    try:
        minimum = minimum_monthly(books, plan)
        monthly = minimum if asked is None else asked
        result = Schedule(None, (), clears=False) if monthly is None else schedule(books, plan, monthly)
    except (ValueError, OverflowError):
        raise BadScenario("plan.first_due_on: the schedule runs past the year 9999") from None
    return {
        "minimum_monthly": _text(minimum),
        "monthly": _text(monthly),
        "months": result.months,
        "paid_off_on": _text(result.paid_off_on),
        "total_paid": str(result.total_paid),
        "final_payment": _text(result.final_payment),
        "clears": result.clears,
        "assumed_rate_after": _text(result.assumed_rate_after(law)),
        "payments": [
            {"on": row.on.isoformat(), "amount": str(row.amount), "balance_after": str(row.balance_after)}
            for row in result.installments
        ],
    }


def _text(value: Money | date | None) -> str | None:
    return None if value is None else str(value)


# What comes in


def _account(keys: dict[str, Any], as_of: date, law: Law) -> Account:
    periods = tuple(
        _period(f"periods[{index}]", row, as_of, law) for index, row in enumerate(_list("periods", keys["periods"]))
    )
    if not periods:
        raise BadScenario("periods: at least one is needed")
    years = [facts.tax_year for facts in periods]
    if repeated := {year for year in years if years.count(year) > 1}:
        raise BadScenario(f"periods: tax_year {min(repeated)} stands there twice")
    payments = _optional(keys["payments"], lambda rows: _list("payments", rows)) or []
    return Account(
        periods,
        tuple(_payment(f"payments[{index}]", row, as_of) for index, row in enumerate(payments)),
        in_effect=_optional(keys["agreement"], _in_effect) or (),
        levy_notice_on=_optional(keys["levy_notice_on"], lambda value: _date("levy_notice_on", value)),
    )


def _period(path: str, value: object, as_of: date, law: Law) -> TaxPeriod:
    keys = _object(path, value, ("tax_year", "due_on", "filed_on", "assessed_on", "tax"))
    due_on = _date_until(f"{path}.due_on", keys["due_on"], as_of)
    if (due_on - law.rates.published_from).days < -1:
        raise BadScenario(f"{path}.due_on: no interest rate is published before {law.rates.published_from}")
    return TaxPeriod(
        tax_year=_whole(f"{path}.tax_year", keys["tax_year"], 1, 9999),
        due_on=due_on,
        filed_on=_date_until(f"{path}.filed_on", keys["filed_on"], as_of),
        assessed_on=_date_until(f"{path}.assessed_on", keys["assessed_on"], as_of),
        tax=_money(f"{path}.tax", keys["tax"]),
    )


def _payment(path: str, value: object, as_of: date) -> Payment:
    keys = _object(path, value, ("on", "amount"))
    return Payment(_date_until(f"{path}.on", keys["on"], as_of), _paid(f"{path}.amount", keys["amount"]))


def _in_effect(value: object) -> tuple[Span, ...]:
    keys = _object("agreement", value, ("accepted_on", "ended_on"))
    ended_on = _optional(keys["ended_on"], lambda text: _date("agreement.ended_on", text))
    if keys["accepted_on"] is None and ended_on is None:
        return ()
    accepted_on = _date("agreement.accepted_on", keys["accepted_on"])
    if ended_on and ended_on < accepted_on:
        raise BadScenario("agreement.ended_on: before accepted_on")
    return (Span(accepted_on, ended_on),)


def _plan(value: object, as_of: date) -> tuple[Plan, Money | None]:
    keys = _object("plan", value, ("first_due_on", "due_day", "term_months"), ("monthly",))
    first_due_on = _date("plan.first_due_on", keys["first_due_on"])
    due_day = _whole("plan.due_day", keys["due_day"], 1, 28)
    term = _optional(keys["term_months"], lambda value: _whole("plan.term_months", value, 1, LONGEST_TERM))
    if first_due_on <= as_of:
        raise BadScenario("plan.first_due_on: not after as_of")
    if first_due_on.day != due_day:
        raise BadScenario(f"plan.first_due_on: does not fall on due_day {due_day}")
    return Plan(first_due_on, term), _optional(keys["monthly"], lambda text: _paid("plan.monthly", text))


def _optional(value: object, read: Callable[[Any], Value]) -> Value | None:
    return None if value is None else read(value)


def _object(path: str, value: object, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """The object with every key it may have; optional ones that were left out are None."""
    if not isinstance(value, dict):
        raise BadScenario(f"{path}: an object is needed")
    prefix = "" if path == "scenario" else f"{path}."
    for key in value:
        if key not in required + optional:
            raise BadScenario(f"{prefix}{_printable(key)}: unknown key")
    for key in required:
        if key not in value:
            raise BadScenario(f"{prefix}{key}: missing")
    return dict.fromkeys(optional) | value


def _list(path: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise BadScenario(f"{path}: a list is needed")
    return value


def _whole(path: str, value: object, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise BadScenario(f"{path}: a whole number from {least} to {most} is needed")
    return value


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _date(path: str, value: object) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise BadScenario(f"{path}: a date like 2026-11-23 is needed")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise BadScenario(f"{path}: there is no {value}") from None


def _date_until(path: str, value: object, as_of: date) -> date:
    day = _date(path, value)
    if day > as_of:
        raise BadScenario(f"{path}: after as_of")
    return day


def _money(path: str, value: object) -> Money:
    try:
        return money.read(value if isinstance(value, str) else "")
    except money.NotMoney:
        raise BadScenario(f'{path}: an amount like "1250.00" is needed') from None


def _paid(path: str, value: object) -> Money:
    amount = _money(path, value)
    if not amount:
        raise BadScenario(f"{path}: a payment cannot be zero")
    return amount


def _printable(key: str) -> str:
    return key if key.isascii() and key.isprintable() and len(key) <= 60 else ascii(key)[:60]


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return keys


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")
