"""For machines: alive, and ready."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal import config, create_app
from portal.db import db
from tests.web.test_headers import raising


def test_a_portal_with_its_database_is_alive_and_ready(app: Flask) -> None:
    client = app.test_client()
    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert (alive.status_code, alive.text) == (200, "ok\n")
    assert (ready.status_code, ready.text) == (200, "ready\n")
    assert alive.mimetype == ready.mimetype == "text/plain"
    assert "Set-Cookie" not in alive.headers
    assert "Set-Cookie" not in ready.headers


def test_without_its_database_it_is_alive_but_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.session, "execute", raising(OperationalError("select", {}, Exception("secret detail"))))
    client = app.test_client()

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert "secret" not in client.get("/readyz").text


def test_a_database_without_tables_is_not_ready(tmp_path: Path) -> None:
    client = create_app(config.load({}, {"instance": str(tmp_path)})).test_client()

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_machines_look_and_change_nothing(app: Flask) -> None:
    client = app.test_client()

    assert client.head("/readyz").status_code == 200
    assert client.post("/readyz").status_code == 405
