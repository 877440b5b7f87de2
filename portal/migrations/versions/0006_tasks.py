"""Users have a public name, the trail is searched, tasks, and quarantined lines that are resolved."""

import sqlalchemy as sa
from alembic import op

from portal.models.columns import new_reference

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
IS_OPEN = "ended_at IS NULL"
CHUNK = 1000


def upgrade() -> None:
    _name_rows("users", "US")
    _name_rows("quarantined_lines", "QL")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("users", "email", type_=sa.String(254, collation="C"))
    op.create_index("ix_users_role", "users", ["role", "email"], unique=False)
    op.drop_index("ix_trail_user_id", "trail")
    for name, columns in (("user_id", ["user_id", "at"]), ("event", ["event", "at"]), ("subject", ["subject"]),
                          ("at", ["at"])):  # fmt: skip
        op.create_index(f"ix_trail_{name}", "trail", columns, unique=False)
    _let_lines_be_resolved()
    _make_tasks()


def _name_rows(table: str, prefix: str) -> None:
    """A public name for every row that is there already."""
    op.add_column(table, sa.Column("reference", sa.String(length=20), nullable=False, server_default=""))
    connection = op.get_bind()
    rows = sa.table(table, sa.column("id", KEY), sa.column("reference", sa.String()))
    named = sa.update(rows).where(rows.c.id == sa.bindparam("row")).values(reference=sa.bindparam("name"))
    last = 0
    while ids := connection.scalars(
        sa.select(rows.c.id).where(rows.c.id > last).order_by(rows.c.id).limit(CHUNK)
    ).all():
        connection.execute(named, [{"row": each, "name": new_reference(prefix)} for each in ids])
        last = ids[-1]
    op.create_index(f"ix_{table}_reference", table, ["reference"], unique=True)


def _let_lines_be_resolved() -> None:
    for name in ("content", "reason"):
        length = 200 if name == "content" else 300
        op.add_column(
            "quarantined_lines", sa.Column(name, sa.String(length=length), nullable=False, server_default="")
        )
    op.add_column("quarantined_lines", sa.Column("amount", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("quarantined_lines", sa.Column("resolved_at", INSTANT, nullable=True))
    key = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    for name, to in (("user_id", "users"), ("payment_id", "payments")):
        # In one statement, for SQLite adds no constraint to a column that is there.
        pointing = f"CONSTRAINT fk_quarantined_lines_{name}_{to} REFERENCES {to} (id)"
        op.execute(f"ALTER TABLE quarantined_lines ADD COLUMN {name} {key} {pointing}")
        op.create_index(f"ix_quarantined_lines_{name}", "quarantined_lines", [name], unique=False)


def _make_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("began_at", INSTANT, nullable=True),
        sa.Column("seen_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tasks_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_user_id", "tasks", ["user_id"], unique=False)
    op.create_index("ix_tasks_latest", "tasks", ["kind", "ended_at"], unique=False)
    op.create_index(
        "uq_tasks_open", "tasks", ["kind"], unique=True, sqlite_where=sa.text(IS_OPEN),
        postgresql_where=sa.text(IS_OPEN),
    )  # fmt: skip


def downgrade() -> None:
    raise RuntimeError("restore the backup that was made before the upgrade instead")
