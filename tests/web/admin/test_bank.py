"""The bank's pages: what the sandbox holds and says, files, and lines that somebody resolves."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.domain.lifecycle import PaymentState
from portal.domain.money import Money
from portal.domain.nacha.masked import masked
from portal.gateways.bank import SandboxBank
from portal.models import BankFile, Payment, QuarantinedLine, TrailEvent
from portal.models.payment import Channel
from portal.queries import bank_lines
from tests.browser import Browser, Page
from tests.cast import TODAY, taxpayer, user
from tests.jobs.test_bank_files import bank as bank
from tests.stopped_clock import NOW
from tests.test_access import inside


@pytest.fixture
def supervisor(app: Flask) -> Browser:
    return inside(app, "supervisor")


def settled() -> Payment:
    rows = select(Payment).where(
        Payment.taxpayer_id == taxpayer("ontime").id, Payment.state == PaymentState.SETTLED,
        Payment.channel == Channel.DEBIT,
    )  # fmt: skip
    return db.session.execute(rows.order_by(Payment.id.desc())).scalars().first() or Payment()


def quarantined(**facts: Any) -> str:
    file = BankFile(
        direction="received", name=f"returns {facts}"[:100], business_day=TODAY, entries=1, total=Money(0),
        recorded_at=NOW.at,
    )  # fmt: skip
    db.session.add(file)
    db.session.flush()
    row = QuarantinedLine(
        bank_file_id=file.id, line=3, trace="121042880000001", why="No debit was sent under this trace number.",
        **{"code": "R01", "amount": settled().amount, "content": "627 12345678 *****1234", **facts},
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return str(row.reference)


def resolves(by: Browser, reference: str, **answers: str) -> Page:
    return by.submit(f"/admin/bank/lines/{reference}", answers)


def line(reference: str) -> QuarantinedLine:
    db.session.expire_all()
    return db.session.execute(select(QuarantinedLine).where(QuarantinedLine.reference == reference)).scalar_one()


def test_a_return_is_booked_for_the_payment_that_is_meant(supervisor: Browser) -> None:
    payment, reference = settled(), quarantined()
    confirmation = payment.reference

    resolves(supervisor, reference, way="match", payment=confirmation.lower().replace("-", " "))

    db.session.expire_all()
    assert (payment.state, payment.return_code) == (PaymentState.RETURNED, "R01")
    assert (line(reference).payment_id, line(reference).user_id) == (payment.id, user("supervisor").id)
    noted = select(TrailEvent.event, TrailEvent.user_id, TrailEvent.taxpayer_id).where(
        TrailEvent.subject == reference
    )
    assert db.session.execute(noted).all() == [("bank_line.matched", user("supervisor").id, payment.taxpayer_id)]
    assert (
        f"Sol Supervisor booked it for payment {confirmation}"
        in supervisor.get(f"/admin/bank/lines/{reference}").text
    )


def test_a_line_is_set_aside_for_a_reason_that_is_kept(supervisor: Browser) -> None:
    reference = quarantined()
    assert "Open" in supervisor.get("/admin/bank/lines").one("list")

    resolves(supervisor, reference, way="set_aside", reason="The bank  says it was a mistake.")

    assert "There is none" in supervisor.get("/admin/bank/lines").one("list")
    assert "Resolved" in supervisor.get("/admin/bank/lines?state=resolved").one("list")
    assert "set it aside" in supervisor.get(f"/admin/bank/lines/{reference}").text
    assert line(reference).reason == "The bank says it was a mistake."


@pytest.mark.parametrize(
    ("facts", "answers", "said"),
    [
        ({"amount": Money(1)}, {"way": "match"}, "A return is always of the whole debit"),
        ({"code": "C01"}, {"way": "match"}, "This line returns no debit"),
        ({"code": None}, {"way": "match"}, "This line returns no debit"),
        ({}, {"way": "match", "payment": "PY-00000-00000-00000"}, "No debit of this number"),
        ({}, {"way": "match", "payment": ""}, "No debit of this number"),
        ({}, {"way": "set_aside", "reason": " "}, "Say why this line is set aside"),
        ({}, {"way": "delete"}, "Choose one of the list."),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_changes(
    supervisor: Browser, facts: dict[str, Any], answers: dict[str, str], said: str
) -> None:
    payment, reference = settled(), quarantined(**facts)
    page = resolves(supervisor, reference, **{"payment": payment.reference, **answers})

    assert page.status == 422
    assert said in page.text
    db.session.expire_all()
    assert payment.state is PaymentState.SETTLED
    assert line(reference).resolved_at is None


def test_a_line_is_resolved_once(supervisor: Browser) -> None:
    reference = quarantined()
    for _press in range(2):
        page = supervisor.submit(
            f"/admin/bank/lines/{reference}", {"way": "set_aside", "reason": "x"}, at="/admin/bank/lines"
        )
    assert page.status == 422
    assert "Somebody has resolved this line already" in page.text


def test_account_numbers_in_a_line_are_masked_to_the_last_four() -> None:
    entry = "6261210428825550001234       0000010000ABCDE          A NAME                  1091000010000001"
    change = f"798C03121042880000001      12104288121042882   5550000301{' ' * 17}{' ' * 14}091000010000001"[:94]

    assert "5550001234" not in masked(entry)
    assert "******1234" in masked(entry)
    assert masked(entry)[29:] == entry[29:]
    assert "5550000301" not in masked(change)
    assert masked("799R01" + "1" * 15) == "799R01" + "1" * 15


def test_the_sandbox_says_what_it_holds_and_what_it_will_answer(app: Flask) -> None:
    page = inside(app, "admin").get("/admin/bank")
    on_its_way = select(Payment.reference).where(Payment.state == "submitted", Payment.bank_account_id.is_not(None))

    for reference in db.session.execute(on_its_way).scalars():
        assert reference in page.one("list")
    for number in (*SandboxBank.returns_always, *SandboxBank.silent, *SandboxBank.unknown):
        assert number[-4:] in page.text
        assert number not in page.html


def test_files_that_were_exchanged_stand_with_their_totals(app: Flask, bank: Any) -> None:
    quarantined()
    before = app.extensions["office"]
    app.extensions["office"] = replace(before, bank=bank)
    try:
        page = inside(app, "admin").get("/admin/bank")
    finally:
        app.extensions["office"] = before

    assert "from the bank" in page.one("list")
    assert "1 line waits to be resolved" in page.text
    assert bank_lines.newest_files(None)[0][0].entries == 1
