"""What documents are checked by: tokens, and which files carry them"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import audit_app.kit.types

revision = "0012"
down_revision = "0011"

_text = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "issued_document",
        sa.Column("token", _text(length=32), nullable=False),
        sa.Column("scorecard_id", _text(length=36), nullable=False),
        sa.Column("edition", _text(length=8), nullable=False),
        sa.Column("locale", _text(length=8), nullable=False),
        sa.Column("facts_sha256", _text(length=64), nullable=False),
        sa.Column("issued_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name=op.f("fk_issued_document_scorecard_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_issued_document")),
    )
    op.create_index(
        "ix_issued_document_card", "issued_document", ["scorecard_id", "edition", "issued_at"], unique=False
    )
    with op.batch_alter_table("rendered_document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("token", _text(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_rendered_document_token"), ["token"], unique=False)


def downgrade() -> None:
    raise RuntimeError("what was handed out must stay checkable")
