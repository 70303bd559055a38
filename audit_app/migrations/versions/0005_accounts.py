"""Invitations, recovery codes, changes that wait for a second administrator; the trail can be searched"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import audit_app.kit.types

revision = "0005"
down_revision = "0004"

TRAIL = {"at": ["at", "id"], "act": ["act", "at"], "actor": ["actor_id", "at"], "unit": ["unit_path", "at"]}


def _text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _instant() -> audit_app.kit.types.UTCDateTime:
    return audit_app.kit.types.UTCDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("account_id", _text(36), nullable=False),
        sa.Column("code_hash", _text(64), nullable=False),
        sa.Column("made_at", _instant(), nullable=False),
        sa.Column("used_at", _instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("account_id", _text(36), nullable=False),
        sa.Column("unit_code", _text(36), nullable=False),
        sa.Column("token_hash", _text(64), nullable=False),
        sa.Column("created_by", _text(36), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("expires_at", _instant(), nullable=False),
        sa.Column("used_at", _instant(), nullable=True),
        sa.Column("withdrawn_at", _instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_invitation_account_id")),
        sa.ForeignKeyConstraint(["unit_code"], ["org_unit.code"], name=op.f("fk_invitation_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index(op.f("ix_invitation_account_id"), "invitation", ["account_id"], unique=False)
    op.create_index(op.f("ix_invitation_unit_code"), "invitation", ["unit_code"], unique=False)
    op.create_table(
        "account_proposal",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("account_id", _text(36), nullable=False),
        sa.Column("kind", _text(16), nullable=False),
        sa.Column("role", _text(24), nullable=False),
        sa.Column("unit_code", _text(36), nullable=False),
        sa.Column("reason", _text(500), nullable=False),
        sa.Column("status", _text(12), nullable=False),
        sa.Column("asked_by", _text(36), nullable=False),
        sa.Column("asked_at", _instant(), nullable=False),
        sa.Column("decided_by", _text(36), nullable=True),
        sa.Column("decided_at", _instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_proposal_account_id")),
        sa.ForeignKeyConstraint(["unit_code"], ["org_unit.code"], name=op.f("fk_account_proposal_unit_code")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_account_proposal_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_account_proposal_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_proposal")),
    )
    for column in ("account_id", "unit_code", "status"):
        op.create_index(op.f(f"ix_account_proposal_{column}"), "account_proposal", [column], unique=False)
    for name, columns in TRAIL.items():
        op.create_index(f"ix_trail_line_{name}", "trail_line", columns, unique=False)


def downgrade() -> None:
    raise RuntimeError("what was invited and proposed would be lost")
