"""Journeys through the portal in a real browser."""

import pytest

pytest.register_assert_rewrite("tests.journeys.visitor")
