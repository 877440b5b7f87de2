"""How Alembic reaches the portal's database, through the application that asks for the migration."""

from alembic import context
from flask import current_app

from portal import models  # noqa: F401  (the tables must be known)
from portal.db import Base, db


def run() -> None:
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database, not into a file.")
assert current_app
run()
