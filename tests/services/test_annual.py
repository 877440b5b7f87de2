"""The statement of a year is issued once, to whoever had an agreement in it, in figures that add up."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.domain.money import Money, read, total
from portal.models import Notice, Taxpayer
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.queries.standings import account_view
from portal.queries.statements import without_annual
from portal.services import statements
from tests.applicant import mails
from tests.cast import taxpayer
from tests.ledger_text import moment

JANUARY = moment(date(2027, 1, 4))


def issued(role: str) -> list[dict[str, str]]:
    rows = select(Notice.facts).where(
        Notice.taxpayer_id == taxpayer(role).id, Notice.kind == NoticeKind.ANNUAL_STATEMENT
    )
    return list(db.session.execute(rows.order_by(Notice.id)).scalars())


@pytest.mark.parametrize("role", ["ontime", "indefault", "payroll"])
def test_what_was_owed_and_came_to_it_less_what_was_paid_is_what_is_owed(app: Flask, role: str) -> None:
    owner = taxpayer(role)

    statements.issue_annual(owner.id, 2026, when=JANUARY)

    facts = issued(role)[-1]
    figures = {name: read(fact) for name, fact in facts.items() if name != "year"}
    charged = total(figures[each] for each in ("tax", "fees", "interest", "penalties"))
    assert figures["beginning"] + charged - figures["payments"] + figures["credit"] == figures["ending"]
    assert figures["ending"] == account_view(owner.id, date(2026, 12, 31)).standing.balance
    assert figures["payments"] > Money(0)


def test_it_is_issued_once_for_a_year_and_mailed_once(app: Flask) -> None:
    owner = taxpayer("payroll")
    for year in (2026, 2026, 2025, 2026):
        statements.issue_annual(owner.id, year, when=JANUARY)

    assert [facts["year"] for facts in issued("payroll")] == ["2026", "2025"]
    assert [facts["year"] for _to, facts in mails(MailKind.ANNUAL_STATEMENT)] == ["2026", "2025"]


def test_it_is_for_who_had_a_plan_on_a_day_of_the_year(app: Flask) -> None:
    planned = ids(2026)

    assert {taxpayer(role).id for role in ("ontime", "indefault", "payroll")} <= set(planned)
    assert not {taxpayer(role).id for role in ("owing", "stranger", "overlimit")} & set(planned)
    assert ids(2010) == []


def ids(year: int) -> list[int]:
    """Whom the statement of a year is still to be sent to."""
    return [each.id for each in db.session.execute(without_annual(year).order_by(Taxpayer.id)).scalars()]
