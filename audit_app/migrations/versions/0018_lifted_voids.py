"""What became of a void that was appealed"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import audit_app.kit.types

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString(length=8)
    at = sa.Column("overturned_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True)
    op.add_column("visit_void", at)
    op.add_column("visit_void", sa.Column("overturned_to", words, server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    raise RuntimeError("a migration is not undone; restore a backup")
