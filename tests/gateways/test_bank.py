"""The sandbox bank: the account number decides."""

import pytest

from portal.gateways.bank import SandboxBank


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
    assert [SandboxBank().outcome(number, attempt) for attempt in (1, 2, 3)] == answers
