"""The words for roles, tasks and instants on the pages of administrators."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.actor import Role
from portal.models.task import TaskKind
from portal.office import office
from portal.queries.tasks import TaskView
from portal.services.tasks import LEASE
from portal.web.access import now
from portal.web.language import day, instant, ngettext, short_day
from portal.web.language import gettext as _
from portal.web.language import marked as N_

ROLES = {
    Role.TAXPAYER: N_("Taxpayer"),
    Role.AGENT: N_("Agent"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.ADMINISTRATOR: N_("Administrator"),
}
NO_WORKER_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Told:
    """A task in words. `is_moving`: it is worth looking again in a few seconds."""

    tone: str
    heading: str
    words: list[str]
    found: list[str]
    is_moving: bool = False


def role(value: Role) -> str:
    """What somebody is here for."""
    return _(ROLES[value])


def moment(at: datetime) -> str:
    """An instant on the agency's clock, short enough for a table."""
    here = at.astimezone(office().settings.time_zone)
    return f"{short_day(here.date())}, {here:%H:%M:%S}"


def told(task: TaskView | None) -> Told | None:
    """How far a task is, or what came of it; nothing if none was asked for."""
    if task is None:
        return None
    asked = _("%(name)s asked for it on %(instant)s.", name=task.asked_by, instant=_here(task.asked_at))
    if task.ended_at is None:
        return _under_way(task, asked)
    ended = _("It ended on %(instant)s.", instant=_here(task.ended_at))
    if task.error:
        return Told(
            "error", _("It could not be done"), [task.error, _("Mend what is named, and ask again."), asked], []
        )
    if task.faults:
        heading = ngettext("%(num)s fault was found", "%(num)s faults were found", task.faults)
        return Told("error", heading, [_came_to(task), ended, asked], task.found)
    return Told("success", _all_is_well(task), [_came_to(task), ended, asked], [])


def _under_way(task: TaskView, asked: str) -> Told:
    if task.began_at is None:
        words = [_("It begins as soon as the worker is free."), asked]
        if now().at - task.asked_at > NO_WORKER_AFTER:
            words.insert(0, _("Nobody has taken it yet. Is “portal worker” running?"))
        return Told("info", _("Waiting to begin"), words, [], is_moving=now().at - task.asked_at < LEASE)
    return Told("info", _("Under way"), [_came_to(task), asked], [], is_moving=True)


def _came_to(task: TaskView) -> str:
    if task.kind is TaskKind.CLOSE and task.day:
        return _("%(day)s is closed again.", day=day(task.day))
    if task.kind is TaskKind.CLOSE:
        return ngettext("%(num)s day closed.", "%(num)s days closed.", task.done)
    if task.kind is TaskKind.TRAIL:
        return _("%(done)s of %(whole)s rows read.", done=f"{task.done:,}", whole=f"{task.whole:,}")
    return _("%(done)s of %(whole)s accounts checked.", done=f"{task.done:,}", whole=f"{task.whole:,}")


def _all_is_well(task: TaskView) -> str:
    if task.kind is TaskKind.CLOSE:
        return _("The close is through")
    return _("The trail is whole") if task.kind is TaskKind.TRAIL else _("The books hold")


def _here(at: datetime) -> str:
    return instant(at.astimezone(office().settings.time_zone))
