"""Indexes for long lists: jobs by the time they were made, cards by touchpoint"""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("ix_assignment_created", "assignment", ["created_at", "id"], unique=False)
    op.create_index("ix_scorecard_touchpoint_id", "scorecard", ["touchpoint_id"], unique=False)
