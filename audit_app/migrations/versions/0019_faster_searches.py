"""Indexes for an auditor's search (by kind of thing, and by a thing without its kind) and for reviews that wait"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_index("ix_trail_line_kind", "trail_line", ["subject_kind", "at", "id"], unique=False)
    op.drop_index("ix_trail_line_subject", "trail_line")
    op.create_index("ix_trail_line_subject", "trail_line", ["subject_id", "at"], unique=False)
    open_ = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_review_open", "review", ["unit_path", "opened_at"], unique=False, sqlite_where=open_,
        postgresql_where=open_,
    )  # fmt: skip


def downgrade() -> None:
    raise RuntimeError("a migration is not undone; restore a backup")
