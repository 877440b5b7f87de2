"""Statements: in January everybody who had a plan is told what the year before did to the account."""

from portal.domain.moment import Moment
from portal.jobs import chunks
from portal.models import Taxpayer
from portal.queries import statements as queries
from portal.services import statements

JANUARY = 1


def run(when: Moment) -> int:
    """Issue what is not issued yet: how many could not be."""
    if when.on.month != JANUARY:
        return 0
    year = when.on.year - 1
    wanted = queries.without_annual(year)
    return chunks.each(Taxpayer, wanted, lambda each: statements.issue_annual(each.id, year, when=when))
