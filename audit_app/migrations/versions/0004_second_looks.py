"""Flags that are settled, clocks that strike once, second opinions, voids, re-checks"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import audit_app.kit.types

revision = "0004"
down_revision = "0003"

Text = sqlmodel.sql.sqltypes.AutoString
Instant = audit_app.kit.types.UTCDateTime


def upgrade() -> None:
    _flags()
    _clocks_and_voids()
    _opinions()
    _rechecks()
    with op.batch_alter_table("review") as batch_op:
        batch_op.add_column(sa.Column("change", sa.Integer(), nullable=True))
        waiting = sa.text("closed_at IS NULL")
        batch_op.create_index(
            "ix_review_waiting", ["reviewer_id", "opened_at"], sqlite_where=waiting, postgresql_where=waiting
        )


def _flags() -> None:
    """Every flag so far was raised by the server and is open; the defaults serve that filling alone."""
    with op.batch_alter_table("visit_flag") as batch_op:
        batch_op.add_column(sa.Column("raised_by", Text(length=12), nullable=False, server_default="server"))
        batch_op.add_column(sa.Column("settled_at", Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("settled_by", Text(length=36), nullable=True))
        batch_op.add_column(sa.Column("settled_how", Text(length=12), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("settled_reason", Text(length=500), nullable=False, server_default=""))
        batch_op.create_foreign_key(op.f("fk_visit_flag_settled_by"), "account", ["settled_by"], ["id"])
    with op.batch_alter_table("visit_flag") as batch_op:
        for name in ("raised_by", "settled_how", "settled_reason"):
            batch_op.alter_column(name, server_default=None)


def _clocks_and_voids() -> None:
    op.create_table(
        "visit_clock",
        sa.Column("visit_id", Text(length=36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", Text(length=20), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_clock_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "revision", "kind", name=op.f("pk_visit_clock")),
    )
    op.create_table(
        "visit_void",
        sa.Column("visit_id", Text(length=36), nullable=False),
        sa.Column("reason", Text(length=24), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("note", Text(length=2000), nullable=False),
        sa.Column("status_before", Text(length=12), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_void_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visit_void")),
    )


def _opinions() -> None:
    op.create_table(
        "second_opinion",
        sa.Column("id", Text(length=36), nullable=False),
        sa.Column("visit_id", Text(length=36), nullable=False),
        sa.Column("review_id", Text(length=36), nullable=False),
        sa.Column("kind", Text(length=8), nullable=False),
        sa.Column("unit_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("asked_by", Text(length=36), nullable=False),
        sa.Column("asked_at", Instant(timezone=True), nullable=False),
        sa.Column("reason", Text(length=24), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("note", Text(length=2000), nullable=False),
        sa.Column("change", sa.Integer(), nullable=True),
        sa.Column("second_id", Text(length=36), nullable=True),
        sa.Column("status", Text(length=12), nullable=False),
        sa.Column("answered_at", Instant(timezone=True), nullable=True),
        sa.Column("answer", Text(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_second_opinion_asked_by")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_second_opinion_review_id")),
        sa.ForeignKeyConstraint(["second_id"], ["account.id"], name=op.f("fk_second_opinion_second_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_second_opinion_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_opinion")),
    )
    waiting = sa.text("status = 'open'")
    with op.batch_alter_table("second_opinion") as batch_op:
        batch_op.create_index(
            "uq_second_opinion_open", ["visit_id"], unique=True, sqlite_where=waiting, postgresql_where=waiting
        )
        for name in ("asked_by", "second_id", "visit_id"):
            batch_op.create_index(batch_op.f(f"ix_second_opinion_{name}"), [name], unique=False)


def _rechecks() -> None:
    op.create_table(
        "recheck",
        sa.Column("id", Text(length=36), nullable=False),
        sa.Column("visit_id", Text(length=36), nullable=False),
        sa.Column("low", sa.Boolean(), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("experience", sa.Integer(), nullable=True),
        sa.Column("change", sa.Integer(), nullable=True),
        sa.Column("opened_at", Instant(timezone=True), nullable=False),
        sa.Column("status", Text(length=12), nullable=False),
        sa.Column("decided_by", Text(length=36), nullable=True),
        sa.Column("decided_at", Instant(timezone=True), nullable=True),
        sa.Column("note", Text(length=2000), nullable=False),
        sa.Column("assignment_id", Text(length=36), nullable=True),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_recheck_assignment_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_recheck_decided_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_recheck_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recheck")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_recheck_visit_id")),
    )
    with op.batch_alter_table("recheck") as batch_op:
        batch_op.create_index(batch_op.f("ix_recheck_opened_at"), ["opened_at"], unique=False)
