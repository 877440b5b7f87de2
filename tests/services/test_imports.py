"""`portal import`: the sample and what the page promises of it, all or nothing, and files that mean harm."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select

from portal.cli import main
from portal.db import Base, db
from portal.domain.actor import PORTAL
from portal.domain.cells import COLUMNS, OPTIONAL, Kind
from portal.domain.money import Money
from portal.domain.refusal import Refusal
from portal.domain.roster import NotARoster
from portal.domain.waterfall import replay
from portal.gateways import rosters
from portal.models import Payment, TrailEvent
from portal.models.payment import Channel
from portal.office import office
from portal.queries import accounts
from portal.services import audit, imports, ledger, taxpayers, trail
from portal.services.imports import ChangedMeanwhile, HasBadLines, Tally

DOCS = Path(__file__).parent.parent.parent / "docs"
SAMPLE = DOCS / "import-sample.csv"
HEADER = ",".join(COLUMNS)


def check(path: Path) -> Tally:
    return imports.dry_run(path, when=office().clock.now())


def bring_in(path: Path) -> Tally:
    """Check and import a file."""
    checked = check(path)
    imports.carry_out(path, checked, by=PORTAL, when=office().clock.now())
    return checked


def rows() -> dict[str, int]:
    """How many rows each table has."""
    return {
        name: db.session.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in Base.metadata.tables.items()
    }


def faults() -> list[str]:
    """What `portal verify` and `portal trail verify` find."""
    kept = trail.head_file(office().settings.instance)
    head = kept.read_text(encoding="ascii") if kept.exists() else ""
    return [*(fault for found in audit.faults() for fault in found), *trail.faults(office().vault, head)]


def written(folder: Path, *lines: str, header: str = HEADER, ending: str = "\n", encoding: str = "utf-8") -> Path:
    """A file of these lines."""
    path = folder / "roster.csv"
    path.write_bytes("".join(f"{each}{ending}" for each in (header, *lines)).encode(encoding))
    return path


def line(record: str, ssn: str = "900-81-0001", **cells: str) -> str:
    """A good line of a kind, with some cells changed."""
    good = {
        "taxpayer": {
            "first_name": "Rosa", "last_name": "Delgado", "born_on": "1979-03-14", "filing_status": "single",
            "street": "12 Maple Street", "city": "Springfield", "state": "IL", "postal_code": "62701",
        },
        "period": {
            "tax_year": "2023", "due_on": "2024-04-15", "filed_on": "2024-04-15", "assessed_on": "2024-06-03",
            "tax": "6200.00",
        },
        "spouse": {
            "spouse_ssn": "900-81-1001", "spouse_first_name": "Ana", "spouse_last_name": "Delgado",
            "spouse_born_on": "1981-07-02",
        },
        "payment": {"reference": "1", "paid_on": "2024-09-12", "amount": "1000.00"},
    }[record]  # fmt: skip
    row = {"record": record, "ssn": ssn, **good, **cells}
    return ",".join(f'"{row.get(column, "")}"' for column in COLUMNS)


HOUSEHOLD = (line("taxpayer"), line("period"), line("payment"))


# What the page promises


def promised() -> Iterator[list[str]]:
    """The rows of the page's table of balances."""
    for found in re.findall(r"^\| (900-.*) \|$", (DOCS / "import.md").read_text(encoding="utf-8"), re.MULTILINE):
        yield found.split(" | ")


def test_the_sample_owes_what_the_page_says(empty: Flask) -> None:
    bring_in(SAMPLE)

    today = office().clock.today()
    for ssn, *figures in promised():
        taxpayer = taxpayers.by_ssn(ssn.replace("-", ""))
        assert taxpayer is not None
        books, _ = replay(accounts.facts(taxpayer.id), office().policy.law_on(today), today)
        owed = books.owed(today)
        assert [*map(str, (*owed, owed.total, Money(books.credit)))] == figures
    assert len([*promised()]) == 4


def test_the_books_and_the_trail_are_whole_after_an_import(empty: Flask) -> None:
    checked = bring_in(SAMPLE)

    assert faults() == []
    last = db.session.execute(select(TrailEvent).order_by(TrailEvent.number.desc()).limit(1)).scalar_one()
    assert (last.event, last.subject) == ("import.finished", checked.digest[:16])
    assert last.details == {"taxpayers": "4", "spouses": "1", "periods": "4", "payments": "4"}
    events = Counter(db.session.execute(select(TrailEvent.event)).scalars())
    deeds = ("taxpayer.enrolled", "spouse.added", "tax_period.assessed", "payment.settled", "import.finished")
    assert events == dict(zip(deeds, (4, 1, 4, 4, 1), strict=True))


def test_imported_payments_are_earlier_ones_with_names_like_all_others(empty: Flask) -> None:
    bring_in(SAMPLE)

    for payment in db.session.execute(select(Payment)).scalars():
        assert payment.channel is Channel.EARLIER
        assert re.fullmatch(r"PY(-[0-9A-HJKMNP-TV-Z]{5}){3}", payment.reference)


def test_the_same_file_twice_changes_nothing(empty: Flask) -> None:
    bring_in(SAMPLE)
    before = rows()

    again = bring_in(SAMPLE)

    assert (again.new.total(), again.here, again.bad) == (0, 13, 0)
    assert rows() == before


def test_a_longer_file_adds_only_what_is_new(empty: Flask, tmp_path: Path) -> None:
    bring_in(written(tmp_path, *HOUSEHOLD))

    # Money that came before the other payment is booked first: the ledger reverses and books anew.
    earlier = line("payment", reference="0", paid_on="2024-06-30", amount="6500.00")
    checked = bring_in(written(tmp_path, *HOUSEHOLD, line("period", tax_year="2022", due_on="2023-04-18"), earlier))

    assert (checked.new, checked.here) == ({Kind.PERIOD: 1, Kind.PAYMENT: 1}, 3)
    assert faults() == []


def test_later_years_and_payments_come_without_their_taxpayer(empty: Flask, tmp_path: Path) -> None:
    bring_in(written(tmp_path, *HOUSEHOLD))

    bring_in(written(tmp_path, line("payment", reference="2"), line("payment", reference="3")))

    assert (rows()["taxpayers"], rows()["payments"]) == (1, 3)
    assert faults() == []


def test_one_name_for_payments_of_two_taxpayers(empty: Flask, tmp_path: Path) -> None:
    other = (line(each, "900-81-0002") for each in ("taxpayer", "period", "payment"))

    bring_in(written(tmp_path, *HOUSEHOLD, *other))

    assert rows()["payments"] == 2


def test_a_spouse_comes_along_or_later_and_shares_the_account(empty: Flask, tmp_path: Path) -> None:
    together = bring_in(written(tmp_path, *HOUSEHOLD, line("spouse")))
    other = bring_in(written(tmp_path, line("taxpayer", "900-81-0002")))
    later = bring_in(written(tmp_path, line("spouse", "900-81-0002", spouse_ssn="900-81-1002")))
    again = bring_in(written(tmp_path, line("spouse"), line("spouse", "900-81-0002", spouse_ssn="900-81-1002")))

    assert [each.new[Kind.SPOUSE] for each in (together, other, later, again)] == [1, 0, 1, 0]
    assert again.here == 2
    taxpayer = taxpayers.by_ssn("900810001")
    assert taxpayer is not None
    spouse = taxpayers.spouse_of(taxpayer)
    assert spouse is not None
    assert office().vault.open(spouse.ssn_sealed, spouse.ssn_row) == "900811001"
    assert faults() == []


def test_nobody_is_the_spouse_of_two(empty: Flask, tmp_path: Path) -> None:
    others = line("taxpayer", "900-81-0002"), line("spouse", "900-81-0002")
    in_one_file = check(written(tmp_path, *HOUSEHOLD, line("spouse"), *others))
    bring_in(written(tmp_path, *HOUSEHOLD, line("spouse")))
    after = check(written(tmp_path, *others))

    assert in_one_file.faults == ["Line 7: this spouse already stands on line 5."]
    assert after.faults == ["Line 3: spouse_ssn: is the spouse of another account."]


def test_a_spouse_may_have_an_account_from_the_years_before(empty: Flask, tmp_path: Path) -> None:
    bring_in(written(tmp_path, *HOUSEHOLD, line("spouse"), line("taxpayer", "900-81-1001", first_name="Ana")))

    assert (rows()["taxpayers"], rows()["spouses"]) == (2, 1)


def test_a_file_from_before_there_were_spouses_is_taken_as_ever(empty: Flask, tmp_path: Path) -> None:
    older = len(COLUMNS) - len(OPTIONAL)
    lines = [",".join(each.split(",")[:older]) for each in HOUSEHOLD]

    checked = bring_in(written(tmp_path, *lines, header=",".join(COLUMNS[:older])))

    assert (checked.new.total(), checked.bad) == (3, 0)


# Bad lines


def test_every_bad_line_is_named_and_nothing_is_written(empty: Flask, tmp_path: Path) -> None:
    before = rows()
    path = written(
        tmp_path, line("taxpayer"), line("period", tax="much"), "", line("payment", paid_on="2024-13-01", amount="0"),
        line("payment", "900-81-0002"), *HOUSEHOLD[:1], line("taxpayer", "900-81-0003"), "payment,900",
    )  # fmt: skip

    checked = check(path)

    assert checked.faults == [
        "Line 3: tax: dollars and cents like 1250.00 are needed.",
        "Line 5: paid_on: a date like 2026-11-23 is needed; amount: must be above 0.00 and at most 9999999.99.",
        "Line 6: nobody here has this ssn, and no taxpayer line of it comes before.",
        "Line 7: this taxpayer's lines begin on line 2; let them stand together.",
        "Line 9: 22 cells are needed, there are 2.",
    ]
    assert [*checked.sentences()][-1] == (
        "New: 2 taxpayers, 0 spouses, 0 tax periods, 0 payments. Here already: 0 lines. Bad: 5 lines."
    )
    with pytest.raises(HasBadLines):
        imports.carry_out(path, checked, by=PORTAL, when=office().clock.now())
    assert rows() == before


def test_what_differs_from_what_is_here_is_bad_and_overwrites_nothing(empty: Flask, tmp_path: Path) -> None:
    bring_in(written(tmp_path, *HOUSEHOLD))

    changed = line("taxpayer", city="Peoria"), line("period", tax="1.00"), line("payment", paid_on="2024-09-13")
    checked = check(written(tmp_path, *changed))

    assert checked.faults == [
        "Line 2: not what is here already: city.",
        "Line 3: not what is here already: tax.",
        "Line 4: not what is here already: paid_on.",
    ]


def test_a_long_list_of_bad_lines_is_cut_and_counted(empty: Flask, tmp_path: Path) -> None:
    checked = check(written(tmp_path, *["junk"] * 1234))

    assert (checked.bad, len(checked.faults)) == (1234, 200)
    assert "And 1,034 more bad lines." in checked.sentences()


def test_a_taxpayer_has_so_many_lines_and_no_more(
    empty: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rosters, "MOST_LINES_EACH", 3)

    checked = check(written(tmp_path, *HOUSEHOLD, line("payment", reference="2"), line("payment", reference="3")))

    assert checked.new.total() == 3
    assert checked.faults == [f"Line {number}: there are more than 3 lines of this taxpayer." for number in (5, 6)]


def test_no_message_repeats_an_ssn(empty: Flask, tmp_path: Path) -> None:
    path = written(tmp_path, *HOUSEHOLD, *HOUSEHOLD, line("payment", "000-81-0009", reference="900-81-0001 x"))

    said = " ".join(check(path).sentences())

    assert "0001" not in said
    assert "0009" not in said


# All or nothing


Break = tuple[Any, str, int]
BREAKS: dict[str, Break] = {
    "at the first taxpayer": (taxpayers, "enrol", 1),
    "after the first assessment": (ledger, "record", 2),
    "at the last household": (ledger, "expected_entries", 4),
    "at the event of the whole": (trail, "append", 14),
}


def break_at(where: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupt a deed at its first, second or later call, as Ctrl-C would."""
    module, name, call = where
    deed, calls = getattr(module, name), count(1)

    def broken(*arguments: Any, **named: Any) -> Any:
        if next(calls) == call:
            raise KeyboardInterrupt
        return deed(*arguments, **named)

    monkeypatch.setattr(module, name, broken)


@pytest.mark.parametrize("where", BREAKS.values(), ids=BREAKS)
def test_what_fails_half_way_leaves_nothing(empty: Flask, monkeypatch: pytest.MonkeyPatch, where: Break) -> None:
    before = rows()
    break_at(where, monkeypatch)

    with pytest.raises(KeyboardInterrupt):
        bring_in(SAMPLE)

    assert rows() == before


def test_books_and_trail_are_whole_after_a_failure_and_the_file_can_come_again(
    fresh_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(written(tmp_path, *HOUSEHOLD))
    with monkeypatch.context() as patched:
        break_at(BREAKS["at the last household"], patched)
        with pytest.raises(KeyboardInterrupt):
            bring_in(different_numbers(tmp_path))
    assert faults() == []

    bring_in(different_numbers(tmp_path))

    assert faults() == []
    assert rows()["taxpayers"] == 5


def different_numbers(folder: Path) -> Path:
    """The sample with other taxpayers."""
    path = folder / "others.csv"
    path.write_text(SAMPLE.read_text(encoding="utf-8").replace("900-81", "900-82"), encoding="utf-8")
    return path


def test_a_file_that_changed_after_its_check_is_not_imported(empty: Flask, tmp_path: Path) -> None:
    checked = check(written(tmp_path, *HOUSEHOLD))
    before = rows()
    path = written(tmp_path, *HOUSEHOLD[:2], line("payment", amount="9.00"))

    with pytest.raises(ChangedMeanwhile):
        imports.carry_out(path, checked, by=PORTAL, when=office().clock.now())
    assert rows() == before


def test_accounts_that_changed_after_the_check_stop_the_import(empty: Flask, tmp_path: Path) -> None:
    path = written(tmp_path, *HOUSEHOLD)
    checked = check(path)
    bring_in(path)

    with pytest.raises(ChangedMeanwhile):
        imports.carry_out(path, checked, by=PORTAL, when=office().clock.now())


# Files that mean harm, or were saved by the wrong program


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_byte_order_mark_and_either_line_ending_are_welcome(
    empty: Flask, tmp_path: Path, encoding: str, ending: str
) -> None:
    checked = check(written(tmp_path, *HOUSEHOLD, ending=ending, encoding=encoding))

    assert (checked.new.total(), checked.bad) == (3, 0)


def test_a_file_may_end_without_an_end_of_line(empty: Flask, tmp_path: Path) -> None:
    path = written(tmp_path, *HOUSEHOLD)
    path.write_bytes(path.read_bytes().rstrip())

    assert check(path).new.total() == 3


HOSTILE = {
    "empty": b"",
    "utf-16": f"{HEADER}\n{HOUSEHOLD[0]}\n".encode("utf-16"),
    "old Macintosh line ends": f"{HEADER}\r{HOUSEHOLD[0]}\r".encode(),
    "semicolons": HEADER.replace(",", ";").encode(),
    "no header": HOUSEHOLD[0].encode(),
    "10 MB without a line end": b"record," * 1_500_000,
    "10 MB of NUL": bytes(10_000_000),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_file_without_the_header_is_refused(empty: Flask, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(content)

    with pytest.raises(NotARoster):
        check(path)


BAD_BYTES = {
    "NUL": b"payment,\x00\n",
    "latin-1": b"taxpayer,Jos\xe9\n",
    "a huge cell": b'taxpayer,"' + b"x" * 10_000_000 + b'"\n',
    "an open quote": b'payment,"900-81-0001\n',
    "a short line": b"payment,900-81-0001\n",
    "a formula": line("taxpayer", "900-81-0002", last_name="=HYPERLINK(1)").encode() + b"\n",
}


@pytest.mark.parametrize("bad", BAD_BYTES.values(), ids=BAD_BYTES)
def test_a_bad_line_spoils_no_line_around_it(empty: Flask, tmp_path: Path, bad: bytes) -> None:
    path = written(tmp_path, *HOUSEHOLD[:2])
    path.write_bytes(path.read_bytes() + bad + HOUSEHOLD[2].encode())

    checked = check(path)

    others = 2 if bad == BAD_BYTES["a formula"] else 3
    assert (checked.new.total(), checked.faults[0].split(":")[0]) == (others, "Line 4")


def test_only_so_many_lines_and_bytes_are_read(empty: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, *HOUSEHOLD)
    size = path.stat().st_size

    for limit, enough, too_little in (("MOST_LINES", 3, 2), ("LARGEST_BYTES", size, size - 1)):
        with monkeypatch.context() as patched:
            patched.setattr(rosters, limit, enough)
            assert check(path).new.total() == 3
            patched.setattr(rosters, limit, too_little)
            with pytest.raises(Refusal):
                check(path)


@pytest.mark.parametrize("path", ["missing.csv", "."])
def test_what_is_no_file_is_refused(empty: Flask, tmp_path: Path, path: str) -> None:
    with pytest.raises(rosters.NoSuchFile):
        check(tmp_path / path)


def test_whoever_waits_hears_of_every_byte(empty: Flask, tmp_path: Path) -> None:
    path = written(tmp_path, *HOUSEHOLD, "x" * 9_999)
    heard: list[int] = []

    imports.dry_run(path, when=office().clock.now(), told=heard.append)

    assert sum(heard) == path.stat().st_size


# The command


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command, with an instance of its own."""
    monkeypatch.setenv("PORTAL_INSTANCE", str(tmp_path / "instance"))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments)

    return run


def test_the_command_checks_then_imports_then_finds_nothing_new(portal: Any) -> None:
    dry, first, again = (portal("import", *given, str(SAMPLE)) for given in (["--dry-run"], [], []))

    assert [each.exit_code for each in (dry, first, again)] == [0, 0, 0]
    new = "New: 4 taxpayers, 1 spouses, 4 tax periods, 4 payments. Here already: 0 lines. Bad: 0 lines."
    assert new in dry.output
    assert "Nothing was changed." in dry.output
    assert new in first.output
    assert first.output.endswith("Everything new was imported.\n")
    assert "Here already: 13 lines." in again.output
    assert portal("verify").exit_code == portal("trail", "verify").exit_code == 0


def test_the_command_says_what_is_bad(portal: Any, tmp_path: Path) -> None:
    bad = portal("import", str(written(tmp_path, line("taxpayer", state="ZZ"))))
    missing = portal("import", str(tmp_path / "missing.csv"))

    assert (bad.exit_code, missing.exit_code) == (1, 1)
    assert bad.stderr.startswith("Line 2: state: the two letters of a US state or territory are needed.\n")
    assert missing.stderr == "The file cannot be read: there is no such file.\n"
