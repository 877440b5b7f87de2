"""Another agency: the default policy with some lines changed, in force for one test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask

from portal import policies

DEFAULT = Path(policies.__file__).parent / "us-irs.toml"
Agency = Callable[..., None]


@contextmanager
def agency(app: Flask, folder: Path) -> Iterator[Agency]:
    """`changed({"old line": "new line"})` puts another policy file in force; afterwards the former one is again."""
    before = app.extensions["office"]

    def changed(lines: dict[str, str]) -> None:
        text = DEFAULT.read_text(encoding="utf-8")
        for old, new in lines.items():
            assert old in text, old
            text = text.replace(old, new)
        (folder / "agency.toml").write_text(text, encoding="utf-8")
        (folder / "rates.csv").write_bytes((DEFAULT.parent / "rates.csv").read_bytes())
        app.extensions["office"] = replace(before, policy=policies.load(folder / "agency.toml"))

    yield changed
    app.extensions["office"] = before
