"""What touchpoints and staff are found by: name, code, pinyin and its initials"""

import sqlalchemy as sa
from alembic import op

from audit_app.kit.search import text_of

revision = "0003"
down_revision = "0002"

FOUND_BY = {
    "touchpoint": ("name", "code", "hotline_number"),
    "staff_member": ("name", "code", "badge", "agent_no"),
}
BATCH = 1000


def upgrade() -> None:
    for name, columns in FOUND_BY.items():
        # Not in batch mode, which would make the table anew: others refer to it.
        op.add_column(name, sa.Column("search", sa.Text(), server_default=sa.text("''"), nullable=False))
        _fill(name, columns)


def _fill(name: str, columns: tuple[str, ...]) -> None:
    table = sa.table(name, sa.column("id"), sa.column("search"), *[sa.column(c) for c in columns])
    connection = op.get_bind()
    rows = connection.execute(sa.select(table.c.id, *[table.c[c] for c in columns])).all()
    found = [{"key": key, "found_by": text_of(*values)} for key, *values in rows]
    change = table.update().where(table.c.id == sa.bindparam("key")).values(search=sa.bindparam("found_by"))
    for start in range(0, len(found), BATCH):
        connection.execute(change, found[start : start + BATCH])
