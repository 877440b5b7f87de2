"""Users and roles: somebody is let in, gets another role, is put out; never oneself, and never the last one."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.db import db
from portal.domain.actor import Actor, Role
from portal.models import Mail, PasswordReset, SecondFactor, SignIn, TrailEvent, User
from portal.models.mail import MailKind
from portal.office import office
from portal.queries import users
from portal.services import passwords, staff
from tests.applicant import mails
from tests.browser import Browser
from tests.cast import email_of, signed_in, user
from tests.stopped_clock import NOW, StoppedClock
from tests.test_access import inside

NEW, PASSWORD = "new.agent@example.test", "another password of mine"


@pytest.fixture
def admin(app: Flask) -> Browser:
    return inside(app, "admin")


def adds(admin: Browser, **answers: str) -> object:
    return admin.submit("/admin/users/new", {"name": "Nora New", "email": NEW, "role": "agent", **answers})


def does(admin: Browser, role: str, deed: str, **options: bool) -> object:
    return admin.submit(address_of(role, "/change"), {"deed": deed}, at="/admin/users/new", **options)


def address_of(role: str, tail: str = "") -> str:
    return f"/admin/users/{user(role).reference}{tail}"


def fresh(role: str) -> User:
    db.session.expire_all()
    return user(role)


def is_in(browser: Browser) -> bool:
    return browser.get("/account/settings/second-factor", follow=False).status == 200


def deeds(of: User) -> list[tuple[str, int | None, dict[str, str]]]:
    rows = select(TrailEvent.event, TrailEvent.user_id, TrailEvent.details).where(TrailEvent.subject == of.reference)
    return [(event, by, details) for event, by, details in db.session.execute(rows.order_by(TrailEvent.number))]


def wait(**duration: float) -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(**duration)


def test_somebody_new_sets_a_password_by_a_mailed_link_and_signs_in(app: Flask, admin: Browser) -> None:
    page = adds(admin)
    assert "The link is on its way" in page.text  # type: ignore[attr-defined]
    [(recipient, facts)] = mails(MailKind.INVITATION)
    assert recipient == NEW

    newcomer = Browser(app)
    newcomer.submit(facts["link"], {"password": PASSWORD})
    newcomer.submit("/sign-in", {"email": NEW, "password": PASSWORD})

    added = db.session.execute(select(User).where(User.email == NEW)).scalar_one()
    assert (added.role, added.taxpayer_id) == (Role.AGENT, None)
    assert newcomer.get("/agent", follow=False).response.location.startswith("/account/settings/second-factor")
    assert ("user.invited", user("admin").id, {}) in deeds(added)


def test_before_the_link_is_used_no_password_fits(app: Flask, admin: Browser) -> None:
    adds(admin)
    for password in ("", " ", NEW, PASSWORD):
        browser = Browser(app)
        browser.submit("/sign-in", {"email": NEW, "password": password})

        assert not is_in(browser)


def test_the_link_works_for_three_days_and_can_be_sent_again(app: Flask, admin: Browser) -> None:
    adds(admin)
    [(_to, facts)] = mails(MailKind.INVITATION)
    wait(days=3)
    assert Browser(app).get(facts["link"]).status == 410

    admin = inside(app, "admin")
    reference = db.session.execute(select(User.reference).where(User.email == NEW)).scalar_one()
    admin.submit(f"/admin/users/{reference}/change", {"deed": "invite"}, at="/admin/users/new")

    assert len(mails(MailKind.INVITATION)) == 2
    links = select(func.count()).select_from(PasswordReset).where(PasswordReset.ends_at > office().clock.now().at)
    assert db.session.execute(links).scalar_one() == 1


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"email": email_of("ontime")}, "Somebody already signs in with this email address"),
        ({"email": "nobody"}, "This is not an email address"),
        ({"name": " "}, "Enter the name."),
        ({"role": "taxpayer"}, "Choose one of the list."),
    ],
)
def test_who_cannot_be_added_is_not_and_what_was_typed_is_still_there(
    admin: Browser, answers: dict[str, str], said: str
) -> None:
    before = db.session.execute(select(func.count()).select_from(User)).scalar_one()
    page = adds(admin, **answers)

    assert page.status == 422  # type: ignore[attr-defined]
    assert said in page.text  # type: ignore[attr-defined]
    assert f'value="{answers.get("email", NEW)}"' in page.html  # type: ignore[attr-defined]
    assert db.session.execute(select(func.count()).select_from(User)).scalar_one() == before
    assert mails(MailKind.INVITATION) == []


def test_another_role_ends_every_sign_in_and_the_trail_has_both(app: Flask, admin: Browser) -> None:
    agent = inside(app, "agent")

    admin.submit(address_of("agent", "/role"), {"role": "supervisor"})

    assert fresh("agent").role is Role.SUPERVISOR
    assert not is_in(agent)
    assert deeds(user("agent"))[-1] == (
        "user.role_changed", user("admin").id, {"before": "agent", "role": "supervisor"},
    )  # fmt: skip


def test_somebody_is_disabled_put_out_at_once_and_let_in_again(app: Flask, admin: Browser) -> None:
    agent = inside(app, "agent")
    does(admin, "agent", "disable")
    assert not is_in(agent)
    assert not is_in(signed_in(app, "agent"))
    assert "Disabled" in admin.get(address_of("agent")).text

    does(admin, "agent", "enable")

    assert is_in(inside(app, "agent"))
    assert not is_in(agent)
    assert [event for event, *_ in deeds(user("agent"))] == ["user.disabled", "user.enabled"]


def test_a_taxpayer_is_disabled_too_but_never_becomes_one_of_the_staff(app: Flask, admin: Browser) -> None:
    owner = inside(app, "ontime")
    does(admin, "ontime", "disable")
    assert not is_in(owner)

    page = admin.submit(address_of("ontime", "/role"), {"role": "administrator"})

    assert page.status == 422
    assert "does not work for the agency" in page.text
    assert fresh("ontime").role is Role.TAXPAYER


def test_every_sign_in_of_somebody_is_ended(app: Flask, admin: Browser) -> None:
    browsers = [inside(app, "supervisor") for _browser in range(3)]

    does(admin, "supervisor", "sign_out")

    assert not any(is_in(browser) for browser in browsers)
    assert is_in(inside(app, "supervisor"))


def test_a_lost_second_factor_is_taken_away_and_a_new_one_is_asked_for(app: Flask, admin: Browser) -> None:
    before = inside(app, "agent")
    assert "set up on" in admin.get(address_of("agent")).text

    does(admin, "agent", "reset_factor")

    left = select(func.count()).select_from(SecondFactor).where(SecondFactor.user_id == user("agent").id)
    assert db.session.execute(left).scalar_one() == 0
    assert not is_in(before)
    assert inside(app, "agent").get("/agent", follow=False).status == 303
    assert [to for to, _facts in mails(MailKind.SECOND_FACTOR)] == [email_of("agent")]
    assert "needed at the next sign-in" in admin.get(address_of("agent")).text


@pytest.mark.parametrize("deed", ["disable", "enable", "sign_out", "reset_factor", "invite"])
def test_nobody_does_any_of_this_to_themselves(admin: Browser, deed: str) -> None:
    page = does(admin, "admin", deed)

    assert page.status == 422  # type: ignore[attr-defined]
    assert "Ask another administrator" in page.text  # type: ignore[attr-defined]
    assert is_in(admin)
    assert deeds(user("admin")) == []


def test_nobody_gives_themselves_another_role(admin: Browser) -> None:
    assert "This is you" in admin.submit(address_of("admin", "/role"), {"role": "agent"}).text
    assert fresh("admin").role is Role.ADMINISTRATOR


def test_of_two_administrators_who_put_each_other_out_one_stays(app: Flask) -> None:
    """Each asked while both still were administrators."""
    admin, other = user("admin"), user("supervisor")
    staff.change_role(other, Role.ADMINISTRATOR, by=Actor(admin.id, admin.role), when=NOW)
    staff.disable(other, by=Actor(admin.id, admin.role), when=NOW)

    for refused in (
        lambda: staff.disable(admin, by=Actor(other.id, other.role), when=NOW),
        lambda: staff.change_role(admin, Role.AGENT, by=Actor(other.id, other.role), when=NOW),
    ):
        with pytest.raises(staff.LastAdministrator):
            refused()

    assert users.count(Role.ADMINISTRATOR) == 1


def test_a_screen_left_open_asks_for_the_password_before_any_of_it(app: Flask, admin: Browser) -> None:
    wait(minutes=14)
    admin.get("/admin/users")
    wait(minutes=2)
    for address in ("/admin/users/new", address_of("agent", "/role")):
        assert admin.get(address, follow=False).response.location.startswith("/sign-in/proof?next=")
    admin.submit(address_of("agent", "/change"), {"deed": "disable"}, at="/admin/users")

    assert fresh("agent").disabled_at is None


def test_users_are_listed_by_role_and_found_by_name_and_address(admin: Browser) -> None:
    staff_page, taxpayers = (
        admin.get("/admin/users").one("list"),
        admin.get("/admin/users?group=taxpayers").one("list"),
    )
    assert "Ada Agent" in staff_page
    assert "Theo Timely" not in staff_page
    assert "Theo Timely" in taxpayers
    assert "Ada Agent" not in taxpayers
    for wanted, name in (("ADA", "Ada Agent"), ("ontime@", "Theo Timely"), (email_of("owing"), "Olivia Owens")):
        assert name in admin.submit("/admin/users", {"wanted": wanted}).one("list")
    for wanted in ("nobody at all", "%", "_", "ümlaut"):
        assert "Nobody fits" in admin.submit("/admin/users", {"wanted": wanted}).one("list")


def test_a_long_list_goes_on_page_by_page(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "PAGE_ROWS", 2)
    monkeypatch.setattr(users, "BY_ADDRESS", users.LINES.order_by(users.users.c.email).limit(3))
    seen, address = [], "/admin/users?group=taxpayers"
    while address:
        page = admin.get(address, part="list")
        seen += [link for link in page.links() if link.startswith("/admin/users/US-")]
        address = next((link for link in page.links() if "after=" in link), "")
    everybody = select(func.count()).select_from(User).where(User.role == Role.TAXPAYER)

    assert len(seen) == len(set(seen)) == db.session.execute(everybody).scalar_one()


def test_no_address_of_a_person_stands_in_an_address(admin: Browser) -> None:
    adds(admin)
    for address in ("/admin/users", "/admin/users?group=taxpayers", address_of("agent")):
        assert not [link for link in admin.get(address).links() if "@" in link and not link.startswith("mailto")]


@pytest.mark.parametrize("deed", ["", "delete", "impersonate", "invite_again"])
def test_nothing_else_can_be_done_about_anybody(admin: Browser, deed: str) -> None:
    assert does(admin, "agent", deed).status == 422  # type: ignore[attr-defined]


def test_a_user_who_is_none_is_no_page(admin: Browser) -> None:
    for address in ("/admin/users/US-0000-0000", "/admin/users/US-0000-0000/role"):
        assert admin.get(address).status == 404


def test_a_try_for_an_invited_address_takes_the_same_work(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    adds(admin)
    added = db.session.execute(select(User).where(User.email == NEW)).scalar_one()

    assert added.password_hash.startswith("$argon2id$")
    assert not passwords.match(added.password_hash, "")
    assert db.session.execute(select(SignIn).where(SignIn.user_id == added.id)).first() is None
    assert db.session.execute(select(Mail.facts_sealed)).scalars().all()[-1] != ""
