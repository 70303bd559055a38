"""Appeals: the matter, its rounds, the panel's seats and votes, the appellant's files"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import audit_app.kit.types

revision = "0007"
down_revision = "0006"

_text = sqlmodel.sql.sqltypes.AutoString
_at = audit_app.kit.types.UTCDateTime


def upgrade() -> None:
    _appeal()
    _hearing()
    op.create_table(
        "panel_seat",
        sa.Column("hearing_id", _text(length=36), nullable=False),
        sa.Column("account_id", _text(length=36), nullable=False),
        sa.Column("seated_at", _at(timezone=True), nullable=False),
        sa.Column("left_at", _at(timezone=True), nullable=True),
        sa.Column("voted_at", _at(timezone=True), nullable=True),
        sa.Column("verdict", _text(length=12), nullable=False),
        sa.Column("better", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("reason", _text(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_panel_seat_account_id")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_panel_seat_hearing_id")),
        sa.PrimaryKeyConstraint("hearing_id", "account_id", name=op.f("pk_panel_seat")),
    )
    op.create_index(op.f("ix_panel_seat_account_id"), "panel_seat", ["account_id"], unique=False)
    op.create_table(
        "appeal_file",
        sa.Column("id", _text(length=36), nullable=False),
        sa.Column("appeal_id", _text(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("media_type", _text(length=60), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("blob", _text(length=64), nullable=False),
        sa.Column("view_blob", _text(length=64), nullable=True),
        sa.Column("view_type", _text(length=60), nullable=True),
        sa.Column("fault", _text(length=40), nullable=False),
        sa.Column("added_at", _at(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_file_appeal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_file")),
    )
    op.create_index(op.f("ix_appeal_file_appeal_id"), "appeal_file", ["appeal_id"], unique=False)


def _appeal() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", _text(length=36), nullable=False),
        sa.Column("visit_id", _text(length=36), nullable=False),
        sa.Column("kind", _text(length=8), nullable=False),
        sa.Column("item_id", _text(length=80), nullable=False),
        sa.Column("side", _text(length=8), nullable=False),
        sa.Column("team_id", _text(length=36), nullable=True),
        sa.Column("ground", _text(length=12), nullable=False),
        sa.Column("words", _text(length=2000), nullable=False),
        sa.Column("unit_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("filed_by", _text(length=36), nullable=False),
        sa.Column("filed_at", _at(timezone=True), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("ask_by", _at(timezone=True), nullable=True),
        sa.Column("closed_at", _at(timezone=True), nullable=True),
        sa.Column("outcome", _text(length=12), nullable=False),
        sa.ForeignKeyConstraint(["filed_by"], ["account.id"], name=op.f("fk_appeal_filed_by")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_appeal_team_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_appeal_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    for columns in (["ask_by"], ["closed_at"], ["filed_by"], ["team_id"], ["unit_path"], ["visit_id"]):
        op.create_index(op.f(f"ix_appeal_{columns[0]}"), "appeal", columns, unique=False)
    op.create_index("ix_appeal_filed", "appeal", ["filed_at", "id"], unique=False)
    op.create_index(
        "uq_appeal_matter",
        "appeal",
        ["visit_id", "kind", "item_id"],
        unique=True,
        sqlite_where=sa.text("outcome <> 'withdrawn'"),
        postgresql_where=sa.text("outcome <> 'withdrawn'"),
    )


def _hearing() -> None:
    op.create_table(
        "hearing",
        sa.Column("id", _text(length=36), nullable=False),
        sa.Column("appeal_id", _text(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", _text(length=12), nullable=False),
        sa.Column("words", _text(length=2000), nullable=False),
        sa.Column("opened_at", _at(timezone=True), nullable=False),
        sa.Column("decide_by", _at(timezone=True), nullable=False),
        sa.Column("overdue_at", _at(timezone=True), nullable=True),
        sa.Column("decided_at", _at(timezone=True), nullable=True),
        sa.Column("how", _text(length=8), nullable=False),
        sa.Column("reason", _text(length=2000), nullable=False),
        sa.Column("before", _text(length=24), nullable=False),
        sa.Column("after", _text(length=24), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_hearing_appeal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing")),
        sa.UniqueConstraint("appeal_id", "number", name=op.f("uq_hearing_appeal_id_number")),
    )
    op.create_index("ix_hearing_status_decide_by", "hearing", ["status", "decide_by"], unique=False)


def downgrade() -> None:
    raise RuntimeError("appeals are never thrown away")
