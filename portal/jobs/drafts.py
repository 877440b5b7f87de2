"""Applications that nobody went on with: their answers are deleted once their time is over."""

from sqlalchemy import select

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.lifecycle import ApplicationState
from portal.domain.moment import Moment
from portal.models import Application
from portal.services import applications


def run(when: Moment) -> None:
    """Delete what is over."""
    over = select(Application).where(Application.state == ApplicationState.DRAFTED, Application.ends_on < when.on)
    for application in db.session.execute(over.order_by(Application.id)).scalars().all():
        applications.expire(application, by=PORTAL, when=when)
