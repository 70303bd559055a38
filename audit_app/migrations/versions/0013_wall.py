"""Painted photos; who was told a tester's name and by which permit; jobs remember the day of their visit only"""

from datetime import datetime, time

import sqlalchemy as sa
import sqlmodel
from alembic import op

import audit_app.kit.types
from audit_app.kit.clock import SHANGHAI

revision = "0013"
down_revision = "0012"

BATCH = 1000
Text = sqlmodel.sql.sqltypes.AutoString
Instant = audit_app.kit.types.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "redaction",
        sa.Column("evidence_id", Text(length=36), nullable=False),
        sa.Column("visit_id", Text(length=36), nullable=False),
        sa.Column("shows", Text(length=12), nullable=False),
        sa.Column("boxes", sa.JSON(), nullable=False),
        sa.Column("blob", Text(length=64), nullable=False),
        sa.Column("made_by", Text(length=36), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("looked_at", Instant(timezone=True), nullable=True),
        sa.Column("releasable", sa.Boolean(), nullable=False),
        sa.Column("outward_id", Text(length=32), nullable=True),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_redaction_evidence_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_redaction_made_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_redaction_visit_id")),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_redaction")),
        sa.UniqueConstraint("outward_id", name=op.f("uq_redaction_outward_id")),
    )
    op.create_index(op.f("ix_redaction_visit_id"), "redaction", ["visit_id"], unique=False)
    op.create_table(
        "identity_permit",
        sa.Column("id", Text(length=36), nullable=False),
        sa.Column("assessor_id", Text(length=36), nullable=False),
        sa.Column("asked_by", Text(length=36), nullable=False),
        sa.Column("asked_at", Instant(timezone=True), nullable=False),
        sa.Column("reason", Text(length=500), nullable=False),
        sa.Column("status", Text(length=8), nullable=False),
        sa.Column("decided_by", Text(length=36), nullable=True),
        sa.Column("decided_at", Instant(timezone=True), nullable=True),
        sa.Column("ends_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_identity_permit_asked_by")),
        sa.ForeignKeyConstraint(["assessor_id"], ["assessor.id"], name=op.f("fk_identity_permit_assessor_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_identity_permit_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_permit")),
    )
    for column in ("asked_at", "asked_by", "assessor_id"):
        op.create_index(op.f(f"ix_identity_permit_{column}"), "identity_permit", [column], unique=False)
    op.create_table(
        "identity_look",
        sa.Column("id", Text(length=36), nullable=False),
        sa.Column("assessor_id", Text(length=36), nullable=False),
        sa.Column("account_id", Text(length=36), nullable=False),
        sa.Column("permit_id", Text(length=36), nullable=True),
        sa.Column("reason", Text(length=500), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_identity_look_account_id")),
        sa.ForeignKeyConstraint(["assessor_id"], ["assessor.id"], name=op.f("fk_identity_look_assessor_id")),
        sa.ForeignKeyConstraint(["permit_id"], ["identity_permit.id"], name=op.f("fk_identity_look_permit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_look")),
    )
    op.create_index(op.f("ix_identity_look_assessor_id"), "identity_look", ["assessor_id"], unique=False)
    _forget_minutes()


def _forget_minutes() -> None:
    """A job's `visited_at` was the minute of the visit; lists below are ordered by it."""
    jobs = sa.table("assignment", sa.column("id"), sa.column("visited_at", Instant(timezone=True)))
    connection = op.get_bind()
    rows = connection.execute(sa.select(jobs.c.id, jobs.c.visited_at).where(jobs.c.visited_at.is_not(None))).all()
    days = [{"key": key, "day": datetime.combine(at.astimezone(SHANGHAI).date(), time(), SHANGHAI)} for key, at in rows]
    day = sa.bindparam("day", type_=Instant(timezone=True))
    change = jobs.update().where(jobs.c.id == sa.bindparam("key")).values(visited_at=day)
    for start in range(0, len(days), BATCH):
        connection.execute(change, days[start : start + BATCH])


def downgrade() -> None:
    raise RuntimeError("a migration is not undone; restore a backup")
