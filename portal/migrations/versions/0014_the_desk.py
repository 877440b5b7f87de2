"""What the agency's people enter and ask for: batches, notes, promises to pay, holds, reviews, approvals."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _money_that_came()
    _what_is_written_down()
    _what_is_asked_for()
    op.create_index("ix_agreements_cure_by", "agreements", ["state", "cure_by", "id"], unique=False)
    op.create_index("ix_agreements_accepted_on", "agreements", ["state", "accepted_on", "id"], unique=False)
    op.create_index("ix_agreements_frozen_on", "agreements", ["frozen_on", "id"], unique=False)
    op.create_index("ix_applications_state", "applications", ["state", "begun_on", "id"], unique=False)


def _money_that_came() -> None:
    _make(
        "batches",
        {"user_id": "users"},
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("key", sa.String(43), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.UniqueConstraint("reference", name=op.f("uq_batches_reference")),
        sa.UniqueConstraint("key", name=op.f("uq_batches_key")),
    )
    _make(
        "tenders",
        {"payment_id": "payments", "taxpayer_id": "taxpayers", "batch_id": "batches", "user_id": "users"},
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("number", sa.String(30), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("envelope", sa.String(30), nullable=False),
        unique="payment_id",
    )
    op.create_index("ix_tenders_number", "tenders", ["taxpayer_id", "kind", "number"], unique=False)


def _what_is_written_down() -> None:
    _make(
        "notes",
        {"taxpayer_id": "taxpayers", "user_id": "users"},
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
    )
    _make(
        "promises_to_pay",
        {"taxpayer_id": "taxpayers", "user_id": "users"},
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("pay_by", sa.Date(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_promises_to_pay_above_zero")),
    )
    op.create_index("ix_promises_to_pay_pay_by", "promises_to_pay", ["pay_by"], unique=False)
    _make(
        "holds",
        {"taxpayer_id": "taxpayers", "user_id": "users"},
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.UniqueConstraint("reference", name=op.f("uq_holds_reference")),
    )
    _make(
        "return_reviews",
        {"payment_id": "payments", "user_id": "users"},
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("reviewed_at", INSTANT, nullable=False),
        unique="payment_id",
    )


def _what_is_asked_for() -> None:
    _make(
        "approvals",
        {"taxpayer_id": "taxpayers", "asked_by": "users", "decided_by": "users"},
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("subject", sa.String(30), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("reference", name=op.f("uq_approvals_reference")),
    )
    op.create_index("ix_approvals_open", "approvals", ["state", "id"], unique=False)


def _make(table: str, belongs_to: dict[str, str], *columns: sa.schema.SchemaItem, unique: str = "") -> None:
    """A table with its key, what its rows belong to, and an index on each of these."""
    optional = ("batch_id", "decided_by")
    op.create_table(
        table,
        sa.Column("id", KEY, nullable=False),
        *(sa.Column(name, KEY, nullable=name in optional) for name in belongs_to),
        *columns,
        *(
            sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_{table}_{name}_{to}"))
            for name, to in belongs_to.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for name in belongs_to:
        op.create_index(f"ix_{table}_{name}", table, [name], unique=name == unique)


def downgrade() -> None:
    raise RuntimeError("restore the backup that was made before the upgrade instead")
