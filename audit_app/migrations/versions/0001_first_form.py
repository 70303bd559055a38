"""The first form"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import audit_app.kit.db
import audit_app.trail.models
from audit_app.migrations import triggers

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("username", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("display_name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("theme", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("totp_seed", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=True),
        sa.Column("totp_enrolled_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "checklist",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("family", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("series", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist")),
    )
    op.create_table(
        "org_unit",
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("parent_code", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_code"], ["org_unit.code"], name=op.f("fk_org_unit_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_org_unit")),
    )
    with op.batch_alter_table("org_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_org_unit_level"), ["level"], unique=False)
        batch_op.create_index(batch_op.f("ix_org_unit_parent_code"), ["parent_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_org_unit_path"), ["path"], unique=False)

    op.create_table(
        "rate_bucket",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("window_start", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_bucket")),
    )
    op.create_table(
        "rendered_document",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("blob", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("made_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rendered_document")),
    )
    op.create_table(
        "trail_checkpoint",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("signature", sqlmodel.sql.sqltypes.AutoString(length=128), nullable=False),
        sa.Column("at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_trail_checkpoint")),
    )
    op.create_table(
        "trail_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail_head")),
    )
    op.create_table(
        "trail_line",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("subject_kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("subject_id", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("unit_path", audit_app.kit.types.CText(), nullable=True),
        sa.Column("detail", audit_app.trail.models.CanonicalJSON(), nullable=False),
        sa.Column("batch_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("prev_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("line_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail_line")),
        sa.UniqueConstraint("seq", name=op.f("uq_trail_line_seq")),
    )
    with op.batch_alter_table("trail_line", schema=None) as batch_op:
        batch_op.create_index(
            "ix_trail_line_loose",
            ["id"],
            unique=False,
            sqlite_where=sa.text("seq IS NULL"),
            postgresql_where=sa.text("seq IS NULL"),
        )
        batch_op.create_index("ix_trail_line_subject", ["subject_kind", "subject_id"], unique=False)

    op.create_table(
        "worker_heartbeat",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.Column("host", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_heartbeat")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("used_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_token_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_account_id"), ["account_id"], unique=False)

    op.create_table(
        "assessor",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("tier", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("home_county", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("unit_code", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_assessor_account_id")),
        sa.ForeignKeyConstraint(["home_county"], ["org_unit.code"], name=op.f("fk_assessor_home_county")),
        sa.ForeignKeyConstraint(["unit_code"], ["org_unit.code"], name=op.f("fk_assessor_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessor")),
        sa.UniqueConstraint("account_id", name=op.f("uq_assessor_account_id")),
        sa.UniqueConstraint("code", name=op.f("uq_assessor_code")),
    )
    with op.batch_alter_table("assessor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assessor_home_county"), ["home_county"], unique=False)
        batch_op.create_index(batch_op.f("ix_assessor_unit_code"), ["unit_code"], unique=False)

    op.create_table(
        "checklist_version",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("checklist_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("title_zh", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("title_en", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("critical_count", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("comparable_with", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("published_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("published_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["checklist_id"], ["checklist.id"], name=op.f("fk_checklist_version_checklist_id")),
        sa.ForeignKeyConstraint(
            ["comparable_with"], ["checklist_version.id"], name=op.f("fk_checklist_version_comparable_with")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_version")),
        sa.UniqueConstraint("checklist_id", "number", name=op.f("uq_checklist_version_checklist_id_number")),
    )
    op.create_table(
        "evidence_upload",
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("part_name", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("updated_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_evidence_upload_account_id")),
        sa.PrimaryKeyConstraint("account_id", "sha256", name=op.f("pk_evidence_upload")),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("file_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("applied_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_import_run_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_run_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_run_created_by"), ["created_by"], unique=False)

    op.create_table(
        "login_session",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("device_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("totp_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_login_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_session_token_hash")),
    )
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "programme",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("unit_code", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("unit_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("manner", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("touchpoint_kinds", sa.JSON(), nullable=False),
        sa.Column("checklist_ids", sa.JSON(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("for_incentives", sa.Boolean(), nullable=False),
        sa.Column("notice", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("notice_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_programme_created_by")),
        sa.ForeignKeyConstraint(["unit_code"], ["org_unit.code"], name=op.f("fk_programme_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_programme_unit_code"), ["unit_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_programme_unit_path"), ["unit_path"], unique=False)

    op.create_table(
        "report_run",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("edition", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("zip_blob", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("zip_bytes", sa.Integer(), nullable=True),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_report_run_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_run")),
    )
    with op.batch_alter_table("report_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_run_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_run_created_at"), ["created_at"], unique=False)

    op.create_table(
        "touchpoint",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("unit_code", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("unit_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("hotline_number", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("lat", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("lon", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("datum", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=True),
        sa.Column("opens", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
        sa.Column("closes", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["unit_code"], ["org_unit.code"], name=op.f("fk_touchpoint_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touchpoint")),
        sa.UniqueConstraint("code", name=op.f("uq_touchpoint_code")),
    )
    with op.batch_alter_table("touchpoint", schema=None) as batch_op:
        batch_op.create_index("ix_touchpoint_kind_path", ["kind", "unit_path"], unique=False)
        batch_op.create_index(batch_op.f("ix_touchpoint_unit_code"), ["unit_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_touchpoint_unit_path"), ["unit_path"], unique=False)

    op.create_table(
        "visit_draft",
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_visit_draft_account_id")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visit_draft")),
    )
    with op.batch_alter_table("visit_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_draft_account_id"), ["account_id"], unique=False)

    op.create_table(
        "notice_acknowledgement",
        sa.Column("programme_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_acknowledgement_account_id")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_notice_acknowledgement_programme_id")
        ),
        sa.PrimaryKeyConstraint("programme_id", "account_id", name=op.f("pk_notice_acknowledgement")),
    )
    op.create_table(
        "qualification",
        sa.Column("assessor_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("checklist_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["assessor_id"], ["assessor.id"], name=op.f("fk_qualification_assessor_id")),
        sa.PrimaryKeyConstraint("assessor_id", "checklist_id", name=op.f("pk_qualification")),
    )
    op.create_table(
        "round",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("programme_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("published_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_round_created_by")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_round_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
    )
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "team",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("touchpoint_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.ForeignKeyConstraint(["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_team_touchpoint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("code", name=op.f("uq_team_code")),
    )
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_touchpoint_id"), ["touchpoint_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("round_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("touchpoint_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("unit_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("assessor_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("checklist_version_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("scenario_id", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("window_start", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("window_end", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("respond_by", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("status_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("visited_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("visible_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["assessor_id"], ["assessor.id"], name=op.f("fk_assignment_assessor_id")),
        sa.ForeignKeyConstraint(
            ["checklist_version_id"], ["checklist_version.id"], name=op.f("fk_assignment_checklist_version_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_assignment_created_by")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_assignment_round_id")),
        sa.ForeignKeyConstraint(["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_assignment_touchpoint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index("ix_assignment_assessor_status", ["assessor_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_checklist_version_id"), ["checklist_version_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_round_id"), ["round_id"], unique=False)
        batch_op.create_index("ix_assignment_touchpoint_status", ["touchpoint_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_unit_path"), ["unit_path"], unique=False)

    op.create_table(
        "role_grant",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("unit_code", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("touchpoint_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("team_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("granted_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("revoked_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_role_grant_team_id")),
        sa.ForeignKeyConstraint(["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_role_grant_touchpoint_id")),
        sa.ForeignKeyConstraint(["unit_code"], ["org_unit.code"], name=op.f("fk_role_grant_unit_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_touchpoint_id"), ["touchpoint_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_unit_code"), ["unit_code"], unique=False)

    op.create_table(
        "staff_member",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("touchpoint_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("team_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("badge", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("agent_no", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("job", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("account_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_staff_member_account_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_staff_member_team_id")),
        sa.ForeignKeyConstraint(["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_staff_member_touchpoint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_member")),
        sa.UniqueConstraint("agent_no", name=op.f("uq_staff_member_agent_no")),
        sa.UniqueConstraint("code", name=op.f("uq_staff_member_code")),
    )
    with op.batch_alter_table("staff_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_member_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_member_badge"), ["badge"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_member_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_member_touchpoint_id"), ["touchpoint_id"], unique=False)

    op.create_table(
        "shift",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("staff_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("touchpoint_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("desk", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("starts_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name=op.f("fk_shift_staff_id")),
        sa.ForeignKeyConstraint(["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_shift_touchpoint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
        sa.UniqueConstraint("staff_id", "starts_at", name=op.f("uq_shift_staff_id_starts_at")),
    )
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.create_index("ix_shift_touchpoint_time", ["touchpoint_id", "starts_at"], unique=False)

    op.create_table(
        "visit",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("assignment_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("programme_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("assessor_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("touchpoint_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("unit_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("checklist_version_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("series", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("status_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("started_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("day_type", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("day_part", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("received_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("answer_by", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("outward_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.ForeignKeyConstraint(["assessor_id"], ["assessor.id"], name=op.f("fk_visit_assessor_id")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_visit_assignment_id")),
        sa.ForeignKeyConstraint(
            ["checklist_version_id"], ["checklist_version.id"], name=op.f("fk_visit_checklist_version_id")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_visit_programme_id")),
        sa.ForeignKeyConstraint(["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_visit_touchpoint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("outward_id", name=op.f("uq_visit_outward_id")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index("ix_visit_assessor_started", ["assessor_id", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_checklist_version_id"), ["checklist_version_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_local_date"), ["local_date"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_programme_id"), ["programme_id"], unique=False)
        batch_op.create_index("ix_visit_status_received", ["status", "received_at"], unique=False)
        batch_op.create_index("ix_visit_touchpoint_started", ["touchpoint_id", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_unit_path"), ["unit_path"], unique=False)
        batch_op.create_index(
            "uq_visit_live_assignment",
            ["assignment_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'void'"),
            postgresql_where=sa.text("status <> 'void'"),
        )

    op.create_table(
        "evidence",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("item_id", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("original_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("taken_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("stored_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("blob", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("view_blob", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("view_type", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("fault", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_evidence_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("visit_id", "sha256", name=op.f("uq_evidence_visit_id_sha256")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_original_sha256"), ["original_sha256"], unique=False)
        batch_op.create_index("ix_evidence_sha256", ["sha256"], unique=False)

    op.create_table(
        "item_fact",
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("item_id", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("checklist_version_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("unit_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("series", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_item_fact_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "item_id", name=op.f("pk_item_fact")),
    )
    with op.batch_alter_table("item_fact", schema=None) as batch_op:
        batch_op.create_index("ix_item_fact_series_path", ["kind", "series", "unit_path", "month"], unique=False)

    op.create_table(
        "release",
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("county_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("approved_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("released_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_release_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_release")),
    )
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_county_path"), ["county_path"], unique=False)
        batch_op.create_index(batch_op.f("ix_release_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_release_released_at"), ["released_at"], unique=False)

    op.create_table(
        "review",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("unit_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("reviewer_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("opened_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("deadline", audit_app.kit.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("release_note", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["reviewer_id"], ["account.id"], name=op.f("fk_review_reviewer_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_review_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("visit_id", "revision", name=op.f("uq_review_visit_id_revision")),
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_opened_at"), ["opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_reviewer_id"), ["reviewer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_unit_path"), ["unit_path"], unique=False)

    op.create_table(
        "review_overlay",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("item_id", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("old", sa.JSON(), nullable=False),
        sa.Column("new", sa.JSON(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_review_overlay_created_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_review_overlay_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_overlay")),
    )
    with op.batch_alter_table("review_overlay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_overlay_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "scorecard",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("touchpoint_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("unit_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("updated_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_scorecard_touchpoint_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_scorecard_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_scorecard_visit_id")),
    )
    with op.batch_alter_table("scorecard", schema=None) as batch_op:
        batch_op.create_index("ix_scorecard_period_path", ["period", "unit_path"], unique=False)
        batch_op.create_index(batch_op.f("ix_scorecard_unit_path"), ["unit_path"], unique=False)
        batch_op.create_index(
            "uq_scorecard_touchpoint_period",
            ["touchpoint_id", "period"],
            unique=True,
            sqlite_where=sa.text("visit_id IS NULL"),
            postgresql_where=sa.text("visit_id IS NULL"),
        )

    op.create_table(
        "section_fact",
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("section_id", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("touchpoint_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("unit_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("city", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("county", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("series", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_section_fact_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "section_id", name=op.f("pk_section_fact")),
    )
    with op.batch_alter_table("section_fact", schema=None) as batch_op:
        batch_op.create_index("ix_section_fact_series_path", ["kind", "series", "unit_path", "month"], unique=False)

    op.create_table(
        "visit_fact",
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("touchpoint_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("checklist_version_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("unit_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("city", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("county", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("series", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("owner_code", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("owner_path", audit_app.kit.types.CText(), nullable=False),
        sa.Column("owner_level", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("final", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["checklist_version_id"], ["checklist_version.id"], name=op.f("fk_visit_fact_checklist_version_id")
        ),
        sa.ForeignKeyConstraint(["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_visit_fact_touchpoint_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_fact_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visit_fact")),
    )
    with op.batch_alter_table("visit_fact", schema=None) as batch_op:
        batch_op.create_index("ix_visit_fact_owner_month", ["owner_path", "month"], unique=False)
        batch_op.create_index("ix_visit_fact_series_path", ["kind", "series", "unit_path", "month"], unique=False)
        batch_op.create_index("ix_visit_fact_touchpoint_day", ["touchpoint_id", "day"], unique=False)

    op.create_table(
        "visit_flag",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("item_id", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("raised_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_flag_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_flag")),
        sa.UniqueConstraint("visit_id", "kind", "item_id", name=op.f("uq_visit_flag_visit_id_kind_item_id")),
    )
    op.create_table(
        "visit_note",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("item_id", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_visit_note_created_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_note_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_note")),
    )
    with op.batch_alter_table("visit_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_note_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "visit_result",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("answers_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.Column("experience", sa.Integer(), nullable=True),
        sa.Column("site", sa.Integer(), nullable=True),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.Column("basis", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("cause", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("created_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_result_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_result")),
        sa.UniqueConstraint("visit_id", "number", name=op.f("uq_visit_result_visit_id_number")),
    )
    op.create_table(
        "visit_revision",
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("received_at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_revision_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "revision", name=op.f("pk_visit_revision")),
    )
    op.create_table(
        "visit_subject",
        sa.Column("visit_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("staff_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("team_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("how", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("confidence", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("resolved_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("at", audit_app.kit.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["resolved_by"], ["account.id"], name=op.f("fk_visit_subject_resolved_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name=op.f("fk_visit_subject_staff_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_visit_subject_team_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_subject_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visit_subject")),
    )
    with op.batch_alter_table("visit_subject", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_subject_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_subject_team_id"), ["team_id"], unique=False)

    op.create_table(
        "report_item",
        sa.Column("run_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("scorecard_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("blob", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["report_run.id"], name=op.f("fk_report_item_run_id")),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name=op.f("fk_report_item_scorecard_id")),
        sa.PrimaryKeyConstraint("run_id", "seq", name=op.f("pk_report_item")),
    )
    with op.batch_alter_table("report_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_item_scorecard_id"), ["scorecard_id"], unique=False)

    statements = triggers.SQLITE if op.get_bind().dialect.name == "sqlite" else triggers.POSTGRES
    for statement in statements:
        op.execute(sa.DDL(statement.replace("%", "%%")))


def downgrade() -> None:
    raise RuntimeError("there is nothing before the first form")
