"""Every setting: its variable, its default, and what it means. A bad value stops the start with a sentence."""

import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, time
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.gateways import banks, nacha_bank
from portal.policies import HERE as POLICIES

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class BadSetting(SystemExit):
    """A setting that cannot be used; the message is the sentence that the operator reads."""


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty")
    return value.strip()


def _path(value: str) -> Path:
    try:
        return Path(_text(value)).expanduser().resolve()
    except RuntimeError:
        raise ValueError("begins with the home folder of somebody unknown") from None


def _policy(value: str) -> Path:
    named = POLICIES / f"{value}.toml"
    path = named if named.exists() else _path(value)
    if not path.is_file():
        raise ValueError(f"names no policy file ({path})")
    return path


def _banks(value: str) -> Path:
    path = _path(value)
    if not path.is_file():
        raise ValueError(f"names no file ({path})")
    try:
        banks.names(path)
    except (KeyError, UnicodeDecodeError):
        raise ValueError(f"names a file without the columns routing_number and name ({path})") from None
    return path


def _bank(value: str) -> Path:
    path = _path(value)
    nacha_bank.open_bank(path)
    return path


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone like America/New_York") from None


def _time(value: str) -> time:
    try:
        return datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007  (a time of day, of no day)
    except ValueError:
        raise ValueError("is not a time of day like 06:00") from None


def _between(least: int, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"is not a whole number from {least} to {most}")
        return int(value)

    return read


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("is not an address like https://plans.example.gov")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("is plain http: people's sign-ins need https everywhere but on this machine itself")
    return value.rstrip("/")


def _database(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql://")):
        raise ValueError("is neither sqlite:///FILE nor postgresql://USER@HOST/NAME")
    return value.replace("postgresql://", "postgresql+psycopg://", 1)


def _smtp(value: str) -> str:
    wanted = "is not an address like smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465"
    try:
        parts = urlsplit(value)
        is_usable = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
    except ValueError:
        raise ValueError(wanted) from None
    if not is_usable or parts.path not in ("", "/") or parts.query or parts.fragment or not value.isprintable():
        raise ValueError(wanted)
    return value


def _mail_address(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", value):
        raise ValueError("is not a mail address like no-reply@plans.example.gov")
    return value


def _token(value: str) -> str:
    if len(value) < 16 or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("is not a token of at least 16 letters, digits and signs")
    return value


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split("|") if part.strip())


def setting(default: str, read: Callable[[str], Any]) -> Any:
    """A field read from PORTAL_<NAME>, or from the file that PORTAL_<NAME>_FILE names."""
    return field(default=default, metadata={"read": read})


@dataclass(frozen=True)
class Settings:
    """All settings, checked."""

    # Folder for the database, the keys, the outbox and whatever else must outlive the process.
    instance: Path = setting("instance", _path)
    # sqlite:///FILE or postgresql://USER@HOST/NAME; empty means portal.sqlite3 in the instance folder.
    database_url: str = setting("", lambda value: _database(value) if value else "")
    # Where people reach the portal; https turns on Secure cookies and HSTS.
    address: str = setting("http://127.0.0.1:8000", _address)
    # Signs cookies; empty means a key of the instance folder, made at the first start.
    secret_key: str = setting("", str)
    # The agency as people see it, and how they reach it: lines separated by |.
    agency_name: str = setting("Department of Revenue (demonstration)", _text)
    agency_contact: tuple[str, ...] = setting("Telephone 555-0100, Monday to Friday, 8 a.m. to 6 p.m.", _list)
    # Where checks and money orders are mailed to, lines separated by |.
    agency_address: tuple[str, ...] = setting(
        "Department of Revenue (demonstration)|P.O. Box 100|Springfield, IL 62701", _list
    )
    # The mail server, as smtp://USER:PASSWORD@HOST:587 (STARTTLS) or smtps://USER:PASSWORD@HOST:465 (TLS from the
    # start); empty means that mail is written as files into the folder outbox of the instance.
    smtp: str = setting("", lambda value: _smtp(value) if value else "")
    # Whom mail is from.
    mail_from: str = setting("no-reply@localhost", _mail_address)
    # A policy file, or the name of one that comes with the portal.
    policy: Path = setting("us-irs", _policy)
    # A file that describes the agency's bank (docs/nacha.md); empty means the sandbox, which moves no money.
    bank: Path | None = setting("", lambda value: _bank(value) if value else None)
    # The names of banks by routing number: a CSV file; empty means the few large ones that come with the portal.
    banks: Path | None = setting("", lambda value: _banks(value) if value else None)
    # Business dates are dates in this time zone.
    time_zone: ZoneInfo = setting("America/New_York", _zone)
    # When `portal worker` closes the business day, in that time zone: late enough for what was signed during the day,
    # early enough for a bank that takes files in the evening.
    close_at: time = setting("18:00", _time)
    # Whoever gives this token may read /metrics; empty means that nobody may.
    metrics_token: str = setting("", lambda value: _token(value) if value else "")
    # What `portal serve` listens on, and how many requests one worker answers at once.
    bind: str = setting("127.0.0.1", _text)
    port: int = setting("8000", _between(1, 65535))
    workers: int = setting("1", _between(1, 64))
    threads: int = setting("4", _between(1, 64))
    # How many proxies stand before the portal and set X-Forwarded-*; 0 means those headers are ignored.
    trusted_proxies: int = setting("0", _between(0, 5))
    # Sign-ins end after this many idle minutes, and after this many hours whatever happens.
    idle_minutes: int = setting("15", _between(2, 60))
    session_hours: int = setting("12", _between(1, 24))
    staff_session_hours: int = setting("10", _between(1, 24))

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.instance / 'portal.sqlite3'}"

    @property
    def trusted_hosts(self) -> list[str]:
        """The Host headers that are answered: the public address, and this machine by its own names."""
        return [urlsplit(self.address).hostname or "", "127.0.0.1", "localhost", "[::1]"]

    @property
    def is_secure(self) -> bool:
        return self.address.startswith("https://")


def load(
    environment: Mapping[str, str] = os.environ, overrides: Mapping[str, str] = MappingProxyType({})
) -> Settings:
    """The settings of the environment. Refuses (`BadSetting`) a value that cannot be used, by its name."""
    values = {}
    for each in fields(Settings):
        text = overrides.get(each.name)
        values[each.name] = _value(each, _from(environment, each) if text is None else text)
    return Settings(**values)


def _from(environment: Mapping[str, str], each: Any) -> str:
    name = f"PORTAL_{each.name.upper()}"
    if file := environment.get(f"{name}_FILE"):
        if name in environment:
            raise BadSetting(f"{name} and {name}_FILE are both set; keep one of them.")
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadSetting(f"{name}_FILE cannot be read: {error}.") from None
    return environment.get(name, each.default)


def _value(each: Any, text: str) -> Any:
    try:
        return each.metadata["read"](text)
    except ValueError as error:
        raise BadSetting(f"PORTAL_{each.name.upper()} {error}.") from None


def prepare(instance: Path) -> None:
    """Make the instance folder; what is written from here on is readable by its owner only.

    Refuses (`BadSetting`) a folder that cannot be made.
    """
    os.umask(0o077)
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"PORTAL_INSTANCE {instance} cannot be made: {error}.") from None


def secret_key(settings: Settings) -> str:
    """The key that signs cookies: as set, or kept in the instance folder. Refuses a short one."""
    key = settings.secret_key or kept(settings.instance / "secret_key", lambda: secrets.token_urlsafe(48))
    if len(key) < 32:
        raise BadSetting("PORTAL_SECRET_KEY is shorter than 32 characters.")
    return key


def kept(path: Path, make: Callable[[], str]) -> str:
    """The content of a secret file; made once, readable by its owner only, even if two processes start at once."""
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(make())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    if path.stat().st_mode & 0o077:
        raise BadSetting(f"{path} can be read by others; run: chmod 600 {path}")
    return path.read_text(encoding="utf-8")
