"""How long the calculator takes to answer a change: the whole request, and the engine's part of it.

Run it from the project's folder:

    python -m bench.calculator                  a table
    python -m bench.calculator --json           the same as JSON
    python -m bench.calculator --repeats 200    more repeats, steadier figures

A change is what htmx asks for while somebody types: the block of figures, through a test client, so without a
network. The engine's part is the supposed debt and the comparison of the three ways to pay it. No two calls ask for
the same amount. Each figure is the median in milliseconds, with the 95th of a hundred and the slowest beside it; the
goal is 50 ms a change, and nothing fails when it is missed.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count
from statistics import median
from urllib.parse import urlencode

from flask import Flask

from bench.timing import p95, timed
from portal import config, create_app
from portal.web.calculator import CalculatorForm

GOAL_MS = 50.0
PART = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#figures"}
CHANGES = {
    "the least monthly amount, latest year": {},
    "the least monthly amount, nine years old": {"year": "2017"},
    "a monthly amount of one's own": {"monthly": "700"},
    "a monthly amount that is too small": {"monthly": "1"},
    "something paid at once": {"now": "2000"},
}


@dataclass(frozen=True)
class Figure:
    """One kind of change: milliseconds of the request and of the engine, and what a change should take."""

    what: str
    median_ms: float
    p95_ms: float
    slowest_ms: float
    engine_ms: float
    goal_ms: float


def main() -> None:
    """Measure, and print a table or JSON."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--json", action="store_true", help="print JSON instead of a table")
    asked.add_argument("--repeats", type=int, default=100, help="calls of each kind (default: 100)")
    arguments = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(create_app(config.load({}, {"instance": folder})), arguments.repeats)
    if arguments.json:
        print(json.dumps([asdict(figure) for figure in figures], indent=2))
    else:
        print_table(figures)


def measured(app: Flask, repeats: int) -> list[Figure]:
    """Each kind of change, with amounts from 18,240.00 up."""
    amounts = (f"{18_240 + number}.00" for number in count())
    return [changed(app, what, answers, amounts, repeats) for what, answers in CHANGES.items()]


def changed(app: Flask, what: str, answers: dict[str, str], amounts: Iterator[str], repeats: int) -> Figure:
    """One kind of change, as a request and as the engine's part of one."""
    client = app.test_client()
    on = app.extensions["office"].clock.today()

    def ask() -> None:
        query = urlencode(answers | {"amount": next(amounts)})
        assert client.get(f"/calculator?{query}", headers=PART).status_code in (200, 422)

    def compute() -> float:
        with app.test_request_context(f"/calculator?{urlencode(answers | {'amount': next(amounts)})}"):
            form = CalculatorForm(on, None)
            return timed(form.compare)

    ask()
    requests = [timed(ask) for _ in range(repeats)]
    engine = [compute() for _ in range(repeats)]
    return Figure(
        what, round(median(requests), 2), round(p95(requests), 2), round(max(requests), 2), round(median(engine), 2),
        GOAL_MS,
    )  # fmt: skip


def print_table(figures: list[Figure]) -> None:
    """What a person reads."""
    print(f"{'a change':44}{'median ms':>10}{'p95 ms':>10}{'slowest':>10}{'engine ms':>10}{'goal ms':>10}")
    for each in figures:
        print(
            f"{each.what:44}{each.median_ms:>10.2f}{each.p95_ms:>10.2f}{each.slowest_ms:>10.2f}"
            f"{each.engine_ms:>10.2f}{each.goal_ms:>10.0f}"
        )


if __name__ == "__main__":
    main()
