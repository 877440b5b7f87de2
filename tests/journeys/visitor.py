"""Somebody with a real browser, and the lens under which each page that they see is laid."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Response, Route, expect

from tests.cast import PASSWORD, email_of

AXE = Path(__file__).parent.parent / "vendor" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """(rules) => axe.run(document, {
  runOnly: rules, resultTypes: ['violations'], preload: false,
  // Forced colors are the system's own, and axe reads those that they replace.
  rules: {'color-contrast': {enabled: !matchMedia('(forced-colors: active)').matches}},
}).then(
  (found) => found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 90)}`)))"""
WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
SETTINGS = """[innerWidth, ...['(prefers-color-scheme: dark)', '(forced-colors: active)', 'print'].map(
  (each) => matchMedia(each).matches)].join()"""
OF_NO_MATTER = re.compile(
    r' value="[^"]{60,}"|X-CSRFToken[^}]*}| data-htmx-powered="[^"]*"| tabindex="-1"| class=""|\s+'
)
OF_THE_ANSWER = "Failed to load resource: the server responded"
MOST_STOPS = 150


@dataclass(frozen=True)
class Device:
    """A screen, and whether scripts run on it."""

    name: str
    width: int
    height: int
    runs_scripts: bool
    scheme: Literal["light", "dark"]

    def options(self) -> dict[str, Any]:
        return {
            "viewport": {"width": self.width, "height": self.height},
            "java_script_enabled": self.runs_scripts,
            "color_scheme": self.scheme,
        }


PHONE = Device("phone", 320, 700, runs_scripts=True, scheme="light")
PHONE_WITHOUT_SCRIPTS = Device("phone-without-scripts", 320, 700, runs_scripts=False, scheme="light")
DESK = Device("desk", 1280, 900, runs_scripts=True, scheme="dark")
DESK_WITHOUT_SCRIPTS = Device("desk-without-scripts", 1280, 900, runs_scripts=False, scheme="dark")
ALL = (PHONE, PHONE_WITHOUT_SCRIPTS, DESK, DESK_WITHOUT_SCRIPTS)


class Lens:
    """axe-core over a page. The same page on the same screen is examined once."""

    def __init__(self, chromium: Browser) -> None:
        self._chromium = chromium
        self._axe = AXE.read_text(encoding="utf-8")
        self._seen: set[tuple[str, str]] = set()
        self._tables: dict[str, Page] = {}

    def examine(self, page: Page, device: Device) -> None:
        """No violation of WCAG 2.2 AA, nor of what is good practice."""
        html = page.content()
        told_apart = OF_NO_MATTER.sub("", html)
        key = (page.evaluate(SETTINGS), told_apart)
        if key in self._seen:
            return
        self._seen.add(key)
        shown = page if device.runs_scripts else self._copy(page.url, html, device)
        if shown.evaluate("typeof axe") == "undefined":
            shown.evaluate(self._axe)
        assert shown.evaluate(RUN_AXE, RULES) == [], f"axe on {page.url}"

    def _copy(self, address: str, html: str, device: Device) -> Page:
        """The same page where none of its scripts runs but axe: where no script runs, axe does not either."""
        if device.name not in self._tables:
            self._tables[device.name] = self._chromium.new_page(**device.options() | {"java_script_enabled": True})
            self._tables[device.name].route("**/*.js", lambda route: route.abort())
        table = self._tables[device.name]

        def answer(route: Route) -> None:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

        table.route(address, answer)
        table.goto(address)
        table.unroute(address, answer)
        return table


class Visitor:
    """Somebody with a browser. Whatever goes wrong behind the pages is noted, and fails the next look."""

    def __init__(self, context: BrowserContext, device: Device, lens: Lens) -> None:
        self.context, self.device, self._lens = context, device, lens
        self.faults: list[str] = []
        self._expected = re.compile(r"(?!)")
        context.set_default_timeout(5_000)
        context.on("console", lambda said: self._note(said.type == "error", said.text))
        context.on("weberror", lambda error: self._note(True, str(error.error)))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)
        self.page = context.new_page()
        self.is_closed = False

    def begin(self) -> None:
        """As somebody who has never been here."""
        for page in self.context.pages:
            if page is not self.page:
                page.close()
        self.page.goto("about:blank")
        self.context.clear_cookies()
        self.faults.clear()

    def close(self) -> None:
        self.context.close()
        self.is_closed = True

    @contextmanager
    def expecting(self, pattern: str) -> Iterator[None]:
        """What is noted meanwhile and matches was meant to happen."""
        self._expected = re.compile(pattern)
        yield
        self.page.evaluate("0")
        self._expected = re.compile(r"(?!)")

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.look()

    def sign_in(self, role: str) -> None:
        """By the form, where one is; who is asked for a code enters the one that the demonstration shows."""
        self.enter_password(role)
        code, sign_out = self.page.get_by_label("Code", exact=True), self.page.get_by_role("button", name="Sign out")
        expect(code.or_(sign_out)).to_be_visible()
        if code.is_visible():
            shown = re.search(r"\b\d{6}\b", self.page.locator("main").inner_text())
            assert shown, "no code is shown"
            self.enter_code(shown[0])
        expect(sign_out).to_be_visible()

    def enter_password(self, role: str) -> None:
        """The first half of signing in."""
        self.page.get_by_label("Email address").fill(email_of(role))
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()

    def enter_code(self, code: str) -> None:
        """The other half, for who has a second factor."""
        self.page.get_by_label("Code", exact=True).fill(code)
        self.page.get_by_role("button", name="Sign in").click()

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").click()
        expect(self.page.get_by_role("link", name="Sign in").first).to_be_visible()

    def look(self, page: Page | None = None) -> None:
        """The page in view is in order: nothing failed, nothing scrolls sideways, the title says the heading."""
        page = page or self.page
        # A link that was followed has an address before it has a page.
        page.wait_for_load_state()
        assert self.faults == []
        headings = page.locator("h1").all_inner_texts()
        assert len(headings) == 1, headings
        assert page.title().removeprefix("Error: ").startswith(headings[0])
        wanted, has = page.evaluate(WIDTHS)
        assert wanted == has, f"{page.url} scrolls sideways: {wanted} px on {has}"
        self._lens.examine(page, self.device)

    def tab_to(self, wanted: Locator) -> None:
        """With the Tab key alone."""
        for _stop in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("(each) => each === document.activeElement"):
                return
        raise AssertionError(f"Tab does not lead to {wanted}")

    def focused(self) -> str:
        """What has the focus, as people call it."""
        return str(self.page.evaluate("(document.activeElement.labels?.[0] || document.activeElement).innerText"))

    def _note(self, is_fault: bool, text: str) -> None:
        if is_fault and not text.startswith(OF_THE_ANSWER) and not self._expected.search(text):
            self.faults.append(text)

    def _failed(self, request: Request) -> None:
        # Whoever leaves a page, or is handed a file instead of one, stops what was still on its way.
        self._note(request.failure != "net::ERR_ABORTED", f"{request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        self._note(response.status >= 400, f"{response.status} {response.request.method} {response.url}")
