"""A forgotten password: the same answer whoever asks, a link for half an hour, and everybody out."""

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.db import db
from portal.models import Attempt, Mail, PasswordReset, SignIn, User
from portal.models.mail import MailKind
from portal.services import sign_ins
from tests.browser import Browser, Page
from tests.cast import PASSWORD, email_of, signed_in, user
from tests.stopped_clock import NOW
from tests.web.test_register import NONSENSE, events, link_in, mailed
from tests.web.test_sign_in import WRONG, is_in, the_clock, token_of, tries

OWNER = email_of("ontime")
NEW = "another password of mine"


def asks(app: Flask, email: str) -> Page:
    return Browser(app).submit("/password-reset", {"email": email})


@pytest.fixture
def link(app: Flask) -> str:
    """The link that the owner asked for."""
    asks(app, OWNER)
    [message] = mailed()
    assert message["To"] == OWNER
    return link_in(message)


def test_a_new_password_is_set(app: Flask, link: str) -> None:
    browser = Browser(app)
    done = browser.submit(link, {"password": NEW})

    assert done.response.request.path == "/sign-in"
    assert "Your password was changed" in done.one("live")
    assert tries(app.test_client(), OWNER, PASSWORD).status_code == 422
    assert tries(app.test_client(), OWNER, NEW).status_code == 303
    assert [each.subject for each in events("password.changed")] == [str(user("ontime").id)]


def test_everybody_is_out_and_the_owner_is_told(app: Flask, link: str) -> None:
    here, there = signed_in(app, "ontime").client, signed_in(app, "ontime").client
    other = signed_in(app, "spouse").client
    Browser(app).submit(link, {"password": NEW})

    assert not is_in(here)
    assert not is_in(there)
    assert is_in(other), "the spouse has a password of their own"
    open_ones = select(func.count()).where(SignIn.user_id == user("ontime").id, SignIn.ended_at.is_(None))
    assert db.session.execute(open_ones).scalar_one() == 0
    assert [(each["To"], each["Subject"]) for each in mailed()] == [(OWNER, "Your password was changed")]


def test_failed_tries_count_no_more(app: Flask, link: str) -> None:
    """Neither the strangers' nor those at a browser that the owner signed in from before."""
    own = app.test_client()
    tries(own, OWNER, PASSWORD)
    for _try in range(10):
        tries(own, OWNER, WRONG)
        tries(app.test_client(), OWNER, WRONG)
    Browser(app).submit(link, {"password": NEW})

    assert tries(own, OWNER, NEW).status_code == 303
    assert tries(app.test_client(), OWNER, NEW).status_code == 303


def test_the_link_works_once_and_no_other_works_after_it(app: Flask, link: str) -> None:
    asks(app, OWNER)
    [message] = mailed()
    browser = Browser(app)
    browser.submit(link, {"password": NEW})

    for each in (link, link_in(message)):
        page = browser.get(each)
        assert page.status == 410
        assert {"/sign-in", "/password-reset"} <= set(page.links())


def test_the_form_sent_twice_changes_the_password_once(app: Flask, link: str) -> None:
    browser = Browser(app)
    token = browser.get(link).html.partition('name="csrf_token" value="')[2].partition('"')[0]
    first, second = (
        browser.post(link, {"csrf_token": token, "password": password}, follow=False)
        for password in (NEW, "and yet another password")
    )

    assert (first.status, second.status) == (303, 410)
    assert tries(app.test_client(), OWNER, NEW).status_code == 303


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (30, 410)])
def test_the_link_is_good_for_half_an_hour(app: Flask, link: str, minutes: int, status: int) -> None:
    the_clock().wait(minutes=minutes)

    assert Browser(app).get(link).status == status


def test_to_follow_the_link_changes_nothing(app: Flask, link: str) -> None:
    stays = signed_in(app, "ontime").client
    for _time in range(3):
        assert Browser(app).get(link).status == 200

    assert is_in(stays)
    assert db.session.execute(select(PasswordReset.used_at)).scalar_one() is None


def test_only_the_hash_of_the_token_is_kept(app: Flask, link: str) -> None:
    row = db.session.execute(select(PasswordReset)).scalar_one()
    mail = db.session.execute(select(Mail).where(Mail.kind == MailKind.PASSWORD_RESET)).scalar_one()
    token = link.rpartition("/")[2]

    assert row.token_hash == sign_ins.token_hash(token)
    assert token not in f"{vars(row)}{vars(mail)}"


def test_who_is_disabled_meanwhile_gets_no_new_password(app: Flask, link: str) -> None:
    db.session.execute(update(User).where(User.email == OWNER).values(disabled_at=NOW.at))
    db.session.commit()

    assert Browser(app).get(link).status == 410


def test_the_link_of_a_reset_registers_nobody(app: Flask, link: str) -> None:
    assert Browser(app).get(link.replace("/password-reset/", "/register/")).status == 404


# Whoever asks, the answer is the same.


def test_known_unknown_disabled_and_too_often_read_alike(app: Flask) -> None:
    db.session.execute(update(User).where(User.email == email_of("overlimit")).values(disabled_at=NOW.at))
    db.session.commit()
    for _time in range(3):
        asks(app, email_of("payroll"))
    emails = (OWNER, "nobody@example.test", email_of("overlimit"), email_of("payroll"), email_of("admin"))
    pages = [asks(app, email) for email in emails]

    assert {(page.status, page.response.request.path) for page in pages} == {(200, "/password-reset/sent")}
    assert len({page.text for page in pages}) == 1
    assert {each["To"] for each in mailed()} == {OWNER, email_of("payroll"), email_of("admin")}


def test_three_mails_an_hour_and_no_more(app: Flask) -> None:
    for _time in range(5):
        asks(app, OWNER)
    assert len(mailed()) == 3
    the_clock().wait(hours=1)
    asks(app, f" {OWNER.upper()} ")

    assert len(mailed()) == 1


def test_known_and_unknown_are_counted_alike(app: Flask) -> None:
    asks(app, OWNER)
    asks(app, "nobody@example.test")

    assert db.session.execute(select(func.count()).select_from(Attempt)).scalar_one() == 2


# Nonsense.


@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda text: ascii(text[:20]))
def test_nonsense_comes_back_with_the_page(app: Flask, link: str, nonsense: str) -> None:
    browser, value = Browser(app), nonsense.encode("utf-8", "surrogatepass")
    for address, field in (("/password-reset", "email"), (link, "password")):
        token = token_of(browser.client.get(address))
        answer = browser.client.post(address, data={"csrf_token": token, field: [value, value]})
        fits = field == "password" and len(nonsense) >= 15 and answer.location == "/sign-in"

        assert answer.status_code == 422 or fits


@pytest.mark.parametrize("password", ["", "fourteen chars", "passwordpassword", "x" * 1025, OWNER])
def test_a_bad_password_is_refused_and_the_link_goes_on(app: Flask, link: str, password: str) -> None:
    page = Browser(app).submit(link, {"password": password})

    assert page.status == 422
    assert Browser(app).submit(link, {"password": NEW}).response.request.path == "/sign-in"


def test_the_sign_in_page_leads_there(app: Flask) -> None:
    assert {"/password-reset", "/register"} <= set(Browser(app).get("/sign-in").links())
