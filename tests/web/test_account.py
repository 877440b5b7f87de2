"""The dashboard, as each member of the cast sees it."""

import pytest
from flask import Flask

from tests.cast import signed_in


def test_who_owes_sees_the_balance_to_the_cent(app: Flask) -> None:
    page = signed_in(app, "owing").get("/account")

    assert page.status == 200
    assert "$18,240.00" in page.one("owed")


@pytest.mark.parametrize("role", ["owing", "ontime", "indefault", "stranger", "payroll", "overlimit"])
@pytest.mark.parametrize("address", ["/account", "/account/payments", "/account/upcoming"])
def test_every_page_of_every_household_makes_sense(app: Flask, role: str, address: str) -> None:
    page = signed_in(app, role).get(address)

    assert page.status == 200
