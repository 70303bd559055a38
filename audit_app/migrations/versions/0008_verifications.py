"""Verifications that were asked for on the trail page"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import audit_app.kit.types

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "verification_run",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("checkpoints", sa.Integer(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_verification_run_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_run")),
    )
    op.create_index(op.f("ix_verification_run_account_id"), "verification_run", ["account_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("what was verified would be forgotten")
