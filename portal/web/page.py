"""One function answers with a whole page, or with the part of it that htmx asked for."""

from typing import Any

from flask import Flask, Response, current_app, get_flashed_messages, make_response, request
from markupsafe import Markup

from portal.domain.actor import Role
from portal.office import office
from portal.web.access import signed_in
from portal.web.banner import banner
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext, others, tag


def begin(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.auto_reload = False
    app.template_context_processors[None] = []
    app.jinja_env.globals["ui"] = app.jinja_env.get_template("ui.html").module
    settings = app.extensions["office"].settings
    app.jinja_env.globals["agency"] = {
        "name": settings.agency_name,
        # The words that come with the portal are known to the catalog; those of an agency stand as they are set.
        "contact": [lazy_gettext(line) for line in settings.agency_contact],
        "address": settings.agency_address,
    }


def page(template: str, status: int = 200, **values: Any) -> Response:
    """The page, or the block that is named like the element htmx is about to replace.

    A form that was refused makes the status 422 and marks the title; so views never speak of either.
    """
    form = values.get("form")
    if form is not None and form.errors:
        status, values["failed"] = 422, True
    found = current_app.jinja_env.get_template(template)
    wanted = wanted_part()
    if wanted in found.blocks:
        context = found.new_context(common() | values | {"is_part": True})
        return make_response("".join((*found.blocks[wanted](context), _news(), banner_again())), status)
    return make_response(found.render(common() | values), status)


def part(template: str, **values: Any) -> Markup:
    """A piece of a page that needs nothing but its values."""
    return Markup(current_app.jinja_env.get_template(template).render(values))  # noqa: S704  (escaped by the template)


def wanted_part() -> str:
    """The block that htmx asks for, or nothing: it sends the target as section#schedule."""
    if request.headers.get("HX-Request-Type") != "partial":
        return ""
    return request.headers.get("HX-Target", "").partition("#")[2]


def banner_again() -> Markup:
    """The banner of a support session beside a part: it takes the place of the one that is on the page."""
    shown = banner()
    if shown is None:
        return Markup("")
    drawn: Markup = current_app.jinja_env.globals["ui"].banner(shown, again=True)  # type: ignore[attr-defined]
    return drawn


def common() -> dict[str, Any]:
    """What every page needs beside its own values."""
    who = signed_in()
    settings = office().settings
    is_acting = who is not None and who.acting is not None
    return {
        "user": who,
        "acting": banner(),
        "nav": NAVS[who.role]() if who else _public_nav(),
        "demo": {"today": office().clock.today(), "advance_url": "/demo/clock"} if office().is_demo else None,
        "lang": tag(),
        "languages": () if is_acting else others(),
        "failed": False,
        "session_ends": settings.idle_minutes * 60 if who else None,
        "session_warning": 120,
    }


def _public_nav() -> list[tuple[str, str, bool]]:
    pages = ((_("Can I have a plan?"), "/eligibility"), (_("Calculator"), "/calculator"), (_("Pay"), "/pay"),
             (_("Help"), "/help"))  # fmt: skip
    return [(label, address, request.path == address) for label, address in pages]


def _nav() -> list[tuple[str, str, bool]]:
    path = request.path
    return [
        (_("Overview"), "/account", path == "/account"),
        (_("Payments"), "/account/payments", path.startswith("/account/payments")),
        (_("Pay"), "/pay", path == "/pay" or path.startswith("/pay/")),
        (_("Upcoming"), "/account/upcoming", path.startswith("/account/upcoming")),
        (_("Notices"), "/account/notices", path.startswith(("/account/notices", "/account/statements"))),
        (_("Agreement"), "/agreement", path.startswith(("/agreement", "/apply"))),
    ]


def _desk_nav() -> list[tuple[str, str, bool]]:
    path = request.path
    return [
        (_("Search"), "/agent", path == "/agent" or path.startswith("/agent/taxpayers")),
        (_("Worklists"), "/agent/worklists", path.startswith("/agent/worklists")),
        (_("Batches"), "/agent/batches", path.startswith("/agent/batches")),
        (_("Approvals"), "/agent/approvals", path.startswith("/agent/approvals")),
    ]


def _supervisor_nav() -> list[tuple[str, str, bool]]:
    is_here = request.path.startswith("/agent/support")
    return [*_desk_nav(), (_("Who looked at whom"), "/agent/support", is_here), *_shared_nav()]


def _admin_nav() -> list[tuple[str, str, bool]]:
    path = request.path
    return [
        (_("At a glance"), "/admin", path == "/admin"),
        (_("Users"), "/admin/users", path.startswith("/admin/users")),
        (_("Daily closes"), "/admin/days", path.startswith("/admin/days")),
        (_("Bank"), "/admin/bank", path == "/admin/bank"),
        *_shared_nav(),
    ]


def _shared_nav() -> list[tuple[str, str, bool]]:
    """What supervisors and administrators look at."""
    path = request.path
    return [
        (_("Lines from the bank"), "/admin/bank/lines", path.startswith("/admin/bank/lines")),
        (_("The trail"), "/admin/trail", path.startswith("/admin/trail")),
        (_("Policy"), "/admin/policy", path == "/admin/policy"),
    ]


# What each role goes to.
NAVS = {
    Role.TAXPAYER: _nav, Role.AGENT: _desk_nav, Role.SUPERVISOR: _supervisor_nav, Role.ADMINISTRATOR: _admin_nav,
}  # fmt: skip


def _news() -> Markup:
    """What there is to say, for the live region beside the part."""
    words = get_flashed_messages()
    if not words:
        return Markup("")
    said = Markup("").join(Markup("<p>{}</p>").format(each) for each in words)
    return Markup('<div id="live" hx-swap-oob="innerHTML">{}</div>').format(said)
