"""Applications, payments and changes that nobody went on with: what was typed is deleted once its time is over."""

from sqlalchemy import select

from portal.domain.actor import PORTAL
from portal.domain.lifecycle import ApplicationState
from portal.domain.moment import Moment
from portal.jobs import chunks
from portal.models import Application
from portal.services import applications, direct_pay, method_changes


def run(when: Moment) -> int:
    """Delete what is over: how many could not be."""
    direct_pay.forget_drafts(when)
    method_changes.forget_drafts(when)
    over = select(Application).where(Application.state == ApplicationState.DRAFTED, Application.ends_on < when.on)
    return chunks.each(Application, over, lambda each: applications.expire(each, by=PORTAL, when=when))
