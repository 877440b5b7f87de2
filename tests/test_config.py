"""Every setting: a good value is kept, a bad one stops the start with a sentence that names its variable."""

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from portal import config
from portal.config import BadSetting, Settings

BAD = [
    ("INSTANCE", ""),
    ("INSTANCE", "  "),
    ("INSTANCE", "~nobody-of-this-name/portal"),
    ("INSTANCE", "a\0b"),
    ("DATABASE_URL", "mysql://localhost/portal"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "portal.sqlite3"),
    ("ADDRESS", ""),
    ("ADDRESS", "plans.example.gov"),
    ("ADDRESS", "ftp://plans.example.gov"),
    ("ADDRESS", "https://"),
    ("ADDRESS", "https://plans.example.gov/portal"),
    ("ADDRESS", "https://[::1"),
    ("ADDRESS", "http://plans.example.gov"),
    ("ADDRESS", "http://192.0.2.1:8000"),
    ("ADDRESS", "http://localhost.example.gov"),
    ("AGENCY_NAME", " "),
    ("POLICY", "no-such-policy"),
    ("POLICY", ""),
    ("TIME_ZONE", ""),
    ("TIME_ZONE", "America"),
    ("TIME_ZONE", "Mars/Olympus"),
    ("TIME_ZONE", "../UTC"),
    ("TIME_ZONE", "a\0b"),
    ("CLOSE_AT", ""),
    ("CLOSE_AT", "6"),
    ("CLOSE_AT", "24:00"),
    ("CLOSE_AT", "6 a.m."),
    ("BIND", ""),
    ("METRICS_TOKEN", "too short"),
    ("METRICS_TOKEN", "of two words and long"),
    ("METRICS_TOKEN", "ümlauts-are-none-of-it"),
    ("BANK", "no-such-file.toml"),
    ("BANK", "pyproject.toml"),
    ("BANKS", "no-such-file.csv"),
    ("BANKS", "pyproject.toml"),
    *(("SMTP", value) for value in ("mail.example.gov", "http://mail.example.gov", "smtp://", "smtp://mail:port",
                                    "smtp://mail:0", "smtp://mail:99999", "smtp://mail/inbox", "smtp://[::1",
                                    "smtp://mail?tls=no", "smtp://a\r\nb@mail", " ")),
    *(("MAIL_FROM", value) for value in ("", "nobody", "a@b@c", "a b@example.gov", "a@example.gov\nBcc: b@c.test",
                                         "Agency <a@example.gov>", "a@example..gov", "a@b, c@d")),
    *((name, value) for name in ("PORT", "WORKERS", "THREADS", "TRUSTED_PROXIES", "IDLE_MINUTES", "SESSION_HOURS",
                                 "STAFF_SESSION_HOURS")
      for value in ("", "-1", "1.5", "many", "１２", "1_0", " 8", "999999", "9" * 5000)),
    ("PORT", "0"), ("WORKERS", "0"), ("THREADS", "65"), ("TRUSTED_PROXIES", "6"), ("IDLE_MINUTES", "1"),
    ("IDLE_MINUTES", "61"), ("SESSION_HOURS", "25"), ("STAFF_SESSION_HOURS", "0"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_stops_the_start_with_a_sentence_that_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=rf"^PORTAL_{name} .+\.$") as stopped:
        config.load({f"PORTAL_{name}": value})

    assert "\n" not in str(stopped.value)


def test_every_setting_that_can_be_wrong_is_tried() -> None:
    free = {"secret_key", "agency_contact", "agency_address"}

    assert {name.lower() for name, _ in BAD} == {each.name for each in fields(Settings)} - free


def test_a_list_of_banks_with_a_number_that_is_none_stops_the_start(tmp_path: Path) -> None:
    listed = tmp_path / "banks.csv"
    listed.write_text("routing_number,name\n121042882,Wells Fargo Bank\n121042883,A slip\n", encoding="utf-8")

    with pytest.raises(BadSetting, match=r"PORTAL_BANKS says that '121042883' is a routing number"):
        config.load({"PORTAL_BANKS": str(listed)})


def test_without_an_environment_every_default_is_good() -> None:
    settings = config.load({})

    assert settings.address == "http://127.0.0.1:8000"
    assert settings.time_zone == ZoneInfo("America/New_York")
    assert settings.database == f"sqlite:///{settings.instance / 'portal.sqlite3'}"
    assert not settings.is_secure


def test_an_override_wins_over_the_environment() -> None:
    assert config.load({"PORTAL_PORT": "8001"}, {"port": "8002"}).port == 8002


def test_a_bad_override_is_refused_by_the_name_of_its_variable() -> None:
    with pytest.raises(BadSetting, match=r"^PORTAL_PORT is not a whole number"):
        config.load({}, {"port": "x"})


def test_https_turns_on_what_needs_it() -> None:
    settings = config.load({"PORTAL_ADDRESS": "https://plans.example.gov/"})

    assert settings.is_secure
    assert settings.address == "https://plans.example.gov"
    assert settings.trusted_hosts[0] == "plans.example.gov"


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000"])
def test_plain_http_is_for_this_machine_itself(address: str) -> None:
    assert config.load({"PORTAL_ADDRESS": address}).address == address


def test_postgresql_is_reached_by_the_driver_that_comes_with_the_portal() -> None:
    settings = config.load({"PORTAL_DATABASE_URL": "postgresql://portal@db/portal"})

    assert settings.database == "postgresql+psycopg://portal@db/portal"


@pytest.mark.parametrize(
    "address",
    ["", "smtp://mail.example.gov", "smtp://us:p%40ss@mail.example.gov:587", "smtps://mail:465", "smtp://[::1]:25"],
)
def test_a_mail_server_is_an_address(address: str) -> None:
    assert config.load({"PORTAL_SMTP": address}).smtp == address


def test_how_the_agency_is_reached_is_a_list() -> None:
    assert config.load({"PORTAL_AGENCY_CONTACT": "Telephone 1| |Room 2 "}).agency_contact == ("Telephone 1", "Room 2")


def test_a_value_can_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("8123\n", encoding="utf-8")

    assert config.load({"PORTAL_PORT_FILE": str(file)}).port == 8123


def test_a_value_and_a_file_are_one_too_many(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("8123", encoding="utf-8")

    with pytest.raises(BadSetting, match=r"^PORTAL_PORT and PORTAL_PORT_FILE are both set; keep one of them.$"):
        config.load({"PORTAL_PORT_FILE": str(file), "PORTAL_PORT": "8000"})


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"^PORTAL_SECRET_KEY_FILE cannot be read: "):
        config.load({"PORTAL_SECRET_KEY_FILE": str(tmp_path / "none")})


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(BadSetting, match=r"^PORTAL_SECRET_KEY_FILE cannot be read: "):
        config.load({"PORTAL_SECRET_KEY_FILE": str(file)})


def test_a_bad_value_in_a_file_is_refused_like_any_other(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("none", encoding="utf-8")

    with pytest.raises(BadSetting, match=r"^PORTAL_PORT is not a whole number"):
        config.load({"PORTAL_PORT_FILE": str(file)})


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    settings = config.load({"PORTAL_SECRET_KEY": "x" * 31, "PORTAL_INSTANCE": str(tmp_path)})

    with pytest.raises(BadSetting, match=r"^PORTAL_SECRET_KEY is shorter than 32 characters.$"):
        config.secret_key(settings)


def test_without_a_key_one_is_made_and_kept(tmp_path: Path) -> None:
    settings = config.load({"PORTAL_INSTANCE": str(tmp_path)})

    first = config.secret_key(settings)

    assert len(first) >= 32
    assert config.secret_key(settings) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_secret_that_others_can_read_stops_the_start(tmp_path: Path, mode: int) -> None:
    settings = config.load({"PORTAL_INSTANCE": str(tmp_path)})
    config.secret_key(settings)
    (tmp_path / "secret_key").chmod(mode)

    with pytest.raises(BadSetting, match=r"can be read by others; run: chmod 600 .*secret_key$"):
        config.secret_key(settings)


def test_the_instance_folder_is_the_owner_s_alone(tmp_path: Path) -> None:
    config.prepare(tmp_path / "new" / "instance")

    assert (tmp_path / "new" / "instance").stat().st_mode & 0o777 == 0o700


def test_an_instance_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(BadSetting, match=r"^PORTAL_INSTANCE .* cannot be made: "):
        config.prepare(tmp_path / "file")


def test_a_policy_that_cannot_be_read_stops_the_start_and_is_named(tmp_path: Path) -> None:
    from portal import create_app

    (tmp_path / "ours.toml").write_text("name = 'ours'", encoding="utf-8")
    settings = config.load({"PORTAL_INSTANCE": str(tmp_path), "PORTAL_POLICY": str(tmp_path / "ours.toml")})

    with pytest.raises((BadSetting, ValueError), match=r"ours[.]toml cannot be read"):
        create_app(settings)


def test_the_command_says_the_sentence_and_nothing_more(tmp_path: Path) -> None:
    environment = os.environ | {"PORTAL_PORT": "eighty", "PORTAL_INSTANCE": str(tmp_path)}
    command = [sys.executable, "-c", "from portal.cli import main; main(['verify'])"]

    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr == "PORTAL_PORT is not a whole number from 1 to 65535.\n"
