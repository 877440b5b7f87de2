"""Worklists: each with what to do next, and with the page for it."""

from typing import Any

from flask import Response, abort, request

from portal.queries import worklists
from portal.queries.worklists import Item, Work
from portal.web.access import now
from portal.web.agent.desk import at_the_desk, bp
from portal.web.agent.words import worklist
from portal.web.language import gettext as _
from portal.web.language import money, short_day
from portal.web.page import page

# Where the next action is; elsewhere it begins at the taxpayer's page.
NEXT = {
    Work.DEFAULTS: "promise",
    Work.UNAUTHORIZED: "review/%(subject)s",
    Work.FROZEN: "release/%(subject)s",
    Work.UNDELIVERED: "address",
}


@bp.get("/agent/worklists")
@at_the_desk
def list_worklists() -> Response:
    return page("agent/worklists.html", rows=[_list_row(*each) for each in worklists.counts(now().on).items()])


@bp.get("/agent/worklists/<name>")
@at_the_desk
def work(name: str) -> Response:
    if name not in list(Work):
        abort(404)
    which = Work(name)
    found = worklists.page_of(which, now().on, request.args.get("after", ""))
    title, action = worklist(which)
    rows = [_row(which, each, action) for each in found.items]
    return page("agent/worklist.html", which=which, name=title, rows=rows, after=found.after)


def _list_row(which: Work, count: int) -> dict[str, Any]:
    name, action = worklist(which)
    many = _("%(num)s or more", num=count) if count == worklists.MOST_COUNTED else count
    return {"name": (name, f"/agent/worklists/{which}"), "count": many, "action": action}


def _row(which: Work, each: Item, action: str) -> dict[str, Any]:
    account = place = f"/agent/taxpayers/{each.taxpayer}"
    if which in NEXT:
        place = f"{account}/{NEXT[which] % {'subject': each.subject}}"
    return {
        "on": short_day(each.on),
        "name": (f"{each.first_name} {each.last_name}", account) if each.taxpayer else None,
        "account": each.taxpayer,
        "what": " ".join(filter(None, (each.subject, each.detail))),
        "amount": money(each.amount) if each.amount else None,
        "next": (action, place) if each.taxpayer else None,
    }
