"""How many payments can be signed in a second, against a bare insert and commit; and whether a server that is killed
while people sign loses one or makes one twice.

Run it from the project's folder:

    python -m bench.checkout                     2,000 signatures on SQLite, one after the other
    python -m bench.checkout --database postgresql://USER@HOST/NAME     an empty database of a server
    python -m bench.checkout --kills 10          3,000 forms over 32 connections, killed about every second
    python -m bench.checkout --json              the same as JSON

A signature is one transaction: the payment, its step, notice and mail, and the trail. The bare one writes one row of
400 characters and commits, with the same settings of the database. The goal is a ratio of 0.35.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import select, text

from bench.close import build
from bench.timing import timed
from portal import config, create_app
from portal.db import db
from portal.domain.actor import Actor
from portal.domain.calendar import business_day_from
from portal.domain.lifecycle import PaymentState
from portal.domain.money import Money
from portal.models import BankAccount, Payment, PaymentStep
from portal.models.payment import Channel, Reason
from portal.office import office
from portal.policies import banking_days_off
from portal.services import direct_pay
from portal.services.direct_pay import Signature
from portal.services.direct_pay_rules import Payer, Wish

GOAL = 0.35
SERVE = """
import sys
from flask import Blueprint, Flask
from portal import config, create_app, server
from bench.checkout import signed_over_the_net
app = create_app(config.load({}, {"instance": sys.argv[1], "port": sys.argv[2], "threads": "8"}))
plain = Flask("plain")
plain.add_url_rule("/<int:taxpayer>/<reference>", methods=["POST"],
                   view_func=lambda taxpayer, reference: signed_over_the_net(app, taxpayer, reference))
app.wsgi_app = plain.wsgi_app
server.serve(app)
"""


def main() -> None:
    """Measure, and print."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    asked.add_argument("--signatures", type=int, default=0, help="default: 2,000, or 3,000 with --kills")
    asked.add_argument("--database", default="", help="an empty PostgreSQL database; SQLite if left out")
    asked.add_argument("--kills", type=int, default=0, help="kill the server so many times at least (SQLite)")
    asked.add_argument("--json", action="store_true", help="print JSON instead of lines")
    arguments = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        count = arguments.signatures or (3_000 if arguments.kills else 2_000)
        app = create_app(config.load({}, {"instance": folder, "database_url": arguments.database}))
        with app.app_context():
            upgrade()
            build(count)
            drafts = drafted(count)
            figures = killed(folder, drafts, arguments.kills) if arguments.kills else measured(drafts)
    if arguments.json:
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name:24}{value}")


def drafted(count: int) -> list[tuple[int, str]]:
    """One payment for each of so many people, typed and not signed."""
    when = office().clock.now()
    pay_on = business_day_from(when.on + timedelta(days=9), banking_days_off())
    rows = db.session.execute(select(BankAccount.taxpayer_id, BankAccount.reference))
    accounts = {row.taxpayer_id: row.reference for row in rows}
    found = []
    for key in range(1, count + 1):
        wish = Wish(Reason.EXTRA, Money(50_00), pay_on)
        found.append((key, direct_pay.draft(payer(key), wish, accounts[key], when=when).reference))
    db.session.remove()
    return found


def payer(key: int) -> Payer:
    return Payer(key, f"Pat Number {key}", Actor(None, None, key))


def sign(key: int, reference: str) -> Payment:
    signature = Signature(f"Pat Number {key}", "I allow this payment.", wants_another=False)
    return direct_pay.sign(payer(key), reference, signature, when=office().clock.now())


def measured(drafts: list[tuple[int, str]]) -> dict[str, Any]:
    """Signatures per second and bare commits per second, in turns of a tenth each."""
    db.session.execute(text("CREATE TABLE bare (id INTEGER PRIMARY KEY, reference VARCHAR(30), what VARCHAR(400))"))
    db.session.commit()
    signing, bare = 0.0, 0.0
    turn = max(1, len(drafts) // 10)
    for first in range(0, len(drafts), turn):
        part = drafts[first : first + turn]
        signing += timed(lambda part=part: [signed(*each) for each in part])  # type: ignore[misc]
        bare += timed(lambda part=part: [insert_and_commit(*each) for each in part])  # type: ignore[misc]
    return {
        "database": db.engine.dialect.name,
        "signatures_per_second": round(len(drafts) / signing * 1000),
        "bare_commits_per_second": round(len(drafts) / bare * 1000),
        "ratio": round(bare / signing, 3),
        "goal": GOAL,
    }


def signed(key: int, reference: str) -> None:
    sign(key, reference)
    db.session.remove()


def insert_and_commit(key: int, reference: str) -> None:
    row = {"id": key, "reference": reference, "what": "x" * 400}
    with db.engine.connect().execution_options(writes=True) as connection:
        connection.execute(text("INSERT INTO bare VALUES (:id, :reference, :what)"), row)
        connection.commit()


def signed_over_the_net(app: Any, key: int, reference: str) -> str:
    """What the server under load answers: the payment that a form has become."""
    with app.app_context():
        payment = sign(key, reference)
        answer = f"{payment.reference} {payment.state}"
        db.session.remove()
        return answer


def killed(folder: str, drafts: list[tuple[int, str]], kills: int) -> dict[str, Any]:
    """Send every form until it is answered, while the server is killed again and again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    waiting, answers = list(drafts), dict[str, str]()

    def send() -> None:
        while waiting:
            try:
                key, reference = waiting.pop()
            except IndexError:
                return
            while (answer := _post(port, f"/{key}/{reference}")) is None:
                time.sleep(0.05)
            answers[reference] = answer

    server, so_far = _serve(folder, port), 0
    threads = [threading.Thread(target=send) for _ in range(32)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(1.2)
        if waiting and so_far < kills:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
            so_far += 1
            server = _serve(folder, port)
    os.killpg(server.pid, signal.SIGTERM)
    server.wait()
    rows = db.session.execute(select(Payment.reference, Payment.state).where(Payment.channel == Channel.ONLINE)).all()
    steps = select(PaymentStep.payment_id).join(Payment).where(Payment.channel == Channel.ONLINE)
    twice = [each for each, number in Counter(db.session.execute(steps).scalars()).items() if number != 1]
    return {
        "forms": len(drafts), "kills": so_far, "seconds": round(time.monotonic() - began, 1),
        "payments": sum(state is PaymentState.SCHEDULED for _reference, state in rows),
        "answers_that_differ": sum(
            answers.get(reference) != f"{reference} {state}" for reference, state in rows
        ),
        "signed_twice": len(twice),
    }  # fmt: skip


def _serve(folder: str, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", SERVE, folder, str(port)], start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _post(port: int, path: str) -> str | None:
    """The answer, or None if there was no server or it died."""
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=8)
        connection.request("POST", path)
        response = connection.getresponse()
        answer = response.read().decode()
        connection.close()
    except (OSError, HTTPException):
        return None
    return answer if response.status == 200 else None


if __name__ == "__main__":
    main()
