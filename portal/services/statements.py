"""Statements: issue the one of a year."""

from portal.db import transaction
from portal.domain.actor import PORTAL
from portal.domain.moment import Moment
from portal.domain.statement import annual
from portal.models.notice import NoticeKind
from portal.office import office
from portal.queries import accounts, statements
from portal.services import notices, trail


def issue_annual(taxpayer_id: int, year: int, *, when: Moment) -> None:
    """Tell a taxpayer in figures what a calendar year that is over did to the account; once, however often this is
    asked for.
    """
    with transaction():
        if statements.has_annual(taxpayer_id, year):
            return
        statement = annual(accounts.facts(taxpayer_id), office().policy.law_on(when.on), year)
        trail.append("statement.issued", str(year), by=PORTAL, when=when, taxpayer_id=taxpayer_id)
        notices.issue(
            taxpayer_id, NoticeKind.ANNUAL_STATEMENT, when=when, year=str(year), beginning=str(statement.beginning),
            tax=str(statement.tax), fees=str(statement.fees), interest=str(statement.interest),
            penalties=str(statement.penalties), payments=str(statement.payments), credit=str(statement.credit),
            ending=str(statement.ending),
        )  # fmt: skip
