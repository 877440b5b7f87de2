"""Statements: issue the one of a year."""

from datetime import date

from portal.db import transaction
from portal.domain.actor import PORTAL
from portal.domain.moment import Moment
from portal.domain.period import PENALTIES, Kind
from portal.domain.statement import statement
from portal.models.notice import NoticeKind
from portal.office import office
from portal.queries import statements
from portal.services import notices, trail


def issue_annual(taxpayer_id: int, year: int, *, when: Moment) -> None:
    """Tell a taxpayer in figures what a calendar year that is over did to the account; once, however often this is
    asked for. The figures are those of the statement's page.
    """
    with transaction():
        if statements.has_annual(taxpayer_id, year):
            return
        history, law_on = statements.history(taxpayer_id), office().policy.law_on
        found = statement(history, law_on, date(year, 1, 1), date(year, 12, 31))
        trail.append("statement.issued", str(year), by=PORTAL, when=when, taxpayer_id=taxpayer_id)
        notices.issue(
            taxpayer_id, NoticeKind.ANNUAL_STATEMENT, when=when, year=str(year), beginning=str(found.opening),
            tax=str(found.came_to(Kind.TAX)), fees=str(found.came_to(Kind.FEE)),
            interest=str(found.came_to(Kind.INTEREST)), penalties=str(found.came_to(*PENALTIES)),
            payments=str(found.received - found.taken_back), credit=str(found.credit), ending=str(found.closing),
        )  # fmt: skip
