"""Requests on which nobody decided in time."""

from sqlalchemy import select

from portal.domain.actor import PORTAL
from portal.domain.lifecycle import ApprovalState
from portal.domain.moment import Moment
from portal.jobs import chunks
from portal.models import Approval
from portal.services import approvals


def run(when: Moment) -> int:
    """Let them run out, and tell who asked: how many could not be."""
    over = select(Approval).where(Approval.state == ApprovalState.ASKED, Approval.ends_on < when.on)
    return chunks.each(Approval, over, lambda each: approvals.expire(each, by=PORTAL, when=when))
