"""The sandbox bank: the account number decides."""

import pytest

from portal.domain.nacha.corrections import Correction
from portal.gateways.bank import Answer, SandboxBank


@pytest.mark.parametrize(
    ("number", "answers"),
    [
        ("5550001234", [None, None, None]),
        ("1000000101", ["R01", None, None]),
        ("1000000201", ["R01", "R01", "R01"]),
        ("1000000202", ["R02", "R02", "R02"]),
        ("1000000203", ["R03", "R03", "R03"]),
        ("1000000204", ["R04", "R04", "R04"]),
    ],
)
def test_the_account_number_decides(number: str, answers: list[str | None]) -> None:
    assert [SandboxBank().answer(number, attempt).code or None for attempt in (1, 2, 3)] == answers  # type: ignore[union-attr]


def test_some_say_later_or_something_else_or_nothing() -> None:
    bank = SandboxBank()

    assert bank.answer("1000000210", 1) == Answer()
    assert bank.late_answer("1000000210") == Answer("R10")
    assert bank.late_answer("5550001234") is None
    assert bank.answer("1000000301", 1) == Answer("C01", Correction(account_number="5550000301"))
    assert bank.answer("1000000401", 1) is None
