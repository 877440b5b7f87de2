"""The plan that somebody is about to change, and what was computed from it, remembered until something happens to it.

Between two deeds a plan is the same all day long, but for the time of day at which a change comes too late for the
next payment; so what somebody asks again, or with the next key, is not computed twice.
"""

from datetime import date, datetime, time
from functools import lru_cache

from flask import abort, redirect

from portal.domain.change import Change, InForce, Simulation
from portal.domain.lifecycle import IN_FORCE
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.simulator import minimum, most, simulate
from portal.office import office
from portal.queries import changes
from portal.queries.trail import latest
from portal.web.access import now, own_taxpayer_id

AGREEMENT = "/agreement"


def own_plan() -> InForce:
    """The agreement in force of the person signed in; where there is none, its page says so."""
    taxpayer_id, when = own_taxpayer_id(), now()
    notice_time = office().policy.changes.on(when.on).notice_time
    is_late = when.at.astimezone(office().settings.time_zone).time() >= notice_time
    plan = _plan(taxpayer_id, latest(taxpayer_id).link, when.on, notice_time if is_late else time.min)
    if plan is None or plan.state not in IN_FORCE:
        abort(redirect(AGREEMENT, 303))
    return plan


@lru_cache(maxsize=1024)
def simulated(plan: InForce, change: Change) -> Simulation:
    """What a change comes to. Refuses what `simulate` refuses."""
    return simulate(plan, change)


@lru_cache(maxsize=256)
def bounds(plan: InForce) -> tuple[Money, Money]:
    """Between which monthly amounts one can choose."""
    return minimum(plan) or plan.history[-1].monthly, most(plan)


# Every deed that touches an account adds to its trail. All changes come too late at midnight or at one time of day,
# so that a plan as of either of the two is the same until the other.
@lru_cache(maxsize=256)
def _plan(taxpayer_id: int, _latest_link: str, on: date, since: time) -> InForce | None:
    zone = office().settings.time_zone
    return changes.agreed(taxpayer_id, Moment(datetime.combine(on, since, zone), on))
