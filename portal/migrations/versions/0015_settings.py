"""Sign-ins that can be told apart and ended by their owner, and changes of the email address."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("sign_ins", sa.Column("browser", sa.String(length=40), nullable=False, server_default=""))
    # A stay that was open already has none, and is not listed until it ends by itself.
    op.add_column("sign_ins", sa.Column("reference", sa.String(length=20), nullable=True))
    op.create_index("ix_sign_ins_reference", "sign_ins", ["reference"], unique=True)
    op.create_table(
        "email_changes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("old_email", sa.String(length=254), nullable=False),
        sa.Column("new_email", sa.String(length=254), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("undo_hash", sa.String(length=64), nullable=True),
        sa.Column("undo_by", INSTANT, nullable=True),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_email_changes_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_changes")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_email_changes_token_hash")),
        sa.UniqueConstraint("undo_hash", name=op.f("uq_email_changes_undo_hash")),
    )
    op.create_index("ix_email_changes_user_id", "email_changes", ["user_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("restore the backup that was made before the upgrade instead")
