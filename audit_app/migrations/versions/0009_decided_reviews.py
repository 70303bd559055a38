"""Decided and returned reviews are found without reading all that somebody ever reviewed"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    decided, returned = sa.text("closed_at IS NOT NULL"), sa.text("outcome = 'returned'")
    op.create_index(
        "ix_review_decided", "review", ["reviewer_id", "closed_at"], sqlite_where=decided, postgresql_where=decided
    )
    op.create_index(
        "ix_review_returned", "review", ["reviewer_id", "deadline"], sqlite_where=returned, postgresql_where=returned
    )
