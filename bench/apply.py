"""How long each page of an application takes to open and to answer.

Run it from the project's folder:

    python -m bench.apply                  a table
    python -m bench.apply --json           the same as JSON
    python -m bench.apply --repeats 200    more repeats, steadier figures

A town with the demonstration's cast is made on SQLite; somebody who owes has answered every question, and opens and
answers each page again, through a test client: server time, without a network. An application is decided once, so
the signature is answered in a copy of the town each time. Each figure is the median in milliseconds, with the 95th of
a hundred beside it; the goal is 30 ms a page, and nothing fails when it is missed.
"""

import argparse
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, NamedTuple

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
TYPED: dict[Step, dict[str, Any]] = {
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
    Step.HOUSEHOLD: {"people": "3", "income": "45000.00"},
    Step.METHOD: {"method": "direct_debit"},
    Step.BANK: {"type": "checking", "routing_number": "121042882", "account_number": "5550004418"},
    Step.CONTACT: {"language": "en_US", "reminders": "yes"},
}  # fmt: skip


class Applicant(NamedTuple):
    """Somebody who owes and has no plan."""

    email: str
    first_name: str
    last_name: str


OWING = Applicant("owing@example.test", "Olivia", "Owens")
STRANGER = Applicant("stranger@example.test", "Sam", "Stranger")


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
        figures = [*questions(folder, arguments.repeats), signature(folder, arguments.repeats)]
    if arguments.json:
        print(json.dumps([asdict(figure) for figure in figures], indent=2))
    else:
        print_table(figures)


def questions(folder: str, repeats: int) -> list[Figure]:
    """Every page of an application whose questions are all answered, but the last."""
    client, typed = at_the_desk(create_app(config.load({}, {"instance": folder})), OWING)
    return [
        Figure(address, *opened(client, address, repeats), *answered(client, address, typed[step], repeats), GOAL_MS)
        for step in typed
        if (address := f"/apply/{step}")
    ] + [Figure("/apply/review", *opened(client, "/apply/review", repeats), None, None, GOAL_MS)]


def signature(folder: str, repeats: int) -> Figure:
    """The page with the texts, and the decision, from which an agreement comes with all that belongs to it."""
    looks, decisions = zip(*(signing(folder) for _ in range(repeats)), strict=True)
    return Figure("/apply/signature", *spread(looks), *spread(decisions), GOAL_MS)


def signing(folder: str) -> tuple[float, float]:
    """Milliseconds of one look at the texts and of one decision, in a copy of the town where somebody else has signed
    before, so that nothing is done for the first time.
    """
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        app = create_app(config.load({}, {"instance": copy}))
        signed(app, STRANGER)
        return signed(app, OWING)


def signed(app: Flask, who: Applicant) -> tuple[float, float]:
    address, (client, _typed) = "/apply/signature", at_the_desk(app, who)
    look = timed(lambda: client.get(address))
    shown = {name: hidden(client, address, name) for name in ("csrf_token", "seen")}
    typed = {**shown, "agreed": "y", "signature": f"{who.first_name} {who.last_name}"}
    return look, timed(lambda: sent(client, address, typed))


def at_the_desk(app: Flask, who: Applicant) -> tuple[FlaskClient, dict[Step, dict[str, Any]]]:
    """Somebody signed in whose questions are all answered, and what each page would send again."""
    with app.app_context():
        typed = write_draft(who)
        db.session.remove()
    client = app.test_client()
    sign_in = {"email": who.email, "password": PASSWORD}
    sent(client, "/sign-in", {**sign_in, "csrf_token": token_of(client, "/sign-in")})
    return client, typed


def opened(client: FlaskClient, address: str, repeats: int) -> tuple[float, float]:
    """One page, opened again and again."""

    def look() -> None:
        assert client.get(address).status_code == 200, address

    look()
    return spread([timed(look) for _ in range(repeats)])


def answered(client: FlaskClient, address: str, typed: dict[str, Any], repeats: int) -> tuple[float, float]:
    """One question, answered again and again."""
    answer = {"csrf_token": token_of(client, "/apply"), **typed}
    sent(client, address, answer)
    return spread([timed(lambda: sent(client, address, answer)) for _ in range(repeats)])


def sent(client: FlaskClient, address: str, typed: dict[str, Any]) -> None:
    """A form that is taken."""
    assert client.post(address, data=typed).status_code == 303, address


def write_draft(who: Applicant) -> dict[Step, dict[str, Any]]:
    """All questions answered, by somebody who owes and has no plan: what was typed."""
    clock, user = office().clock, db.session.execute(
        select(User).where(User.email == who.email)
    ).scalar_one()  # fmt: skip
    when, by = clock.now(), Actor(user.id, user.role, user.taxpayer_id)
    draft = applications.begin(by=by, when=when)
    case = case_of(user.taxpayer_id, when.on)
    day = 15 if 15 in case.first_due_dates else min(case.first_due_dates)
    answers = {
        Step.IDENTITY: {"first_name": who.first_name, "last_name": who.last_name},
        **TYPED,
        Step.BALANCE: {"seen_on": when.on.isoformat()},
        Step.CIRCUMSTANCES: {"true": ""},
        Step.DAY: day_answer(case, day),
    }
    draft.answers_sealed = office().vault.seal(json.dumps(answers), draft.answers_row)
    db.session.commit()
    return {**TYPED, Step.DAY: {"day": str(day)}}


def token_of(client: FlaskClient, address: str) -> str:
    """The token of the forms of a page."""
    return hidden(client, address, "csrf_token")


def hidden(client: FlaskClient, address: str, name: str) -> str:
    """What a page's form sends along."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]+)"', client.get(address).get_data(as_text=True))
    assert found, address
    return found[1]


def spread(times: Sequence[float]) -> tuple[float, float]:
    """The median of some calls in milliseconds, and the 95th of a hundred."""
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
