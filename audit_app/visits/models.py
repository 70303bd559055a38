"""Tables of visits. A revision is one immutable row: the bytes that the phone sent."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from audit_app.kit.columns import blob, document, instant, internal_key, maybe_instant, path, ref


class Visit(SQLModel, table=True):
    """The filled-in result. The phone minted the id; one visit that is not void per assignment."""

    __tablename__ = "visit"
    __table_args__ = (
        sa.Index(
            "uq_visit_live_assignment",
            "assignment_id",
            unique=True,
            sqlite_where=sa.text("status <> 'void'"),
            postgresql_where=sa.text("status <> 'void'"),
        ),
        sa.Index("ix_visit_status_received", "status", "received_at"),
        sa.Index("ix_visit_touchpoint_started", "touchpoint_id", "started_at"),
        sa.Index("ix_visit_assessor_started", "assessor_id", "started_at"),
    )

    id: str = Field(primary_key=True, max_length=36)
    assignment_id: str = ref("assignment.id", index=False)
    programme_id: str = ref("programme.id")
    assessor_id: str = ref("assessor.id", index=False)
    touchpoint_id: str = ref("touchpoint.id", index=False)
    unit_path: str = path()
    checklist_version_id: str = ref("checklist_version.id")
    series: str = Field(max_length=12)  # covert | overt | hotline | none
    status: str = Field(max_length=12)
    status_at: datetime = instant()
    revision: int = 1
    started_at: datetime = instant()
    finished_at: datetime = instant()
    local_date: date = Field(index=True)  # Shanghai day of the start: decides the period
    day_type: str = Field(max_length=8)  # workday | holiday
    day_part: str = Field(max_length=12)  # morning | midday | afternoon | evening | night
    received_at: datetime = instant()
    answer_by: datetime | None = maybe_instant()  # of a returned visit; filled by `review`
    missing: int = 0  # evidence named in the manifest and not here yet
    outward_id: str | None = Field(default=None, unique=True, max_length=32)  # minted at release


class VisitRevision(SQLModel, table=True):
    """The bytes as sent. Never changed, never re-encoded."""

    __tablename__ = "visit_revision"

    visit_id: str = ref("visit.id", primary_key=True)
    revision: int = Field(primary_key=True)
    body: bytes = blob()
    body_sha256: str = Field(max_length=64)
    received_at: datetime = instant()


class Evidence(SQLModel, table=True):
    """One file that a visit's manifest names. `blob` is the file as sent, `view_blob` the re-encoded copy to show."""

    __tablename__ = "evidence"
    __table_args__ = (sa.UniqueConstraint("visit_id", "sha256"), sa.Index("ix_evidence_sha256", "sha256"))

    id: str = internal_key()
    visit_id: str = ref("visit.id", index=False)
    revision: int = 1
    item_id: str | None = Field(default=None, max_length=80)
    sha256: str = Field(max_length=64)
    size: int
    media_type: str = Field(max_length=60)
    source: str = Field(default="camera", max_length=8)
    original_sha256: str | None = Field(default=None, max_length=64, index=True)
    taken_at: datetime | None = maybe_instant()
    stored_at: datetime | None = maybe_instant()
    blob: str | None = Field(default=None, max_length=64)
    view_blob: str | None = Field(default=None, max_length=64)
    view_type: str | None = Field(default=None, max_length=60)
    fault: str = Field(default="", max_length=40)  # why it could not be decoded


class Likeness(SQLModel, table=True):
    """What a photo looks like: the 64 bits of its perceptual hash, in quarters of four hexadecimal digits so that a
    photo that differs in a few bits is found by an index. All four are "" for a picture without contrast."""

    __tablename__ = "likeness"

    evidence_id: str = ref("evidence.id", primary_key=True)
    first: str = Field(max_length=4, index=True)
    second: str = Field(max_length=4, index=True)
    third: str = Field(max_length=4, index=True)
    fourth: str = Field(max_length=4, index=True)


class EvidenceUpload(SQLModel, table=True):
    """How many bytes of a file one caller has sent so far."""

    __tablename__ = "evidence_upload"

    account_id: str = ref("account.id", primary_key=True)
    sha256: str = Field(primary_key=True, max_length=64)
    offset: int = 0
    part_name: str = Field(max_length=64)
    updated_at: datetime = instant()


class VisitDraft(SQLModel, table=True):
    """The phone's own copy of unfinished work, encrypted, gone at the receipt."""

    __tablename__ = "visit_draft"

    visit_id: str = Field(primary_key=True, max_length=36)
    account_id: str = ref("account.id")
    body: bytes = blob()
    updated_at: datetime = instant()


class VisitFlag(SQLModel, table=True):
    """Something a reviewer should know. No flag rejects a visit by itself; it stands until somebody says what came of
    it."""

    __tablename__ = "visit_flag"
    __table_args__ = (sa.UniqueConstraint("visit_id", "kind", "item_id"),)

    id: str = internal_key()
    visit_id: str = ref("visit.id", index=False)
    kind: str = Field(max_length=32)
    item_id: str = Field(default="", max_length=80)
    detail: dict[str, Any] = document()
    raised_at: datetime = instant()
    raised_by: str = Field(default="server", max_length=12)  # server | assessor | reviewer
    settled_at: datetime | None = maybe_instant()
    settled_by: str | None = ref("account.id", index=False, nullable=True)
    settled_how: str = Field(default="", max_length=12)  # explained | minor | acted
    settled_reason: str = Field(default="", max_length=500)


class VisitClock(SQLModel, table=True):
    """A time limit of a visit's revision that has struck. The row is what makes it strike once."""

    __tablename__ = "visit_clock"

    visit_id: str = ref("visit.id", primary_key=True)
    revision: int = Field(primary_key=True)
    kind: str = Field(primary_key=True, max_length=20)  # evidence_asked | evidence_overdue | return_expired
    at: datetime = instant()


class VisitVoid(SQLModel, table=True):
    """Why a visit counts for nothing, as its assessor reads it. Written by `review` when the second person agrees."""

    __tablename__ = "visit_void"

    visit_id: str = ref("visit.id", primary_key=True)
    reason: str = Field(max_length=24)
    items: list[str] = document()
    note: str = Field(default="", max_length=2000)
    status_before: str = Field(max_length=12)
    at: datetime = instant()
    overturned_at: datetime | None = maybe_instant()  # an appeal against it was upheld
    overturned_to: str = Field(
        default="", max_length=8, sa_column_kwargs={"server_default": sa.text("''")}
    )  # lifted | pay


class VisitNote(SQLModel, table=True):
    """What a reviewer asks about an item when the visit is returned. Written by `review`."""

    __tablename__ = "visit_note"

    id: str = internal_key()
    visit_id: str = ref("visit.id")
    revision: int
    item_id: str = Field(max_length=80)
    note: str = Field(max_length=2000)
    created_by: str = ref("account.id", index=False)
    created_at: datetime = instant()


class ReviewOverlay(SQLModel, table=True):
    """A reviewer's change to one answer: old, new, who, why. The assessor can see it. Written by `review`."""

    __tablename__ = "review_overlay"

    id: str = internal_key()
    visit_id: str = ref("visit.id")
    revision: int
    item_id: str = Field(max_length=80)
    old: dict[str, Any] = document()
    new: dict[str, Any] = document()
    reason: str = Field(max_length=2000)
    created_by: str = ref("account.id", index=False)
    created_at: datetime = instant()
