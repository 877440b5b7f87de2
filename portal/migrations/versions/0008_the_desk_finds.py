"""Taxpayers and spouses are found by name, telephone and the last four of their number; payments by their amount."""

import sqlalchemy as sa
from alembic import op

from portal.domain.names import name_key, phone_key
from portal.office import office

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FOUND_BY = {"last_four_index": 64, "name_key": 130, "phone_key": 10}
PAGE = 5000


def upgrade() -> None:
    for table, columns in (("taxpayers", tuple(FOUND_BY)), ("spouses", ("last_four_index", "name_key"))):
        for name in columns:
            length = FOUND_BY[name]
            kind = sa.String(length).with_variant(sa.String(length, "C"), "postgresql")
            op.add_column(table, sa.Column(name, kind, nullable=False, server_default=sa.text("''")))
        _fill(table, columns)
        for name in columns:
            op.create_index(f"ix_{table}_{name}", table, [name], unique=False)
    op.create_index("ix_payments_amount", "payments", ["amount", "pay_on", "id"], unique=False)


def _fill(table: str, columns: tuple[str, ...]) -> None:
    """What is there already is found like what comes from now on."""
    known = ["id", "reference", "first_name", "last_name", "ssn_sealed"]
    known += ["phone"] if "phone_key" in columns else []
    rows = sa.table(table, *(sa.column(name) for name in (*known, *columns)))
    page_after = sa.select(*(rows.c[name] for name in known)).order_by(rows.c.id).limit(PAGE)
    write = sa.update(rows).where(rows.c.id == sa.bindparam("key"))
    write = write.values({name: sa.bindparam(f"new_{name}") for name in columns})
    last = 0
    while page := op.get_bind().execute(page_after.where(rows.c.id > last)).all():
        op.get_bind().execute(write, [_found_by(table, row) for row in page])
        last = page[-1].id


def _found_by(table: str, row: sa.Row[tuple[str, ...]]) -> dict[str, object]:
    vault = office().vault
    ssn = vault.open(row.ssn_sealed, f"{table}:ssn:{row.reference}")
    found = {
        "key": row.id,
        "new_last_four_index": vault.index(ssn[-4:], "last_four"),
        "new_name_key": name_key(row.first_name, row.last_name),
    }
    return found | ({"new_phone_key": phone_key(row.phone)} if table == "taxpayers" else {})


def downgrade() -> None:
    raise RuntimeError("restore the backup that was made before the upgrade instead")
