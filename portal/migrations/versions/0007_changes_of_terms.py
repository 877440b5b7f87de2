"""Terms know what was changed by them, and agreements when they last were."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Which of the two it was is seen in the terms: until now only the amount and the method could be changed.
FOLLOWED = """
UPDATE terms SET change = CASE
    WHEN method = (SELECT before.method FROM terms AS before WHERE before.agreement_id = terms.agreement_id
                   AND before.id < terms.id ORDER BY before.id DESC LIMIT 1) THEN 'spread' ELSE 'method' END
WHERE EXISTS (SELECT 1 FROM terms AS before WHERE before.agreement_id = terms.agreement_id AND before.id < terms.id)
"""


def upgrade() -> None:
    op.add_column("agreements", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("terms", sa.Column("change", sa.String(length=30), server_default="agreed", nullable=False))
    op.execute(FOLLOWED)


def downgrade() -> None:
    raise RuntimeError("restore the backup that was made before the upgrade instead")
