"""Applications, what was signed, payroll deduction, registration, mail, and the spouses who share an account."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

IN_FORCE = "state IN ('active', 'in_default')"


def upgrade() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("taxpayer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("facts_sealed", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["taxpayer_id"], ["taxpayers.id"], name=op.f("fk_mails_taxpayer_id_taxpayers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("reference", name=op.f("uq_mails_reference")),
    )
    op.create_index("ix_mails_taxpayer_id", "mails", ["taxpayer_id"], unique=False)
    op.create_index("ix_mails_waiting", "mails", ["state", "due_at"], unique=False)

    op.create_table(
        "spouses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("taxpayer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("first_name", sa.String(length=60), nullable=False),
        sa.Column("last_name", sa.String(length=60), nullable=False),
        sa.Column("ssn_sealed", sa.String(length=200), nullable=False),
        sa.Column("ssn_index", sa.String(length=64), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["taxpayer_id"], ["taxpayers.id"], name=op.f("fk_spouses_taxpayer_id_taxpayers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spouses")),
        sa.UniqueConstraint("reference", name=op.f("uq_spouses_reference")),
        sa.UniqueConstraint("ssn_index", name=op.f("uq_spouses_ssn_index")),
    )
    op.create_index("ix_spouses_taxpayer_id", "spouses", ["taxpayer_id"], unique=True)

    op.create_table(
        "payroll_deductions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("taxpayer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("employer", sa.String(length=100), nullable=False),
        sa.Column("employer_email", sa.String(length=254), nullable=False),
        sa.Column("frequency", sa.String(length=30), nullable=False),
        sa.Column("per_paycheck", sa.BigInteger(), nullable=False),
        sa.Column("answer_hash", sa.String(length=64), nullable=False),
        sa.Column("report_hash", sa.String(length=64), nullable=True),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("per_paycheck > 0", name=op.f("ck_payroll_deductions_above_zero")),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_payroll_deductions_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["taxpayer_id"], ["taxpayers.id"], name=op.f("fk_payroll_deductions_taxpayer_id_taxpayers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payroll_deductions")),
        sa.UniqueConstraint("answer_hash", name=op.f("uq_payroll_deductions_answer_hash")),
        sa.UniqueConstraint("reference", name=op.f("uq_payroll_deductions_reference")),
        sa.UniqueConstraint("report_hash", name=op.f("uq_payroll_deductions_report_hash")),
    )
    op.create_index("ix_payroll_deductions_agreement_id", "payroll_deductions", ["agreement_id"], unique=False)
    op.create_index("ix_payroll_deductions_taxpayer_id", "payroll_deductions", ["taxpayer_id"], unique=False)

    op.create_table(
        "registrations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("taxpayer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("spouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["spouse_id"], ["spouses.id"], name=op.f("fk_registrations_spouse_id_spouses")),
        sa.ForeignKeyConstraint(
            ["taxpayer_id"], ["taxpayers.id"], name=op.f("fk_registrations_taxpayer_id_taxpayers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_registrations_token_hash")),
    )
    op.create_index("ix_registrations_spouse_id", "registrations", ["spouse_id"], unique=False)
    op.create_index("ix_registrations_taxpayer_id", "registrations", ["taxpayer_id"], unique=False)

    op.create_table(
        "applications",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("taxpayer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("answers_sealed", sa.Text(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_applications_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["taxpayer_id"], ["taxpayers.id"], name=op.f("fk_applications_taxpayer_id_taxpayers")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_applications_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("reference", name=op.f("uq_applications_reference")),
    )
    op.create_index("ix_applications_agreement_id", "applications", ["agreement_id"], unique=True)
    op.create_index("ix_applications_taxpayer_id", "applications", ["taxpayer_id"], unique=False)
    op.create_index("ix_applications_user_id", "applications", ["user_id"], unique=False)
    op.create_index(
        "uq_applications_drafted",
        "applications",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("state = 'drafted'"),
        postgresql_where=sa.text("state = 'drafted'"),
    )

    op.create_table(
        "authorizations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("taxpayer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=130), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_authorizations_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["taxpayer_id"], ["taxpayers.id"], name=op.f("fk_authorizations_taxpayer_id_taxpayers")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_authorizations_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorizations")),
        sa.UniqueConstraint("reference", name=op.f("uq_authorizations_reference")),
    )
    op.create_index("ix_authorizations_agreement_id", "authorizations", ["agreement_id"], unique=False)
    op.create_index("ix_authorizations_taxpayer_id", "authorizations", ["taxpayer_id"], unique=False)
    op.create_index("ix_authorizations_user_id", "authorizations", ["user_id"], unique=False)

    op.create_table(
        "password_resets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_password_resets_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_resets_token_hash")),
    )
    op.create_index("ix_password_resets_user_id", "password_resets", ["user_id"], unique=False)

    op.create_table(
        "remittances",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deduction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["deduction_id"], ["payroll_deductions.id"], name=op.f("fk_remittances_deduction_id_payroll_deductions")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_remittances_payment_id_payments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittances")),
        sa.UniqueConstraint("deduction_id", "paid_on", name=op.f("uq_remittances_deduction_id_paid_on")),
    )
    op.create_index("ix_remittances_deduction_id", "remittances", ["deduction_id"], unique=False)
    op.create_index("ix_remittances_payment_id", "remittances", ["payment_id"], unique=True)

    op.add_column("agreements", sa.Column("kind", sa.String(length=30), nullable=False, server_default="long_term"))
    op.add_column("agreements", sa.Column("fee_back", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index(
        "uq_agreements_in_force",
        "agreements",
        ["taxpayer_id"],
        unique=True,
        sqlite_where=sa.text(IN_FORCE),
        postgresql_where=sa.text(IN_FORCE),
    )
    op.add_column("taxpayers", sa.Column("phone", sa.String(length=20), nullable=False, server_default=sa.text("''")))
    op.add_column("users", sa.Column("wants_reminders", sa.Boolean(), nullable=False, server_default=sa.true()))
    postgresql = op.get_bind().dialect.name == "postgresql"
    # Written out, because Alembic would copy the whole table for a foreign key on SQLite.
    op.execute(
        f"ALTER TABLE users ADD COLUMN spouse_id {'BIGINT' if postgresql else 'INTEGER'} "
        "CONSTRAINT fk_users_spouse_id_spouses REFERENCES spouses (id)"
    )
    op.create_index("ix_users_spouse_id", "users", ["spouse_id"], unique=False)
    for statement in _guards(postgresql):
        op.execute(statement)


def _guards(postgresql: bool) -> list[str]:
    """What was signed is only ever added to, like the books."""
    if postgresql:
        guard = "EXECUTE FUNCTION refuse_change()"
        return [
            f"CREATE TRIGGER authorizations_keep BEFORE UPDATE OR DELETE ON authorizations FOR EACH ROW {guard}",
            f"CREATE TRIGGER authorizations_keep_all BEFORE TRUNCATE ON authorizations FOR EACH STATEMENT {guard}",
        ]
    refuse = "BEGIN SELECT RAISE(ABORT, 'authorizations is only ever added to'); END"
    return [
        f"CREATE TRIGGER authorizations_keep_{verb.lower()} BEFORE {verb} ON authorizations {refuse}"
        for verb in ("UPDATE", "DELETE")
    ]


def downgrade() -> None:
    raise RuntimeError("restore the backup that was made before the upgrade instead")
