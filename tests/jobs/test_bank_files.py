"""A real bank, by files: what the close writes, what comes back, and what is refused, once and whole."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask

from portal.db import db
from portal.domain.lifecycle import AgreementState, PaymentState
from portal.domain.nacha.answers import Change, Return, answer_file
from portal.domain.nacha.files import File, read_file, write_file
from portal.gateways.nacha_bank import NachaBank, open_bank
from portal.jobs import close
from portal.models import BankAccount, BankFile, Notice, Payment, QuarantinedLine
from portal.models.bank_file import Direction
from portal.services import bank_accounts, bank_files
from tests.jobs.test_close import faults, plan, steps
from tests.ledger_text import books_of, moment

BANK = """
outgoing = "to-the-bank"
incoming = "from-the-bank"
lead_days = 1
name = "Department of Revenue"
identification = "1234567890"
odfi = "121042882"
odfi_name = "First Bank"
immediate_destination = "121042882"
immediate_origin = "1234567890"
entry_class = "WEB"
entry_description = "TAX PLAN"

[offset]
routing_number = "121042882"
account_number = "5550000001"
"""
DUE = date(2026, 11, 17)
SENT_ON = date(2026, 11, 16)


@pytest.fixture
def bank(tmp_path: Path) -> NachaBank:
    (tmp_path / "bank.toml").write_text(BANK, encoding="utf-8")
    return open_bank(tmp_path / "bank.toml")


def closed(bank: NachaBank, *days: date) -> None:
    for day in days:
        assert close.run(moment(day), bank) == 0


def sent(bank: NachaBank) -> list[File]:
    return [read_file(path.read_text(encoding="ascii")) for path in sorted(bank.outgoing.glob("*.ach"))]


def came(bank: NachaBank, answers: dict[str, Return | Change], name: str = "returns.ach", of: int = 0) -> str:
    """The bank answers a file that was sent."""
    made_at = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
    text = write_file(answer_file(sent(bank)[of], answers, created_at=made_at, modifier="A"))
    lay(bank, name, text.encode("ascii"))
    return text


def lay(bank: NachaBank, name: str, content: bytes) -> None:
    bank.incoming.mkdir(exist_ok=True)
    (bank.incoming / name).write_bytes(content)


def only_payment() -> Payment:
    return db.session.execute(db.select(Payment).where(Payment.trace.is_not(None))).scalar_one()


def quarantined() -> list[tuple[int, str]]:
    rows = db.select(QuarantinedLine.line, QuarantinedLine.why).order_by(QuarantinedLine.id)
    return [(line, why) for line, why in db.session.execute(rows)]


def test_a_debit_goes_into_a_file_a_banking_day_before_it_is_due(empty: Flask, bank: NachaBank) -> None:
    plan(first_due_on=DUE)

    closed(bank, date(2026, 11, 15))
    assert sent(bank) == []
    closed(bank, SENT_ON)

    [file] = sent(bank)
    [batch] = file.batches
    debit, offset = (entry.detail for entry in batch.entries)
    payment = only_payment()
    assert (str(debit.amount), str(offset.amount)) == ("100.00", "100.00")
    assert batch.header.effective_date == "261117"
    assert debit.trace_number == payment.trace
    assert debit.individual_id == payment.reference.removeprefix("PY-").replace("-", "")
    assert payment.state is PaymentState.SUBMITTED
    row = db.session.execute(db.select(BankFile)).scalar_one()
    assert (row.name, row.entries, str(row.total), row.direction) == (
        "debits-2026-11-16-01.ach", 1, "100.00", Direction.SENT,
    )  # fmt: skip


def test_no_news_is_good_news_two_banking_days_after_the_day_of_the_debit(empty: Flask, bank: NachaBank) -> None:
    taxpayer, agreement = plan(first_due_on=DUE)

    closed(bank, SENT_ON, date(2026, 11, 17), date(2026, 11, 18))
    assert "2026-11-18 settled" not in steps(agreement)
    closed(bank, date(2026, 11, 19))

    assert "2026-11-19 settled" in steps(agreement)
    assert books_of(taxpayer) == ["tax 2024 929.00"]


def test_a_return_is_booked_with_all_that_follows_and_its_file_is_put_away(empty: Flask, bank: NachaBank) -> None:
    _, agreement = plan(first_due_on=DUE)
    closed(bank, SENT_ON)
    came(bank, {str(only_payment().trace): Return("R02")})

    closed(bank, date(2026, 11, 18))

    assert "2026-11-18 returned" in steps(agreement)
    assert agreement.state is AgreementState.IN_DEFAULT
    assert [path.name for path in (bank.incoming / "taken").iterdir()] == ["returns.ach"]
    assert bank.names() == []
    assert quarantined() == []
    assert faults() == []


def test_the_same_file_twice_is_once_whatever_its_name(empty: Flask, bank: NachaBank) -> None:
    _, agreement = plan(first_due_on=DUE)
    closed(bank, SENT_ON)
    text = came(bank, {str(only_payment().trace): Return("R02")})
    closed(bank, date(2026, 11, 18))
    before = steps(agreement), db.session.query(Notice).count()

    lay(bank, "again.ach", text.encode("ascii"))
    closed(bank, date(2026, 11, 19))

    assert (steps(agreement), db.session.query(Notice).count()) == before
    assert quarantined() == []


def test_a_change_corrects_the_account_and_the_debit_is_paid(empty: Flask, bank: NachaBank) -> None:
    _, agreement = plan(first_due_on=DUE)
    closed(bank, SENT_ON)
    came(bank, {str(only_payment().trace): Change("C01", "5550009999")})

    closed(bank, date(2026, 11, 18), date(2026, 11, 19))

    account = db.session.execute(db.select(BankAccount)).scalar_one()
    assert bank_accounts.number_of(account) == "5550009999"
    assert "2026-11-19 settled" in steps(agreement)


UNBOOKABLE: list[tuple[str, Callable[[str], str], str]] = [
    ("another company", lambda text: text.replace("1234567890", "9999999999"), "It is for another company."),
    ("nobody's trace", lambda text: text.replace(trace(), "121042889999999"), "No debit was sent under this trace"),
]


def trace() -> str:
    return str(only_payment().trace)


@pytest.mark.parametrize(("spoil", "why"), [case[1:] for case in UNBOOKABLE], ids=[case[0] for case in UNBOOKABLE])
def test_a_line_that_cannot_be_booked_is_quarantined_with_the_reason(
    empty: Flask, bank: NachaBank, spoil: Callable[[str], str], why: str
) -> None:
    _, agreement = plan(first_due_on=DUE)
    closed(bank, SENT_ON)
    text = came(bank, {trace(): Return("R02")})
    lay(bank, "returns.ach", spoil(text).encode("ascii"))

    closed(bank, date(2026, 11, 18))

    [(line, told)] = quarantined()
    assert line == 3
    assert told.startswith(why)
    assert "2026-11-18 returned" not in steps(agreement)
    kept = db.session.execute(db.select(QuarantinedLine)).scalar_one()
    number = bank_accounts.number_of(db.session.execute(db.select(BankAccount)).scalar_one())
    assert number not in kept.content
    assert number[-4:] in kept.content
    assert kept.amount.cents > 0


def test_a_debit_that_came_back_before_cannot_come_back_again(empty: Flask, bank: NachaBank) -> None:
    plan(first_due_on=DUE)
    closed(bank, SENT_ON)
    came(bank, {trace(): Return("R02")})
    closed(bank, date(2026, 11, 18))
    came(bank, {trace(): Return("R03")}, name="second.ach")

    closed(bank, date(2026, 11, 19))

    assert quarantined() == [(3, "The debit is returned, so it cannot come back.")]


def test_a_file_that_cannot_be_read_is_refused_whole_with_the_line(empty: Flask, bank: NachaBank) -> None:
    _, agreement = plan(first_due_on=DUE)
    closed(bank, SENT_ON)
    text = came(bank, {trace(): Return("R02")})
    lay(bank, "returns.ach", text.replace("\n6", "\n 6", 1).encode("ascii"))

    closed(bank, date(2026, 11, 18))

    [(line, why)] = quarantined()
    assert line == 0
    assert "3" in why
    assert "2026-11-18 returned" not in steps(agreement)


def test_a_debit_that_comes_late_is_dated_for_the_first_day_left_and_counts_as_promised(
    empty: Flask, bank: NachaBank
) -> None:
    plan(first_due_on=DUE)

    closed(bank, date(2026, 11, 20))

    [file] = sent(bank)
    assert file.batches[0].header.effective_date == "261123"
    assert only_payment().pay_on == DUE


def test_a_close_killed_before_it_noted_its_file_writes_the_same_bytes_again(
    empty: Flask, bank: NachaBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(first_due_on=DUE)
    with monkeypatch.context() as killed:
        killed.setattr(bank_files, "mark_written", power_cut)
        with pytest.raises(KeyboardInterrupt):
            close.run(moment(SENT_ON), bank)
    before = {path.name: path.read_bytes() for path in bank.outgoing.iterdir()}
    plan(first_due_on=DUE)

    closed(bank, SENT_ON)

    after = {path.name: path.read_bytes() for path in bank.outgoing.iterdir()}
    assert before.items() <= after.items()
    debits = [entry.detail.trace_number for file in sent(bank) for entry in file.batches[0].entries[:-1]]
    assert len(debits) == len(set(debits)) == 2


def power_cut(*_facts: object, **_more: object) -> None:
    raise KeyboardInterrupt


def test_whatever_is_done_to_a_file_nothing_of_it_is_half_taken(empty: Flask, bank: NachaBank) -> None:
    plans = [plan(first_due_on=DUE) for _ in range(3)]
    closed(bank, SENT_ON)
    sent_under = db.select(Payment.trace).where(Payment.trace.is_not(None))
    traces = [str(each) for each in db.session.execute(sent_under).scalars()]
    text = came(bank, {trace: Return("R08") for trace in traces})
    (bank.incoming / "returns.ach").unlink()
    chance = random.Random(7)
    for number in range(60):
        lay(bank, f"{number}.ach", mutated(text, chance))

    closed(bank, date(2026, 11, 18))

    assert bank.names() == []
    assert faults() == []
    returned = sum("2026-11-18 returned" in steps(agreement) for _, agreement in plans)
    refused = db.session.execute(db.select(db.func.count()).where(QuarantinedLine.line == 0)).scalar_one()
    assert returned in (0, 3)
    assert refused > 30


def mutated(text: str, chance: random.Random) -> bytes:
    lines = text.encode("ascii").split(b"\n")
    at = chance.randrange(len(lines) - 1)
    match chance.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            lines[at] = lines[at][: chance.randrange(94)]
        case 3:
            place = chance.randrange(94)
            lines[at] = lines[at][:place] + bytes([chance.randrange(256)]) + lines[at][place + 1 :]
        case _:
            lines[at] += b"\xef\xbb\xbf"
    return b"\n".join(lines)
