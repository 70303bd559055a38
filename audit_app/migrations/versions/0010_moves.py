"""Dated moves, and entries that were doubles of others"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import audit_app.kit.types

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for table in ("touchpoint", "staff_member"):
        # Not in batch mode, which would make the table anew: others refer to it.
        op.add_column(table, sa.Column("merged_into", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True))
        op.create_index(op.f(f"ix_{table}_merged_into"), table, ["merged_into"], unique=False)
    op.create_table(
        "placement_move",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("subject_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("from_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("to_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_placement_move_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_move")),
    )
    with op.batch_alter_table("placement_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placement_move_subject_id"), ["subject_id"], unique=False)
        batch_op.create_index("ix_placement_move_status_day", ["status", "on_day"], unique=False)


def downgrade() -> None:
    raise RuntimeError("a migration is not undone; restore a backup")
