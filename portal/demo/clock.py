"""Moving the demonstration's clock: each day on the way is lived through by the daily close."""

from datetime import date, timedelta

from sqlalchemy import func, select

from portal.db import db
from portal.demo import world
from portal.domain.calendar import ONE_DAY
from portal.domain.lifecycle import PaymentState
from portal.models import Notice, Payment, PaymentStep
from portal.office import office

LONGEST_WAIT_DAYS = 62


def to_next_day() -> date:
    """One day ahead."""
    clock = office().clock
    tomorrow = clock.today() + ONE_DAY
    clock.move_to(tomorrow)
    for _day in world.live(world.days_to_live()):
        pass
    return tomorrow


def to_next_event() -> date:
    """Day by day until a payment moves, a notice is written or a penalty month begins; two months at most."""
    before = _happened()
    last = office().clock.today() + timedelta(days=LONGEST_WAIT_DAYS)
    today = to_next_day()
    while _happened() == before and today < last:
        today = to_next_day()
    return today


def _happened() -> tuple[int, int]:
    """How much has happened so far: payments that moved, and notices."""
    moved = select(func.count()).select_from(PaymentStep).join(Payment)
    moved = moved.where(PaymentStep.state != PaymentState.SCHEDULED)
    notices = select(func.count()).select_from(Notice)
    return db.session.execute(moved).scalar_one(), db.session.execute(notices).scalar_one()
