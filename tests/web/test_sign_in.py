"""Signing in and out: who gets in, who is slowed down, and when a stay ends."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from argon2 import Type
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from portal.db import db
from portal.models import SignIn, User
from portal.office import office
from portal.services import passwords, sign_ins
from tests.browser import Browser
from tests.cast import PASSWORD, code_of, email_of, signed_in, taxpayer, user
from tests.stopped_clock import NOW, StoppedClock

WRONG = "a wrong password it is"
OWNER, NOBODY = email_of("ontime"), email_of("nobody")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords compared without the slow hash, where many are tried."""
    monkeypatch.setattr(passwords, "match", lambda _hashed, password: password == PASSWORD)


def the_clock() -> StoppedClock:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    return clock


def token_of(response: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', response.text)
    assert found
    return found.group(1)


def tries(client: FlaskClient, email: str, password: str, **more: str) -> TestResponse:
    """Fill in the form and send it."""
    token = token_of(client.get("/sign-in"))
    return client.post("/sign-in", data={"csrf_token": token, "email": email, "password": password, **more})


def is_in(client: FlaskClient) -> bool:
    return client.get("/account/upcoming").status_code == 200


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("portal")
    return found.value if found else ""


def with_cookie(app: Flask, value: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie("portal", value)
    return client


def sign_in_rows() -> int:
    return db.session.execute(select(func.count()).select_from(SignIn).where(SignIn.ended_at.is_(None))).scalar_one()


# Getting in.


def test_a_taxpayer_comes_to_the_account(app: Flask, browser: Browser) -> None:
    page = browser.submit("/sign-in", {"email": OWNER, "password": PASSWORD})

    assert page.response.request.path == "/account"
    assert taxpayer("ontime").name in page.text


@pytest.mark.parametrize(("role", "place"), [("agent", "/agent"), ("supervisor", "/agent"), ("admin", "/admin")])
def test_the_staff_comes_to_its_desk(app: Flask, role: str, place: str) -> None:
    client = app.test_client()
    assert tries(client, email_of(role), PASSWORD).location == "/sign-in/code"
    answer = client.post(
        "/sign-in/code", data={"csrf_token": token_of(client.get("/sign-in/code")), "code": code_of(role)}
    )

    assert (answer.status_code, answer.location) == (303, place)


def test_the_address_is_taken_in_any_case_and_with_spaces_around_it(app: Flask) -> None:
    assert tries(app.test_client(), f"  {OWNER.upper()} ", PASSWORD).status_code == 303


@pytest.mark.parametrize(
    "password", [f"{PASSWORD} ", f" {PASSWORD}", PASSWORD.upper(), PASSWORD[:-1], f"{PASSWORD}\0"]
)
def test_the_password_is_taken_exactly_as_typed(app: Flask, password: str) -> None:
    assert tries(app.test_client(), OWNER, password).status_code == 422


def test_who_was_on_the_way_somewhere_gets_there(app: Flask) -> None:
    client = app.test_client()
    asked = client.get("/account/payments")
    form = client.get(asked.location)

    answer = client.post(
        "/sign-in",
        data={"csrf_token": token_of(form), "email": OWNER, "password": PASSWORD, "next": "/account/payments"},
    )

    assert asked.location == "/sign-in?next=/account/payments"
    assert 'name="next"' in form.text
    assert answer.location == "/account/payments"


def test_an_empty_form_says_what_is_missing(app: Flask, browser: Browser) -> None:
    page = browser.submit("/sign-in", {"email": "", "password": ""})

    assert page.status == 422
    assert "email" in page.one("email-error")
    assert "password" in page.one("password-error")


def test_what_was_typed_stays_but_never_the_password(app: Flask, browser: Browser) -> None:
    page = browser.submit("/sign-in", {"email": OWNER, "password": WRONG, "next": "/account/payments"})

    assert page.status == 422
    assert f'value="{OWNER}"' in page.html
    assert 'value="/account/payments"' in page.html
    assert WRONG not in page.html


@pytest.mark.parametrize("email", ["a\nb@example.test", "a\0b@example.test", "\ud800@example.test", "x" * 255, "'--"])
def test_an_address_that_nobody_has_is_refused(app: Flask, email: str) -> None:
    client = app.test_client()
    body = {"csrf_token": token_of(client.get("/sign-in")), "password": PASSWORD}
    raw = email.encode("utf-8", "surrogatepass")

    assert client.post("/sign-in", data={**body, "email": raw}).status_code == 422


# Whatever is wrong, the answer is the same.


def test_unknown_wrong_disabled_and_throttled_read_alike(app: Flask, quick: None) -> None:
    """The same status, the same words, the same length: only what was typed differs."""
    db.session.execute(update(User).where(User.email == email_of("overlimit")).values(disabled_at=NOW.at))
    db.session.commit()
    for _try in range(11):
        tries(app.test_client(), email_of("payroll"), WRONG)

    answers = {
        "unknown": (NOBODY, PASSWORD),
        "wrong": (OWNER, WRONG),
        "disabled": (email_of("overlimit"), PASSWORD),
        "throttled": (email_of("payroll"), PASSWORD),
        "unknown and throttled": (NOBODY, WRONG),
        "too long": (OWNER, PASSWORD + "x" * 1024),
    }
    told = {told_apart(tries(app.test_client(), email, password), email) for email, password in answers.values()}

    assert len(told) == 1
    assert told.pop()[0] == 422


def told_apart(answer: TestResponse, email: str) -> tuple[int, str, tuple[str, ...]]:
    body = answer.text.replace(token_of(answer), "").replace(f'value="{email}"', "")
    names = tuple(name for name, _value in answer.headers if name not in ("Content-Length", "Set-Cookie"))
    return answer.status_code, body, names


@pytest.mark.parametrize("email", [OWNER, NOBODY], ids=["known", "unknown"])
def test_every_try_costs_one_slow_hash(app: Flask, monkeypatch: pytest.MonkeyPatch, email: str) -> None:
    """So the time that an answer takes says nothing about whether somebody is known here."""
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "nobodys_hash", lambda: user("agent").password_hash)
    monkeypatch.setattr(passwords, "HASHER", Counting(hashed))
    tries(app.test_client(), email, WRONG)

    assert len(hashed) == 1
    assert hashed[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


class Counting:
    """A hasher that only notes what it was to check."""

    def __init__(self, hashed: list[str], passwords: list[str] | None = None) -> None:
        self.hashed, self.passwords = hashed, passwords if passwords is not None else []

    def verify(self, hashed: str, password: str) -> bool:
        self.hashed.append(hashed)
        self.passwords.append(password)
        return False


def test_a_password_over_1024_bytes_never_reaches_the_hash(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    monkeypatch.setattr(passwords, "HASHER", Counting([], tried))
    for password in ("x" * 1024, "x" * 1025, "ü" * 513):
        assert tries(app.test_client(), OWNER, password).status_code == 422

    assert tried == ["x" * 1024, "", ""]


def test_passwords_are_kept_as_argon2id_hashes(app: Flask) -> None:
    """OWASP's profile: 19 MiB, two passes, one lane."""
    hasher = passwords.HASHER

    assert (hasher.memory_cost, hasher.time_cost, hasher.parallelism, hasher.type) == (19 * 1024, 2, 1, Type.ID)
    assert {each[:30] for each in db.session.execute(select(User.password_hash)).scalars()} == {
        "$argon2id$v=19$m=19456,t=2,p=1$"[:30]
    }


def test_too_many_at_once_are_asked_to_wait(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def acquire(self, timeout: float) -> bool:
            return False

    monkeypatch.setattr(passwords, "AT_ONCE", Full())

    assert tries(app.test_client(), OWNER, PASSWORD).status_code == 429


# Guessing is slowed down.


def test_four_wrong_tries_cost_nothing(app: Flask, quick: None) -> None:
    for _try in range(4):
        assert tries(app.test_client(), OWNER, WRONG).status_code == 422

    assert tries(app.test_client(), OWNER, PASSWORD).status_code == 303


def test_from_the_fifth_on_each_try_waits_twice_as_long(app: Flask, quick: None) -> None:
    for _try in range(5):
        tries(app.test_client(), OWNER, WRONG)

    assert tries(app.test_client(), OWNER, PASSWORD).status_code == 422, "it comes within the second"
    the_clock().wait(seconds=1)
    assert tries(app.test_client(), OWNER, WRONG).status_code == 422, "the sixth that counts"
    the_clock().wait(seconds=1.5)
    assert tries(app.test_client(), OWNER, PASSWORD).status_code == 422, "it comes within two seconds"
    the_clock().wait(seconds=0.5)
    assert tries(app.test_client(), OWNER, PASSWORD).status_code == 303


@pytest.mark.parametrize(("minutes", "status"), [(14, 422), (15, 303)])
def test_ten_wrong_tries_lock_for_fifteen_minutes(app: Flask, quick: None, minutes: int, status: int) -> None:
    for _try in range(10):
        the_clock().wait(minutes=1)
        tries(app.test_client(), OWNER, WRONG)
    the_clock().wait(minutes=minutes)

    assert tries(app.test_client(), OWNER, PASSWORD).status_code == status


def test_tries_during_a_lock_do_not_make_it_longer(app: Flask, quick: None) -> None:
    for _try in range(10):
        the_clock().wait(minutes=1)
        tries(app.test_client(), OWNER, WRONG)
    for _try in range(15):
        the_clock().wait(minutes=1)
        assert _try == 14 or tries(app.test_client(), OWNER, WRONG).status_code == 422

    assert tries(app.test_client(), OWNER, PASSWORD).status_code == 303


def test_signing_in_wipes_the_slate(app: Flask, quick: None) -> None:
    for _round in range(3):
        for _try in range(4):
            tries(app.test_client(), OWNER, WRONG)
        assert tries(app.test_client(), OWNER, PASSWORD).status_code == 303


def test_a_stranger_cannot_lock_the_owner_out(app: Flask, quick: None) -> None:
    """A browser that the owner signed in from before has its own count."""
    own = app.test_client()
    tries(own, OWNER, PASSWORD)
    stays = signed_in(app, "ontime").client
    for _try in range(12):
        tries(app.test_client(), OWNER, WRONG)

    assert tries(app.test_client(), OWNER, PASSWORD).status_code == 422, "a strange browser has to wait"
    assert tries(own, OWNER, PASSWORD).status_code == 303
    assert is_in(stays), "and who is in stays in"


def test_a_known_browser_is_slowed_down_as_well(app: Flask, quick: None) -> None:
    own = app.test_client()
    tries(own, OWNER, PASSWORD)
    for _try in range(10):
        tries(own, OWNER, WRONG)

    assert tries(own, OWNER, PASSWORD).status_code == 422


@pytest.mark.parametrize("device", ["", "anything", "WyJvbnRpbWUiXQ.forged", "another person's"])
def test_a_browser_is_known_only_for_who_signed_in_from_it(app: Flask, quick: None, device: str) -> None:
    client = app.test_client()
    if device == "another person's":
        tries(client, email_of("stranger"), PASSWORD)
    else:
        client.set_cookie("device", device, path="/sign-in")
    for _try in range(10):
        tries(app.test_client(), OWNER, WRONG)

    assert tries(client, OWNER, PASSWORD).status_code == 422


# Where one is sent afterwards: never to another site.

HOSTILE = [
    *("//evil.example", "///evil.example", "////evil.example", "/////evil.example/account", "https://evil.example"),
    *("http://evil.example/account", "HTTPS://evil.example", "https:evil.example", "https:/evil.example"),
    *(
        "/\\evil.example",
        "\\/evil.example",
        "\\\\evil.example",
        "\\\\\\evil.example",
        "/\\/evil.example",
        "/\\\\evil",
    ),
    *("javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "mailto:a@evil.example"),
    *("/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " //evil.example", "/ /evil"),
    *("/account\r\nLocation: https://evil.example", "/account\0", "/account\x7f", "/\u2028/evil.example"),
    *("/@evil.example", "@evil.example", "evil.example", ".evil.example", "/.evil.example", "/%2f%2fevil.example"),
    *(
        "/%5cevil.example",
        "/%09/evil.example",
        "//evil.example/account?next=/account",
        "/account/../..//evil.example",
    ),
    *("///account", "//account", "http:///account", "/sign-out", "/demo/clock", "/static/../account", "/nowhere"),
    *(
        "?next=//evil.example",
        "#//evil.example",
        "//evil.example:443/account",
        "//user@evil.example",
        "/\ud83d\ude00",
    ),
]


def test_no_address_leads_to_another_site(app: Flask, quick: None) -> None:
    assert len(HOSTILE) > 40
    elsewhere = {}
    for wanted in HOSTILE:
        client = app.test_client()
        token = token_of(client.get("/sign-in"))
        answer = client.post(
            "/sign-in",
            data={
                "csrf_token": token, "email": OWNER, "password": PASSWORD,
                "next": wanted.encode("utf-8", "surrogatepass"),
            },
        )  # fmt: skip
        if (answer.status_code, answer.location) != (303, "/account"):
            elsewhere[wanted] = (answer.status_code, answer.location)

    assert elsewhere == {}


def test_the_address_of_the_form_carries_nothing_away(app: Flask) -> None:
    """What is asked for in the address of the form stands in its hidden field, and the form goes to this site."""
    answer = app.test_client().get("/sign-in", query_string={"next": '"><script src=//evil.example>'})

    assert "<script src=//evil" not in answer.text
    assert 'action="/sign-in"' in answer.text


@pytest.mark.parametrize("wanted", ["/account", "/account/payments?year=2026", "/account/periods/2024", "/help", "/"])
def test_pages_of_this_portal_are_gone_to(app: Flask, quick: None, wanted: str) -> None:
    assert tries(app.test_client(), OWNER, PASSWORD, next=wanted).location == wanted


# Tokens.


def test_no_form_is_taken_without_its_token(app: Flask) -> None:
    client, before = app.test_client(), sign_in_rows()
    foreign = token_of(app.test_client().get("/sign-in"))
    client.get("/sign-in")
    for token in ({}, {"csrf_token": ""}, {"csrf_token": foreign}, {"csrf_token": "x" * 200}):
        answer = client.post("/sign-in", data={**token, "email": OWNER, "password": PASSWORD})

        assert answer.status_code == 400
        assert not is_in(client)
    assert sign_in_rows() == before


def test_the_token_may_come_as_a_header(app: Flask) -> None:
    """As htmx sends it."""
    client = app.test_client()
    token = token_of(client.get("/sign-in"))

    answer = client.post("/sign-in", data={"email": OWNER, "password": PASSWORD}, headers={"X-CSRFToken": token})

    assert answer.status_code == 303


def test_tokens_and_cookies_are_new_after_signing_in(app: Flask) -> None:
    client = app.test_client()
    before = token_of(client.get("/sign-in")), cookie(client)
    tries(client, OWNER, PASSWORD)
    after = token_of(client.get("/account")), cookie(client)

    assert client.post("/sign-out", data={"csrf_token": before[0]}).status_code == 400
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_a_cookie_that_was_planted_is_not_adopted(app: Flask) -> None:
    """Session fixation: whoever planted it is not signed in with the victim."""
    planter, victim = app.test_client(), app.test_client()
    planter.get("/sign-in")
    victim.set_cookie("portal", cookie(planter))
    tries(victim, OWNER, PASSWORD)

    assert is_in(victim)
    assert not is_in(planter)


def test_a_planted_sign_in_gives_way_to_ones_own(app: Flask) -> None:
    planter = signed_in(app, "stranger").client
    victim = with_cookie(app, cookie(planter))
    tries(victim, OWNER, PASSWORD)

    assert taxpayer("ontime").reference in victim.get("/account").text
    assert not is_in(planter), "the sign-in that was there before has ended"


def test_signing_in_again_ends_the_stay_before(app: Flask, quick: None) -> None:
    client = signed_in(app, "ontime").client
    before, rows = cookie(client), sign_in_rows()
    tries(client, OWNER, PASSWORD)

    assert sign_in_rows() == rows
    assert is_in(client)
    assert not is_in(with_cookie(app, before))


def test_two_tabs_of_one_browser(app: Flask, quick: None) -> None:
    """The form of the second tab is out of date once the first has signed in; nobody is signed out by it."""
    client = app.test_client()
    first, second = token_of(client.get("/sign-in")), token_of(client.get("/sign-in"))
    fields = {"email": OWNER, "password": PASSWORD}

    assert client.post("/sign-in", data={"csrf_token": first, **fields}).status_code == 303
    assert client.post("/sign-in", data={"csrf_token": second, **fields}).status_code == 400
    assert is_in(client)


@pytest.mark.parametrize("claim", ["number", "hash", "reference", "other"])
def test_nothing_but_the_token_opens_a_stay(app: Flask, claim: str) -> None:
    """Neither a key of a row, nor what is kept of a token: even in a cookie that the portal itself has signed."""
    signed_in(app, "ontime")
    claims = {
        "number": str(db.session.execute(select(func.max(SignIn.id))).scalar_one()),
        "hash": db.session.execute(select(SignIn.token_hash).order_by(SignIn.id.desc()).limit(1)).scalar_one(),
        "reference": taxpayer("ontime").reference,
        "other": "",
    }
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = claims[claim]
        session["_fresh"] = True

    assert not is_in(client)


@pytest.mark.parametrize("value", ["", "x", "..", "eyJfdXNlcl9pZCI6IjEifQ.aaaa.bbbb", "\u00e9" * 50, "0" * 4000])
def test_a_cookie_that_the_portal_never_gave_is_nobodys(app: Flask, value: str) -> None:
    assert with_cookie(app, value).get("/account").status_code == 303


def test_a_nameless_cookie_is_no_cookie(app: Flask) -> None:
    """`=portal=...` once was read as a cookie named portal."""
    good = cookie(signed_in(app, "ontime").client)
    client = app.test_client(use_cookies=False)

    assert client.get("/account", headers={"Cookie": f"=portal={good}"}).status_code == 303
    assert client.get("/account", headers={"Cookie": f"portal={good}"}).status_code == 200


def test_no_other_cookie_keeps_anybody_in(app: Flask) -> None:
    client = signed_in(app, "ontime").client
    device = client.get_cookie("device", path="/sign-in")

    assert client.get_cookie("remember_token") is None
    assert device is not None
    client.delete_cookie("portal")
    assert not is_in(client)


# The end of a stay.


def test_signing_out_ends_the_stay_for_good(app: Flask) -> None:
    client = signed_in(app, "ontime").client
    old = cookie(client)
    answer = client.post("/sign-out", data={"csrf_token": token_of(client.get("/account"))})

    assert (answer.status_code, answer.location) == (303, "/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_in(client)
    assert not is_in(with_cookie(app, old)), "and the cookie of before is worth nothing"


def test_nobody_is_signed_out_by_a_link_or_another_site(app: Flask) -> None:
    client = signed_in(app, "ontime").client

    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400
    assert is_in(client)


def test_signing_out_twice_does_no_harm(app: Flask) -> None:
    client = signed_in(app, "ontime").client
    token = token_of(client.get("/account"))

    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 400


def test_one_browser_signs_out_and_the_other_stays(app: Flask, quick: None) -> None:
    here, there = signed_in(app, "ontime").client, signed_in(app, "ontime").client
    here.post("/sign-out", data={"csrf_token": token_of(here.get("/account/upcoming"))})

    assert not is_in(here)
    assert is_in(there)


def test_who_is_idle_for_fifteen_minutes_is_out(app: Flask) -> None:
    client = signed_in(app, "ontime").client
    the_clock().wait(minutes=14)
    assert is_in(client)
    the_clock().wait(minutes=14, seconds=59)
    assert is_in(client)
    the_clock().wait(minutes=15)

    assert not is_in(client)


@pytest.mark.parametrize(("role", "hours"), [("ontime", 12), ("agent", 10)])
def test_a_stay_ends_whatever_happens(app: Flask, role: str, hours: int) -> None:
    """Twelve hours for taxpayers, ten for the staff, however busy they are."""
    client = signed_in(app, role).client
    began = the_clock().now().at
    while the_clock().now().at - began < timedelta(hours=hours) - timedelta(minutes=14):
        the_clock().wait(minutes=14)
        assert "/sign-out" in client.get("/help").text
    the_clock().wait(minutes=14)

    assert "/sign-out" not in client.get("/help").text


@pytest.mark.parametrize("hours", [0.5, 13, 24 * 400])
def test_a_clock_set_back_revives_nothing(app: Flask, hours: float) -> None:
    client = signed_in(app, "ontime").client
    the_clock().wait(hours=hours)
    assert not is_in(client)
    the_clock().wait(hours=-hours)

    assert not is_in(client)


def test_who_is_disabled_is_out_at_once_and_stays_out(app: Flask, quick: None) -> None:
    client = signed_in(app, "ontime").client
    disable(True)
    assert not is_in(client)
    assert tries(app.test_client(), OWNER, PASSWORD).status_code == 422
    disable(False)

    assert not is_in(client), "what has ended stays ended"
    assert tries(app.test_client(), OWNER, PASSWORD).status_code == 303


def disable(yes: bool) -> None:
    db.session.execute(update(User).where(User.email == OWNER).values(disabled_at=NOW.at if yes else None))
    db.session.commit()


def test_a_request_on_its_way_cannot_bring_a_stay_back(app: Flask) -> None:
    """A look that was under way when the stay ended must not write it open again."""
    token, *_user = sign_ins.begin(OWNER, PASSWORD, device="", when=NOW)
    who = sign_ins.find(token, when=NOW)
    assert who is not None
    sign_ins.end(who, when=NOW)
    the_clock().wait(minutes=2)

    assert sign_ins.find(token, when=the_clock().now()) is None


def test_a_look_keeps_the_stay_open_and_is_written_once_a_minute(app: Flask) -> None:
    token, *_user = sign_ins.begin(OWNER, PASSWORD, device="", when=NOW)
    seen = []
    for seconds in (30, 31, 30, 31):
        the_clock().wait(seconds=seconds)
        sign_ins.find(token, when=the_clock().now())
        rows = select(SignIn.seen_at).where(SignIn.token_hash == sign_ins.token_hash(token))
        seen.append((db.session.execute(rows).scalar_one() - NOW.at).total_seconds())

    assert seen == [0, 61, 61, 122]


def test_only_the_hash_of_a_token_is_kept(app: Flask) -> None:
    token, *_user = sign_ins.begin(OWNER, PASSWORD, device="", when=NOW)
    kept = db.session.execute(select(SignIn.token_hash).order_by(SignIn.id.desc()).limit(1)).scalar_one()

    assert len(token) >= 43, "256 random bits"
    assert token not in kept
    assert kept == sign_ins.token_hash(token)


def test_the_sign_in_page_leads_nowhere_but_here(app: Flask, browser: Browser) -> None:
    page = browser.get("/sign-in")

    assert page.status == 200
    assert {urlsplit(link).netloc for link in page.links()} == {""}
