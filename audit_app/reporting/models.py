"""Tables of scorecards and of the runs that render many."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from audit_app.kit.columns import (
    document,
    instant,
    maybe_instant,
    outward_key,
    path,
    ref,
)


class Scorecard(SQLModel, table=True):
    """A card that exists: of one released visit, or of a touchpoint in a period (`2026Q4`)."""

    __tablename__ = "scorecard"
    __table_args__ = (
        sa.Index(
            "uq_scorecard_touchpoint_period",
            "touchpoint_id",
            "period",
            unique=True,
            sqlite_where=sa.text("visit_id IS NULL"),
            postgresql_where=sa.text("visit_id IS NULL"),
        ),
        sa.Index("ix_scorecard_period_path", "period", "unit_path"),
    )

    id: str = outward_key()
    kind: str = Field(max_length=12)  # visit | touchpoint
    touchpoint_id: str = ref("touchpoint.id")
    visit_id: str | None = Field(default=None, foreign_key="visit.id", unique=True, max_length=36)
    unit_path: str = path()
    period: str = Field(max_length=8)
    visits: int = 0  # released visits it speaks of
    updated_at: datetime = instant()


class ReportRun(SQLModel, table=True):
    """A batch of documents asked for by one person, made by a job, downloaded as one ZIP."""

    __tablename__ = "report_run"

    id: str = outward_key()
    account_id: str = ref("account.id")
    edition: str = Field(max_length=8)
    locale: str = Field(max_length=8)
    filters: dict[str, Any] = document()
    status: str = Field(max_length=12)  # queued | running | ready | failed | cancelled
    total: int = 0
    done: int = 0
    failed: int = 0
    zip_blob: str | None = Field(default=None, max_length=64)
    zip_bytes: int | None = None
    created_at: datetime = instant(index=True)
    finished_at: datetime | None = maybe_instant()


class ReportItem(SQLModel, table=True):
    """One document of a run."""

    __tablename__ = "report_item"

    run_id: str = ref("report_run.id", primary_key=True)
    seq: int = Field(primary_key=True)
    scorecard_id: str = ref("scorecard.id")
    status: str = Field(default="waiting", max_length=8)  # waiting | done | failed
    reason: str = Field(default="", max_length=120)
    blob: str | None = Field(default=None, max_length=64)
    file_name: str = Field(default="", max_length=200)
    bytes: int | None = None
    summary: dict[str, Any] | None = document(nullable=True)  # what the manifest says of the document as rendered


class IssuedDocument(SQLModel, table=True):
    """What a document carries to be checked by: a token of 128 bits that belongs to its facts and language. The files
    that carry it are in `rendered_document`: their address is the whole file's SHA-256."""

    __tablename__ = "issued_document"
    __table_args__ = (sa.Index("ix_issued_document_card", "scorecard_id", "edition", "issued_at"),)

    token: str = Field(primary_key=True, max_length=32)
    scorecard_id: str = ref("scorecard.id", index=False)
    edition: str = Field(max_length=8)
    locale: str = Field(max_length=8)
    facts_sha256: str = Field(max_length=64)
    issued_at: datetime = instant()


class RenderedDocument(SQLModel, table=True):
    """What was rendered before: the hash of facts, templates and fonts → the finished file."""

    __tablename__ = "rendered_document"

    key: str = Field(primary_key=True, max_length=64)
    blob: str = Field(max_length=64)
    bytes: int
    made_at: datetime = instant()
    token: str | None = Field(default=None, index=True, max_length=32)
