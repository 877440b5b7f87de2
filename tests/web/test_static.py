"""Static files: under names that carry their hash, compressed, kept for ever, and nothing else from that folder."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask

from portal import config, create_app
from portal.web.headers import ALWAYS
from portal.web.static import FILES, SHEETS, build
from tests.browser import Browser

SOURCE = Path(__file__).parent.parent.parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NAMES = ("site.css", *FILES)


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application; files ask nothing of its database."""
    return create_app(config.load({}, {"instance": str(tmp_path_factory.mktemp("static"))}))


def address(app: Flask, name: str) -> str:
    return str(app.jinja_env.globals["static"](name))


def content(name: str) -> bytes:
    if name == "site.css":
        return b"".join((SOURCE / "css" / sheet).read_bytes() for sheet in SHEETS)
    return (SOURCE / name).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_served_as_it_is_under_its_hash(static: Flask, name: str) -> None:
    where = address(static, name)
    answer = static.test_client().get(where)

    assert answer.status_code == 200
    assert answer.data == content(name)
    assert hashlib.sha256(answer.data).hexdigest()[:12] in where
    assert answer.mimetype == KINDS[Path(name).suffix]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_kept_for_ever_and_sent_small(static: Flask, name: str) -> None:
    client, where = static.test_client(), address(static, name)
    plain, packed = (client.get(where, headers={"Accept-Encoding": each}) for each in ("", "gzip, br"))

    assert "immutable" in plain.headers["Cache-Control"]
    assert int(re.findall(r"max-age=(\d+)", plain.headers["Cache-Control"])[0]) >= 31_536_000
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data)


def test_a_file_is_guarded_like_a_page_and_sets_no_cookie(static: Flask) -> None:
    """A picture opened by itself is a document too."""
    for name in NAMES:
        answer = static.test_client().get(address(static, name))

        assert "Set-Cookie" not in answer.headers
        for header, value in ALWAYS.items():
            if header not in ("Cache-Control", "Vary"):
                assert answer.headers.get(header) == value, header


def test_a_page_asks_for_files_that_are_there_and_for_nothing_elsewhere(app: Flask, browser: Browser) -> None:
    page = browser.get("/")
    assert page.tree is not None
    asked = {str(each.get("src")) for tag in ("script", "img") for each in page.tree.iter(tag)}
    asked |= {str(each.get("href")) for each in page.tree.iter("link")}

    assert len(asked) == 4
    assert all(each.startswith("/static/") and browser.client.get(each).status_code == 200 for each in asked)


def test_the_icon_is_named_in_every_page(app: Flask, browser: Browser) -> None:
    assert f'<link rel="icon" href="{address(app, "favicon.svg")}" type="image/svg+xml">' in browser.get("/").html


@pytest.mark.parametrize(
    "wanted",
    [
        *("/static/", "/static", "/static/app.js", "/static/css/base.css", "/static/vendor/LICENSE-htmx", "/app.js"),
        *("/static/../secret_key", "/static/%2e%2e/secret_key", "/static/..%2fkeyring.json", "/static//etc/passwd"),
        *("/static/vendor/", "/static/app.000000000000.js", "/static/%00", "/static/..\\keyring.json"),
    ],
)
def test_nothing_else_is_served(static: Flask, wanted: str) -> None:
    assert static.test_client().get(wanted).status_code == 404


def test_only_looking_is_possible(static: Flask) -> None:
    assert static.test_client().post(address(static, "app.js")).status_code in (404, 405)


def test_a_name_changes_with_its_content_and_the_old_one_stays(tmp_path: Path) -> None:
    """So a page that is open while the portal is upgraded still finds its files."""
    source, built = tmp_path / "source", tmp_path / "built"
    for name in (*FILES, *(f"css/{sheet}" for sheet in SHEETS)):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    before = build(source, built)
    (source / "app.js").write_text("changed")
    after = build(source, built)

    assert {name for name in before if before[name] != after[name]} == {"app.js"}
    assert {path.suffix for path in built.rglob("app.*")} == {".js", ".gz"}
    assert len(list(built.rglob("app.*.js"))) == 2


def test_building_twice_is_the_same(tmp_path: Path) -> None:
    assert build(SOURCE, tmp_path) == build(SOURCE, tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix.lstrip(".").isdigit()]


def test_the_sheets_load_nothing_from_elsewhere() -> None:
    for sheet in SHEETS:
        text = (SOURCE / "css" / sheet).read_text(encoding="utf-8")

        assert not re.search(r"@import|url\((?!['\"]?data:|['\"]?#)|https?:", text), sheet
