"""Direct Pay, attempts of a debit, files of the bank, frozen and unusable accounts, and a row for each day closed."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
IS_PROMISED = "state <> 'cancelled'"
KEPT = (
    "id, reference, taxpayer_id, agreement_id, bank_account_id, channel, state, amount, pay_on, installment_on, "
    "return_code, version"
)


def upgrade() -> None:
    op.create_table(
        "bank_files",
        sa.Column("id", KEY, nullable=False),
        sa.Column("direction", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("written_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_files")),
        sa.UniqueConstraint("name", name=op.f("uq_bank_files_name")),
        sa.UniqueConstraint("digest", name=op.f("uq_bank_files_digest")),
    )
    op.create_table(
        "quarantined_lines",
        sa.Column("id", KEY, nullable=False),
        sa.Column("bank_file_id", KEY, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("trace", sa.String(length=15), nullable=True),
        sa.Column("code", sa.String(length=3), nullable=True),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_file_id"], ["bank_files.id"], name=op.f("fk_quarantined_lines_bank_file_id_bank_files")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantined_lines")),
    )
    op.create_index("ix_quarantined_lines_bank_file_id", "quarantined_lines", ["bank_file_id"], unique=False)
    op.create_table(
        "business_days",
        sa.Column("id", KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_days")),
        sa.UniqueConstraint("day", name=op.f("uq_business_days_day")),
    )
    op.add_column("agreements", sa.Column("cure_by", sa.Date(), nullable=True))
    op.add_column("agreements", sa.Column("frozen_on", sa.Date(), nullable=True))
    op.add_column("bank_accounts", sa.Column("unusable_since", sa.Date(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("uq_payments_agreement_id_installment_on", "payments")
        op.add_column("payments", sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
        op.alter_column("payments", "attempt", server_default=None)
        for column in _new_columns():
            op.add_column("payments", column)
        for name, to in (("user_id", "users"), ("bank_file_id", "bank_files")):
            op.create_foreign_key(f"fk_payments_{name}_{to}", "payments", to, [name], ["id"])
        op.create_unique_constraint("uq_payments_trace", "payments", ["trace"])
    else:
        _make_payments_anew()
    for name in ("user_id", "bank_file_id"):
        op.create_index(f"ix_payments_{name}", "payments", [name], unique=False)
    op.create_index(
        "uq_payments_installment",
        "payments",
        ["agreement_id", "installment_on", "attempt"],
        unique=True,
        sqlite_where=sa.text(IS_PROMISED),
        postgresql_where=sa.text(IS_PROMISED),
    )


def _new_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("lowers_monthly", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("drafted_at", INSTANT, nullable=True),
        sa.Column("signed_at", INSTANT, nullable=True),
        sa.Column("signature", sa.String(length=130), nullable=True),
        sa.Column("signed_text", sa.Text(), nullable=True),
        sa.Column("bank_file_id", KEY, nullable=True),
        sa.Column("trace", sa.String(length=15), nullable=True),
    ]


def _make_payments_anew() -> None:
    """SQLite drops no constraint: the table is written down, made anew under its own name, and filled again, so that
    what points to it finds its rows when the transaction ends.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE kept_payments AS SELECT * FROM payments")
    op.drop_table("payments")
    op.create_table(
        "payments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("reference", sa.String(length=30), nullable=False),
        sa.Column("taxpayer_id", KEY, nullable=False),
        sa.Column("agreement_id", KEY, nullable=True),
        sa.Column("bank_account_id", KEY, nullable=True),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("pay_on", sa.Date(), nullable=False),
        sa.Column("installment_on", sa.Date(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("return_code", sa.String(length=3), nullable=True),
        *_new_columns(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payments_above_zero")),
        *(
            sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_payments_{name}_{to}"))
            for name, to in (
                ("taxpayer_id", "taxpayers"),
                ("agreement_id", "agreements"),
                ("bank_account_id", "bank_accounts"),
                ("user_id", "users"),
                ("bank_file_id", "bank_files"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("reference", name=op.f("uq_payments_reference")),
        sa.UniqueConstraint("trace", name=op.f("uq_payments_trace")),
    )
    op.execute(f"INSERT INTO payments ({KEPT}, attempt) SELECT {KEPT}, 1 FROM kept_payments")
    op.execute("DROP TABLE kept_payments")
    op.create_index("ix_payments_agreement_id", "payments", ["agreement_id"], unique=False)
    op.create_index("ix_payments_bank_account_id", "payments", ["bank_account_id"], unique=False)
    op.create_index("ix_payments_state", "payments", ["state", "pay_on"], unique=False)
    op.create_index("ix_payments_history", "payments", ["taxpayer_id", "pay_on", "id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("restore the backup that was made before the upgrade instead")
