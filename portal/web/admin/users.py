"""Users and roles: who can sign in, as what, and what an administrator does about it."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, abort, flash, redirect, request
from wtforms import StringField
from wtforms.validators import Length

from portal.domain.actor import Role
from portal.models import User
from portal.queries import users
from portal.queries.users import UserView
from portal.services import staff
from portal.services import users as accounts
from portal.web.access import actor, now, proved
from portal.web.admin.desk import bp, for_administrators
from portal.web.admin.words import moment, role
from portal.web.forms import ChoiceField, Form, Obeys, OneLine, options, required
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page

GROUPS = {"staff": staff.STAFF, "taxpayers": (Role.TAXPAYER,)}
STAFF_ROLES = {
    Role.AGENT.value: _l("Agent: finds callers and helps them"),
    Role.SUPERVISOR.value: _l("Supervisor: approves, and sees who looked"),
    Role.ADMINISTRATOR.value: _l("Administrator: users, closes and the trail"),
}
DEEDS: Mapping[str, Callable[..., None]] = {
    "invite": staff.invite_again,
    "disable": staff.disable,
    "enable": staff.enable,
    "sign_out": staff.end_sign_ins,
    "reset_factor": staff.reset_second_factor,
}
DONE = {
    "invite": _l("The link is on its way. It works for three days."),
    "disable": _l("This user cannot sign in any more, and was signed out everywhere."),
    "enable": _l("This user can sign in again."),
    "sign_out": _l("This user was signed out everywhere."),
    "reset_factor": _l(
        "The second factor is taken away, and a mail says so. Staff set up a new one as they sign in."
    ),
}


class FindForm(Form):
    """Who is looked for. It is sent by POST, for addresses of people belong into no address."""

    wanted = StringField(_l("Name or email address"), [required(_l("Enter a name or an email address.")),
                                                      Length(max=254), OneLine()])  # fmt: skip


class InviteForm(Form):
    """Somebody new of the staff."""

    name = StringField(_l("Name"), [required(_l("Enter the name.")), Length(max=120), OneLine()])
    email = StringField(_l("Email address"), [required(_l("Enter the email address.")), Length(max=254), OneLine(),
                                              Obeys(accounts.address)])  # fmt: skip
    role = ChoiceField(_l("Role"), choices=options(STAFF_ROLES))


class RoleForm(Form):
    """What somebody is here for from now on."""

    role = ChoiceField(_l("Role"), choices=options(STAFF_ROLES))


class DeedForm(Form):
    """What is done about a user."""

    deed = ChoiceField(choices=options({each: each for each in DEEDS}))


@bp.route("/admin/users", methods=["GET", "POST"])
@for_administrators
def all_users() -> Response:
    form, found = FindForm(), list[UserView]()
    group = request.args.get("group", "staff") if request.args.get("group") in GROUPS else "staff"
    if form.carry_out(lambda: found.extend(users.find(form.wanted.data or "", staff.STAFF))):
        return page("admin/users.html", form=form, group=None, rows=[_row(each) for each in found], further=None)
    lines, further = users.page(GROUPS[group], request.args.get("after"))
    onward = f"/admin/users?group={group}&after={further}" if further else None
    return page("admin/users.html", form=form, group=group, rows=[_row(each) for each in lines], further=onward)


@bp.route("/admin/users/new", methods=["GET", "POST"])
@for_administrators
@proved
def invite() -> Response:
    form = InviteForm()
    if form.carry_out(lambda: _invite(form)):
        flash(_("The link is on its way. It works for three days."))
        return redirect("/admin/users", 303)  # type: ignore[return-value]
    return page("admin/new_user.html", form=form)


@bp.get("/admin/users/<reference:reference>")
@for_administrators
def one_user(reference: str) -> Response:
    return _shown(reference, DeedForm())


@bp.route("/admin/users/<reference:reference>/role", methods=["GET", "POST"])
@for_administrators
@proved
def change_role(reference: str) -> Response:
    user = _user(reference)
    form = RoleForm(role=user.role)
    if form.carry_out(lambda: staff.change_role(user, Role(form.role.data), by=actor(), when=now())):
        flash(_("The role is changed. Who has it signs in anew."))
        return redirect(f"/admin/users/{reference}", 303)  # type: ignore[return-value]
    return page("admin/role.html", form=form, name=user.name, back=f"/admin/users/{reference}")


@bp.post("/admin/users/<reference:reference>/change")
@for_administrators
@proved
def change_user(reference: str) -> Response:
    form, user = DeedForm(), _user(reference)
    if form.carry_out(lambda: DEEDS[form.deed.data](user, by=actor(), when=now())):
        flash(str(DONE[form.deed.data]))
        return redirect(f"/admin/users/{reference}", 303)  # type: ignore[return-value]
    return _shown(reference, form)


def _invite(form: InviteForm) -> None:
    name = " ".join((form.name.data or "").split())
    staff.invite(form.email.data or "", name=name, role=Role(form.role.data), by=actor(), when=now())


def _user(reference: str) -> User:
    return staff.by_reference(reference) or abort(404)


def _shown(reference: str, form: DeedForm) -> Response:
    user = users.one(reference) or abort(404)
    return page(
        "admin/user.html",
        form=form,
        user_view=user,
        facts=_facts(user),
        state=_state(user),
        is_staff=user.role in staff.STAFF,
        is_oneself=user.id == actor().user_id,
        address=f"/admin/users/{reference}",
    )


def _facts(user: UserView) -> list[tuple[str, str]]:
    facts = [(_("Email address"), user.email), (_("Role"), role(user.role)), (_("Second factor"), _factor(user))]
    if user.taxpayer:
        facts.append((_("Account"), user.taxpayer))
    return [*facts, (_("Last seen"), _seen(user))]


def _factor(user: UserView) -> str:
    if user.second_factor_since:
        return _("set up on %(moment)s", moment=moment(user.second_factor_since))
    return _("not set up; needed at the next sign-in") if user.role in staff.STAFF else _("not set up; not needed")


def _seen(user: UserView) -> str:
    return moment(user.last_seen_at) if user.last_seen_at else _("never")


def _state(user: UserView) -> tuple[str, str]:
    if user.disabled_at:
        return _("Disabled"), "bad"
    return (_("Can sign in"), "good") if user.last_seen_at else (_("Never signed in"), "wait")


def _row(user: UserView) -> dict[str, Any]:
    return {
        "name": (user.name, f"/admin/users/{user.reference}"),
        "email": user.email,
        "role": role(user.role),
        "factor": _("yes") if user.second_factor_since else _("no"),
        "seen": _seen(user),
        "state": _state(user),
    }
