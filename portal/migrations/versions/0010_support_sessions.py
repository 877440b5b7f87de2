"""Support sessions: an agent sees an account as the taxpayer does; requests, conflicts and objections."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
IS_RUNNING = "ended_at IS NULL"


def upgrade() -> None:
    op.add_column("trail", sa.Column("acting", sa.String(length=20), nullable=True))
    _create(
        "support_sessions",
        {"sign_in_id": "sign_ins", "user_id": "users", "taxpayer_id": "taxpayers", "subject_id": "users"},
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("ticket", sa.String(length=40), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("why_ended", sa.String(length=30), nullable=True),
        sa.UniqueConstraint("token_hash", name=op.f("uq_support_sessions_token_hash")),
    )
    op.create_index("ix_support_sessions_began_at", "support_sessions", ["began_at", "id"], unique=False)
    op.create_index(
        "uq_support_sessions_running",
        "support_sessions",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text(IS_RUNNING),
        postgresql_where=sa.text(IS_RUNNING),
    )
    _create_requests()
    _create_conflicts()


def _create_requests() -> None:
    _create(
        "support_requests",
        {"session_id": "support_sessions"},
        sa.Column("permission", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("code_sealed", sa.String(length=200), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("open_through", INSTANT, nullable=True),
    )


def _create_conflicts() -> None:
    _create(
        "conflicts",
        {"taxpayer_id": "taxpayers", "user_id": "users", "noted_by": "users"},
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
    )
    _create(
        "objections",
        {"taxpayer_id": "taxpayers", "user_id": "users", "agent_id": "users"},
        sa.Column("about", sa.String(length=20), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.Column("reviewed_by", KEY, nullable=True),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["reviewed_by"], ["users.id"], name=op.f("fk_objections_reviewed_by_users")),
    )
    op.create_index("ix_objections_reviewed_by", "objections", ["reviewed_by"], unique=False)
    op.create_index("ix_objections_open", "objections", ["reviewed_at", "at"], unique=False)
    op.create_index("uq_objections_about", "objections", ["taxpayer_id", "about"], unique=True)


def _create(table: str, belongs_to: dict[str, str], *more: sa.schema.SchemaItem) -> None:
    """A table with its key, its public reference, and what its rows belong to."""
    op.create_table(
        table,
        sa.Column("id", KEY, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        *(sa.Column(name, KEY, nullable=False) for name in belongs_to),
        *more,
        *(
            sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_{table}_{name}_{to}"))
            for name, to in belongs_to.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{table}_reference")),
    )
    for name in belongs_to:
        op.create_index(f"ix_{table}_{name}", table, [name], unique=False)


def downgrade() -> None:
    raise RuntimeError("restore the backup that was made before the upgrade instead")
