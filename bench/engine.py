"""How long the engine takes to say what is owed, what a plan comes to and what the least payment is.

Run it from the project's folder:

    python bench/engine.py                  a table
    python bench/engine.py --json           the same as JSON
    python bench/engine.py --repeats 200    more repeats, steadier figures

Each figure is the median of one call in milliseconds, on books that are new for every call, and the best call
beside it. The goals are those of section 4 of the performance plan; nothing fails when one is missed. The last
table pays the same money in ever more payments: its cost per event should stay as it is.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import partial
from statistics import median
from typing import Any, TypeVar

from bench.timing import timed
from portal import policies
from portal.domain.money import Money
from portal.domain.period import Law, TaxPeriod
from portal.domain.projection import Plan, minimum_monthly, projected, schedule
from portal.domain.waterfall import Account, Payment, replay

AS_OF = date(2026, 11, 23)
PLAN = Plan(date(2026, 12, 15), term_months=72)
FIRST_PAID_ON = date(2016, 12, 1)
EVENTS = (60, 120, 240, 480, 960)

Prepared = TypeVar("Prepared")


@dataclass(frozen=True)
class Figure:
    """One measured call: median and best milliseconds, and what it should take."""

    what: str
    median_ms: float
    best_ms: float
    goal_ms: float


@dataclass(frozen=True)
class Load:
    """What is owed after so many payments: the whole call, and its share for one payment."""

    payments: int
    median_ms: float
    per_event_us: float


def main() -> None:
    """Measure, and print a table or JSON."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--json", action="store_true", help="print JSON instead of a table")
    asked.add_argument("--repeats", type=int, default=50, help="calls of each kind (default: 50)")
    arguments = asked.parse_args()
    law = policies.load().law_on(AS_OF)
    figures, loads = measured(law, arguments.repeats), under_load(law, arguments.repeats)
    if arguments.json:
        rows = {"engine": [asdict(figure) for figure in figures], "linearity": [asdict(load) for load in loads]}
        print(json.dumps(rows, indent=2))
    else:
        print_table(figures, loads)


def measured(law: Law, repeats: int) -> list[Figure]:
    """The three calls that pages wait for, each with its goal."""
    recent = recent_account()
    monthly = minimum_monthly(projected(recent, law, AS_OF), PLAN)
    paying = paying_account(120)
    return [
        figure_of(
            "a 72-month projection of three periods", 1.0, repeats,
            lambda: projected(recent, law, AS_OF), lambda books: schedule(books, PLAN, monthly or Money(1)),
        ),
        figure_of(
            "the minimum payment of three periods, 72 months", 5.0, repeats,
            lambda: projected(recent, law, AS_OF), lambda books: minimum_monthly(books, PLAN),
        ),
        figure_of(
            "what three periods owe after 120 payments", 1.0, repeats,
            lambda: paying, lambda account: replay(account, law, AS_OF)[0].owed(AS_OF),
        ),
    ]  # fmt: skip


def under_load(law: Law, repeats: int) -> list[Load]:
    """The cost of a payment as there are more of them."""
    loads = []
    for count in EVENTS:
        account = paying_account(count)
        figure = figure_of(
            f"{count} payments", 0.0, repeats, lambda account=account: account,
            lambda account: replay(account, law, AS_OF)[0].owed(AS_OF),
        )  # fmt: skip
        loads.append(Load(count, figure.median_ms, round(figure.median_ms * 1000 / count, 2)))
    return loads


def figure_of(
    what: str, goal_ms: float, repeats: int, prepare: Callable[[], Prepared], call: Callable[[Prepared], Any]
) -> Figure:
    """Median and best of one call; what it works on is prepared anew and not timed."""
    call(prepare())
    milliseconds = []
    for _ in range(repeats):
        ready = prepare()
        milliseconds.append(timed(partial(call, ready)))
    return Figure(what, round(median(milliseconds), 3), round(min(milliseconds), 3), goal_ms)


def recent_account() -> Account:
    """Three years owed, one of them filed late, nothing paid yet."""
    return Account(
        (
            TaxPeriod(2022, date(2023, 4, 18), date(2023, 9, 30), date(2023, 11, 6), Money(1_764_218)),
            TaxPeriod(2023, date(2024, 4, 15), date(2024, 4, 15), date(2024, 6, 3), Money(931_540)),
            TaxPeriod(2024, date(2025, 4, 15), date(2025, 4, 15), date(2025, 6, 2), Money(608_855)),
        )
    )


def paying_account(count: int) -> Account:
    """Three older years on which 20,000.00 was paid in so many equal payments over ten years."""
    step = (AS_OF - FIRST_PAID_ON) / count
    each = Money(2_000_000 // count)
    return Account(
        (
            TaxPeriod(2013, date(2014, 4, 15), date(2014, 4, 15), date(2018, 6, 2), Money(1_764_218)),
            TaxPeriod(2014, date(2015, 4, 15), date(2015, 8, 1), date(2019, 6, 2), Money(931_540)),
            TaxPeriod(2015, date(2016, 4, 18), date(2016, 4, 18), date(2020, 6, 2), Money(608_855)),
        ),
        payments=tuple(
            Payment(FIRST_PAID_ON + timedelta(days=(step * number).days), each, str(number))
            for number in range(count)
        ),
    )


def print_table(figures: list[Figure], loads: list[Load]) -> None:
    """What a person reads."""
    print(f"{'':50}{'median ms':>10}{'best ms':>10}{'goal ms':>10}")
    for figure in figures:
        print(f"{figure.what:50}{figure.median_ms:>10.3f}{figure.best_ms:>10.3f}{figure.goal_ms:>10.3f}")
    print(f"\n{'payments on three periods':50}{'median ms':>10}{'us each':>10}")
    for load in loads:
        print(f"{load.payments:<50}{load.median_ms:>10.3f}{load.per_event_us:>10.2f}")


if __name__ == "__main__":
    main()
