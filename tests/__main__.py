"""`python -m tests`: every test that this machine can run, and at the end what ran and what did not.

PostgreSQL is used if a server's binaries are found (a throwaway cluster is started), Chromium if it is found, and PDF
files are made if WeasyPrint finds Pango. PORTAL_TEST_DEMAND=postgresql,chromium,pdf makes their absence a
failure. Arguments are passed on to pytest.
"""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

from portal.web.pdf import is_available
from tests.chromium import find_chromium
from tests.postgres import cluster, find_binaries

ROOT = Path(__file__).parent.parent


def main(arguments: list[str]) -> int:
    binaries, chromium = find_binaries(), find_chromium()
    found = {
        "sqlite": True,
        "postgresql": binaries is not None,
        "chromium": chromium is not None,
        "pdf": is_available(),
    }
    missing = [each for each in os.environ.get("PORTAL_TEST_DEMAND", "").split(",") if each and not found.get(each)]
    if missing:
        print(f"Demanded, but not found on this machine: {', '.join(missing)}.", file=sys.stderr)
        return 1
    with cluster(binaries) if binaries else nullcontext("") as address:
        environment = os.environ | {"PORTAL_TEST_POSTGRESQL": address, "PORTAL_TEST_CHROMIUM": chromium or ""}
        command = [
            sys.executable,
            "-m",
            "pytest",
            "--numprocesses",
            str(workers()),
            "--dist",
            "loadgroup",
            *arguments,
        ]
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    for name, is_here in found.items():
        print(f"  {name:12} {'ran' if is_here else 'did not run: not found on this machine'}")
    return code


def workers() -> int:
    """As many as there are cores, four at most."""
    return min(4, os.cpu_count() or 1)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
