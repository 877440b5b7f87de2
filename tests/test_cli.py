"""The command: what it says, what it refuses, and the exit code that a script can rely on."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.db import db, sqlite_module, transaction
from portal.models.mail import MailKind
from portal.services import mails, trail
from tests.conftest import new_app
from tests.ledger_text import owing, paid
from tests.stopped_clock import NOW

PASSWORD = "a password of many words"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance whose database has one account of three payments."""
    folder = tmp_path_factory.mktemp("template")
    app = new_app(folder, f"sqlite:///{folder / 'portal.sqlite3'}")
    with app.app_context():
        taxpayer = owing()
        for day in (1, 2, 3):
            paid(taxpayer, "10.00", date(2024, 7, day))
        db.session.remove()
        db.engine.dispose()
    return folder


@pytest.fixture
def instance(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "instance"))


@pytest.fixture
def portal(instance: Path) -> Run:
    """The command, run on an instance of its own."""

    def run(*arguments: str, answers: str = "") -> Result:
        environment = {
            "PORTAL_INSTANCE": str(instance),
            "PORTAL_DATABASE_URL": f"sqlite:///{instance}/portal.sqlite3",
        }
        return CliRunner().invoke(main, arguments, env=environment, input=answers)

    return run


@pytest.fixture
def edit(instance: Path) -> Iterator[sqlite3.Connection]:
    """The database itself, for who goes around the portal."""
    with closing(sqlite_module().connect(instance / "portal.sqlite3", isolation_level=None)) as connection:
        yield connection


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    for name, command in group.commands.items():
        here = (*path, name)
        found += every_command(command, here) if isinstance(command, click.Group) else [here]
    return found


@pytest.mark.parametrize("command", every_command(main), ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*command, "--help"])

    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].startswith("Usage: ")
    assert lines[2].strip().endswith((".", ";", ",")) or lines[3].strip(), "it does not say what it does"


def test_what_is_no_command_is_refused() -> None:
    assert CliRunner().invoke(main, ["no-such-command"]).exit_code == 2


def test_verify_is_content_with_what_the_services_wrote(portal: Run) -> None:
    result = portal("verify")

    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == "1 accounts checked, 0 faults."


def test_verify_names_the_row_and_exits_1(portal: Run, edit: sqlite3.Connection) -> None:
    edit.execute("DROP TRIGGER postings_keep_update")
    edit.execute("UPDATE postings SET amount = amount + 1 WHERE id = 1")

    result = portal("verify")

    assert result.exit_code == 1
    assert "entry 1: its postings do not balance" in result.stderr.splitlines()
    assert result.output.splitlines()[-1].startswith("1 accounts checked, ")
    assert not result.output.splitlines()[-1].endswith(", 0 faults.")


def test_close_shows_what_it_does_and_what_the_day_came_to(portal: Run) -> None:
    result = portal("close")

    assert result.exit_code == 0, result.output
    assert "  debits due today" in result.output.splitlines()
    assert any(line.endswith(" is closed.") for line in result.output.splitlines())
    assert [line.split() for line in result.output.splitlines()[-2:]] == [
        ["trial", "balance", "0.00"], ["left", "undone", "0"],
    ]  # fmt: skip
    assert portal("close").exit_code == 0
    assert portal("verify").exit_code == 0


def test_close_says_what_is_wrong_with_a_clock_that_went_back(portal: Run, edit: sqlite3.Connection) -> None:
    edit.execute(
        "INSERT INTO business_days (day, began_at, ended_at, summary) VALUES "
        "('2099-01-01', '2099-01-01 12:00:00', '2099-01-01 12:00:00', '{}')"
    )

    result = portal("close")

    assert result.exit_code == 2
    assert "The books are closed through 2099-01-01" in result.stderr


def test_the_trail_as_it_was_written_is_whole(portal: Run) -> None:
    result = portal("trail", "verify")

    assert (result.exit_code, result.output) == (0, "The trail is whole.\n")


def test_a_trail_that_was_cut_with_its_head_row_is_told_by_the_head_beside_the_database(
    portal: Run, edit: sqlite3.Connection
) -> None:
    edit.execute("DROP TRIGGER trail_keep_delete")
    edit.execute("DELETE FROM trail WHERE number = 5")
    edit.execute("UPDATE trail_head SET number = 4, link = (SELECT link FROM trail WHERE number = 4)")

    result = portal("trail", "verify")

    assert result.exit_code == 1
    assert result.stderr == "trail 4: cut, row 5 was written after it\n"
    assert result.stdout == "1 faults.\n"


def test_a_trail_whose_kept_head_is_gone_is_still_followed(portal: Run, instance: Path) -> None:
    trail.head_file(instance).unlink()

    assert portal("trail", "verify").exit_code == 0


def test_mail_that_is_due_is_delivered_from_the_command_line(portal: Run, instance: Path) -> None:
    app = new_app(instance, f"sqlite:///{instance / 'portal.sqlite3'}")
    with app.app_context(), transaction():
        mails.write(MailKind.PASSWORD_CHANGED, "a@example.test", language="en_US", when=NOW, first_name="Ada")

    first, again = portal("post"), portal("post")

    assert (first.exit_code, first.output) == (0, "1 mails sent, 0 not taken.\n")
    assert (again.exit_code, again.output) == (0, "0 mails sent, 0 not taken.\n")
    assert [each.suffix for each in (instance / "outbox").iterdir()] == [".eml"]


def test_mail_that_is_not_taken_is_an_exit_code(portal: Run, instance: Path) -> None:
    app = new_app(instance, f"sqlite:///{instance / 'portal.sqlite3'}")
    with app.app_context(), transaction():
        mails.write(MailKind.PASSWORD_CHANGED, "a@example.test", language="en_US", when=NOW, first_name="Ada")
    (instance / "outbox").write_text("not a folder", encoding="utf-8")

    result = portal("post")

    assert (result.exit_code, result.stdout) == (1, "0 mails sent, 1 not taken.\n")


def test_somebody_of_the_staff_is_added_and_the_password_is_asked_for_twice(
    portal: Run, edit: sqlite3.Connection
) -> None:
    result = portal(
        "user", "add", "Ada@Example.test", "--role", "agent", answers=f"Ada Agent\n{PASSWORD}\n{PASSWORD}\n"
    )

    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    users = edit.execute("SELECT email, name, role, taxpayer_id FROM users").fetchall()
    assert users == [("ada@example.test", "Ada Agent", "agent", None)]
    assert portal("trail", "verify").exit_code == 0


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("ada@example.test", "fourteen chars", "A password needs at least 15 characters. A few words in a row"),
        ("ada", PASSWORD, "This is not an email address. It looks like name@example.com."),
    ],
)
def test_who_cannot_be_added_is_refused_in_one_line(
    portal: Run, edit: sqlite3.Connection, email: str, password: str, sentence: str
) -> None:
    result = portal("user", "add", email, "--role", "agent", "--name", "Ada", "--password", password)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(sentence)
    assert result.stderr.count("\n") == 1
    assert edit.execute("SELECT * FROM users").fetchall() == []


def test_an_email_address_that_signs_in_already_is_refused(portal: Run) -> None:
    arguments = ("user", "add", "ada@example.test", "--role", "agent", "--name", "Ada", "--password", PASSWORD)
    assert portal(*arguments).exit_code == 0

    result = portal(*arguments)

    assert result.exit_code == 2
    assert result.stderr == "Somebody already signs in with this email address. Nothing was changed.\n"


def test_a_lost_second_factor_is_taken_away(portal: Run) -> None:
    portal("user", "add", "ada@example.test", "--role", "agent", "--name", "Ada", "--password", PASSWORD)

    done = portal("user", "reset-second-factor", " Ada@example.test")
    nobody = portal("user", "reset-second-factor", "eve@example.test")

    assert (done.exit_code, nobody.exit_code) == (0, 2)
    assert "password alone" in done.output
    assert "Nobody signs in with eve@example.test." in nobody.output


@pytest.mark.parametrize("role", ["taxpayer", "root", ""])
def test_only_staff_is_added_by_the_command(portal: Run, role: str) -> None:
    result = portal("user", "add", "ada@example.test", "--role", role, "--name", "Ada", "--password", PASSWORD)

    assert result.exit_code == 2


def test_two_passwords_that_differ_are_asked_for_again(portal: Run) -> None:
    answers = f"{PASSWORD}\nanother password\n{PASSWORD}\n{PASSWORD}\n"

    result = portal("user", "add", "ada@example.test", "--role", "administrator", "--name", "Ada", answers=answers)

    assert result.exit_code == 0
    assert "Error: The two entered values do not match." in result.output
