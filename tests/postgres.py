"""A throwaway PostgreSQL cluster: started in a temporary folder, reached through a socket in it, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FOLDERS = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")
SERVER = "postgres"


def find_binaries() -> Path | None:
    """The folder of the newest server's binaries, or None; root needs the user that Debian makes for the server."""
    if os.geteuid() == 0 and _server_user() is None:
        return None
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = [path for pattern in FOLDERS for path in Path("/").glob(pattern.lstrip("/"))]
    return max((path for path in installed if (path / "initdb").exists()), key=str, default=None)


@contextmanager
def cluster(binaries: Path) -> Iterator[str]:
    """Start a cluster and give its address. It is not durable: it lives for one run of the tests."""
    folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
    as_user: dict[str, Any] = {"user": SERVER, "group": SERVER, "extra_groups": []} if os.geteuid() == 0 else {}
    if as_user:
        shutil.chown(folder, SERVER, SERVER)
    quiet = {"stdout": subprocess.DEVNULL, "check": True, "cwd": folder, **as_user}
    data, options = folder / "data", "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    initdb = [binaries / "initdb", "-D", data, "-U", SERVER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(initdb, **quiet)
    options += f" -c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=100"
    control = [binaries / "pg_ctl", "-D", data, "-s", "-w"]
    subprocess.run([*control, "-l", folder / "log", "-o", options, "start"], **quiet)
    try:
        yield f"postgresql://{SERVER}@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder, ignore_errors=True)


def _server_user() -> str | None:
    return next((each.pw_name for each in pwd.getpwall() if each.pw_name == SERVER), None)
