"""The stage of the journeys: the portal as it is served, and people with real browsers before it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from portal.db import db
from tests.applicant import ssn_of, write_draft
from tests.cast import PASSWORD, build_cast, email_of, taxpayer
from tests.conftest import new_app
from tests.journeys.visitor import ALL, Device, Lens, Visitor

ROOT = Path(__file__).parent.parent.parent
RESULTS = ROOT / "test-results"
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-quic", "--no-first-run"]
EMPLOYER = {"name": "Prairie Mill", "email": "payroll@mill.example", "frequency": "biweekly"}
FAILED = pytest.StashKey[bool]()
Arrives = Callable[..., Visitor]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed  # type: ignore[attr-defined]
    return report


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """One Chromium for all journeys of a test process."""
    path = os.environ.get("PORTAL_TEST_CHROMIUM")
    if not path:
        pytest.skip("no Chromium on this machine")
    driver: Playwright = request.getfixturevalue("playwright")
    browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def lens(chromium: Browser) -> Lens:
    return Lens(chromium)


@pytest.fixture(scope="session")
def town(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder with the cast as of the stopped day; nobody changes it."""
    folder = tmp_path_factory.mktemp("town")
    with inhabited(folder):
        build_cast()
    return folder


@pytest.fixture(scope="session")
def portal(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the portal."""
    with served(town, tmp_path_factory.mktemp("portal")) as address:
        yield address


@pytest.fixture(scope="session")
def demonstration(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demonstration, whose clock anybody moves."""
    with served(town, tmp_path_factory.mktemp("demonstration"), "demo") as address:
        yield address


@pytest.fixture(scope="session")
def papers(town: Path) -> dict[str, dict[str, str]]:
    """What proves who somebody is, as the page asks for it: by role and label."""
    with inhabited(town):
        return {role: _papers_of(role) for role in ("owing", "stranger", "overlimit")}


@pytest.fixture(scope="session")
def drafts(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same town where owing has answered every question, and so has stranger, for a deduction by the employer."""
    folder = tmp_path_factory.mktemp("drafts")
    shutil.copytree(town, folder, dirs_exist_ok=True)
    with inhabited(folder):
        write_draft("owing")
        write_draft("stranger", method={"method": "payroll"}, employer=EMPLOYER)
    return folder


@pytest.fixture
def own_town(town: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a portal for one journey, which may change the town."""
    with served(town, tmp_path) as address:
        yield address


@pytest.fixture
def own_drafts(drafts: Path, tmp_path: Path) -> Iterator[str]:
    """The same with the drafts. Its instance folder is `tmp_path`."""
    with served(drafts, tmp_path) as address:
        yield address


@pytest.fixture(params=ALL, ids=lambda device: device.name)
def device(request: pytest.FixtureRequest) -> Device:
    """Each screen in turn; a journey that needs some only names them by `parametrize`."""
    chosen: Device = request.param
    return chosen


@pytest.fixture(scope="session")
def windows(chromium: Browser, lens: Lens) -> Callable[..., Visitor]:
    """A browser's window costs more to open than a page to load: one of each kind stays open for the next journey."""
    opened: dict[str, Visitor] = {}

    def window(device: Device, **options: object) -> Visitor:
        kind = repr((device, sorted(options.items())))
        if kind not in opened or opened[kind].is_closed:
            context = chromium.new_context(**device.options(), **options)  # type: ignore[arg-type]
            opened[kind] = Visitor(context, device, lens)
        return opened[kind]

    return window


@pytest.fixture
def arrives(request: pytest.FixtureRequest, windows: Callable[..., Visitor], portal: str) -> Iterator[Arrives]:
    """`arrives(device)` is somebody before the portal, or another one. Where a journey fails, what they saw is in
    test-results/.
    """
    visitors: list[Visitor] = []
    passing: list[Visitor] = []

    def arrive(device: Device, at: str = portal, **options: object) -> Visitor:
        visitors.append(windows(device, base_url=at, **options))
        visitors[-1].begin()
        if at != portal:
            passing.append(visitors[-1])
        return visitors[-1]

    yield arrive
    failed = request.node.stash.get(FAILED, False)
    faults = [fault for visitor in visitors for fault in visitor.faults]
    for number, visitor in enumerate(visitors):
        if failed or faults:
            _keep(request.node.name, number, visitor)
        if failed or faults or visitor in passing:
            visitor.close()
    assert failed or faults == []


@pytest.fixture
def visitor(arrives: Arrives, device: Device) -> Visitor:
    """Somebody before the portal who has not signed in."""
    return arrives(device)


@pytest.fixture(scope="session")
def cookies(playwright: Playwright, portal: str) -> Callable[[str], list[dict[str, str]]]:
    """The cookies of a sign-in that is made once per member of the cast; nobody ends it."""
    made: dict[str, list[dict[str, str]]] = {}

    def of(role: str) -> list[dict[str, str]]:
        if role not in made:
            made[role] = _sign_in(playwright, portal, role)
        return made[role]

    return of


@pytest.fixture
def enters(arrives: Arrives, cookies: Callable[[str], list[dict[str, str]]]) -> Arrives:
    """`enters(device, role)` is a member of the cast who has signed in before."""

    def enter(device: Device, role: str, **options: object) -> Visitor:
        somebody = arrives(device, **options)
        somebody.context.add_cookies(cookies(role))  # type: ignore[arg-type]
        return somebody

    return enter


@contextmanager
def inhabited(folder: Path) -> Iterator[None]:
    """A town from within: deeds and rows of its instance folder, while nobody serves it."""
    with new_app(folder, "").app_context():
        yield
        db.session.remove()
        db.engine.dispose()


@contextmanager
def served(town: Path, folder: Path, *kind: str) -> Iterator[str]:
    """A copy of the town, served on a free port of this machine alone."""
    shutil.copytree(town, folder, dirs_exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.journeys.serve", str(folder), str(port), *kind]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        # Nobody waits for an orderly stop: a worker that finds itself alone ends within a second.
        process.kill()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _try in range(600):
        assert process.poll() is None, "the server did not start"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server does not answer")


def _papers_of(role: str) -> dict[str, str]:
    born_on = taxpayer(role).born_on
    return {
        "Social Security number or ITIN": ssn_of(role),
        "Month": str(born_on.month),
        "Day": str(born_on.day),
        "Year": str(born_on.year),
    }


def _sign_in(playwright: Playwright, portal: str, role: str) -> list[dict[str, str]]:
    client = playwright.request.new_context(base_url=portal)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text())
    assert token
    form = {"csrf_token": token[1], "email": email_of(role), "password": PASSWORD}
    assert client.post("/sign-in", form=form).ok
    cookies: list[dict[str, str]] = client.storage_state()["cookies"]  # type: ignore[assignment]
    client.dispose()
    return cookies


def _keep(journey: str, number: int, visitor: Visitor) -> None:
    RESULTS.mkdir(exist_ok=True)
    for tab, page in enumerate(visitor.context.pages):
        name = re.sub(r"[^\w-]+", "-", f"{journey}-{number}-{tab}")
        page.screenshot(path=RESULTS / f"{name}.png", full_page=True)
