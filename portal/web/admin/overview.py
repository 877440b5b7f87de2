"""Everything that needs a hand, at a glance, each with its next step."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from flask import Response

from portal.domain.actor import Role
from portal.models.task import TaskKind
from portal.office import office
from portal.queries import days, health, machine, tasks, users
from portal.queries.tasks import TaskView
from portal.web.access import now
from portal.web.admin.days import missing, next_due
from portal.web.admin.desk import bp, for_administrators
from portal.web.admin.policy import rate_that_is_missing
from portal.web.language import day, ngettext
from portal.web.language import gettext as _
from portal.web.page import page

MAIL_IS_LATE_AFTER = timedelta(minutes=15)
VERIFIED_EVERY = timedelta(days=31)
RATE_WANTED_BEFORE = timedelta(days=30)


class Hand(NamedTuple):
    """What needs one: what it is, what to do, and where."""

    heading: str
    words: str
    href: str
    label: str


@bp.get("/admin")
@for_administrators
def overview() -> Response:
    return page("admin/overview.html", hands=list(_hands()), facts=_facts())


def _hands() -> Iterator[Hand]:
    yield from _of_mail()
    yield from _of_closes()
    if lines := health.open_lines():
        yield Hand(ngettext("%(num)s line from the bank waits", "%(num)s lines from the bank wait", lines),
                   _("It could not be booked by itself."), "/admin/bank/lines", _("Resolve it"))  # fmt: skip
    latest = tasks.latest()
    yield from _of_verification(latest.get(TaskKind.TRAIL), _("The trail"))
    yield from _of_verification(latest.get(TaskKind.BOOKS), _("The books"))
    yield from _of_rates()


def _of_mail() -> Iterator[Hand]:
    mail = health.mail()
    if mail.oldest_at and now().at - mail.oldest_at > MAIL_IS_LATE_AFTER:
        yield Hand(ngettext("%(num)s mail waits", "%(num)s mails wait", mail.waiting),
                   _("See whether the mail server takes mail, and what the log says."),
                   "/admin/trail", _("The trail"))  # fmt: skip
    if mail.undelivered:
        yield Hand(ngettext("%(num)s mail was given up", "%(num)s mails were given up", mail.undelivered),
                   _("The mail server refused it for two days. See that the address is right and call, or write."),
                   "/admin/users?group=taxpayers", _("Users"))  # fmt: skip


def _of_closes() -> Iterator[Hand]:
    last, unfinished = days.latest(), days.unfinished()
    left_out = missing(last, now().on)
    if left_out:
        yield Hand(ngettext("%(num)s day is not closed", "%(num)s days are not closed", len(left_out)),
                   _("Close what is open, and see that “portal worker” is running."),
                   "/admin/days", _("Daily closes"))  # fmt: skip
    if unfinished:
        yield Hand(_("A close was begun and did not come to its end"),
                   _("It is that of %(day)s. The next close finishes it.", day=day(unfinished.day)),
                   "/admin/days", _("Daily closes"))  # fmt: skip
    if last and last.undone:
        one, many = "%(num)s piece of work was left undone", "%(num)s pieces of work were left undone"
        yield Hand(ngettext(one, many, last.undone),
                   _("See which, and what the log says; then close the day again."),
                   f"/admin/days/{last.day}", _("The close of %(day)s", day=day(last.day)))  # fmt: skip


def _of_verification(task: TaskView | None, name: str) -> Iterator[Hand]:
    where = "/admin/trail/verification", _("Verification")
    if task is None or (task.ended_at and now().at - task.ended_at > VERIFIED_EVERY):
        yield Hand(_("%(what)s: not verified for a month", what=name), _("It is done beside all else."), *where)
    elif task.faults or task.error:
        yield Hand(_("%(what)s: faults were found", what=name), _("See which, and keep everything as it is."), *where)


def _of_rates() -> Iterator[Hand]:
    if office().policy.rates.published_through - now().on < RATE_WANTED_BEFORE:
        words = _("Add it to the file of rates as soon as it is published, and start the portal again.")
        yield Hand(rate_that_is_missing(), words, "/admin/policy", _("Policy in force"))


def _facts() -> list[tuple[str, str]]:
    last, mail = days.latest(), health.mail()
    facts = [
        (_("Last day closed"), day(last.day) if last else _("none yet")),
        (_("The next close is due"), next_due(last)),
        (_("Mail that waits"), str(mail.waiting)),
        (_("Size of the database"), f"{machine.database_bytes() / 1_000_000:,.1f} MB"),
        (_("Administrators"), str(users.count(Role.ADMINISTRATOR))),
    ]
    return [*facts, (_("Versions"), ", ".join(f"{name} {number}" for name, number in machine.versions().items()))]
