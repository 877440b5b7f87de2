"""The settings of whoever is signed in."""

import pytest
from flask import Flask
from sqlalchemy import delete, select

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.moment import Moment
from portal.models import Mail, Notice, SignIn, TrailEvent
from portal.models.mail import MailKind
from portal.office import office
from portal.services import email_changes, mails, passwords, users
from portal.web.browsers import kind_of
from tests.browser import Browser, Page
from tests.cast import PASSWORD, email_of, taxpayer, user
from tests.stopped_clock import NOW, StoppedClock
from tests.test_access import inside

NEW = "a password of new words"
HOME = "/account/settings"


def wait(**duration: float) -> Moment:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(**duration)
    return clock.now()


def letters() -> list[mails.Letter]:
    """Every mail that waits, and with it the links."""
    return list(iter(lambda: mails.claim(when=office().clock.now()), None))


def link_to(recipient: str) -> str:
    [letter] = [each for each in letters() if each.recipient == recipient and "link" in each.facts]
    return letter.facts["link"]


def events() -> list[str]:
    return list(db.session.execute(select(TrailEvent.event).order_by(TrailEvent.number)).scalars())


# Looking.


@pytest.mark.parametrize("role", ["owing", "spouse", "agent", "admin"])
def test_everybody_has_settings_of_their_own(app: Flask, role: str) -> None:
    page = inside(app, role).get(HOME)

    assert email_of(role) in page.text
    assert ("Postal address" in page.text) is (role in ("owing", "spouse"))
    assert ("/account/data" in page.links()) is (role in ("owing", "spouse"))


def test_they_are_reached_from_every_page(app: Flask) -> None:
    assert HOME in inside(app, "owing").get("/help").links()
    assert HOME not in Browser(app).get("/help").links()


# How we write.


def test_language_and_reminders_are_changed(app: Flask) -> None:
    browser = inside(app, "owing")
    page = browser.submit(f"{HOME}/writing", {"language": "es_US"})

    assert page.status == 200
    assert (user("owing").language, user("owing").wants_reminders) == ("es_US", False)
    assert events()[-2:] == ["user.spoken_to", "user.not_reminded"]


def test_the_staff_is_not_asked_about_reminders(app: Flask) -> None:
    assert "Remind me" not in inside(app, "agent").get(f"{HOME}/writing").text


def test_the_address_is_changed_with_a_notice_to_everybody_of_the_account(app: Flask) -> None:
    browser = inside(app, "ontime")
    wrong = browser.fill_in(f"{HOME}/address", postal_code="1", street="9 New Street", phone="217 555 0142")
    browser.fill_in(f"{HOME}/address", street="9 New Street", phone="217 555 0142")

    assert wrong.status == 422
    assert "9 New Street" in wrong.html
    assert (taxpayer("ontime").street, taxpayer("ontime").phone) == ("9 New Street", "217-555-0142")
    assert events()[-1] == "taxpayer.moved"
    kinds = select(Notice.kind).where(Notice.taxpayer_id == taxpayer("ontime").id).order_by(Notice.id.desc()).limit(1)
    assert db.session.execute(kinds).scalar_one() == "address_changed"
    assert {each.recipient for each in letters()} == {email_of("ontime"), email_of("spouse")}


def test_an_address_that_stays_the_same_is_no_news(app: Flask) -> None:
    browser = inside(app, "ontime")
    browser.fill_in(f"{HOME}/address", phone="217 555 0142")
    letters()
    browser.fill_in(f"{HOME}/address")

    assert letters() == []


# The password.


def test_a_new_password_ends_every_other_stay_and_the_owner_is_told(app: Flask) -> None:
    here, there = inside(app, "owing"), inside(app, "owing")
    page = here.submit(f"{HOME}/password", {"password": NEW})

    assert "Your password was changed" in page.text
    assert there.get("/account", follow=False).status == 303
    assert [each.kind for each in letters()] == [MailKind.PASSWORD_CHANGED]
    assert passwords.match(user("owing").password_hash, NEW)


def test_a_bad_password_changes_nothing_and_is_not_shown(app: Flask) -> None:
    page = inside(app, "owing").submit(f"{HOME}/password", {"password": "short"})

    assert page.status == 422
    assert 'value="short"' not in page.html
    assert passwords.match(user("owing").password_hash, PASSWORD)


@pytest.mark.parametrize("name", ["password", "email", "address", "second-factor/app", "second-factor/removal"])
def test_what_opens_the_account_is_not_changed_at_a_screen_that_was_left_open(app: Flask, name: str) -> None:
    browser = inside(app, "owing")
    wait(minutes=6)

    assert browser.get(f"{HOME}/{name}", follow=False).response.location == f"/sign-in/proof?next={HOME}/{name}"


# The email address.


def changed(app: Flask) -> tuple[Browser, str]:
    """The owner's address was changed: their browser, and the link that takes it back."""
    browser = inside(app, "owing")
    browser.submit(f"{HOME}/email", {"email": "New@Example.test"})
    browser.submit(link_to("new@example.test"), {})
    return browser, link_to(email_of("owing"))


def test_nothing_changes_until_the_new_address_is_confirmed(app: Flask) -> None:
    browser = inside(app, "owing")
    browser.submit(f"{HOME}/email", {"email": "New@Example.test"})
    link = link_to("new@example.test")
    Browser(app).get(link)

    assert user("owing").email == email_of("owing"), "a program that follows links confirms nothing"
    Browser(app).submit(link, {})
    assert users.by_email("new@example.test") is not None
    assert Browser(app).get(link).status == 410


def test_the_old_address_is_told_and_takes_it_back(app: Flask) -> None:
    browser, undo = changed(app)
    Browser(app).get(undo)
    assert users.by_email("new@example.test") is not None
    page = Browser(app).submit(undo, {})

    assert page.response.request.path == "/password-reset"
    assert users.by_email("new@example.test") is None
    assert users.by_email(email_of("owing")) is not None
    assert browser.get("/account", follow=False).status == 303, "and everybody is out"
    assert Browser(app).get(undo).status == 410


def test_a_thief_who_changes_it_twice_is_undone_by_the_first_link(app: Flask) -> None:
    browser, undo = changed(app)
    browser.submit(f"{HOME}/email", {"email": "third@example.test"})
    second = link_to("third@example.test")
    Browser(app).submit(second, {})
    second_undo = link_to("new@example.test")
    Browser(app).submit(undo, {})

    assert users.by_email(email_of("owing")) is not None
    assert users.by_email("third@example.test") is None
    assert Browser(app).get(second_undo).status == 410


def test_the_old_address_hears_of_security_for_a_week(app: Flask) -> None:
    browser, _undo = changed(app)
    browser.submit(f"{HOME}/password", {"password": NEW})
    assert {each.recipient for each in letters()} == {"new@example.test", email_of("owing")}

    db.session.execute(delete(Mail))
    wait(days=7, seconds=1)
    renewed = users.by_email("new@example.test")
    assert renewed is not None
    mails.warn(renewed, MailKind.PASSWORD_CHANGED, when=office().clock.now())
    assert {each.recipient for each in letters()} == {"new@example.test"}


def test_after_a_week_it_stays(app: Flask) -> None:
    _browser, undo = changed(app)
    wait(days=7)

    assert Browser(app).get(undo).status == 410


def test_whether_an_address_is_in_use_is_told_to_nobody(app: Flask) -> None:
    browser = inside(app, "owing")
    page = browser.submit(f"{HOME}/email", {"email": email_of("stranger")})

    assert "We sent a link" in page.text
    assert letters() == []


def test_an_address_taken_meanwhile_is_refused(app: Flask) -> None:
    inside(app, "owing").submit(f"{HOME}/email", {"email": "new@example.test"})
    link = link_to("new@example.test")
    user("stranger").email = "new@example.test"
    db.session.commit()

    assert Browser(app).submit(link, {}).status == 422
    assert user("owing").email == email_of("owing")


@pytest.mark.parametrize(
    ("refused", "email"), [(email_changes.SameEmail, email_of("owing")), (users.BadEmail, "a@b\r\nBcc: c@d.test")]
)
def test_what_is_no_new_address_is_refused(app: Flask, refused: type[Exception], email: str) -> None:
    with pytest.raises(refused):
        email_changes.begin(user("owing"), email, by=PORTAL, when=NOW)


# Sessions.


def ends(browser: Browser, page: Page) -> list[str]:
    return [each for each in page.html.split('"') if each.startswith(f"{HOME}/sessions/SI-")]


def test_one_sees_where_one_is_signed_in_and_ends_what_one_does_not_know(app: Flask) -> None:
    here, there = inside(app, "owing"), inside(app, "owing")
    stranger = inside(app, "stranger")
    page = here.get(f"{HOME}/sessions")
    [address] = ends(here, page)

    assert "This one" in page.text
    assert stranger.submit(address, {}, at=f"{HOME}/sessions", follow=False).status == 404
    assert there.get("/account", follow=False).status == 200
    here.submit(address, {}, at=f"{HOME}/sessions")
    assert there.get("/account", follow=False).status == 303
    assert here.get("/account", follow=False).status == 200
    assert here.submit(address, {}, at=f"{HOME}/sessions").status == 404


def test_the_others_are_ended_together(app: Flask) -> None:
    here, there, elsewhere = (inside(app, "owing") for _time in range(3))
    stranger = inside(app, "stranger")
    here.submit(f"{HOME}/sessions/others/end", {}, at=f"{HOME}/sessions")

    assert [each.get("/account", follow=False).status for each in (here, there, elsewhere, stranger)] == [
        200, 303, 303, 200,
    ]  # fmt: skip


def test_what_is_kept_of_a_browser_is_its_kind(app: Flask) -> None:
    browser = Browser(app)
    browser.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/1 Firefox/140.0"
    browser.submit("/sign-in", {"email": email_of("owing"), "password": PASSWORD})

    kept = select(SignIn.browser).order_by(SignIn.id.desc()).limit(1)
    assert db.session.execute(kept).scalar_one() == "Firefox, Linux"
    assert "Firefox, Linux" in browser.get(f"{HOME}/sessions").text


@pytest.mark.parametrize(
    ("user_agent", "kind"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/143.0 Safari/537.36 Edg/143.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/143.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.0 <script>", ""),
        ("", ""),
    ],
)
def test_kinds_of_browsers(user_agent: str, kind: str) -> None:
    assert kind_of(user_agent) == kind
