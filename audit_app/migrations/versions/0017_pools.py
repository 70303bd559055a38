"""How many assessors must be eligible for a covert job, by programme"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString(length=20)
    # Not in batch mode, which would make the table anew: others refer to it.
    op.add_column("programme", sa.Column("fewest_eligible", sa.Integer(), server_default=sa.text("5"), nullable=False))
    op.add_column("programme", sa.Column("fewer_reason", words, server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    raise RuntimeError("a migration is not undone; restore a backup")
