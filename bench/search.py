"""Search at the agent's desk over a million taxpayers: every kind of question, on the database that is asked for.

Run it from the project's folder:

    python -m bench.search                          1,000,000 taxpayers on SQLite
    python -m bench.search --taxpayers 100000       a smaller agency
    python -m bench.search --database postgresql://USER@HOST/NAME     an empty database of a server
    python -m bench.search --json                   the same as JSON

Each has a payment, every second one a user, every fifth one a spouse. A look-up is the whole deed: the text is read,
the indexes are asked, the numbers of those who fit are opened, and the trail is written. The goal is 100 ms for each
kind, with names that thousands share among them.
"""

import argparse
import json
import random
import statistics
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import insert, text

from bench.timing import p95, timed
from portal import config, create_app
from portal.db import db
from portal.domain.actor import Actor, Role
from portal.domain.lifecycle import PaymentState
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.names import name_key, phone_key
from portal.models import Payment, Spouse, Taxpayer, User
from portal.models.payment import Channel
from portal.models.taxpayer import LAST_FOUR, SSN
from portal.office import office
from portal.queries.search import Sought
from portal.services import desk

CHUNK = 20_000
GOAL_MS = 100
NOW = Moment(datetime(2026, 11, 24, 17, tzinfo=UTC), date(2026, 11, 24))
FIRST = ("James", "Mary", "Robert", "Patricia", "John", "Linda", "David", "Barbara", "Aiko", "Noor", "Ana")
ENDS = ("ton", "dale", "man", "wick", "ford", "ley", "son", "by", "well", "ham", "er", "ing", "ard", "more", "field")
# A third of the people has one of the first three names.
LAST = ["Smith", "Johnson", "Williams"] * 10 + [name + end for name in ("Ber", "Cal", "Dun", "Ell") for end in ENDS]
Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--taxpayers", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--database", default="")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(config.load({}, {"instance": folder, "database_url": arguments.database}))
        with app.app_context():
            upgrade()
            seconds = timed(lambda: build(arguments.taxpayers)) / 1000
            told = {
                "database": db.engine.dialect.name, "taxpayers": arguments.taxpayers, "goal_ms": GOAL_MS,
                "built_in_seconds": round(seconds), "milliseconds": dict(measured(arguments)),
            }  # fmt: skip
            db.session.remove()
            db.engine.dispose()
    print(json.dumps(told, indent=2) if arguments.json else table(told))


def measured(arguments: argparse.Namespace) -> Iterator[tuple[str, Row]]:
    """For each kind of question: the 50th and the 95th of a hundred look-ups, and the slowest."""
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    chance = random.Random(6)
    by = Actor(1, Role.AGENT)
    for name, question in QUESTIONS.items():
        spent: list[float] = []
        kinds: set[Sought] = set()
        for _turn in range(arguments.times):
            asked = question(chance.randrange(arguments.taxpayers))
            began = perf_counter()
            answer = desk.look_up(asked, by=by, when=NOW)
            spent.append((perf_counter() - began) * 1000)
            kinds.add(answer.kind)
        found = {"p50": statistics.median(spent), "p95": p95(spent), "max": max(spent)}
        yield name, {key: round(value, 1) for key, value in found.items()} | {"read_as": sorted(kinds)}


def ssn_of(number: int) -> str:
    return f"{(number * 7919) % 1_000_000_000:09d}"


def names_of(number: int) -> tuple[str, str]:
    return FIRST[number % len(FIRST)], LAST[(number // 7) % len(LAST)]


def amount_of(number: int) -> Money:
    """Round amounts are shared by thousands."""
    return Money(31000) if number % 40 == 0 else Money(5000 + (number * 131) % 90000)


def paid_on(number: int) -> date:
    return date(2024, 1, 1) + timedelta(days=number % 1000)


QUESTIONS: dict[str, Callable[[int], str]] = {
    "account reference": lambda number: f"TP-{number:08d}",
    "confirmation number": lambda number: f"PY-{number:015d}",
    "email": lambda number: f"number{number // 2 * 2}@example.test",
    "telephone": lambda number: f"(217) 555-{number % 10000:04d}",
    "whole SSN": ssn_of,
    "last four of SSN": lambda number: ssn_of(number)[-4:],
    "last name of thousands": lambda _number: "Smith",
    "last name": lambda number: names_of(number)[1],
    "beginning of a name": lambda number: names_of(number)[1][:3],
    "first and last name": lambda number: " ".join(names_of(number)),
    "name and last four": lambda number: f"{names_of(number)[1]} {ssn_of(number)[-4:]}",
    "amount of thousands": lambda _number: "$310.00",
    "amount and date": lambda number: f"{amount_of(number)} {paid_on(number)}",
    "first name that no Smith has": lambda _number: "Zebedee Smith",
    "a name that nobody has": lambda number: f"Nobody {number}x",
}  # fmt: skip


def build(count: int) -> None:
    """People, some with spouses and users, and a payment of each, straight into the tables."""
    db.session.execute(insert(User), [{"id": 1, **user_of("agent@example.test", Role.AGENT)}])
    for first in range(0, count, CHUNK):
        numbers = range(first, min(first + CHUNK, count))
        db.session.execute(insert(Taxpayer), [taxpayer(number) for number in numbers])
        db.session.execute(insert(Payment), [payment(number) for number in numbers])
        db.session.execute(insert(User), [user(number) for number in numbers if number % 2 == 0])
        db.session.execute(insert(Spouse), [spouse(number) for number in numbers if number % 5 == 0])
        db.session.commit()


def taxpayer(number: int) -> Row:
    reference, ssn = f"TP-{number:08d}", ssn_of(number)
    first_name, last_name = names_of(number)
    phone = f"217-555-{number % 10000:04d}"
    return {
        "id": number + 1, "reference": reference, "first_name": first_name, "last_name": last_name,
        **number_of(ssn, f"taxpayers:ssn:{reference}"), "name_key": name_key(first_name, last_name),
        "phone": phone, "phone_key": phone_key(phone), "born_on": date(1980, 1, 1), "filing_status": "single",
        "street": "1 Main Street", "city": "Springfield", "state": "IL", "postal_code": "62701",
    }  # fmt: skip


def spouse(number: int) -> Row:
    reference, ssn = f"SP-{number:08d}", ssn_of(number + 500_000_000)
    first_name, last_name = names_of(number + 3)
    return {
        "taxpayer_id": number + 1, "reference": reference, "first_name": first_name, "last_name": last_name,
        **number_of(ssn, f"spouses:ssn:{reference}"), "name_key": name_key(first_name, last_name),
        "born_on": date(1980, 1, 1),
    }  # fmt: skip


def number_of(ssn: str, row: str) -> Row:
    vault = office().vault
    return {
        "ssn_sealed": vault.seal(ssn, row),
        "ssn_index": vault.index(ssn, SSN),
        "last_four_index": vault.index(ssn[-4:], LAST_FOUR),
    }


def user(number: int) -> Row:
    return {
        "id": number + 2, "taxpayer_id": number + 1, **user_of(f"number{number}@example.test", Role.TAXPAYER),
    }  # fmt: skip


def user_of(email: str, role: Role) -> Row:
    return {"email": email, "password_hash": "none", "name": "Pat Number", "role": role, "language": "en_US"}


def payment(number: int) -> Row:
    return {
        "reference": f"PY-{number:015d}", "taxpayer_id": number + 1, "channel": Channel.MAIL,
        "state": PaymentState.SETTLED, "amount": amount_of(number), "pay_on": paid_on(number), "attempt": 1,
        "lowers_monthly": False, "version": 1,
    }  # fmt: skip


def table(told: Row) -> str:
    lines = [f"{told['database']}, {told['taxpayers']:,} taxpayers, built in {told['built_in_seconds']} s"]
    lines += [f"{'milliseconds':30}{'p50':>8}{'p95':>8}{'max':>8}  read as"]
    for name, row in told["milliseconds"].items():
        lines.append(f"{name:30}{row['p50']:8}{row['p95']:8}{row['max']:8}  {', '.join(row['read_as'])}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
