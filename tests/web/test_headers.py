"""Headers: on every answer, whatever it is."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from portal import config, create_app
from portal.queries import payments
from portal.web import machines
from portal.web.headers import ALWAYS
from tests.cast import PASSWORD, email_of
from tests.test_access import asking_for, inside
from tests.web.test_sign_in import token_of, tries

POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "font-src": "'self'",
    "connect-src": "'self'", "form-action": "'self'", "base-uri": "'none'", "object-src": "'none'",
    "frame-ancestors": "'none'",
}  # fmt: skip


def every_kind(app: Flask) -> list[tuple[int, TestResponse]]:
    """One answer of each kind, with the status that it has."""
    client, stranger = inside(app, "ontime").client, app.test_client()
    token = token_of(client.get("/account"))
    return [
        (200, client.get("/account")),
        (200, client.get("/account/payments", headers=asking_for("history"))),
        (200, client.get("/account/payments.csv")),
        (200, client.head("/account")),
        (200, client.options("/account")),
        (200, stranger.get("/")),
        (200, stranger.get("/sign-in")),
        (200, stranger.get("/healthz")),
        (303, stranger.get("/account")),
        (401, stranger.get("/account", headers=asking_for("main"))),
        (308, stranger.get("/account//payments")),
        (400, stranger.post("/sign-in")),
        (400, stranger.get("/", headers={"Host": "evil.example"})),
        (404, client.get("/nowhere")),
        (404, client.get("/nowhere", headers=asking_for("main"))),
        (405, client.delete("/account")),
        (413, client.post("/sign-out", data=b"x" * 100_000)),
        (422, client.get("/account/payments?state=nonsense")),
        (422, client.get("/account/payments?state=nonsense", headers=asking_for("history"))),
        (429, too_busy(stranger)),
        (500, broken(client, ValueError("broken"))),
        (503, broken(client, OperationalError("select", {}, Exception("away")))),
        (303, client.post("/sign-out", data={"csrf_token": token})),
    ]


def too_busy(client: FlaskClient) -> TestResponse:
    from portal.services import passwords

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "match", raising(passwords.TooBusy()))
        return tries(client, "a@example.test", PASSWORD)


def broken(client: FlaskClient, error: Exception) -> TestResponse:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(payments, "history", raising(error))
        return client.get("/account/payments")


def raising(error: Exception) -> object:
    def fail(*_arguments: object, **_options: object) -> None:
        raise error

    return fail


def test_every_kind_of_answer_carries_the_headers(app: Flask) -> None:
    for status, answer in every_kind(app):
        kind = f"{answer.request.method} {answer.request.path} {answer.status}"
        assert answer.status_code == status, kind
        for name, value in ALWAYS.items():
            if name != "Vary":
                assert answer.headers.getlist(name) == [value], f"{name} of {kind}"
        assert answer.headers["Cache-Control"] == "no-store"
        varies = {part.strip() for line in answer.headers.getlist("Vary") for part in line.split(",")}
        assert varies >= {"Cookie", "Accept-Language", "HX-Request-Type", "HX-Target"}, kind
        assert "Strict-Transport-Security" not in answer.headers, "there is no https here"
        assert ("Clear-Site-Data" in answer.headers) == (answer.request.path == "/sign-out"), kind


def test_the_policy_lets_nothing_in_from_elsewhere(app: Flask) -> None:
    policy = app.test_client().get("/").headers["Content-Security-Policy"]

    assert dict(each.split(" ", 1) for each in policy.split("; ")) == POLICY


def test_a_redirect_stays_on_this_host_whatever_the_headers_claim(app: Flask) -> None:
    """Nobody stands in front, so nobody is believed about where the request came from."""
    claims = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.1"}
    for claim in (claims, {"Forwarded": "host=evil.example"}, {"X-Original-URL": "/account"}, {"X-Host": "evil"}):
        answer = app.test_client().get("/account", headers=claim)

        assert answer.location == "/sign-in?next=/account"
        assert app.test_client().get("/", headers=claim).status_code == 200


def test_the_cookie_is_for_this_site_alone(app: Flask) -> None:
    client = app.test_client()
    answer = tries(client, email_of("ontime"), PASSWORD)
    given = {each.split("=")[0]: each for each in answer.headers.getlist("Set-Cookie")}

    assert set(given) == {"portal", "device"}
    for cookie in given.values():
        parts = {part.strip().lower() for part in cookie.split(";")}
        assert {"httponly", "samesite=lax"} <= parts
        assert not any(part.startswith("domain=") for part in parts)
        assert "secure" not in parts, "without https a Secure cookie would never come back"
    assert "path=/" in given["portal"].lower()
    assert "expires" not in given["portal"].lower(), "it ends with the browser"
    assert "path=/sign-in" in given["device"].lower()


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The portal at an https address; its public pages need no database."""
    folder = str(tmp_path_factory.mktemp("secure"))
    return create_app(config.load({}, {"instance": folder, "address": "https://plans.example.gov"}))


def test_over_https_the_cookie_is_bound_to_the_host(secure: Flask) -> None:
    answer = secure.test_client().get("/sign-in", base_url="https://plans.example.gov")
    parts = {part.strip().lower() for part in answer.headers["Set-Cookie"].split(";")}

    assert answer.headers["Set-Cookie"].startswith("__Host-portal=")
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain=") for part in parts)


@pytest.mark.parametrize("address", ["/", "/healthz", "/nowhere", "/account"])
def test_over_https_browsers_are_told_to_stay_with_it(secure: Flask, address: str) -> None:
    answer = secure.test_client().get(address, base_url="https://plans.example.gov")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("host", ["evil.example", "plans.example.gov.evil.example", "evil.example:8000", "a b", "@"])
def test_only_the_portals_own_hosts_are_answered(secure: Flask, host: str) -> None:
    answer = secure.test_client().get("/", headers={"Host": host})

    assert answer.status_code == 400
    assert "evil.example" not in answer.text


def test_a_proxy_is_believed_only_where_the_settings_name_one(tmp_path: Path) -> None:
    settings = {"instance": str(tmp_path), "address": "https://plans.example.gov", "trusted_proxies": "1"}
    client = create_app(config.load({}, settings)).test_client()
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "plans.example.gov"}

    assert client.get("/", headers=forwarded).status_code == 200
    assert client.get("/", headers={**forwarded, "X-Forwarded-Host": "evil.example"}).status_code == 400


def test_machines_learn_nothing_but_the_state(app: Flask) -> None:
    assert machines.bp.name == "machines"
    assert "Server" not in app.test_client().get("/healthz").headers
