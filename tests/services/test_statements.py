"""Golden statements: whole accounts of the cast as text that an accountant can read, the same on both databases.

PORTAL_TEST_GOLDEN=write writes them anew; what changed in them is then read before it is kept.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.office import office
from portal.queries import accounts
from portal.queries.standings import account_view
from tests.cast import TODAY, taxpayer
from tests.domain.cast import as_scenario, rates_of
from tests.ledger_text import told
from tests.reference import day_loop
from tests.services.statement import statement

GOLDEN = Path(__file__).parent / "golden"
ROLES = ("owing", "ontime", "indefault", "payroll", "overlimit", "stranger")


@pytest.mark.parametrize("role", ROLES)
def test_the_statement_is_the_one_that_was_read_and_found_right(app: Flask, role: str) -> None:
    hold_against(GOLDEN / f"{role}.txt", statement(taxpayer(role), TODAY))


def test_a_life_with_every_turn_is_told_as_it_was_found_right(empty: Flask) -> None:
    story = told((GOLDEN / "every_turn.ledger").read_text(encoding="utf-8"))

    hold_against(GOLDEN / "every_turn.txt", statement(story.taxpayer, TODAY))
    assert story.books == story.expected


@pytest.mark.parametrize("role", ["owing", "overlimit", "stranger"])
def test_a_statement_owes_what_the_days_add_up_to_one_by_one(app: Flask, role: str) -> None:
    """Accounts without fees and returns can be held against the day loop, which was written from the rules alone."""
    person = taxpayer(role)
    scenario: dict[str, Any] = as_scenario(accounts.facts(person.id), TODAY)

    expected = day_loop.calculate(scenario, rates_of(office().policy.rates))

    standing = account_view(person.id, TODAY).standing
    assert str(standing.owed.total) == expected["total"]["total"]
    assert str(standing.credit) == expected["credit"]


def hold_against(file: Path, text: str) -> None:
    if os.environ.get("PORTAL_TEST_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text.splitlines() == file.read_text(encoding="utf-8").splitlines()
