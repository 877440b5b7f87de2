"""A browser for tests: a test client that lints every page it fetches, whole or in part."""

import re
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

FORBIDDEN_ATTRIBUTES = re.compile(r"on[a-z]+|style|hx-on.*|hx-vars|hx-disabled-elt|hx-ext")
LABELLED_ELSEWHERE = ("hidden", "submit", "button")


class Page:
    """An answer: its status, its text, its tree."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        self.tree: Element | None = None

    @property
    def text(self) -> str:
        """What a person reads, with white space folded."""
        assert self.tree is not None
        return folded(text_of(self.tree))

    def one(self, element_id: str) -> str:
        """What a person reads in one element."""
        assert self.tree is not None
        return folded(text_of(next(each for each in self.tree.iter() if each.get("id") == element_id)))

    def form(self) -> Element:
        """The one form of the page that is filled in."""
        assert self.tree is not None
        [form] = [each for each in self.tree.iter("form") if each.get("class") == "usa-form"]
        return form

    def links(self) -> list[str]:
        assert self.tree is not None
        return [str(each.get("href")) for each in self.tree.iter("a") if each.get("href")]


class Browser:
    """Somebody at a keyboard. `get` and `post` follow no redirect unless asked; each HTML answer is linted."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, address: str, *, follow: bool = True, part: str | None = None, **options: Any) -> Page:
        """Fetch an address; `part` asks as htmx does for the element of that id."""
        return self._read(self.client.get(address, headers=_asking(part), follow_redirects=follow, **options), part)

    def post(
        self, address: str, data: dict[str, Any] | None = None, *, follow: bool = True, part: str | None = None
    ) -> Page:
        """Send a form as it is given: without a token unless `data` has one."""
        response = self.client.post(address, data=data or {}, headers=_asking(part), follow_redirects=follow)
        return self._read(response, part)

    def submit(self, address: str, data: dict[str, Any], *, at: str | None = None, **options: Any) -> Page:
        """Fill in the form of a page and send it: the token is taken from the page."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(at or address).html)
        assert token, f"{at or address} has no form to fill in"
        return self.post(address, {"csrf_token": token.group(1), **data}, **options)

    def fill_in(self, address: str, **answers: Any) -> Page:
        """Open a page, change these answers in its form, and send it with all that stood in it already."""
        page = self.get(address)
        return self.post(page.response.request.path, {**filled_in(page.form()), **answers})

    def _read(self, response: TestResponse, part: str | None) -> Page:
        page = Page(response)
        if response.mimetype == "text/html" and page.html:
            page.tree = parse(page.html, is_part=part is not None and "<html" not in page.html)
            lint(page.tree, is_part=part is not None and "<html" not in page.html)
        return page


def filled_in(form: Element) -> dict[str, Any]:
    """What a form says as it is opened: every name with its value, or its values if it has several."""
    values: dict[str, list[str]] = {}
    for each in form.iter():
        name, value = each.get("name"), each.get("value") or ""
        if each.tag == "select":
            chosen = [
                option.get("value") or "" for option in each.iter("option") if option.get("selected") is not None
            ]
            values.setdefault(str(name), []).extend(chosen)
        elif each.tag == "textarea":
            values.setdefault(str(name), []).append((each.text or "").removeprefix("\n"))
        elif each.tag == "input" and (
            each.get("type") not in ("radio", "checkbox") or each.get("checked") is not None
        ):
            values.setdefault(str(name), []).append(value)
    return {name: found if len(found) > 1 else found[0] for name, found in values.items() if found}


def _asking(part: str | None) -> dict[str, str]:
    if part is None:
        return {}
    return {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": f"div#{part}"}


def parse(html: str, *, is_part: bool) -> Element:
    """The tree of a page or part; any error of HTML fails the test, with its place."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parseFragment(html) if is_part else parser.parse(html)
    assert not parser.errors, f"not valid HTML: {parser.errors[:3]} in {html[:400]}"
    assert isinstance(tree, Element)
    return tree


def lint(tree: Element, *, is_part: bool) -> None:
    """The rules that every page keeps."""
    elements = list(tree.iter())
    ids = Counter(each.get("id") for each in elements if each.get("id"))
    assert not [name for name, count in ids.items() if count > 1], f"ids stand twice: {ids}"
    for each in elements:
        for name in each.attrib:
            assert not FORBIDDEN_ATTRIBUTES.fullmatch(str(name)), f"<{each.tag} {name}> is forbidden"
        assert each.tag != "style", "inline style"
        assert each.tag != "script" or each.get("src"), "inline script"
        _lint_control(each, elements, set(ids))
    for form in tree.iter("form"):
        if form.get("method") == "post":
            names = [each.get("name") for each in form.iter("input")]
            assert "csrf_token" in names, f"no token in the form to {form.get('action')}"
    if not is_part:
        _lint_whole(tree, set(ids))


def _lint_control(each: Element, elements: list[Element], ids: set[str | None]) -> None:
    if each.tag in ("input", "select", "textarea") and each.get("type") not in LABELLED_ELSEWHERE:
        labels = [label for label in elements if label.tag == "label" and label.get("for") == each.get("id")]
        assert labels, f"no label for {each.attrib}"
    for described in str(each.get("aria-describedby") or "").split():
        assert described in ids, f"{described} describes, but is not there"
    if each.tag == "img":
        assert each.get("alt") is not None, "an image without alt"


def _lint_whole(tree: Element, ids: set[str | None]) -> None:
    headings = [folded(text_of(each)) for each in tree.iter("h1")]
    assert len(headings) == 1, f"h1: {headings}"
    title = folded(text_of(next(tree.iter("title"))))
    assert title.removeprefix("Error: ").startswith(headings[0]), f"{title!r} does not begin with {headings[0]!r}"
    html = next(tree.iter("html"))
    assert html.get("lang"), "no language"
    for each in tree.iter():
        if target := each.get("hx-target"):
            assert target.startswith("#"), target
            assert target[1:] in ids, f"hx-target {target} is not on the page"


def text_of(element: Element) -> str:
    """All text of an element but scripts."""
    parts = [element.text or ""]
    for child in element:
        if child.tag not in ("script", "style"):
            parts.append(text_of(child))
        parts.append(f" {child.tail or ''}")
    return "".join(parts)


def folded(text: str) -> str:
    """White space as a reader sees it."""
    return re.sub(r"\s+", " ", text).strip()
