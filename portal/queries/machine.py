"""The machine that the portal runs on, as far as it can be asked: versions, and how large the database is."""

import platform
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy import text

from portal.db import db

SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}
VERSIONS = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}


def database_bytes() -> int:
    """How large the database is."""
    return int(db.session.execute(text(SIZES[db.engine.dialect.name])).scalar_one())


def versions() -> dict[str, str]:
    """What runs here: the portal, Python, the database, and the last migration that it has seen."""
    try:
        portal = version("installment-portal")
    except PackageNotFoundError:
        portal = "–"
    engine = db.engine.dialect.name
    database = db.session.execute(text(VERSIONS[engine])).scalar_one()
    migration = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine]
    return {"portal": portal, "Python": platform.python_version(), name: str(database), "migration": migration}
