"""Tables of checklists and their versions. A published version cannot change: `freeze.py` holds the triggers."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from audit_app.kit.columns import blob, instant, maybe_instant, outward_key


class Checklist(SQLModel, table=True):
    """A checklist through all its versions. `id` is its slug, the same in every installation."""

    __tablename__ = "checklist"

    id: str = Field(primary_key=True, max_length=64)
    family: str = Field(default="", max_length=40)
    channel: str = Field(max_length=20)
    kind: str = Field(max_length=20)
    series: str = Field(max_length=20)  # by_manner | hotline | self_check | none
    created_at: datetime = instant()


class ChecklistVersion(SQLModel, table=True):
    """One version: `body` is canonical JSON (`rules.document_of` reads it), `body_sha256` the hash on every card."""

    __tablename__ = "checklist_version"
    __table_args__ = (sa.UniqueConstraint("checklist_id", "number"),)

    id: str = outward_key()
    checklist_id: str = Field(foreign_key="checklist.id", max_length=64)
    number: int
    status: str = Field(default="draft", max_length=12)  # draft | published | retired
    title_zh: str = Field(max_length=200)
    title_en: str = Field(max_length=200)
    item_count: int
    critical_count: int
    body: bytes = blob()
    body_sha256: str = Field(max_length=64)
    comparable_with: str | None = Field(default=None, foreign_key="checklist_version.id", max_length=36)
    effective_from: date | None = None
    published_at: datetime | None = maybe_instant()
    published_by: str | None = Field(default=None, max_length=36)  # no foreign key: outlives the account
    created_at: datetime = instant()
