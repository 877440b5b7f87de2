"""A part of a debt is given up: an entry of its own, as if it had never been charged; everything else follows."""

from datetime import date, timedelta

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.lifecycle import AgreementState
from portal.domain.money import Money
from portal.domain.period import Abatement, Kind, TaxPeriod
from portal.domain.waterfall import known_on
from portal.domain.working import working
from portal.models import Entry, Notice, Taxpayer
from portal.models.notice import NoticeKind
from portal.office import office
from portal.queries import accounts
from portal.queries.standings import account_view
from portal.services import abatements, audit, taxpayers
from portal.services.abatements import NotYet, TooMuchAbated
from tests.ledger_text import agreed, books_of, dollars, enrolled, moment, owing, paid

ASSESSED, TODAY = date(2024, 6, 3), date(2026, 11, 24)
DUE = date(2024, 4, 15)


def late_filer(tax: str = "1000.00") -> Taxpayer:
    taxpayer = enrolled(date(2024, 9, 2))
    facts = TaxPeriod(2023, DUE, DUE + timedelta(days=50), date(2024, 9, 2), dollars(tax))
    taxpayers.assess(taxpayer, facts, by=PORTAL, when=moment(date(2024, 9, 2)))
    return taxpayer


def abated(taxpayer: Taxpayer, kind: Kind, amount: str, on: date = TODAY, day: date = TODAY) -> None:
    wanted = Abatement(on, kind, dollars(amount), 2023)
    abatements.abate(taxpayer, wanted, "first time", by=PORTAL, when=moment(day))


def owed(taxpayer: Taxpayer, day: date = TODAY) -> tuple[str, str, str]:
    found = account_view(taxpayer.id, day).standing.owed
    return str(found.tax), str(found.penalty), str(found.interest)


def faults() -> list[str]:
    return [fault for found in audit.faults() for fault in found]


def test_a_penalty_for_paying_late_is_given_up_before_it_is_on_the_books(empty: Flask) -> None:
    taxpayer = owing()
    tax, penalty, interest = owed(taxpayer)

    abated(taxpayer, Kind.FAILURE_TO_PAY, "60.00")

    assert owed(taxpayer) == (tax, str(dollars(penalty) - dollars("60.00")), interest)
    assert books_of(taxpayer) == ["tax 2023 1000.00"]
    paid(taxpayer, "2000.00", TODAY)
    assert owed(taxpayer) == ("0.00", "0.00", "0.00")
    assert faults() == []


def test_with_interest_goes_what_would_have_grown_on_it(empty: Flask) -> None:
    """Giving up interest is worth as much as having paid it that day, had a payment reached it first."""
    taxpayer = owing()
    early = date(2025, 6, 2)
    before, later = dollars(owed(taxpayer, early)[2]), dollars(owed(taxpayer)[2])

    abated(taxpayer, Kind.INTEREST, "50.00", on=early)

    assert dollars(owed(taxpayer, early)[2]) == before - dollars("50.00")
    law = office().policy.law_on(TODAY)
    grown = law.rates.growth(TODAY) / law.rates.growth(early)
    assert (later - dollars(owed(taxpayer)[2])).cents == pytest.approx(5000 * grown, abs=1)


def test_with_a_part_of_the_tax_go_its_penalties_and_interest_from_the_first(empty: Flask) -> None:
    taxpayer, other = late_filer("1000.00"), late_filer("600.00")

    abated(taxpayer, Kind.TAX, "400.00", on=DUE)

    assert owed(taxpayer) == owed(other)
    assert books_of(taxpayer) == books_of(other)
    assert faults() == []


def test_what_was_paid_of_it_pays_other_debts_and_then_is_a_credit(empty: Flask) -> None:
    taxpayer = owing()
    paid(taxpayer, "1000.00", ASSESSED, as_of=DUE)
    facts = TaxPeriod(2024, date(2025, 4, 15), date(2025, 4, 15), date(2025, 6, 2), dollars("100.00"))
    taxpayers.assess(taxpayer, facts, by=PORTAL, when=moment(date(2025, 6, 2)))

    abated(taxpayer, Kind.TAX, "300.00", on=DUE)

    standing = account_view(taxpayer.id, TODAY).standing
    assert not standing.balance
    assert Money(0) < standing.credit < dollars("200.00")
    assert books_of(taxpayer) == [f"credit {standing.credit}"]
    assert faults() == []


def test_before_its_day_the_year_reads_as_it_did_then(empty: Flask) -> None:
    taxpayer = owing()
    early = TODAY - timedelta(days=1)
    before = owed(taxpayer, early)
    abated(taxpayer, Kind.FAILURE_TO_PAY, "10.00")

    account = known_on(accounts.facts(taxpayer.id), early)
    found = working(account, office().policy.law_on(early), 2023, early)
    assert tuple(map(str, found.owed)) == before


def test_the_working_of_the_year_still_adds_up(empty: Flask) -> None:
    taxpayer = late_filer()
    paid(taxpayer, "300.00", date(2025, 3, 3))
    for kind in (Kind.TAX, Kind.FAILURE_TO_FILE, Kind.FAILURE_TO_PAY, Kind.INTEREST):
        abated(taxpayer, kind, "12.00", on=TODAY)

    found = working(accounts.facts(taxpayer.id), office().policy.law_on(TODAY), 2023, TODAY)
    assert found.given_up.tax == dollars("12.00")
    assert found.given_up.penalty >= dollars("24.00")
    assert found.given_up.interest >= dollars("12.00")
    assert found.interest_accrued - found.paid().interest - found.given_up.interest == found.owed.interest
    assert faults() == []


def test_no_more_is_given_up_than_was_charged_and_none_for_a_day_to_come(empty: Flask) -> None:
    taxpayer = owing()
    with pytest.raises(TooMuchAbated):
        abated(taxpayer, Kind.TAX, "1000.01")
    with pytest.raises(TooMuchAbated):
        abated(taxpayer, Kind.DISHONORED, "0.01")
    with pytest.raises(NotYet):
        abated(taxpayer, Kind.TAX, "1.00", on=TODAY + timedelta(days=1))
    with pytest.raises(NotYet):
        abated(taxpayer, Kind.TAX, "1.00", on=DUE - timedelta(days=1))
    abated(taxpayer, Kind.TAX, "900.00")
    with pytest.raises(TooMuchAbated):
        abated(taxpayer, Kind.TAX, "100.01")

    assert db.session.execute(db.select(Entry.kind).where(Entry.kind == "abatement")).all() == [("abatement",)]


def test_the_plan_follows_and_the_taxpayer_is_told_why(empty: Flask) -> None:
    taxpayer = owing(day=date(2024, 6, 3))
    agreement = agreed(taxpayer, "60.00", date(2024, 7, 15), day=ASSESSED)
    paid(taxpayer, "31.00", ASSESSED)

    abated(taxpayer, Kind.TAX, "1000.00", on=DUE, day=ASSESSED + timedelta(days=1))

    rows = db.select(Notice.kind, Notice.facts).where(Notice.taxpayer_id == taxpayer.id).order_by(Notice.id)
    notices = dict(tuple(row) for row in db.session.execute(rows))
    assert agreement.state is AgreementState.COMPLETED
    assert NoticeKind.COMPLETION in notices
    assert notices[NoticeKind.ABATEMENT] == {
        "year": "2023", "what": "tax", "amount": "1000.00", "reason": "first time",
    }  # fmt: skip
