"""What goes wrong: a page that says so, in the right status, with nothing half done and nothing given away."""

import logging
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.test import TestResponse

from portal.queries import payments
from portal.services import sign_ins
from tests.browser import Browser
from tests.cast import PASSWORD, email_of
from tests.test_access import asking_for, inside
from tests.web.test_headers import raising
from tests.web.test_sign_in import token_of

SECRET = "canary-5550004417"
LONE_SURROGATE = b"\xed\xa0\x80"
PRIVATE = ("/account", "/account/payments", "/account/payments.csv", "/account/upcoming", "/account/periods/2022")


# Addresses.


@pytest.mark.parametrize("address", ["/nowhere", "/account/nowhere", "/account/periods/", "/Account", "/sign-in/"])
def test_an_address_that_does_not_exist_has_its_page(app: Flask, browser: Browser, address: str) -> None:
    page = browser.get(address)

    assert page.status == 404
    assert "/" in page.links()


def test_who_is_signed_in_is_led_back_to_the_account(app: Flask) -> None:
    assert "/account" in inside(app, "ontime").get("/nowhere").links()


def test_parts_of_an_address_that_cannot_be_are_no_address(app: Flask) -> None:
    """Years and references that nobody has: 404 on both databases, never a failure."""
    client = inside(app, "ontime").client
    years = [
        "1" * 30,
        "0",
        "-1",
        "9999999999",
        "202",
        "20222",
        "2022.0",
        "1e3",
        "２０２２",
        "2022%00",
        "%00",
        "nan",
        " ",
        "0x7e6",
    ]
    references = ["1" * 30, "PY-1", "'", "%00", "PY-%00", "../2022", "py-00000-00000-00000", "PY-00000-00000-0000O"]
    references += ["PY-00000-00000-00000 ", "PY-00000-00000-00000%0a", "-" * 4000, "%ed%a0%80", "%ff", "{reference}"]
    for address in [
        *(f"/account/periods/{year}" for year in years),
        *(f"/account/payments/{reference}" for reference in references),
    ]:
        assert client.get(address).status_code == 404, address


def test_an_address_of_any_bytes_is_answered(app: Flask) -> None:
    client = inside(app, "ontime").client
    for address in (
        "/%00",
        "/%ff%fe",
        "/%ed%a0%80",
        "/a%0d%0aX-Evil:%201",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/" + "x" * 4000,
    ):
        answer = client.get(address)

        assert answer.status_code == 404
        assert "X-Evil" not in answer.headers


@pytest.mark.parametrize("part", [None, "main", "history"])
def test_a_wrong_method_is_told_which_are_right(app: Flask, part: str | None) -> None:
    headers = asking_for(part) if part else {}
    answer = inside(app, "ontime").client.delete("/account/payments", headers=headers)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_inside_htmx_an_error_takes_the_place_of_the_page_not_of_a_card(app: Flask) -> None:
    answer = inside(app, "ontime").client.get("/nowhere", headers=asking_for("history"))

    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#main", "innerHTML")
    assert answer.text.lstrip().startswith("<h1")
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "[::2]", "a" * 300]
)
def test_a_forged_host_is_refused(app: Flask, host: str) -> None:
    answer = app.test_client().get("/sign-in", headers={"Host": host})

    assert answer.status_code == 400
    assert "evil.example" not in answer.text


# Bodies.


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def sent(client: FlaskClient, body: Any, content_type: str | None = None, **headers: str) -> TestResponse:
    """A body to the sign-in, with its token in a header, so that nothing but the body is wrong."""
    token = token_of(client.get("/sign-in"))
    headers = {"X-CSRFToken": token, **headers}
    return client.post("/sign-in", data=body, content_type=content_type, headers=headers)


FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"


def field(name: str, value: bytes) -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b"email=" + b"x" * 5_000_000),
        (FORM, b"a=1&" * 500_000),
        (MULTIPART, field("email", b"x" * 600_000) + b"--b--"),
        (MULTIPART, field("email", b"\r" + b"x" * 5_000_000) + b"--b--"),
        (MULTIPART, field("email", b"\n\r" * 2_000_000) + b"--b--"),
        (MULTIPART, b"".join(field(f"f{number}", b"") for number in range(1_001)) + b"--b--"),
        ("application/json", b"[" * 2_000_000),
        ("application/octet-stream", b"\0" * 2_000_000),
    ],
    ids=["5 MB field", "500,000 fields", "600 kB part", "CR part", "LF part", "1,001 parts", "deep JSON", "zeros"],
)  # fmt: skip
def test_too_much_is_refused(client: FlaskClient, content_type: str, body: bytes) -> None:
    """A forged header that says less does not help: what is not announced is not read."""
    assert sent(client, body, content_type).status_code == 413


SHAPES = [
    (FORM, b""),
    (FORM, b"&&&===&&&"),
    (FORM, b"email=a%00b&password=" + PASSWORD.encode()),
    (FORM, b"email=%ed%a0%80&password=%ff%fe"),
    (FORM, b"email=" + LONE_SURROGATE + b"&password=" + LONE_SURROGATE),
    (FORM, b"email=%F0%9F%98%80%E2%80%AE%E2%80%8B&password=x"),
    (FORM, b"email=" + b"9" * 5_000 + b"&password=sNaN"),
    (FORM, "&".join(f"f{number}=1" for number in range(1_000)).encode()),
    (FORM, b"&".join([b"email=a"] * 1_000)),
    (FORM, b"email=a@example.test&email=ontime@example.test&password=x&password=y"),
    (FORM, b"email[]=a&email.role=admin&user.role=admin&access[admin]=1&__class__=x&password[]=x"),
    (FORM, b"email=%&password=%zz%"),
    ("application/json", b'{"email": "ontime@example.test", "password": "x"}'),
    ("application/json", b"{"),
    ("application/json", b"[1]"),
    ("application/json", b'{"email": {"a": [1]}, "password": 5, "next": null}'),
    ("application/json", b'"x"'),
    ("text/plain", b"email=a&password=b"),
    ("text/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///">]><a>&b;</a>'),
    (MULTIPART, b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nontime@exam'),
    (MULTIPART, b"--c\r\n\r\n--c--"),
    (MULTIPART, b"--b"),
    (MULTIPART, field("email", b"\0\xff") + field("email", b"") + b"--b--"),
    (MULTIPART, b'--b\r\nContent-Disposition: form-data; name="email"; filename="../../x"\r\n\r\nx\r\n--b--'),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=" + "b" * 300, b"x"),
    ("x/y; charset=nonsense", b"email=a"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"email=+ADw-script+AD4-&password=x"),
    ("", b"email=a"),
    ("\u00e9", b"email=a"),
]  # fmt: skip


def test_a_body_of_any_shape_is_read_as_far_as_it_goes(client: FlaskClient) -> None:
    """It comes back as a form that is not filled in; nobody is signed in, and nothing fails."""
    for content_type, body in SHAPES:
        answer = sent(client, body, content_type)

        assert answer.status_code in (400, 413, 422), (content_type, body[:60])
        assert "Traceback" not in answer.text
    assert client.get("/account").status_code == 303


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "99999999999999999999999999"])
def test_a_length_that_is_no_length_does_no_harm(client: FlaskClient, length: str) -> None:
    token = token_of(client.get("/sign-in"))
    environ = {"CONTENT_LENGTH": length}
    answer = client.post(
        "/sign-in", data=b"email=a", content_type=FORM, headers={"X-CSRFToken": token}, environ_overrides=environ
    )

    assert answer.status_code in (400, 413, 422)


def test_a_body_where_none_belongs_is_ignored(app: Flask) -> None:
    client = inside(app, "ontime").client
    for address in PRIVATE:
        assert client.get(address, data=b"x" * 1_000, content_type=FORM).status_code == 200


QUERIES = [
    *("x", "=", "&&&", "a" * 4_000, "&".join(f"f{number}=1" for number in range(1_000)), "%00", "%ff", "%ed%a0%80"),
    *("year=" + "9" * 30, "year=%00", "year=-1", "state=%ed%a0%80", "kind=sNaN", "year=2026&year=2025"),
    *("page=%00", "page=１２", "page=1&page=2", "on=" + "9" * 30, "on=1&on=1&on=" + "9" * 30, "on=%00&on=1&on=2026"),
    *("on=1&on=1&on=" + "9" * 5_000, "on=" + "9" * 25 + "&on=1&on=2026", "on=1&on=-1&on=2026", "on=①&on=1&on=2026"),
    *("on=0&on=0&on=0", "on=1&on=1&on=0", "on=1&on=1&on=10000", "on=2&on=30&on=2026", "on=1"),
    *("page=" + "9" * 4_000, "&".join(["on=1"] * 500)),
    *("on=nan&on=inf&on=1e3", "next=" + "x" * 4_000, "next=%00", "next=%ed%a0%80", "lang=xx", "_method=DELETE"),
    *("user.role=admin", "taxpayer_id=1", "%24where=1", "..%2f..%2f", "%7b%7b7*7%7d%7d", "<script>alert(1)</script>"),
]  # fmt: skip


@pytest.mark.parametrize("address", [*PRIVATE[1:], "/sign-in"])
def test_no_query_makes_a_page_fail(app: Flask, address: str) -> None:
    client = inside(app, "ontime").client
    failed = {}
    for query in QUERIES:
        answer = client.get(f"{address}?{query}")
        if answer.status_code not in (200, 422) or "<script>alert" in answer.text:
            failed[query[:60]] = answer.status_code

    assert failed == {}


def test_no_header_makes_a_page_fail(app: Flask) -> None:
    client = inside(app, "ontime").client
    for name in (
        "HX-Target",
        "HX-Current-URL",
        "HX-Request-Type",
        "Accept-Language",
        "Referer",
        "User-Agent",
        "Cookie2",
    ):
        for value in ("", "x" * 4_000, "\u00ff", "{{ 7 * 7 }}", "http://[", "//", "%00", "en;q=nan"):
            assert client.get("/account/upcoming", headers={name: value}).status_code == 200, (name, value)


def test_where_htmx_says_it_was_does_not_lead_elsewhere(app: Flask) -> None:
    """Who is not signed in and sends a form is asked to sign in; the address of before is a wish, not a fact."""
    answer = app.test_client().head(
        "/account", headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/"}
    )

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=")


# The database.


DATABASE_ERRORS = [
    OperationalError("select", {"ssn": SECRET}, Exception("database is locked")),
    OperationalError("insert", {}, Exception("database or disk is full")),
    InterfaceError("select", {}, Exception("connection already closed")),
    DBAPIError("select", {}, Exception("away")),
    PoolTimeout("QueuePool limit of size 10 overflow 10 reached"),
]


@pytest.mark.parametrize("error", DATABASE_ERRORS, ids=["locked", "full", "closed", "away", "pool"])
@pytest.mark.parametrize("part", [None, "history"])
def test_a_database_that_is_away_is_said_to_be(
    app: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception, part: str | None
) -> None:
    browser = inside(app, "ontime")
    monkeypatch.setattr(payments, "history", raising(error))
    page = browser.get("/account/payments", part=part)

    assert page.status == 503
    assert page.response.headers["Retry-After"] == "30"
    assert SECRET not in page.html
    assert ("<html" in page.html) is (part is None)


@pytest.mark.parametrize("error", DATABASE_ERRORS, ids=["locked", "full", "closed", "away", "pool"])
def test_even_if_nobody_can_be_recognized(app: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """The page of the error itself asks nothing of the database."""
    browser = inside(app, "ontime")
    monkeypatch.setattr(sign_ins, "open_sign_in", raising(error))
    for address in ("/account", "/", "/nowhere"):
        page = browser.get(address)

        assert page.status == (404 if address == "/nowhere" else 503)


def test_nobody_is_signed_in_while_the_database_is_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(app)
    monkeypatch.setattr(sign_ins, "begin", raising(DATABASE_ERRORS[0]))
    page = browser.submit("/sign-in", {"email": email_of("ontime"), "password": PASSWORD})

    assert page.status == 503
    assert PASSWORD not in page.html


# What nobody expected.


@pytest.mark.parametrize("part", [None, "history"])
def test_a_failure_shows_a_number_to_name_and_nothing_else(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, part: str | None
) -> None:
    browser = inside(app, "ontime")
    monkeypatch.setattr(payments, "history", raising(RuntimeError(SECRET)))
    with caplog.at_level(logging.INFO, "portal"):
        page = browser.get("/account/payments", part=part)

    assert page.status == 500
    assert SECRET not in page.html
    assert "Traceback" not in page.html
    assert "RuntimeError" not in page.html
    number = re.search(r"\b[0-9a-f]{16}\b", page.text)
    assert number
    named = [record for record in caplog.records if number.group() in str(getattr(record, "fields", ""))]
    assert {record.name for record in named} == {"portal.request", "portal.error"}
    assert [record for record in named if record.exc_info and record.exc_info[0] is RuntimeError]


def test_after_a_failure_the_next_request_works(app: Flask) -> None:
    browser = inside(app, "ontime")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(payments, "history", raising(RuntimeError("broken")))
        assert browser.get("/account/payments").status == 500

    assert browser.get("/account/payments").status == 200


# The log.


def test_the_log_names_routes_never_what_was_typed(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    client = inside(app, "ontime").client
    with caplog.at_level(logging.INFO, "portal"):
        client.get(f"/account/payments?state={SECRET}")
        client.get(f"/{SECRET}")
        client.get("/account/payments/PY-00000-00000-00000")
        client.post("/sign-in", data={"email": email_of("ontime"), "password": SECRET})
    lines = [getattr(record, "fields", {}) for record in caplog.records]

    assert [line["route"] for line in lines] == [
        "/account/payments", "none", "/account/payments/<reference:reference>", "/sign-in"
    ]  # fmt: skip
    assert [line["status"] for line in lines] == [422, 404, 404, 400]
    assert SECRET not in str(lines)
    assert "PY-00000" not in str(lines)
    assert email_of("ontime") not in caplog.text


def test_a_line_of_the_log_is_one_line(app: Flask) -> None:
    from portal.web.log import JsonLine

    record = logging.LogRecord("portal.request", logging.INFO, "", 0, "a\nb\r\u2028c", None, None)
    line = JsonLine().format(record)

    assert len(line.splitlines()) == 1
