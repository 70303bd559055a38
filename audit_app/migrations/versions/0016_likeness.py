"""What photos look like, for comparison with photos of other visits"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

QUARTERS = ("first", "second", "third", "fourth")


def upgrade() -> None:
    op.create_table(
        "likeness",
        sa.Column("evidence_id", sa.String(36), sa.ForeignKey("evidence.id"), primary_key=True),
        *(sa.Column(name, sa.String(4), nullable=False) for name in QUARTERS),
    )
    for name in QUARTERS:
        op.create_index(f"ix_likeness_{name}", "likeness", [name])
