"""Scenarios to try an engine on: valid ones drawn by chance, and named ways to spoil one (engine.md, 7).

The draw leans towards edges: month ends, the day around a boundary, amounts that clear something exactly,
collection dates that fall on a due date of the plan or a day beside it.
"""

from calendar import monthrange
from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from random import Random
from typing import Any

from .day_loop import Rates, calculate, cents, corresponding, money

Scenario = dict[str, Any]
Spoil = Callable[[Any], Any]

# The rate table begins on the first and ends on the last of these days.
FIRST_DUE_ON = date(2011, 10, 1)
LAST_AS_OF = date(2026, 12, 31)
LEAP_DAYS = [date(year, 2, 29) for year in (2012, 2016, 2020, 2024)]


def scenario(random: Random) -> Scenario:
    """A valid scenario: one to four periods, up to twelve payments, any agreement, levy notice and plan."""
    as_of = draw_as_of(random)
    first_due_on = draw_first_due_on(random, as_of)
    count = random.choice([1, 1, 1, 2, 2, 3, 4])
    years = random.sample(range(2008, 2027), count)
    periods = [draw_period(random, year, as_of, first_due_on) for year in years]
    drawn: Scenario = {"as_of": as_of.isoformat(), "periods": periods}
    optional = {
        "payments": draw_payments(random, periods, as_of),
        "agreement": draw_agreement(random, periods, as_of),
        "levy_notice_on": draw_levy_notice(random, periods, as_of),
        "plan": draw_plan(random, periods, first_due_on),
    }
    # A part that is null, or a list that is empty, means the same as a part that was left out.
    drawn.update({name: part for name, part in optional.items() if part or random.random() < 0.5})
    return drawn


def paid_to_within(drawn: Scenario, rates: Rates, difference: int) -> Scenario:
    """The scenario with one more payment, on `as_of`, of all that is owed then plus a difference in cents.

    0 clears it exactly, -1 leaves a cent, 1 leaves a cent of credit. Unchanged if nothing would be paid.
    """
    without_plan = {name: part for name, part in drawn.items() if name != "plan"}
    amount = cents(calculate(without_plan, rates)["total"]["total"]) + difference
    if amount <= 0:
        return drawn
    payment = {"on": drawn["as_of"], "amount": money(amount)}
    return {**drawn, "payments": [*(drawn.get("payments") or []), payment]}


def complete_scenario() -> Scenario:
    """A valid scenario with every part present, for `REFUSALS` to spoil a deep copy of."""
    return {
        "as_of": "2026-11-23",
        "periods": [
            {
                "tax_year": 2024,
                "due_on": "2025-04-15",
                "filed_on": "2025-04-15",
                "assessed_on": "2025-06-02",
                "tax": "10000.00",
            },
            {
                "tax_year": 2023,
                "due_on": "2024-04-15",
                "filed_on": "2024-09-30",
                "assessed_on": "2024-11-11",
                "tax": "4210.55",
            },
        ],
        "payments": [{"on": "2025-09-30", "amount": "500.00"}, {"on": "2026-01-05", "amount": "120.50"}],
        "agreement": {"accepted_on": "2026-06-20", "ended_on": "2026-10-01"},
        "levy_notice_on": "2026-10-20",
        "plan": {"first_due_on": "2026-12-15", "due_day": 15, "term_months": 72, "monthly": "450.00"},
    }


def draw_as_of(random: Random) -> date:
    """Mostly a recent day; sometimes any day of the table, and sometimes its last."""
    earliest = random.choice([date(2025, 6, 1), date(2025, 6, 1), date(2018, 1, 1), date(2011, 10, 1)])
    return random.choice([day_between(random, earliest, LAST_AS_OF)] * 8 + [LAST_AS_OF])


def draw_first_due_on(random: Random, as_of: date) -> date:
    """The first due date of a plan: on a day 1-28, after `as_of` by one day or up to three months."""
    on = as_of + timedelta(days=random.choice([1, 1, random.randint(1, 31), random.randint(1, 92)]))
    while on.day > 28:
        on += timedelta(days=1)
    return on


def draw_period(random: Random, tax_year: int, as_of: date, first_due_on: date) -> dict[str, Any]:
    """A period due, filed and assessed by `as_of`."""
    due_on = draw_due_on(random, as_of)
    filed_on = min(draw_filed_on(random, due_on), as_of)
    return {
        "tax_year": tax_year,
        "due_on": due_on.isoformat(),
        "filed_on": filed_on.isoformat(),
        "assessed_on": draw_assessed_on(random, filed_on, as_of, first_due_on).isoformat(),
        "tax": draw_tax(random),
    }


def draw_due_on(random: Random, as_of: date) -> date:
    """15 April, month ends (short and leap ones too), or any day; often within a few years of `as_of`."""
    earliest = max(FIRST_DUE_ON, as_of - timedelta(days=random.choice([40, 500, 1500, 1500, 4000, 6000])))
    on = day_between(random, earliest, as_of)
    in_april, at_month_end = date(on.year, 4, 15), on.replace(day=monthrange(on.year, on.month)[1])
    near_month_end = on.replace(day=min(random.choice([28, 29, 30]), at_month_end.day))
    end_of_february = date(on.year, 2, monthrange(on.year, 2)[1])
    choices = [on, on, in_april, in_april, in_april, at_month_end, at_month_end, near_month_end, as_of]
    chosen = random.choice([*choices, end_of_february])
    return chosen if FIRST_DUE_ON <= chosen <= as_of else on


def draw_filed_on(random: Random, due_on: date) -> date:
    """On time half the time; else at and beside the month boundaries, at 60 and 61 days, or any time late."""
    boundary = corresponding(due_on, random.randint(1, 6)) + timedelta(days=random.choice([0, 1]))
    late = [boundary, boundary, due_on + timedelta(days=random.choice([1, 59, 60, 61]))]
    late.append(due_on + timedelta(days=random.randint(1, 1200)))
    timely = [due_on, due_on, due_on, due_on - timedelta(days=random.randint(1, 90))]
    return random.choice(timely + late)


def draw_assessed_on(random: Random, filed_on: date, as_of: date, first_due_on: date) -> date:
    """Usually weeks after filing; else a leap day, or ten years before (or beside) a due date of the plan."""
    chance = random.random()
    if chance < 0.3:
        months = random.choice([0, 0, 1, 2, 5, 11, 35, 71, 72, random.randint(0, 90)])
        due_on = corresponding(first_due_on, months)
        # A due day is the 28th at the latest, also where 28 February would correspond to a month end.
        wanted = due_on.replace(year=due_on.year - 10, day=min(due_on.day, 28))
        return min(wanted + timedelta(days=random.choice([-1, 0, 0, 1])), as_of)
    if chance < 0.4:
        return random.choice([day for day in LEAP_DAYS if day <= as_of] or [as_of])
    return min(filed_on + timedelta(days=random.choice([0, 48, 48, random.randint(1, 400)])), as_of)


def draw_tax(random: Random) -> str:
    """Dollars and cents from nothing at all to large, many near the floors of failure to file."""
    amounts = [random.randint(100_000, 6_000_000)] * 6 + [random.randint(1, 999) * 10_000] * 3
    amounts += [random.randint(40_000, 55_000), random.choice([0, 1, 2, 10, 99, 100, 43_500, 51_000])]
    amounts += [random.randint(1, 5_000), random.randint(6_000_000, 900_000_000)]
    # A multiple of 73 makes an interest of exact half cents possible.
    amounts += [73 * 250 * random.randint(1, 400)]
    return money(random.choice(amounts))


def draw_payments(random: Random, periods: list[dict[str, Any]], as_of: date) -> list[dict[str, str]]:
    """None to twelve payments in any order: on and around due dates and month beginnings, some on one day."""
    payments: list[dict[str, str]] = []
    for _ in range(random.choice([0, 0, 1, 1, 2, 3, 5, 8, 12])):
        period = random.choice(periods)
        on = draw_payment_day(random, date.fromisoformat(period["due_on"]), as_of)
        if payments and random.random() < 0.25:
            on = date.fromisoformat(payments[-1]["on"])
        payments.append({"on": on.isoformat(), "amount": draw_payment_amount(random, cents(period["tax"]))})
    if random.random() < 0.8:
        payments.sort(key=lambda payment: payment["on"])
    return payments


def draw_payment_day(random: Random, due_on: date, as_of: date) -> date:
    """A day up to `as_of`, sometimes before the due date (so that the payment passes the period over)."""
    month_ends_on = corresponding(due_on, random.randint(0, 24))
    month_begins_on = month_ends_on + timedelta(days=random.choice([0, 1, 1, 2]))
    days = [day_between(random, due_on, as_of)] * 4 + [month_begins_on] * 3
    days += [due_on, due_on - timedelta(days=random.choice([1, 1, 20, 200])), as_of]
    return min(random.choice(days), as_of)


def draw_payment_amount(random: Random, tax: int) -> str:
    """Exactly the tax or its neighbours, the tax with failure to file, a part, a few cents, or too much."""
    failure_to_file = (tax * 45 * random.randint(1, 5) + 500) // 1000
    exact = random.choice([tax, tax, tax - 1, tax + 1, tax + failure_to_file])
    amounts = [exact, exact, tax // 2, tax // 5, tax // 10, tax // 10]
    amounts += [random.randint(1, tax + 1)] * 2 + [random.randint(1, tax // 3 + 1)] * 3
    amounts += [random.randint(1, 9), 50_000, random.choice([3 * tax, tax + tax // 5])]
    return money(max(1, random.choice(amounts)))


def draw_agreement(random: Random, periods: list[dict[str, Any]], as_of: date) -> dict[str, Any] | None:
    """None, or one accepted on any day or at a month boundary; ended or not, perhaps on the day it began.

    Now and then one of its days lies after `as_of`: section 7 does not refuse that.
    """
    if random.random() < 0.4:
        return None
    latest = as_of + timedelta(days=random.choice([0, 0, 0, 0, 0, 0, 0, 0, 10, 400]))
    due_on = date.fromisoformat(random.choice(periods)["due_on"])
    boundary = corresponding(due_on, random.randint(0, 30)) + timedelta(days=random.choice([-1, 0, 1, 2]))
    chosen = random.choice([day_between(random, due_on, latest), boundary, boundary, latest])
    accepted_on = min(chosen, latest)
    ended_on = None
    if random.random() < 0.5:
        lasted = random.choice([0, 0, 1, 27, 30, 31, random.randint(0, 900)])
        ended_on = max(accepted_on, min(accepted_on + timedelta(days=lasted), latest)).isoformat()
    return {"accepted_on": accepted_on.isoformat(), "ended_on": ended_on}


def draw_levy_notice(random: Random, periods: list[dict[str, Any]], as_of: date) -> str | None:
    """None, or a notice on any day; often nine to twelve days before a month begins, rarely after `as_of`."""
    if random.random() < 0.65:
        return None
    latest = as_of + timedelta(days=random.choice([0, 0, 0, 0, 0, 0, 0, 0, 10, 400]))
    due_on = date.fromisoformat(random.choice(periods)["due_on"])
    month_begins_on = corresponding(due_on, random.randint(1, 30)) + timedelta(days=1)
    near = month_begins_on - timedelta(days=random.choice([9, 10, 10, 11, 11, 12]))
    chosen = random.choice([near, near, near, day_between(random, due_on, latest), as_of])
    return min(chosen, latest).isoformat()


def draw_plan(random: Random, periods: list[dict[str, Any]], first_due_on: date) -> dict[str, Any] | None:
    """None, or a plan with or without `monthly` and a term; amounts from a cent to more than everything."""
    if random.random() < 0.2:
        return None
    plan: dict[str, Any] = {"first_due_on": first_due_on.isoformat(), "due_day": first_due_on.day}
    plan["term_months"] = random.choice([None, None, 72, 72, 72, 1, 2, 3, 12, 24, 36, 60, 84, 120])
    tax = sum(cents(period["tax"]) for period in periods)
    if random.random() < 0.5:
        amounts = [1, 2500, 25_000, tax // 72, tax // 60, tax // 40, tax // 12, tax, 4 * tax]
        plan["monthly"] = money(max(1, random.choice([*amounts, random.randint(1, tax + 1)])))
    return plan


def day_between(random: Random, first: date, last: date) -> date:
    """Any day from the first to the last, both included."""
    return first + timedelta(days=random.randint(0, (last - first).days))


def put(value: Any, *path: str | int) -> Spoil:
    """A way to spoil: write the value at this path."""

    def spoil(whole: Any) -> Any:
        place = whole
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        return whole

    return spoil


def leave_out(*path: str | int) -> Spoil:
    """A way to spoil: take away what stands at this path."""

    def spoil(whole: Any) -> Any:
        place = whole
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        return whole

    return spoil


def shift_from(source: tuple[str | int, ...], days: int, *path: str | int) -> Spoil:
    """A way to spoil: write at the path the date that stands at `source`, so many days later."""

    def spoil(whole: Any) -> Any:
        place = whole
        for step in source:
            place = place[step]
        return put((date.fromisoformat(place) + timedelta(days=days)).isoformat(), *path)(whole)

    return spoil


def replace_by(value: Any) -> Spoil:
    """A way to spoil: something else altogether."""
    return lambda _: deepcopy(value)


def repeat_a_year(whole: Scenario) -> Scenario:
    """A way to spoil: the first period once more."""
    whole["periods"].append(deepcopy(whole["periods"][0]))
    return whole


def move_past_the_rates(whole: Scenario) -> Scenario:
    """A way to spoil: a later `as_of`, with a plan after it, where no rate is published."""
    whole["as_of"] = "2027-01-01"
    whole["plan"].update(first_due_on="2027-02-15", due_day=15)
    return whole


def with_due_day(first_due_on: str, due_day: Any) -> Spoil:
    """A way to spoil: both dates of a plan."""

    def spoil(whole: Scenario) -> Scenario:
        whole["plan"].update(first_due_on=first_due_on, due_day=due_day)
        return whole

    return spoil


AS_OF = ("as_of",)
TAX, PAID, MONTHLY = ("periods", 0, "tax"), ("payments", 0, "amount"), ("plan", "monthly")
BAD_AMOUNTS: list[Any] = [
    *("1e5", "1,000.00", "10", "10.0", "10.000", " 10.00", "10.00 ", "10.00\n", "$10.00", "+10.00", "1_0.00"),
    *("\uff11\uff10.\uff10\uff10", "\u0661\u0660.\u0660\u0660", "", ".50", "NaN", "-10.00", "-0.01"),
    *("Infinity", 10, 10.5, True, None, ["10.00"], {"amount": "10.00"}),
]
BAD_DATES: list[Any] = [
    *("2025-4-15", "20250415", "2025-04-15T00:00", "2025-W16-2", "2025-105", "15-04-2025", "04/15/2025"),
    *(" 2025-04-15", "2025-04-15\n", "\uff12\uff10\uff12\uff15-04-15", "2025-02-29", "2025-04-31"),
    *("2025-13-01", "2025-00-10", "0000-04-15", "", "today", 20250415, True, None, ["2025-04-15"]),
]
DATE_PATHS: list[tuple[str | int, ...]] = [
    *(("as_of",), ("periods", 0, "due_on"), ("periods", 0, "filed_on"), ("periods", 0, "assessed_on")),
    *(("payments", 0, "on"), ("agreement", "ended_on"), ("levy_notice_on",), ("plan", "first_due_on")),
]
KEYS: list[tuple[str | int, ...]] = [
    *(("as_of",), ("periods",), ("periods", 0, "tax_year"), *DATE_PATHS[1:4], TAX),
    *(("payments", 0, "on"), PAID),
    *(("agreement", "accepted_on"), ("plan", "first_due_on"), ("plan", "due_day"), ("plan", "term_months")),
]

# Every way stands alone: the rest of the scenario stays valid, so that nothing else can explain the refusal.
REFUSALS: list[tuple[str, Spoil]] = [
    ("a payment after as_of", shift_from(AS_OF, 1, "payments", 0, "on")),
    ("a return filed after as_of", shift_from(AS_OF, 1, "periods", 0, "filed_on")),
    ("an assessment after as_of", shift_from(AS_OF, 1, "periods", 0, "assessed_on")),
    ("a period due after as_of", shift_from(AS_OF, 1, "periods", 0, "due_on")),
    ("no periods", put([], "periods")),
    ("periods are null", put(None, "periods")),
    ("periods are an object", put({}, "periods")),
    ("a period is no object", put("2024", "periods", 0)),
    ("payments are an object", put({"on": "2025-09-30", "amount": "500.00"}, "payments")),
    ("a payment is no object", put("500.00", "payments", 0)),
    ("an agreement is a date", put("2026-06-20", "agreement")),
    ("a plan is an amount", put("250.00", "plan")),
    ("a year twice", repeat_a_year),
    ("a year as text", put("2024", "periods", 0, "tax_year")),
    ("a year that is true", put(True, "periods", 0, "tax_year")),
    ("a payment of zero", put("0.00", *PAID)),
    ("an end before the acceptance", shift_from(("agreement", "accepted_on"), -1, "agreement", "ended_on")),
    ("an as_of in an unpublished quarter", move_past_the_rates),
    ("a first due date on as_of", with_due_day("2026-11-23", 23)),
    ("a first due date before as_of", with_due_day("2026-11-15", 15)),
    ("a first due date off the due day", put(14, "plan", "due_day")),
    ("a due day of 0", put(0, "plan", "due_day")),
    ("a due day of 29", with_due_day("2026-12-29", 29)),
    ("a due day as text", put("15", "plan", "due_day")),
    ("a due day that is true", with_due_day("2026-12-01", True)),
    ("a due day with a fraction", put(15.0, "plan", "due_day")),
    ("a due day that is null", put(None, "plan", "due_day")),
    *[(f"a term of {term!r}", put(term, "plan", "term_months")) for term in (0, -1, 1.5, 72.0, True, "72")],
    *[(f"a tax of {amount!r}", put(amount, *TAX)) for amount in BAD_AMOUNTS],
    *[(f"a payment of {amount!r}", put(amount, *PAID)) for amount in BAD_AMOUNTS],
    *[(f"a monthly of {amount!r}", put(amount, *MONTHLY)) for amount in BAD_AMOUNTS if amount is not None],
    *[(f"due on {text!r}", put(text, "periods", 0, "due_on")) for text in BAD_DATES],
    *[(f"{path[-1]} is not padded", put("2025-4-15", *path)) for path in DATE_PATHS],
    *[(f"{path[-1]} is an impossible date", put("2025-02-30", *path)) for path in DATE_PATHS],
    *[(f"{'.'.join(map(str, path))} is missing", leave_out(*path)) for path in KEYS],
    ("an unknown key in the scenario", put(None, "note")),
    ("an unknown key in a period", put(None, "periods", 0, "paid")),
    ("an unknown key in a payment", put(None, "payments", 0, "reference")),
    ("an unknown key in the agreement", put(None, "agreement", "proposed_on")),
    ("an unknown key in the plan", put(None, "plan", "amount")),
    *[(f"{value!r} instead of a scenario", replace_by(value)) for value in ("text", 1, None, True)],
]
