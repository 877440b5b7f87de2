"""Static files under names that carry their hash, compressed ahead of time, kept by browsers for ever."""

import gzip
import hashlib
import os
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

from portal.web.headers import ALWAYS

SHEETS = ("tokens.css", "base.css", "parts.css", "print.css")
FILES = ("app.js", "favicon.svg", "vendor/htmx-4.0.1.min.js")


def begin(app: Flask) -> None:
    from portal import beside

    built = app.extensions["office"].settings.instance / "static"
    names = build(beside("static"), built)
    app.jinja_env.globals["static"] = names.__getitem__
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=built, prefix="static/", immutable_file_test=lambda _path, _url: True,
        add_headers_function=_guard,
    )  # fmt: skip


def _guard(headers: Headers, _path: str, _url: str) -> None:
    """A file opened by itself is guarded like a page; how long it is kept is its own."""
    for name, value in ALWAYS.items():
        if name not in ("Cache-Control", "Vary"):
            headers[name] = value


def build(source: Path, built: Path) -> dict[str, str]:
    """Write each file under its hashed name, and the style sheets as one: the address of each by its plain name."""
    contents = {name: (source / name).read_bytes() for name in FILES}
    contents["site.css"] = b"".join((source / "css" / name).read_bytes() for name in SHEETS)
    return {name: f"/static/{_write(built, name, content)}" for name, content in contents.items()}


def _write(built: Path, name: str, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()[:12]
    path = Path(name)
    hashed = path.with_name(f"{path.stem}.{digest}{path.suffix}")
    for target, body in (
        (hashed, content),
        (hashed.with_name(f"{hashed.name}.gz"), gzip.compress(content, 9, mtime=0)),
    ):
        place = built / target
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            draft = place.with_name(f"{place.name}.{os.getpid()}")
            draft.write_bytes(body)
            draft.replace(place)
    return hashed.as_posix()
