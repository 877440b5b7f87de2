"""What the dashboard advises people without a plan: the rules of the eligibility check, over the real ledger."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from portal.db import db
from portal.domain.lifecycle import AgreementState
from portal.domain.money import Money
from portal.models import Agreement
from portal.queries.standings import AccountView, account_view
from portal.web.advice import advice
from portal.web.language import money
from tests.agency import Agency, agency
from tests.cast import TODAY, taxpayer
from tests.test_access import inside

LONG = 'long_term = { below = "50000.00" }'
SHORT = 'short_term = { below = "100000.00" }'
AFTER = 'after_termination = { at_most = "25000.00" }'


@pytest.fixture
def changed(app: Flask, tmp_path: Path) -> Iterator[Agency]:
    with agency(app, tmp_path) as change:
        yield change


def view_of(household: str) -> AccountView:
    return account_view(taxpayer(household).id, TODAY)


def test_who_may_have_a_monthly_plan_is_led_to_the_application(app: Flask) -> None:
    found = advice(view_of("owing"))

    assert found.heading == "You can ask for a plan and pay month by month"
    assert (found.href, found.label) == ("/apply", "Apply for a plan")
    assert "/apply" in inside(app, "owing").get("/account").links()


def test_who_may_have_a_short_plan_alone_is_told_what_is_in_the_way_of_a_longer_one(app: Flask) -> None:
    found, owed = advice(view_of("overlimit")), view_of("overlimit").standing.owed.total

    assert found.heading == "You can ask for 180 days to pay everything"
    assert f"Pay {money(owed - Money(4_999_999))} today and this is no longer in the way." in found.sentences
    assert found.href == "/apply"


def test_who_owes_too_much_for_any_plan_is_led_to_the_check(app: Flask, changed: Agency) -> None:
    changed({LONG: 'long_term = { below = "10000.00" }', SHORT: 'short_term = { below = "15000.00" }'})
    found, owed = advice(view_of("owing")), view_of("owing").standing.owed.total

    assert found.heading == f"Pay {money(owed - Money(999_999))} and a plan is possible"
    assert (found.href, found.label) == ("/eligibility", "See what is possible")


def test_of_two_reasons_the_larger_amount_is_named(app: Flask, changed: Agency) -> None:
    """Over the limit, and after an agreement that we ended."""
    account = taxpayer("ontime")
    ended = update(Agreement).where(Agreement.taxpayer_id == account.id)
    db.session.execute(ended.values(state=AgreementState.TERMINATED, ended_on=date(2026, 6, 20)))
    db.session.commit()
    changed({
        LONG: 'long_term = { below = "2000.00" }', SHORT: 'short_term = { below = "3000.00" }',
        AFTER: 'after_termination = { at_most = "500.00" }',
    })  # fmt: skip

    found, owed = advice(view_of("ontime")), view_of("ontime").standing.owed.total

    assert found.heading == f"Pay {money(owed - Money(50_000))} and a plan is possible"
    assert any("We ended your last agreement on June 20, 2026" in sentence for sentence in found.sentences)
    assert any("This plan is possible for at most $1,999.99" in sentence for sentence in found.sentences)
