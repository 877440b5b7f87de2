"""The rules of the house, kept by reading the code: who imports whom, who reads the clock, how long things are."""

import ast
import base64
import hashlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from portal.config import Settings

ROOT = Path(__file__).parent.parent
PORTAL, TEMPLATES, STATIC = ROOT / "portal", ROOT / "templates", ROOT / "static"
HTMX = STATIC / "vendor" / "htmx-4.0.1.min.js"
HTMX_SHA384 = "Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"

# From the inside out; who stands further in knows nothing of who stands further out.
RINGS = (
    ("domain",),
    ("policies", "calculate"),
    ("gateways", "config", "clock", "office"),
    ("db",),
    ("models",),
    ("queries",),
    ("services",),
    ("jobs",),
    ("demo",),
    ("web",),
    ("__init__",),
    ("server", "worker", "cli", "migrations"),
)
OUTWARD = {
    "web/static.py": ("__init__", "where the folders beside the package are is known to the package alone"),
}
FLASK_LIVES_IN = re.compile(r"web/.*|cli\.py|db\.py|office\.py|server\.py|worker\.py|migrations/env\.py|__init__\.py")
EXACT = ("domain", "models", "queries", "services")

# Beyond six parameters, and why.
MANY_PARAMETERS = {
    "portal/services/payments.py schedule": "a promised debit is its agreement, account, amount and two days",
    "portal/services/users.py add": "a user is five facts, and every deed says by whom and when",
}
LONG_FUNCTIONS = {
    "portal/migrations/versions/0001_the_first_tables.py upgrade": "the tables one after the other, as generated",
    "portal/migrations/versions/0002_applying_for_a_plan.py upgrade": "the same",
    "portal/migrations/versions/0003_direct_pay_and_the_daily_close.py upgrade": "the same",
    "portal/migrations/versions/0003_direct_pay_and_the_daily_close.py _make_payments_anew": "the same",
}
LONG_TEMPLATES = {"ui.html": "all the parts of which pages are made, so that pages need none of their own"}

FUNCTION_LINES, VIEW_LINES, MODULE_LINES, TEMPLATE_LINES, PARAMETERS = 40, 14, 300, 120, 6
Function = ast.FunctionDef | ast.AsyncFunctionDef


# Reading the code.


@cache
def modules() -> tuple[Path, ...]:
    return tuple(sorted(PORTAL.rglob("*.py")))


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path))


@cache
def walked(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(path)))


def name(path: Path) -> str:
    return path.relative_to(PORTAL).as_posix()


def templates() -> list[Path]:
    return sorted(path for path in TEMPLATES.rglob("*") if path.is_file())


def written_here() -> list[Path]:
    """Every text that people of this project write."""
    folders = (PORTAL, TEMPLATES, STATIC, ROOT / "tests", ROOT / "bench", ROOT / "docs")
    kinds = (".py", ".html", ".txt", ".css", ".js", ".toml", ".md")
    found = (path for folder in folders for path in folder.rglob("*") if path.suffix in kinds)
    return sorted(path for path in found if "vendor" not in path.parts)


def imported(path: Path) -> Iterator[str]:
    """The names of all modules that a module imports, wherever in it."""
    for node in walked(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name(path)} imports by dots"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(path: Path) -> Iterator[Function]:
    return (node for node in walked(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in walked(path) if isinstance(node, ast.Call))


def at(path: Path, node: ast.expr | ast.stmt) -> str:
    return f"{name(path)}:{node.lineno}"


def lines_that(pattern: str, paths: Iterable[Path], *, flags: int = 0) -> list[str]:
    """The places whose line matches."""
    wanted = re.compile(pattern, flags)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(text(path).splitlines(), 1)
        if wanted.search(line)
    ]


# Imports point inward.


def ring_of(part: str) -> int:
    return next(number for number, ring in enumerate(RINGS) if part in ring)


def part_of(module: str) -> str:
    """The part that `portal.web.page` belongs to, `web`; what the package itself offers is `__init__`."""
    part = [*module.split("."), ""][1]
    return part if any(part in ring for ring in RINGS) else "__init__"


def home_of(path: Path) -> str:
    return name(path).split("/")[0].removesuffix(".py")


def test_every_part_of_the_house_has_its_ring() -> None:
    known = {part for ring in RINGS for part in ring}

    assert {home_of(path) for path in modules()} <= known


def test_imports_point_inward() -> None:
    outward = [
        f"{name(path)} imports {module}"
        for path in modules()
        for module in imported(path)
        if module.split(".")[0] == "portal"
        if ring_of(part_of(module)) > ring_of(home_of(path))
        if OUTWARD.get(name(path), ("", ""))[0] != part_of(module)
    ]

    assert outward == []


def test_the_domain_imports_the_standard_library_and_itself() -> None:
    foreign = [
        f"{name(path)} imports {module}"
        for path in modules()
        if home_of(path) == "domain"
        for module in imported(path)
        if not module.startswith("portal.domain.") and module.split(".")[0] not in sys.stdlib_module_names
    ]

    assert foreign == []


def test_flask_lives_in_its_rooms() -> None:
    elsewhere = [
        f"{name(path)} imports {module}"
        for path in modules()
        for module in imported(path)
        if re.match(r"flask\b|flask_(login|wtf|babel)|werkzeug|wtforms|jinja2|markupsafe", module)
        if not FLASK_LIVES_IN.fullmatch(name(path))
    ]

    assert elsewhere == []


def test_nothing_is_pickled() -> None:
    dangerous = ("pickle", "marshal", "shelve", "dill")

    assert [name(path) for path in modules() for module in imported(path) if module.split(".")[0] in dangerous] == []


# The clock, the database, numbers.


def test_the_wall_clock_is_read_in_one_place() -> None:
    readings = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
    clocks = {"datetime", "date", "time"}
    found = [
        at(path, call)
        for path in modules()
        if name(path) != "clock.py"
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr in readings
        if ast.unparse(call.func.value).split(".")[-1] in clocks
        if call.func.attr != "time" or ast.unparse(call.func.value) == "time"
    ]

    assert found == []
    assert lines_that(r"from time import .*\b(time|time_ns)\b|func\.now\(|CURRENT_TIMESTAMP", modules()) == []


def test_the_clock_itself_is_read_where_requests_and_jobs_begin() -> None:
    """`office().clock` above the services, where a deed is told when it happens."""
    below = ("domain", "policies", "gateways", "db", "models", "queries", "services", "jobs")

    assert lines_that(r"\.clock\b", [path for path in modules() if home_of(path) in below]) == []


def test_rows_are_asked_for_with_select() -> None:
    found = [
        at(path, node)
        for path in modules()
        for node in walked(path)
        if isinstance(node, ast.Attribute) and node.attr == "query"
        if isinstance(node.value, ast.Name) and node.value.id[0].isupper()
    ]

    assert found == []


def test_views_look_nothing_up_by_a_bare_key() -> None:
    found = [
        at(path, call)
        for path in modules()
        if home_of(path) == "web"
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("get", "get_one", "get_or_404")
        if ast.unparse(call.func.value).endswith("session") and "db" in ast.unparse(call.func.value)
    ]

    assert found == []


def test_the_web_changes_nothing_by_itself() -> None:
    """What changes the world is a service: a view adds no row, and commits nothing."""
    web = [path for path in modules() if home_of(path) == "web"]

    assert lines_that(r"session\.(add|add_all|delete|commit|flush|merge)\(|\btransaction\(", web) == []


def test_amounts_are_exact() -> None:
    """No float and no round where money is computed, unless the line or the one above says why."""
    found = [
        at(path, node)
        for path in modules()
        if home_of(path) in EXACT
        for node in walked(path)
        if _is_inexact(node)
        if not _is_explained(path, node)
    ]

    assert found == []


def _is_inexact(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    return isinstance(node, ast.Name) and node.id in ("float", "round")


def _is_explained(path: Path, node: ast.AST) -> bool:
    lines = text(path).splitlines()
    assert isinstance(node, ast.expr)
    return "#" in lines[node.lineno - 1] or lines[node.lineno - 2].lstrip().startswith("#")


# Templates.


def test_markup_is_made_by_templates_alone() -> None:
    python = [path for path in modules() if name(path) != "web/page.py"]

    assert lines_that(r"\bMarkup\(|render_template_string|from_string\(|autoescape", python) == []
    assert lines_that(r"\|\s*safe\b|autoescape|\{%-?\s*include", templates()) == []


def test_attributes_are_written_out() -> None:
    """`xmlattr` writes whatever keys it is given; only the parts use it, on what a form class says."""
    elsewhere = [path for path in templates() if path.name != "ui.html"]

    assert lines_that(r"xmlattr", elsewhere) == []


def test_templates_hold_no_code_of_the_browser() -> None:
    inline = r"<style\b|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|hx-on|hx-vars|\bjs:|javascript:"
    filters = r"hx-trigger=\"[^\"]*\["

    assert lines_that(f"{inline}|{filters}", templates(), flags=re.IGNORECASE) == []


def test_attributes_are_quoted() -> None:
    assert lines_that(r"<[a-z][^>{]*\s[a-z-]+=\{\{", templates()) == []


def test_only_the_parts_write_controls_forms_and_tables() -> None:
    pages = [path for path in templates() if path.name not in ("ui.html", "layout.html", "error.html")]

    assert lines_that(r"<(input|select|textarea|form|table|button)\b", pages) == []


def test_a_block_is_named_as_its_element() -> None:
    """What htmx may ask for by name stands in an element of that id, and no block has a hyphen."""
    lost = [
        f"{path.name}: {block}"
        for path in templates()
        for block in re.findall(r"\{%-?\s*block (\S+)", text(path))
        if block not in ("title", "banner", "nav", "main")
        if "-" in block or f'id="{block}"' not in text(path)
    ]

    assert lost == []


def test_every_word_of_a_template_can_be_translated() -> None:
    untranslated = [
        f"{path.relative_to(TEMPLATES)}: {words!r}"
        for path in templates()
        if path.suffix == ".html"
        for words in (*bare_text(text(path)), *bare_strings(text(path)))
    ]

    assert untranslated == []


def bare_text(template: str) -> Iterator[str]:
    """Text nodes, and the attributes that are read out, with letters of their own."""
    page = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "\0", template, flags=re.DOTALL)
    for value in re.findall(r"\s(?:aria-label|alt|title|placeholder|data-label)=\"([^\"]*)\"", page):
        if re.search(r"[^\W\d_]", value):
            yield value
    # What a macro writes into a tag stands outside of any tag there: attributes are no text.
    without_tags = re.sub(r"<[^>]*>|&\w+;|\s(?:[\w:-]+|hx-\0)=\"[^\"]*\"", "", page)
    for node in without_tags.split("\0"):
        if re.search(r"[^\W\d_]", node) and not re.fullmatch(r"-[a-z]+", node):
            yield node.strip()


def bare_strings(template: str) -> Iterator[str]:
    """Strings in expressions that read like words for people, outside of a call of gettext."""
    return _outside(Environment(autoescape=True).parse(template))


def _outside(node: nodes.Node) -> Iterator[str]:
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Compare) or _is_gettext(child):
            continue
        value = getattr(child, "value", None) if isinstance(child, nodes.Const) else None
        if isinstance(value, str) and re.fullmatch(r"\s*[A-Z][a-z]+(\W.*)?", value, re.DOTALL):
            yield value
        yield from _outside(child)


def _is_gettext(node: nodes.Node) -> bool:
    if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Name):
        return False
    return node.node.name in ("_", "ngettext")


# Budgets: to notice drift.


def test_functions_stay_short() -> None:
    long = [
        f"{place}: {length} lines"
        for place, function in _named_functions()
        if (length := _lines(function)) > FUNCTION_LINES and place not in LONG_FUNCTIONS
    ]

    assert long == []


def test_views_find_carry_out_and_answer() -> None:
    long = [
        f"{place}: {length} lines"
        for place, function in _named_functions()
        if _is_view(function) and (length := _body_lines(function)) > VIEW_LINES
    ]

    assert long == []


def test_modules_stay_small() -> None:
    long = [
        f"{name(path)}: {length} lines"
        for path in modules()
        if (length := len(text(path).splitlines())) > MODULE_LINES
    ]

    assert long == []


def test_templates_stay_small() -> None:
    long = [
        f"{path.relative_to(TEMPLATES)}: {length} lines"
        for path in templates()
        if (length := len(text(path).splitlines())) > TEMPLATE_LINES and path.name not in LONG_TEMPLATES
    ]

    assert long == []


def test_functions_take_six_parameters_at_most() -> None:
    many = {place for place, function in _named_functions() if _parameters(function) > PARAMETERS}

    assert many == set(MANY_PARAMETERS), "an exception stands in MANY_PARAMETERS with its reason, while it is one"


def _named_functions() -> Iterator[tuple[str, Function]]:
    for path in modules():
        for function in functions(path):
            yield f"portal/{name(path)} {function.name}", function


def _lines(function: Function) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def _body_lines(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def _is_view(function: Function) -> bool:
    return any(re.match(r"bp\.(route|get|post)\(", ast.unparse(each)) for each in function.decorator_list)


def _parameters(function: Function) -> int:
    given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return len([each for each in given if each.arg not in ("self", "cls")])


# Words.


def test_nothing_is_left_to_be_done() -> None:
    words = "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK", "W" + "IP"))

    assert lines_that(rf"\b({words})\b", written_here()) == []


def test_a_silenced_rule_says_why() -> None:
    """`noqa` names the rule, and the reason in parentheses."""
    mark = "# no" + "qa"
    reasoned = mark + r": [A-Z]+[0-9]+(, [A-Z]+[0-9]+)*  \(.+\)"
    marked = lines_that(mark, [path for path in written_here() if path.suffix == ".py"])

    assert [line for line in marked if not re.search(reasoned, line)] == []


def test_what_is_public_is_explained() -> None:
    """Modules and public classes have a docstring, and so has every public function of the inner rings."""
    inner = ("domain", "policies", "gateways", "queries", "services", "jobs")
    silent = [
        f"{name(path)} {getattr(node, 'name', '')}"
        for path in modules()
        if "versions" not in path.parts
        for node in _public(path, with_functions=home_of(path) in inner)
        if not ast.get_docstring(node)
    ]

    assert silent == []


def _public(path: Path, *, with_functions: bool) -> Iterator[ast.Module | ast.ClassDef | Function]:
    yield tree(path)
    for node in tree(path).body:
        kinds = (ast.ClassDef, ast.FunctionDef) if with_functions else (ast.ClassDef,)
        if isinstance(node, kinds) and not node.name.startswith("_"):
            yield node


def test_no_path_of_a_machine_is_written_down() -> None:
    """Neither a home nor a folder that only one machine has."""
    paths = r"""["'\s(=](/(home|root|usr|opt|var|tmp|srv|mnt|work|Users|etc)/|[A-Z]:\\)"""
    here = [path for path in written_here() if PORTAL in path.parents or TEMPLATES in path.parents]

    assert lines_that(paths, here) == []


def test_each_setting_is_documented() -> None:
    pages = "".join(text(path) for path in (ROOT / "docs").glob("*.md"))
    if not pages:
        pytest.skip("docs/ has no pages yet")
    pages += text(ROOT / "README.md")

    assert [each.name for each in fields(Settings) if f"PORTAL_{each.name.upper()}" not in pages] == []


def test_each_setting_says_what_it_means() -> None:
    """A comment above each setting, or above the group that it stands in."""
    settings = next(node for node in tree(PORTAL / "config.py").body if getattr(node, "name", "") == "Settings")
    assert isinstance(settings, ast.ClassDef)
    lines = text(PORTAL / "config.py").splitlines()
    explained = False
    for node in settings.body:
        if isinstance(node, ast.AnnAssign):
            explained = explained or lines[node.lineno - 2].lstrip().startswith("#")
            assert explained, lines[node.lineno - 1]


# What comes from elsewhere.


def test_htmx_is_the_file_that_was_published() -> None:
    digest = hashlib.sha384(HTMX.read_bytes()).digest()

    assert base64.b64encode(digest).decode() == HTMX_SHA384
    assert "Permission to use, copy, modify" in text(HTMX.parent / "LICENSE-htmx")


def test_nothing_vendored_comes_without_its_licence() -> None:
    files = [path.name for path in HTMX.parent.iterdir() if not path.name.startswith("LICENSE-")]

    assert [each for each in files if not (HTMX.parent / f"LICENSE-{each.split('-')[0]}").exists()] == []


def test_lock_files_name_versions_and_hashes_but_no_host() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert locks
    for lock in locks:
        pins = re.split(r"\n(?=\S)", text(lock).strip())
        assert [pin.splitlines()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []
        assert not re.search(r"https?:|--(extra-)?index-url|--find-links|--trusted-host| @ ", text(lock))


# The rules are able to fail.


@pytest.mark.parametrize(
    ("read", "template", "found"),
    [
        (bare_text, "<p>Hello</p>", ["Hello"]),
        (bare_text, "<p>{{ _('Hello') }} &ndash; 7</p>{# a note #}", []),
        (bare_text, '<p aria-label="Main">{% if a > b %}x{% endif %}</p>', ["Main", "x"]),
        (bare_strings, "{{ ui.alert('info', 'You owe nothing') }}", ["You owe nothing"]),
        (bare_strings, "{{ ui.alert('info', _('You owe nothing')) }}{{ a if kind == 'DayField' }}", []),
    ],
)
def test_untranslated_words_are_found(read: Callable[[str], Iterator[str]], template: str, found: list[str]) -> None:
    assert list(read(template)) == found
