"""The dashboard of an account with 12 past and 12 coming payments, against a one-line Flask page.

Both under the same gunicorn worker (1 process, 4 threads), 16 connections, runs alternating; server on one core, load
on the other. Run: .venv/bin/python -m bench.dashboard [--seconds 3] [--rounds 5] [--json]
"""

import argparse
import gzip
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load import Load, load, median

ROOT = Path(__file__).parent.parent
PAGES = {"one-line Flask page": "/one-line", "dashboard": "/account"}
SERVE = """
import sys
from flask import Flask
from portal import config, create_app, server
app = create_app(config.load({}, {"instance": sys.argv[1], "port": sys.argv[2]}))
one = Flask("one")
one.add_url_rule("/one-line", view_func=lambda: "Hello")
whole, line = app.wsgi_app, one.wsgi_app
app.wsgi_app = lambda environ, start: (line if environ["PATH_INFO"] == "/one-line" else whole)(environ, start)
server.serve(app)
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=3)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as port:
        cookie = sign_in(port, "ontime@example.test")
        runs: dict[str, list[Load]] = {name: [] for name in PAGES}
        for _round in range(chosen.rounds):
            for name, path in PAGES.items():
                runs[name].append(load(port, path, seconds=chosen.seconds, cookie=cookie))
        found = {name: median(each) for name, each in runs.items()}
        weight = weigh(port, cookie)
        crowd = load(port, "/account", seconds=chosen.seconds, connections=64, cookie=cookie)
    line, page = found.values()
    figures = {
        "one_line_rps": round(line.requests_per_second), "dashboard_rps": round(page.requests_per_second),
        "ratio": round(page.requests_per_second / line.requests_per_second, 3),
        "failures": page.failures + crowd.failures,
        "p50_ms_64": round(crowd.p50_ms, 1), "p99_ms_64": round(crowd.p99_ms, 1), **weight,
    }  # fmt: skip
    print(json.dumps(figures) if chosen.json else table(figures))


def table(figures: dict[str, float]) -> str:
    """The figures with their goals."""
    goals = {"ratio": ">= 0.20", "html_gz_bytes": "<= 4096", "first_visit_bytes": "<= 46080",
             "first_visit_requests": "<= 8", "failures": "0", "p99_ms_64": "<= 4 x p50"}  # fmt: skip
    return "\n".join(f"{name:24} {value:>10} {goals.get(name, '')}" for name, value in figures.items())


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The application on a free port, its database holding the cast as of today."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PORTAL_INSTANCE": str(folder)}
    make = [sys.executable, "-m", "bench.cast", str(folder)]
    subprocess.run(make, check=True, env=environment, cwd=ROOT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", SERVE, str(folder), str(port)]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(process.pid, {0})
        os.sched_setaffinity(0, {1})
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    """Until the server answers; half a minute at most."""
    for _try in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def fetch(port: int, path: str, **options: object) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(str(options.pop("method", "GET")), path, **options)  # type: ignore[arg-type]
    response = connection.getresponse()
    return response, response.read()


def sign_in(port: int, email: str) -> str:
    """The cookie of somebody of the cast."""
    from portal.demo.cast import PASSWORD

    response, body = fetch(port, "/sign-in")
    cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]
    token = re.search(r'name="csrf_token" value="([^"]+)"', body.decode())
    assert token
    form = urllib.parse.urlencode({"csrf_token": token[1], "email": email, "password": PASSWORD})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    response, _body = fetch(port, "/sign-in", method="POST", body=form, headers=headers)
    return "; ".join(each.partition(";")[0] for each in response.headers.get_all("Set-Cookie", []))


def weigh(port: int, cookie: str) -> dict[str, float]:
    """Bytes of the page and of a first visit, compressed as on the wire."""
    _response, page = fetch(port, "/account", headers={"Cookie": cookie})
    sizes = [len(gzip.compress(page, 6))]
    for address in sorted(set(re.findall(rb'(?:href|src)="(/static/[^"]+)"', page))):
        response, _body = fetch(port, address.decode(), headers={"Accept-Encoding": "gzip"})
        sizes.append(len(_body))
        assert response.status == 200, address
    return {"html_bytes": len(page), "html_gz_bytes": sizes[0], "first_visit_bytes": sum(sizes),
            "first_visit_requests": len(sizes)}  # fmt: skip


if __name__ == "__main__":
    main()
