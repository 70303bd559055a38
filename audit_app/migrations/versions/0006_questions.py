"""Acknowledgements of results and questions about them"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import audit_app.kit.types

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "result_acknowledgement",
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("result_number", sa.Integer(), nullable=False),
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_result_acknowledgement_account_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_result_acknowledgement_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "result_number", "account_id", name=op.f("pk_result_acknowledgement")),
    )
    op.create_table(
        "explanation",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("asker_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("item_id", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("question", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("asked_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("answerer_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("answer_role", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("answered_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["answerer_id"], ["account.id"], name=op.f("fk_explanation_answerer_id")),
        sa.ForeignKeyConstraint(["asker_id"], ["account.id"], name=op.f("fk_explanation_asker_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_explanation_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanation")),
    )
    with op.batch_alter_table("explanation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_explanation_asker_id"), ["asker_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_explanation_visit_id"), ["visit_id"], unique=False)
        batch_op.create_index("ix_explanation_answerer_due", ["answerer_id", "answered_at", "due_at"], unique=False)


def downgrade() -> None:
    raise RuntimeError("a migration is not undone; restore a backup")
