"""Other ways to pay an agreement: drafts, what was signed, and the freeze of all changes."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
POINTS_TO = (
    ("taxpayer_id", "taxpayers"),
    ("agreement_id", "agreements"),
    ("user_id", "users"),
    ("bank_account_id", "bank_accounts"),
    ("before_id", "terms"),
)


def upgrade() -> None:
    op.add_column("agreements", sa.Column("changes_frozen_on", sa.Date(), nullable=True))
    op.add_column("agreements", sa.Column("has_low_income", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Whose fee is given back at completion was found to have a low income.
    op.execute("UPDATE agreements SET has_low_income = (fee_back > 0)")
    op.create_table(
        "method_changes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("taxpayer_id", KEY, nullable=False),
        sa.Column("agreement_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("method", sa.String(length=30), nullable=False),
        sa.Column("bank_account_id", KEY, nullable=True),
        sa.Column("employer", sa.JSON(), nullable=True),
        sa.Column("drafted_at", INSTANT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=True),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("before_id", KEY, nullable=True),
        sa.Column("fee", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("stop_hash", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_method_changes_{name}_{to}"))
            for name, to in POINTS_TO
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_method_changes")),
        sa.UniqueConstraint("reference", name=op.f("uq_method_changes_reference")),
        sa.UniqueConstraint("stop_hash", name=op.f("uq_method_changes_stop_hash")),
    )
    for name, _to in POINTS_TO:
        op.create_index(f"ix_method_changes_{name}", "method_changes", [name], unique=False)
    op.create_index("ix_method_changes_made", "method_changes", ["agreement_id", "made_at"], unique=False)


def downgrade() -> None:
    raise RuntimeError("restore the backup that was made before the upgrade instead")
