"""The partials by which an agreement is changed in place, against a one-line Flask page.

All under the same gunicorn worker (1 process, 4 threads), 16 connections, runs alternating; server on one core, load
on the other.
Run: .venv/bin/python -m bench.partials [--seconds 2] [--rounds 3] [--json]
"""

import argparse
import gzip
import json
import tempfile
from pathlib import Path

from bench.dashboard import fetch, served, sign_in
from bench.load import Load, load, median

ONE_LINE = "one-line Flask page"
PARTIALS = {
    "terms": "/agreement",
    "amount": "/agreement/amount",
    "amount, simulated": "/agreement/amount?monthly=400.00",
    "day, simulated": "/agreement/day?due_day=20",
    "slide, simulated": "/agreement/slide?days=5",
    "withdrawal": "/agreement/withdrawal",
}
ASKING = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#terms"}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=2)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    places = {ONE_LINE: "/one-line", **PARTIALS}
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as port:
        cookie = sign_in(port, "ontime@example.test")
        runs: dict[str, list[Load]] = {name: [] for name in places}
        for _round in range(chosen.rounds):
            for name, path in places.items():
                runs[name].append(load(port, path, seconds=chosen.seconds, cookie=cookie, headers=ASKING))
        bytes_of = {name: weigh(port, path, cookie) for name, path in PARTIALS.items()}
    found = {name: median(each) for name, each in runs.items()}
    line = found.pop(ONE_LINE).requests_per_second
    figures = {
        name: {
            "rps": round(each.requests_per_second), "ratio": round(each.requests_per_second / line, 3),
            "gz_bytes": bytes_of[name], "failures": each.failures,
        }
        for name, each in found.items()
    }  # fmt: skip
    print(json.dumps({"one_line_rps": round(line), **figures}) if chosen.json else table(line, figures))


def table(line: float, figures: dict[str, dict[str, float]]) -> str:
    """The figures with their goals."""
    rows = [f"{ONE_LINE:20} {line:>6.0f} rps", f"{'':20} {'rps':>6} {'ratio':>7} {'bytes':>6} {'failures':>9}"]
    rows += [
        f"{name:20} {each['rps']:>6} {each['ratio']:>7} {each['gz_bytes']:>6} {each['failures']:>9}"
        for name, each in figures.items()
    ]
    return "\n".join([*rows, f"{'goals':20} {'':>6} {'>= 0.30':>7} {'<= 2048':>6} {'0':>6}"])


def weigh(port: int, path: str, cookie: str) -> int:
    """Bytes of a partial, compressed as on the wire."""
    response, body = fetch(port, path, headers={"Cookie": cookie, **ASKING})
    assert response.status == 200, f"{path}: {response.status}"
    return len(gzip.compress(body, 6))


if __name__ == "__main__":
    main()
