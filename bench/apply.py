"""How long each page of an application takes to open and to answer.

Run it from the project's folder:

    python -m bench.apply                  a table
    python -m bench.apply --json           the same as JSON
    python -m bench.apply --repeats 200    more repeats, steadier figures

A town with the demonstration's cast is made on SQLite; somebody who owes has answered every question, and opens and
answers each page again, through a test client: server time, without a network. Each figure is the median in
milliseconds, with the 95th of a hundred beside it; the goal is 30 ms a page, and nothing fails when it is missed.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bench import cast
from bench.timing import p95, timed
from portal import config, create_app
from portal.db import db
from portal.demo.cast import PASSWORD
from portal.domain.actor import Actor
from portal.domain.answers import Step
from portal.domain.application import day_answer
from portal.models import User
from portal.office import office
from portal.queries.cases import case_of
from portal.services import applications

GOAL_MS = 30.0
ANSWERS: dict[Step, dict[str, Any]] = {
    Step.ADDRESS: {
        "street": "100 Maple Street", "city": "Springfield", "state": "IL", "postal_code": "62701",
        "phone": "217-555-0142",
    },
    Step.FILING_STATUS: {"filing_status": "single"},
    Step.BALANCE: {},
    Step.RETURNS: {"filed": "yes"},
    Step.CIRCUMSTANCES: {"true": "none"},
    Step.PAYMENT_NOW: {"choice": "nothing", "amount": ""},
    Step.PLAN: {"kind": "long_term"},
    Step.AMOUNT: {"monthly": "400.00"},
    Step.DAY: {"day": "15"},
    Step.HOUSEHOLD: {"people": "3", "income": "45000.00"},
    Step.METHOD: {"method": "direct_debit"},
    Step.BANK: {"type": "checking", "routing_number": "121042882", "account_number": "5550004418"},
    Step.CONTACT: {"language": "en_US", "reminders": "yes"},
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One page: milliseconds to open it, and to answer it (None for pages that ask nothing)."""

    page: str
    open_ms: float
    open_p95_ms: float
    answer_ms: float | None
    answer_p95_ms: float | None
    goal_ms: float


def main() -> None:
    """Measure, and print a table or JSON."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--json", action="store_true", help="print JSON instead of a table")
    asked.add_argument("--repeats", type=int, default=50, help="calls of each page (default: 50)")
    arguments = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cast.main(folder)
        figures = measured(create_app(config.load({}, {"instance": folder})), arguments.repeats)
    if arguments.json:
        print(json.dumps([asdict(figure) for figure in figures], indent=2))
    else:
        print_table(figures)


def measured(app: Flask, repeats: int) -> list[Figure]:
    """Every page of an application whose questions are all answered."""
    with app.app_context():
        write_draft()
        db.session.remove()
    client = app.test_client()
    sign_in = {"email": "owing@example.test", "password": PASSWORD, "csrf_token": token_of(client, "/sign-in")}
    assert client.post("/sign-in", data=sign_in).status_code == 303
    pages = [(f"/apply/{step}", answer) for step, answer in ANSWERS.items()]
    return [figure_of(client, address, answer, repeats) for address, answer in pages] + [
        figure_of(client, address, None, repeats) for address in ("/apply/review", "/apply/signature")
    ]


def figure_of(client: FlaskClient, address: str, answer: dict[str, Any] | None, repeats: int) -> Figure:
    """One page, opened and answered again and again."""
    token = token_of(client, "/apply")

    def look() -> None:
        assert client.get(address).status_code == 200, address

    def send() -> None:
        assert client.post(address, data={"csrf_token": token, **(answer or {})}).status_code == 303, address

    opened = spread(look, repeats)
    answered = spread(send, repeats) if answer is not None else (None, None)
    return Figure(address, *opened, *answered, GOAL_MS)


def write_draft() -> None:
    """All questions answered, by the person who owes and has no plan."""
    clock, user = office().clock, db.session.execute(
        select(User).where(User.email == "owing@example.test")
    ).scalar_one()  # fmt: skip
    when, by = clock.now(), Actor(user.id, user.role, user.taxpayer_id)
    draft = applications.begin(by=by, when=when)
    case = case_of(user.taxpayer_id, when.on)
    day = 15 if 15 in case.first_due_dates else min(case.first_due_dates)
    ANSWERS[Step.DAY] = {"day": str(day)}
    answers = {
        Step.IDENTITY: {"first_name": "Olivia", "last_name": "Owens"},
        **ANSWERS,
        Step.BALANCE: {"seen_on": when.on.isoformat()},
        Step.CIRCUMSTANCES: {"true": ""},
        Step.DAY: day_answer(case, day),
    }
    draft.answers_sealed = office().vault.seal(json.dumps(answers), draft.answers_row)
    db.session.commit()


def token_of(client: FlaskClient, address: str) -> str:
    """The token of the forms of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).get_data(as_text=True))
    assert found
    return found[1]


def spread(call: Callable[[], object], repeats: int) -> tuple[float, float]:
    """The median of some calls in milliseconds, and the 95th of a hundred."""
    call()
    times = [timed(call) for _ in range(repeats)]
    return round(median(times), 2), round(p95(times), 2)


def print_table(figures: list[Figure]) -> None:
    """What a person reads."""
    print(f"{'page':28}{'open ms':>10}{'p95':>10}{'answer ms':>12}{'p95':>10}{'goal ms':>10}")
    for each in figures:
        answered = [f"{value:.2f}" if value is not None else "" for value in (each.answer_ms, each.answer_p95_ms)]
        print(
            f"{each.page:28}{each.open_ms:>10.2f}{each.open_p95_ms:>10.2f}{answered[0]:>12}{answered[1]:>10}"
            f"{each.goal_ms:>10.0f}"
        )


if __name__ == "__main__":
    main()
