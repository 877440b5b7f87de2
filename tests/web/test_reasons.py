"""Reasons and their remedies, as people read them."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from portal import config, create_app
from portal.domain import eligibility
from portal.domain.eligibility import EndedRecently, OwesTooMuch, Reason, ReturnsMissing
from portal.domain.money import Money
from portal.web.forms import said
from portal.web.reasons import told

OWES = OwesTooMuch(owed=Money(6_100_000), most=Money(4_999_999), pay_now=Money(1_100_001))
ENDED = EndedRecently(
    ended_on=date(2026, 6, 20), owed=Money(3_000_000), months=12, most=Money(2_500_000), pay_now=Money(500_000),
    clears_on=date(2027, 6, 20),
)  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application; words ask nothing of its database."""
    return create_app(config.load({}, {"instance": str(tmp_path_factory.mktemp("reasons"))}))


@pytest.fixture(autouse=True)
def reading(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def test_a_reason_says_what_failed_what_is_needed_and_what_to_pay() -> None:
    [why] = told([OWES])

    assert why.name == "OwesTooMuch"
    assert why.sentence == (
        "You owe $61,000.00. This plan is possible for at most $49,999.99 of tax, penalties and interest together."
    )
    assert why.remedy == "Pay $11,000.01 today and this is no longer in the way."
    assert (why.pay_now, why.pay_href, why.clears_on) == (Money(1_100_001), "/pay?amount=11000.01", None)


def test_a_reason_that_passes_with_time_says_its_day() -> None:
    [why] = told([ENDED])

    assert "on June 20, 2026 for a default" in why.sentence
    assert why.remedy == "Pay $5,000.00 today, or ask again from June 20, 2027. If you cannot wait, call us."
    assert why.clears_on == date(2027, 6, 20)


def test_what_money_does_not_remove_has_no_button() -> None:
    [why] = told([ReturnsMissing()])

    assert why.remedy.startswith("File them.")
    assert why.pay_href is None


def test_amounts_and_dates_of_every_refusal_are_written_out() -> None:
    assert said(ENDED).startswith(
        "We ended your last agreement on June 20, 2026 for a default, and you owe $30,000.00."
    )


def test_every_reason_has_its_remedy() -> None:
    kinds = [each for each in vars(eligibility).values() if isinstance(each, type) and issubclass(each, Reason)]

    assert [kind.__name__ for kind in kinds if kind is not Reason and not kind.remedy] == []
