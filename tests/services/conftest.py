"""The stage of the deeds: a test's docstring, played."""

import pytest
from flask import Flask

from tests.ledger_text import Told
from tests.ledger_text import told as play


@pytest.fixture
def told(empty: Flask, request: pytest.FixtureRequest) -> Told:
    """The test's own docstring, played through the services."""
    return play(request.function.__doc__ or "")
